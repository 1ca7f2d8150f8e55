import type { Connection as OrgConnection } from '@salesforce/core';
import { plainText } from '../../app/plainText.ts';
import { operation } from './operation.ts';
import { askOrg } from './orgError.ts';

/**
 * Sets the connection to the org's newest API version. Apps are read and written there: at an older one the org would hide
 * settings, and a write of what was read would lose them.
 *
 * @returns the version, as `67.0`
 */
export const useNewestVersion = async (connection: OrgConnection): Promise<string> => {
  const newest = await askOrg(connection, operation('findingApiVersions'), () => connection.retrieveMaxApiVersion());
  // Salesforce's library refuses any other in words that repeat it as it is.
  if (!/^\d{2,3}\.0$/.test(newest)) throw new Error(`The org's newest API version is none: ${plainText(newest)}`);
  connection.setApiVersion(newest);
  return newest;
};
