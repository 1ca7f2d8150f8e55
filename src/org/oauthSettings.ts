import type { Connection } from '@salesforce/core';

/**
 * Does the org allow the authorization code and credentials flow at all? (Metadata API Developer Guide, OauthOidcSettings,
 * `oAuthCdCrdtFlowEnable`; its Tooling object has the field under another spelling.)
 *
 * @returns undefined when this login may not see the org's settings
 */
export const isCodeAndCredentialsAllowed = async (connection: Connection): Promise<boolean | undefined> => {
  try {
    const { records } = await connection.tooling.query<{ OauthCdCrdtFlowEnable: boolean }>(
      'SELECT OauthCdCrdtFlowEnable FROM OauthOidcSettings',
    );
    return records[0]?.OauthCdCrdtFlowEnable;
  } catch {
    return undefined;
  }
};
