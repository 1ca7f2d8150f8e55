import type { Connection } from '@salesforce/core';

import type { MigrationOptions } from '../../app/connected/context.ts';
import type { Problem } from '../../app/problem.ts';
import type { MigrationPair } from '../../local/migrations.ts';
import type { Plan, Sending } from '../app/plan.ts';
import { readBefore, requireAllFor } from '../users/applying.ts';
import { planAppsWithUsers } from '../users/appsWithUsers.ts';
import { readConnectedApp, readNamesInOrg } from './connectedApps.ts';
import { planMove, type PlannedMove, type Source } from './sources.ts';

/** The plan to write the new app of a move. */
export type MovePlan = Plan<PlannedMove>;

/** What is to be done for moves, and what stands against it. */
export type PlannedMoves = {
  moves: PlannedMove[];
  /** In the order of the moves. `none`: the new app is there, as planned. */
  plans: MovePlan[];
  /** What is wrong with new apps, or missing in the org for them. */
  refused: Array<{ app: string; problems: Problem[] }>;
  /** New apps whose names are taken by apps that are not as planned. They are never written. */
  taken: MovePlan[];
};

/** The certificates of Connected Apps go from their metadata into the new apps. */
export const sendingOf = (moves: PlannedMove[]): Sending => ({
  sendCertificates: false,
  certificates: new Map(
    moves.flatMap(({ certificate }) => (certificate ? [[certificate.file, certificate.certificate]] : [])),
  ),
});

/**
 * Plans to make the new apps of moves. A deploy that an earlier run left behind is waited for, so that what it made is
 * seen.
 *
 * @param waitForEarlier waits for deploys that are under way, and names those for which it waited
 * @throws what readBefore and requireAllFor throw
 */
export const planMoves = async (
  connection: Connection,
  sources: Source[],
  options: Pick<MigrationOptions, 'as' | 'runAs' | 'adminApproved'>,
  { waitForEarlier, apiVersion }: { waitForEarlier: () => Promise<unknown[]>; apiVersion?: string },
): Promise<PlannedMoves> => {
  const org = await readNamesInOrg(connection);
  const moves = sources.map((source) => planMove(source, { ...options, org }));
  const wanted = moves.map((source) => ({ wish: source.migration.wish, absent: false, source }));
  const now = await readBefore(connection, wanted, waitForEarlier, 'migrate apply');
  const checked = await planAppsWithUsers(connection, wanted, now, sendingOf(moves));
  const plans = checked.map(({ plan }) => plan);
  const taken = plans.filter(({ action }) => action === 'change');
  const refused = checked.flatMap(({ plan: { action, app }, problems }) =>
    action === 'create' && problems.length > 0 ? [{ app, problems }] : [],
  );
  if (refused.length === 0 && taken.length === 0) await requireAllFor(connection, plans, apiVersion, 'migrate apply');
  return { moves, plans, refused, taken };
};

/** Which new app came from which Connected App. */
export const pairsOf = (plans: MovePlan[]): Array<Omit<MigrationPair, 'since'>> =>
  plans.map(({ app, source }) => ({ oldName: source.migration.connectedApp, newName: app, road: 'side-by-side' }));

/**
 * The first Connected App that was changed since it was read for a plan.
 *
 * @throws what readConnectedApp throws
 */
export const changedMeanwhile = async (
  connection: Connection,
  plans: Array<{ source: Pick<PlannedMove, 'source'> }>,
): Promise<string | undefined> => {
  for (const { source } of plans) {
    const { app, file } = source.source;
    // A file stays as it was read.
    if (file !== undefined) continue;
    const now = await readConnectedApp(connection, app.name);
    if (JSON.stringify(now) !== JSON.stringify(app)) return app.name;
  }
  return undefined;
};
