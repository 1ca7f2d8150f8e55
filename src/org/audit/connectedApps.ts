import type { Connection } from '@salesforce/core';

import { type AuditText, tell } from '../../app/audit/auditText.ts';
import type { AuditedConnectedApp } from '../../app/audit/facts.ts';
import { asApp } from '../../app/audit/posture.ts';
import type { ConnectedApp } from '../../app/connected/connectedApp.ts';
import { isKeptBack } from '../../app/errorNature.ts';
import { ByName, suggestName } from '../../app/name.ts';
import { listConnectedApps, retrieveApps } from '../connected/inventory.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';

/** The org's own Connected Apps by id and by name, or why the org does not show them. */
type Own = { byId: Map<string, ConnectedApp>; byName: ByName<ConnectedApp>; why: AuditText };

/**
 * The Connected Apps of an org: a query, a list, and one retrieve for the metadata of all.
 *
 * @throws what orgSaidNo names, save for a refusal of the metadata
 */
export const readConnectedAppRows = async (connection: Connection): Promise<AuditedConnectedApp[]> => {
  const [rows, { byId, byName, why }] = await Promise.all([
    query<{ Id: string; Name: string; OptionsAllowAdminApprovedUsersOnly: boolean }>(
      connection,
      operation('lookingForConnectedApp'),
      'SELECT Id, Name, OptionsAllowAdminApprovedUsersOnly FROM ConnectedApplication',
    ),
    readOwn(connection),
  ]);
  return rows.map(({ Id, Name, OptionsAllowAdminApprovedUsersOnly }) => {
    const metadata = byId.get(Id.slice(0, 15)) ?? byName.get(Name) ?? byName.get(suggestName(Name));
    const app = metadata && asApp(metadata);
    return {
      id: Id,
      name: Name,
      ...(metadata && { apiName: metadata.name }),
      allowAdminApprovedUsersOnly: OptionsAllowAdminApprovedUsersOnly,
      local: metadata !== undefined,
      ...(app && { app }),
      unread: metadata ? {} : { connectedAppMetadata: why },
    };
  });
};

const readOwn = async (connection: Connection): Promise<Own> => {
  try {
    const { apps } = await listConnectedApps(connection);
    const own = apps.filter(({ isInstalled }) => !isInstalled);
    const found = new ByName(
      (
        await retrieveApps(
          connection,
          own.map(({ name }) => name),
        )
      ).map((app) => [app.name, app] as const),
    );
    const byId = own.flatMap(({ id, name }): Array<[string, ConnectedApp]> => {
      const app = found.get(name);
      return id !== undefined && app ? [[id.slice(0, 15), app]] : [];
    });
    return { byId: new Map(byId), byName: found, why: tell('unread.vendorsApp') };
  } catch (error) {
    // Where the org does not list them, no app is taken for the org's own.
    if (!isKeptBack(error)) throw error;
    return { byId: new Map(), byName: new ByName(), why: tell('unread.said', error.message) };
  }
};
