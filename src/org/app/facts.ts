import type { Connection } from '@salesforce/core';

import type { AppFacts, ClientSettings, OrgKind, SecretSource } from '../../app/checks.ts';
import { isCodeAndCredentialsAllowed } from '../organization/oauthSettings.ts';
import { readOrgKind } from '../organization/organization.ts';
import { isSecretAccessOpen } from '../secrets/secretAccess.ts';
import { findUser } from '../users/users.ts';
import { bothSwitches, oauthPluginOn } from './fields.ts';
import { permissionSetsAllowing } from './grants.ts';
import { appForClients, type StoredApp } from './read.ts';
import { readTokenExchangeHandlers } from './tokenExchange.ts';

/** What there is to try an app with. */
export type Trial = { consumerKey?: string; secret: SecretSource; client?: ClientSettings };

const certificateOf = ({ certificate }: StoredApp): AppFacts['certificate'] => {
  if (certificate.there !== 'yes') return certificate.there;
  return certificate.returned ? 'returned' : 'noted';
};

/**
 * Gathers what is known of an app before it is tried.
 *
 * @param targetOrg as the user named it; undefined for the default org
 * @throws what orgSaidNo names
 */
export const readFacts = async (
  connection: Connection,
  stored: StoredApp,
  targetOrg: string | undefined,
  practice: boolean,
): Promise<Omit<AppFacts, keyof Trial>> => {
  const { components } = stored;
  const app = appForClients(stored);
  const runAs = app.oauth?.runAs;
  const tokenExchange = bothSwitches(components, 'token-exchange');
  const [orgKind, user, secretAccessOpen, allowing, handlers, codeAndCredentialsAllowed] = await Promise.all([
    practice ? Promise.resolve<OrgKind>('practice') : readOrgKind(connection),
    runAs ? findUser(connection, runAs) : undefined,
    isSecretAccessOpen(connection),
    app.policies?.permittedUsers === 'admin-approved' ? permissionSetsAllowing(connection, stored.id) : [],
    tokenExchange.global || tokenExchange.policy ? readTokenExchangeHandlers(connection, stored.id) : undefined,
    app.oauth?.flows?.includes('code-and-credentials') ? isCodeAndCredentialsAllowed(connection) : undefined,
  ]);
  return {
    app,
    targetOrg,
    username: connection.getUsername(),
    setupUrl: stored.setupUrl,
    installed: stored.installed,
    orgKind,
    myDomainUrl: new URL(connection.instanceUrl).origin,
    apiVersion: connection.getApiVersion(),
    // An org that gives no date gives the first moment of all (1970), which says nothing.
    changedAt: stored.lastModified.getTime() > 0 ? stored.lastModified : undefined,
    oauthPluginOn: oauthPluginOn(components),
    clientCredentials: bothSwitches(components, 'client-credentials'),
    tokenExchange,
    tokenExchangeHandlers: handlers,
    codeAndCredentialsAllowed,
    allowedPermissionSets: [...new Set([...(app.policies?.permissionSets ?? []), ...allowing])],
    runAs: user,
    orgConsumerKey: stored.consumerKey,
    certificate: certificateOf(stored),
    secretAccessOpen,
  };
};
