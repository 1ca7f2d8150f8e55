import { AuthInfo, Connection } from '@salesforce/core';

let connections = 0;

/**
 * A connection to a practice org, or to any other server on the wire. All that `sf` would look up at a login is given, so
 * that the first request is the test's own.
 */
export const connectTo = async (
  { url, accessToken }: { url: string; accessToken: string },
  // Salesforce's library knows every username once, also on disk, which processes share; and a port may be used again.
  username = `tester-${process.pid}-${++connections}@example.com`,
): Promise<Connection> => {
  const accessTokenOptions = {
    username,
    accessToken,
    instanceUrl: url,
    loginUrl: url,
    orgId: '00D000000000001AAA',
    isDevHub: false,
    namespacePrefix: '',
  };
  const authInfo = await AuthInfo.create({ username, accessTokenOptions });
  return Connection.create({ authInfo, connectionOptions: { version: '67.0' } });
};
