import type { Connection } from '@salesforce/core';

import { isAbsent, isSecretless, isSwitchedOff } from '../../app/errorNature.ts';
import { PARTS } from '../app/components.ts';
import { useNewestVersion } from '../request/apiVersion.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { refuseUnseenApps } from '../users/permissions.ts';
import type { AppRef } from './credentials.ts';
import { readRotation, type RotationState } from './stagedSlot.ts';

/** The consumers of an app, or why there are none to tell of. `none`: the app has none. */
export type SeenRotation = { app: AppRef; seen: RotationState[] | 'not-seen' | 'none' };

/** Apps that are read side by side. Each takes two requests. */
const AT_ONCE = 5;

type Row = { Id: string; DeveloperName: string; ManageableState: string };

/**
 * The apps that the org has of its own, in the order of their names: one query. Staged pairs are for these apps alone
 * (Salesforce Help, "Stage, Rotate, and Delete OAuth Credentials for an External Client App").
 *
 * @throws what refuseUnseenApps names when the org does not know the object; else what orgSaidNo names
 */
export const readLocalApps = async (connection: Connection): Promise<Array<Pick<AppRef, 'id' | 'name'>>> => {
  await useNewestVersion(connection);
  const { sObject } = PARTS.application;
  const unknownObject: Row[] = [];
  const rows = await query<Row>(
    connection,
    operation('lookingForApps'),
    `SELECT Id, DeveloperName, ManageableState FROM ${sObject}`,
    { INVALID_TYPE: unknownObject },
  );
  if (rows === unknownObject) return refuseUnseenApps(connection, sObject, true);
  return rows
    .filter(({ ManageableState }) => !ManageableState.startsWith('installed'))
    .map(({ Id, DeveloperName }) => ({ id: Id, name: DeveloperName }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
};

/**
 * The state of the consumers of several apps, without any secret. The org's switch is the same for all apps. Once it keeps back the
 * pairs of one app, nothing more is asked.
 *
 * @throws error.rotationNeedsVersion; what readRotation throws for a reason that has nothing to do with what a login may see
 */
export const readRotations = async (connection: Connection, apps: AppRef[]): Promise<SeenRotation[]> => {
  let isShut = false;
  const read = async (app: AppRef): Promise<SeenRotation> => {
    if (isShut) return { app, seen: 'not-seen' };
    try {
      return { app, seen: await readRotation(connection, app) };
    } catch (error) {
      if (isAbsent(error)) return { app, seen: 'none' };
      if (!isSecretless(error)) throw error;
      isShut ||= isSwitchedOff(error);
      return { app, seen: 'not-seen' };
    }
  };
  const found: SeenRotation[] = [];
  while (found.length < apps.length) {
    // The switch is tried on one app first.
    const some = found.length === 0 ? 1 : AT_ONCE;
    found.push(...(await Promise.all(apps.slice(found.length, found.length + some).map(read))));
  }
  return found;
};
