import type { Connection } from '@salesforce/core';

import type { FlowSwitches } from '../../app/connected/context.ts';
import { operation } from '../request/operation.ts';
import { askOrgIfSeen } from '../request/orgError.ts';

/** Fields of OauthOidcSettings in the Tooling API. The metadata type has each of them under another spelling. */
type OauthSettingsRow = {
  OauthCdCrdtFlowEnable: boolean;
  BlockOauthUnPwFlow: boolean;
  BlockOauthUsrAgtFlow: boolean;
};

/** One row of the org's OAuth settings; undefined where this login may not see them. */
const readRow = async <Field extends keyof OauthSettingsRow>(
  connection: Connection,
  fields: readonly Field[],
): Promise<Pick<OauthSettingsRow, Field> | undefined> => {
  const seen = await askOrgIfSeen(connection, operation('readingSettings'), () =>
    connection.tooling.query<Pick<OauthSettingsRow, Field>>(`SELECT ${fields.join(', ')} FROM OauthOidcSettings`),
  );
  return seen?.records[0];
};

/**
 * Does the org allow the authorization code and credentials flow at all? (Metadata API Developer Guide,
 * OauthOidcSettings, `oAuthCdCrdtFlowEnable`.)
 *
 * @returns undefined when this login may not see the org's settings
 * @throws what orgSaidNo names
 */
export const isCodeAndCredentialsAllowed = async (connection: Connection): Promise<boolean | undefined> =>
  (await readRow(connection, ['OauthCdCrdtFlowEnable']))?.OauthCdCrdtFlowEnable;

/**
 * Which of the two flows that end does the org block? (Metadata API Developer Guide, OauthOidcSettings,
 * `blockOAuthUnPwFlow` and `blockOAuthUsrAgtFlow`.) REST answers a login too that may not use the Metadata API.
 *
 * @returns undefined when this login may not see the org's settings
 * @throws what orgSaidNo names
 */
export const readFlowSwitches = async (connection: Connection): Promise<FlowSwitches | undefined> => {
  const row = await readRow(connection, ['BlockOauthUnPwFlow', 'BlockOauthUsrAgtFlow']);
  // Another spelling of a field would leave it out, and that is no "allowed".
  if (typeof row?.BlockOauthUnPwFlow !== 'boolean' || typeof row.BlockOauthUsrAgtFlow !== 'boolean') return undefined;
  return { passwordFlowBlocked: row.BlockOauthUnPwFlow, userAgentFlowBlocked: row.BlockOauthUsrAgtFlow };
};
