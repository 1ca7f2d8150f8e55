import type { Connection } from '@salesforce/core';
import type { OrgKind, SecretSource, Situation } from '../app/checks.ts';
import { clientCredentialsSwitches, oauthPluginOn } from './fields.ts';
import { permissionSetsAllowing, readOrgKind } from './organization.ts';
import type { StoredApp } from './read.ts';
import { isSecretAccessOpen } from './secretAccess.ts';
import { findUser } from './users.ts';

/** What there is to try an app with. */
export type Trial = { consumerKey?: string; secret: SecretSource };

/**
 * Gathers what is known of an app before it is tried.
 *
 * @param targetOrg as the user named it; undefined for the default org
 * @throws what orgSaidNo names
 */
export const readSituation = async (
  connection: Connection,
  stored: StoredApp,
  targetOrg: string | undefined,
  practice: boolean,
): Promise<Omit<Situation, keyof Trial>> => {
  const { app, components } = stored;
  const runAs = app.oauth?.runAs;
  const [orgKind, user, secretAccessOpen, allowing] = await Promise.all([
    practice ? Promise.resolve<OrgKind>('practice') : readOrgKind(connection),
    runAs ? findUser(connection, runAs) : undefined,
    isSecretAccessOpen(connection),
    app.policies?.permittedUsers === 'admin-approved' ? permissionSetsAllowing(connection, stored.id) : [],
  ]);
  return {
    app,
    targetOrg,
    setupUrl: stored.setupUrl,
    orgKind,
    myDomainUrl: new URL(connection.instanceUrl).origin,
    apiVersion: connection.getApiVersion(),
    changedAt: stored.lastModified,
    oauthPluginOn: oauthPluginOn(components),
    clientCredentials: clientCredentialsSwitches(components),
    allowedPermissionSets: [...new Set([...(app.policies?.permissionSets ?? []), ...allowing])],
    runAs: user,
    orgConsumerKey: stored.consumerKey,
    secretAccessOpen,
  };
};
