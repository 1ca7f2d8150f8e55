import type { Connection } from '@salesforce/core';

import { operation } from '../request/operation.ts';
import { askOrgIfSeen } from '../request/orgError.ts';

/**
 * Does the org allow the authorization code and credentials flow at all? (Metadata API Developer Guide,
 * OauthOidcSettings, `oAuthCdCrdtFlowEnable`; its Tooling object has the field under another spelling.)
 *
 * @returns undefined when this login may not see the org's settings
 * @throws what orgSaidNo names
 */
export const isCodeAndCredentialsAllowed = async (connection: Connection): Promise<boolean | undefined> => {
  const seen = await askOrgIfSeen(connection, operation('readingSettings'), () =>
    connection.tooling.query<{ OauthCdCrdtFlowEnable: boolean }>('SELECT OauthCdCrdtFlowEnable FROM OauthOidcSettings'),
  );
  return seen?.records[0]?.OauthCdCrdtFlowEnable;
};
