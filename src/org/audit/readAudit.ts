import type { Connection } from '@salesforce/core';

import { type AuditText, tell } from '../../app/audit/auditText.ts';
import {
  type AuditedApp,
  type AuditFacts,
  type Holder,
  type Include,
  INCLUDED_BY,
  type Knowledge,
  type OrgSettings,
  type Unread,
} from '../../app/audit/facts.ts';
import { isKeptBack } from '../../app/errorNature.ts';
import { ByName, splitNamespace } from '../../app/name.ts';
import { isProduction } from '../../app/targetOrg.ts';
import { orgIdOf } from '../../local/stateFiles.ts';
import { bothSwitches, oauthPluginOn } from '../app/fields.ts';
import { readApps, requireApps, type StoredApp } from '../app/read.ts';
import { readOrganization } from '../organization/organization.ts';
import { useNewestVersion } from '../request/apiVersion.ts';
import { operation } from '../request/operation.ts';
import { askOrgIfSeen } from '../request/orgError.ts';
import { missingToSee } from '../users/permissions.ts';
import { readConnectedAppRows } from './connectedApps.ts';
import { readKeyPairs } from './keyPairs.ts';
import { readSettings, SETTINGS_MEMBERS } from './orgSettings.ts';
import { readContacts, readHolders, readUsers } from './people.ts';
import { readLogins, readTokenUse, TOKENS_MAX } from './tokenUse.ts';

/** What to audit. */
export type AuditScope = {
  /** API names; absent for all apps. */
  names?: string[];
  include: readonly Include[];
  unusedDays: number;
};

/** The first API version with the newest controls: the idle limit, and IP ranges for refresh tokens. */
const CONTROLS_SINCE = 67;

/**
 * Permissions without which an org shows a part of the rows, and does not say so (Object Reference: OauthToken,
 * LoginHistory).
 */
const NEEDED = {
  tokens: ['CustomizeApplication'],
  logins: ['MonitorLoginHistory', 'ManageUsers'],
  keyPairs: ['ViewClientSecret'],
} as const;

/**
 * Reads what the rules look at. Nothing is written to the org, and no consumer secret is asked for. The number of
 * requests does not grow with the number of apps, save for pages. What this login may not read is in `unread`.
 *
 * @throws error.appNotFound for a name; what orgSaidNo names, save for refusals of single objects
 */
export const readAudit = async (connection: Connection, scope: AuditScope): Promise<AuditFacts> => {
  await useNewestVersion(connection);
  const unread: Unread = {};
  const notAsked = new Set(
    (Object.entries(INCLUDED_BY) as Array<[Knowledge, Include]>)
      .filter(([, include]) => !scope.include.includes(include))
      .map(([what]) => what),
  );
  const ask = <T>(what: Knowledge, read: () => Promise<T | undefined>, missing: AuditText): Promise<T | undefined> =>
    noting(unread, what, read, missing);
  const refused = tell('unread.refused', '"View Setup and Configuration" (ViewSetup)');
  const [stored = [], organization, packages, holders, settings, uses] = await Promise.all([
    ask('apps', () => readAll(connection, scope), tell('unread.notReturned')),
    ask('orgKind', () => readOrganization(connection), tell('unread.notReturned')),
    scope.include.includes('installed') ? readPackages(connection) : new Map<string, string>(),
    readGates(connection, ask, refused),
    Promise.all(SETTINGS_MEMBERS.map((member) => ask(member, () => readSettings(connection, member), refused))),
    readUses(connection, unread, notAsked),
  ]);
  const settingsOfOrg = Object.assign({}, ...settings.map((one) => one?.settings)) as OrgSettings;
  const apps = await withKeyPairs(
    connection,
    stored.map((one) => auditedApp(connection, one, packages)),
    { settings: settingsOfOrg, isAsked: scope.include.includes('key-pairs') },
  );
  const [users, contacts] = await Promise.all([
    ask(
      'runAsUsers',
      () =>
        readUsers(
          connection,
          apps.flatMap(({ app }) => app.oauth?.runAs ?? []),
        ),
      refused,
    ),
    ask(
      'contacts',
      () =>
        readContacts(
          connection,
          apps.flatMap(({ app }) => app.contactEmail ?? []),
        ),
      refused,
    ),
  ]);
  return {
    org: {
      // What a login remembers may lack it.
      id: (organization?.Id ?? orgIdOf(connection)).slice(0, 15),
      username: connection.getUsername() ?? '',
      url: connection.instanceUrl,
      ...(organization && { production: isProduction(organization) }),
    },
    // All dates are the org's, and this machine's clock may be wrong.
    now: settings.find((one) => one?.now)?.now ?? new Date(),
    unusedDays: scope.unusedDays,
    apps,
    settings: settingsOfOrg,
    users: users ?? new ByName(),
    contacts: contacts ?? new Set(),
    holders,
    ...uses,
    unread,
    notAsked,
  };
};

/** Notes why something is not known, where the org does not tell. Any other fault ends the audit. */
const noting = async <T>(
  unread: Unread,
  what: Knowledge,
  read: () => Promise<T | undefined>,
  missing: AuditText,
): Promise<T | undefined> => {
  try {
    const result = await read();
    if (result === undefined) unread[what] = missing;
    return result;
  } catch (error) {
    if (!isKeptBack(error)) throw error;
    unread[what] = tell('unread.said', error.message);
    return undefined;
  }
};

type Ask = <T>(what: Knowledge, read: () => Promise<T | undefined>, missing: AuditText) => Promise<T | undefined>;

const readAll = async (connection: Connection, { names }: AuditScope): Promise<StoredApp[]> => {
  const also = { grants: true, onlyReads: true };
  const stored = names
    ? await requireApps(connection, names, also)
    : (await readApps(connection, undefined, undefined, also)).values();
  return [...stored].sort((one, other) => (one.app.name < other.app.name ? -1 : 1));
};

const readGates = async (
  connection: Connection,
  ask: Ask,
  refused: AuditText,
): Promise<Record<'useAnyApiClient' | 'approveUninstalled', Holder[]>> => {
  const [useAnyApiClient = [], approveUninstalled = []] = await Promise.all([
    ask('useAnyApiClient', () => readHolders(connection, 'UseAnyApiAuth'), refused),
    ask('approveUninstalled', () => readHolders(connection, 'CanApproveUninstalledApps'), refused),
  ]);
  return { useAnyApiClient, approveUninstalled };
};

type Uses = Pick<AuditFacts, 'tokens' | 'logins' | 'connectedApps'>;

/** Tokens, logins and Connected Apps, as far as they were asked for and this login sees all of them. */
const readUses = async (connection: Connection, unread: Unread, notAsked: ReadonlySet<Knowledge>): Promise<Uses> => {
  const missing = notAsked.has('tokens') ? {} : await missingToSee(connection, NEEDED);
  const ask = async <T>(
    what: 'tokens' | 'logins' | 'connectedApps',
    read: () => Promise<T[] | undefined>,
  ): Promise<T[]> => {
    if (notAsked.has(what)) return [];
    const permission = what === 'connectedApps' ? undefined : missing[what];
    if (permission !== undefined) {
      unread[what] = tell('unread.refused', permission);
      return [];
    }
    return (await noting(unread, what, read, tell('unread.tooMany', String(TOKENS_MAX)))) ?? [];
  };
  const [tokens, logins, connectedApps] = await Promise.all([
    ask('tokens', () => readTokenUse(connection)),
    ask('logins', () => readLogins(connection)),
    ask('connectedApps', () => readConnectedAppRows(connection)),
  ]);
  return { tokens, logins, connectedApps };
};

/** The apps with what is known of their key pairs, if that was asked for. An org never has its switch opened for it. */
const withKeyPairs = async (
  connection: Connection,
  apps: AuditedApp[],
  { settings, isAsked }: { settings: OrgSettings; isAsked: boolean },
): Promise<AuditedApp[]> => {
  if (!isAsked) return apps;
  const { keyPairs: permission } = await missingToSee(connection, { keyPairs: NEEDED.keyPairs });
  const refused = permission === undefined ? undefined : tell('unread.refused', permission);
  const closed = refused ?? (settings.restSecretAccess === true ? undefined : tell('unread.secretAccess'));
  const own = apps.filter(({ installed, oauthOn }) => !installed && oauthOn);
  const read = await readKeyPairs(connection, own, closed);
  return apps.map((one) => ({ ...one, ...read.get(one.id), unread: { ...one.unread, ...read.get(one.id)?.unread } }));
};

type PackageRow = {
  SubscriberPackage: { Name: string; NamespacePrefix: string | null } | null;
};

/** The names of installed packages, by namespace in lower case. A login that may not see them gets none. */
const readPackages = async (connection: Connection): Promise<Map<string, string>> => {
  const answer = await askOrgIfSeen(connection, operation('readingPackages'), () =>
    connection.tooling.query<PackageRow>(
      'SELECT SubscriberPackage.Name, SubscriberPackage.NamespacePrefix FROM InstalledSubscriberPackage',
    ),
  );
  return new Map(
    (answer?.records ?? []).flatMap(({ SubscriberPackage: one }): Array<[string, string]> =>
      one?.NamespacePrefix ? [[one.NamespacePrefix.toLowerCase(), one.Name]] : [],
    ),
  );
};

const auditedApp = (connection: Connection, stored: StoredApp, packages: Map<string, string>): AuditedApp => {
  const { app, installed, components, certificate, grants, lastModified } = stored;
  const namespace = splitNamespace(app.name).namespace?.toLowerCase() ?? '';
  const from = packages.get(namespace);
  const hasSettings = installed ? components.oauthSettings : components.globalOauthSettings;
  return {
    id: stored.id,
    app,
    installed,
    ...(installed && from !== undefined && { package: from }),
    oauthOn: hasSettings !== undefined && oauthPluginOn(components),
    clientCredentials: bothSwitches(components, 'client-credentials'),
    certificate,
    lastModified,
    policiesModified: components.oauthPolicies?.lastModified,
    ...(grants && { grants: grants.map(({ kind, name }) => ({ kind, name })) }),
    unread: unreadOf(connection, stored),
  };
};

const unreadOf = (connection: Connection, { installed, components, certificate, grants }: StoredApp): Unread => ({
  ...(installed && { developerSettings: tell('unread.installed') }),
  ...(installed && !components.oauthSettings && { scopes: tell('unread.installed') }),
  ...(!components.oauthPolicies && { policies: tell('unread.notReturned') }),
  ...(Number(connection.getApiVersion()) < CONTROLS_SINCE && {
    idleLimit: tell('unread.version', `${CONTROLS_SINCE}.0`),
    refreshTokenIpRanges: tell('unread.version', `${CONTROLS_SINCE}.0`),
  }),
  ...(!grants && { grants: tell('unread.refused', '"View Setup and Configuration" (ViewSetup)') }),
  ...((certificate.there === 'unknown' || (certificate.there === 'yes' && !certificate.validity)) && {
    certificate: tell('unread.certificate'),
  }),
});
