import type { Connection as OrgConnection } from '@salesforce/core';

import { plainText } from '../../app/plainText.ts';
import { operation } from './operation.ts';
import { askOrg } from './orgError.ts';

/**
 * Sets the connection to the org's newest API version. Apps are read and written at this version. An older version
 * would hide settings, and a write of the visible settings would lose the hidden ones.
 *
 * @returns the version, as `67.0`
 */
export const useNewestVersion = async (connection: OrgConnection): Promise<string> => {
  const newest = await askOrg(connection, operation('findingApiVersions'), () => connection.retrieveMaxApiVersion());
  // Salesforce's library refuses any other text with an error that quotes the text.
  if (!/^\d{2,3}\.0$/.test(newest)) throw new Error(`The org's newest API version is none: ${plainText(newest)}`);
  connection.setApiVersion(newest);
  return newest;
};
