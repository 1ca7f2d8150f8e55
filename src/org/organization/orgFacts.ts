import type { Connection } from '@salesforce/core';

import { isJwt } from '../../app/accessToken.ts';
import type { OrgFacts } from '../../app/doctor.ts';
import { PARTS } from '../app/components.ts';
import { retrieveZip, unzip } from '../app/retrieve.ts';
import { useNewestVersion } from '../request/apiVersion.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { isSecretAccessOpen } from '../secrets/secretAccess.ts';
import { readIntegrationSupply } from '../users/integrationUser.ts';
import { commandAccess, missingToSeeApps } from '../users/permissions.ts';

/**
 * Collects the facts that decide what this login can do in this org; nothing is written.
 *
 * @throws what orgSaidNo names, such as error.sessionInvalid for an expired login
 */
export const readOrgFacts = async (connection: Connection, practice: boolean): Promise<OrgFacts> => {
  const apiVersion = await useNewestVersion(connection);
  const [externalClientApps, commands, secretAccessOpen, supply, approvedAppsOnly] = await Promise.all([
    hasExternalClientApps(connection),
    commandAccess(connection),
    isSecretAccessOpen(connection),
    readIntegrationSupply(connection),
    areApprovedAppsOnly(connection),
  ]);
  const missingToSee = externalClientApps ? undefined : await missingToSeeApps(connection);
  return {
    username: connection.getUsername() ?? '',
    instanceUrl: connection.instanceUrl,
    practice,
    apiVersion,
    tokenFormat: isJwt(connection.accessToken ?? '') ? 'jwt' : 'opaque',
    externalClientApps,
    missingToSee,
    commands,
    secretAccessOpen,
    supply,
    approvedAppsOnly,
  };
};

const hasExternalClientApps = async (connection: Connection): Promise<boolean> => {
  const none = [{ Id: '' }];
  const rows = await query<{ Id: string }>(
    connection,
    operation('lookingForApps'),
    `SELECT Id FROM ${PARTS.application.sObject} LIMIT 1`,
    { INVALID_TYPE: none },
  );
  return rows !== none;
};

/**
 * API Access Control (Metadata API Developer Guide, ConnectedAppSettings.enableAdminApprovedAppsOnly).
 *
 * @returns undefined when this login may not see the org's settings
 */
const areApprovedAppsOnly = async (connection: Connection): Promise<boolean | undefined> => {
  try {
    const { zip } = await retrieveZip(
      connection,
      [{ name: 'Settings', members: ['ConnectedApp'] }],
      operation('readingSettings'),
    );
    const file = (await unzip(zip))['settings/ConnectedApp.settings'];
    const value = file && /<enableAdminApprovedAppsOnly>(true|false)</.exec(file)?.[1];
    return value ? value === 'true' : undefined;
  } catch {
    return undefined;
  }
};
