import type { Connection as OrgConnection } from '@salesforce/core';
import type { App } from '../app/app.ts';
import { splitNamespace } from '../app/name.ts';
import { nearest } from '../app/nearest.ts';
import { Messages } from '../salesforce.ts';
import { useNewestVersion } from './apiVersion.ts';
import { appReference, parts, textOf, type Component, type Components, type Part } from './components.ts';
import { readFields } from './fields.ts';
import { orgSaidNo } from './orgSaidNo.ts';
import { retrieve } from './retrieve.ts';
import { soql } from './soql.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'org');

/** An app as the org has it: its shape, and what a write needs to leave the rest of it alone. */
export type StoredApp = {
  app: App;
  /** 0xI..., 18 characters. */
  id: string;
  /** Absent while the app has no OAuth settings. */
  consumerKey?: string;
  /** The app's page in Setup. */
  setupUrl: string;
  /** Came with a package: only its policies can be written. */
  installed: boolean;
  /** When any part of it was last changed. */
  lastModified: Date;
  components: Components;
};

type ApplicationRow = { Id: string; DeveloperName: string; NamespacePrefix: string | null };
type ChildRow = ApplicationRow & { ExternalClientApplicationId: string };

/** An app's children whose names can be found by SOQL. */
const queryable = ['oauthSettings', 'oauthPolicies', 'policies'] as const satisfies Part[];

/**
 * Reads one app whole, at the org's newest API version: four queries side by side and one retrieve, however many apps the
 * org has. The names of its components are never guessed: they come from the queries, and the global OAuth settings, which
 * cannot be queried, are found among all of the org's.
 *
 * @param name API name, with the namespace of an installed app (`ns__Order_Sync`)
 * @returns undefined when the org has no such app
 * @throws error.noExternalClientApps when the org does not know the object; else what orgSaidNo names
 */
export const readApp = async (connection: OrgConnection, name: string): Promise<StoredApp | undefined> => {
  await useNewestVersion(connection);
  const { namespace, name: developerName } = splitNamespace(name);
  const [applications, ...childRows] = await Promise.all([
    query<ApplicationRow>(
      connection,
      // A null cannot be an escaped string, so the namespace is compared below.
      soql`SELECT Id, DeveloperName, NamespacePrefix FROM ExternalClientApplication WHERE DeveloperName = ${developerName}`,
    ),
    ...queryable.map((part) =>
      query<ChildRow>(
        connection,
        `SELECT Id, DeveloperName, NamespacePrefix, ExternalClientApplicationId FROM ${parts[part].sObject} ` +
          soql`WHERE ExternalClientApplication.DeveloperName = ${developerName}`,
      ),
    ),
  ]);
  const row = applications.find((found) => (found.NamespacePrefix ?? undefined) === namespace);
  if (!row) return undefined;
  const children = childRows.map((rows) => rows.filter((child) => child.ExternalClientApplicationId === row.Id));
  const [oauthSettings, oauthPolicies, policies] = children.map((rows) => rows.map(fullName));
  const retrieved = await retrieve(connection, {
    application: [fullName(row)],
    oauthSettings,
    oauthPolicies,
    policies,
    globalOauthSettings: oauthSettings?.length ? ['*'] : [],
  });
  const ofApp = (component: Component): boolean => textOf(component.elements, appReference) === name;
  const components: Components = {
    application: retrieved.application.find((component) => component.fullName === name),
    oauthSettings: retrieved.oauthSettings.find(ofApp),
    globalOauthSettings: retrieved.globalOauthSettings.find(ofApp),
    oauthPolicies: retrieved.oauthPolicies.find(ofApp),
    policies: retrieved.policies.find(ofApp),
  };
  const changes = Object.values(components).map((component) => component?.lastModified?.getTime() ?? 0);
  return {
    app: readFields(name, components),
    id: row.Id,
    consumerKey: textOf(components.globalOauthSettings?.elements, 'consumerKey'),
    setupUrl: setupUrl(connection, row.Id),
    installed: namespace !== undefined,
    lastModified: new Date(Math.max(...changes)),
    components,
  };
};

/**
 * Like readApp, for what needs an app that is there.
 *
 * @throws error.appNotFound, with the names of the org's apps that are nearest
 */
export const requireApp = async (connection: OrgConnection, name: string): Promise<StoredApp> => {
  const stored = await readApp(connection, name);
  if (stored) return stored;
  const rows = await query<ApplicationRow>(
    connection,
    'SELECT Id, DeveloperName, NamespacePrefix FROM ExternalClientApplication',
  );
  const candidates = nearest(name, rows.map(fullName));
  const hint = candidates.length > 0 ? ` Did you mean ${candidates.join(' or ')}?` : '';
  throw messages.createError('error.appNotFound', [name, hint], [name]);
};

const fullName = ({ DeveloperName, NamespacePrefix }: ApplicationRow): string =>
  NamespacePrefix ? `${NamespacePrefix}__${DeveloperName}` : DeveloperName;

/** The app's page in External Client App Manager. */
const setupUrl = (connection: OrgConnection, id: string): string =>
  `${connection.instanceUrl}/lightning/setup/ManageExternalClientApplication/${id}/detail`;

const query = async <Row extends object>(connection: OrgConnection, statement: string): Promise<Row[]> => {
  try {
    const { records } = await connection.query<Row>(statement, { autoFetch: true, maxFetch: 50_000 });
    return records;
  } catch (error) {
    const said = orgSaidNo(error, 'looking for external client apps');
    if (error instanceof Error && (error as { errorCode?: string }).errorCode === 'INVALID_TYPE') {
      throw messages.createError('error.noExternalClientApps');
    }
    throw said;
  }
};
