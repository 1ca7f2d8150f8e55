import type { Change } from '../app/app.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import type { Problem } from '../app/problem.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import type { SfError } from '../salesforce.ts';
import { texts } from '../texts.ts';
import { changeRows } from './changeRows.ts';
import { confirmIfAsked } from './confirmation.ts';
import { agreeToShow, type Destination } from './credentials.ts';
import { type MigrationInWords, migrationLines } from './migrationPlan.ts';
import { refuseAll } from './problems.ts';
import type { Screen } from './screen.ts';
import { askedOf } from './targetOrg.ts';
import { warnOfNotApplied } from './writeResult.ts';

const messages = texts('eca.migrate.apply');

/** One Connected App and its new app. */
export type MovedApp<Shown> = {
  plan: MigrationInWords;
  /** `none`: the new app was there, as planned. */
  action: 'create' | 'none';
  /** As read back from the org; with --dry-run, as it would be. */
  app: Shown;
  /** What the org took and did not keep. */
  notApplied: Change[];
};

/** A plan that was carried out, as far as it is shown. */
type WrittenMove<Shown> = {
  move: MigrationInWords;
  plan: { app: string; action: string };
  result: { app: Shown; notApplied: Change[] };
};

/** Shows the plans on stdout, or on stderr where stdout is for the credentials. */
export const showMigrations = (
  screen: { log(message?: string): void; logToStderr(message?: string): void },
  plans: MigrationInWords[],
  { format, file }: Destination,
): void => {
  const isHandedOver = format !== 'human' && !file;
  for (const plan of plans)
    for (const line of [...migrationLines(plan, process.stdout.columns), ''])
      if (isHandedOver) screen.logToStderr(line);
      else screen.log(line);
};

/**
 * One line for each app: what became of it. It goes to stderr, so that stdout may have credentials alone. Sets exit
 * code 68 where the org did not keep all values.
 */
export const showMoved = <Shown extends { consumerKey?: string }>(
  screen: Pick<Screen, 'logToStderr' | 'warn'>,
  written: Array<WrittenMove<Shown>>,
  dryRun: boolean,
): Array<MovedApp<Shown>> =>
  written.map(({ move, plan: { action, app: name }, result: { app, notApplied } }) => {
    const created = [name, move.connectedApp, app.consumerKey ?? ''] as [string, string, string];
    if (action === 'none') screen.logToStderr(messages.getMessage('done.there', [name]));
    else if (dryRun) screen.logToStderr(messages.getMessage('done.wouldCreate', [name]));
    else screen.logToStderr(messages.getMessage('done.created', created));
    warnOfNotApplied(screen, { app: { name }, notApplied });
    return { plan: move, action: action === 'none' ? 'none' : 'create', app, notApplied };
  });

/** The plan for a new app whose name another app has. */
type Taken = { app: string; changes: Change[]; source: { migration: { connectedApp: string } } };

/**
 * Refuses moves that cannot end in new apps as planned. Nothing is written then.
 *
 * @throws error.vendorApp, error.nothingToMove; the errors of the problems. error.nameTaken with `data: { changes }`
 */
export const refuseMoves = (
  plans: MigrationInWords[],
  { refused, taken }: { refused: Array<{ app: string; problems: Problem[] }>; taken: Taken[] },
): void => {
  for (const { connectedApp, app, findings } of plans) {
    if (findings.some(({ id }) => id === 'vendor-app')) throw messages.createError('error.vendorApp', [connectedApp]);
    if (!app.oauth && !app.saml) throw messages.createError('error.nothingToMove', [connectedApp], [connectedApp]);
  }
  refuseAll(refused, EXIT_CODE_FOR.failure);
  const [first] = taken;
  if (!first) return;
  const lines = changeRows(first.changes).flatMap(({ field, before, after }) =>
    `- ${messages.getMessage('difference', [field, before.split('\n'), after.split('\n')])}`.split('\n'),
  );
  throw messages
    .createError('error.nameTaken', [first.app, lines], [first.source.migration.connectedApp])
    .setData({ changes: first.changes } as unknown as NonNullable<SfError['data']>);
};

/**
 * Asks before the new apps are made, and before a secret is shown.
 *
 * @param changed names a Connected App that somebody changed while the question waited
 * @throws error.changedMeanwhile; what confirmIfAsked and agreeToShow throw
 */
export const agreeToMove = async <P extends { app: string; action: string }>(
  command: Pick<Screen, 'confirm' | 'jsonEnabled'> & Parameters<typeof agreeToShow>[0],
  flags: { 'dry-run': boolean; 'no-prompt': boolean; 'show-secret': boolean },
  { plans, org, destination, asking }: { plans: P[]; org: TargetOrg; destination: Destination; asking: boolean },
  changed: (toMake: P[]) => Promise<string | undefined>,
): Promise<void> => {
  if (flags['dry-run']) return;
  const toMake = plans.filter(({ action }) => action === 'create');
  const names = toMake.map(({ app }) => app).join(', ');
  if (toMake.length > 0) await confirmIfAsked(command, flags, askedOf(org, messages.getMessage('prompt', [names])));
  const [only] = plans;
  if (flags['show-secret'] && only)
    await agreeToShow(command, only.app, destination, { asking, noPrompt: flags['no-prompt'], org });
  // Whoever is asked may think for minutes.
  const other = asking ? await changed(toMake) : undefined;
  if (other !== undefined) throw messages.createError('error.changedMeanwhile', [other]);
};

/** @throws error.handoverForOne (exit code 2) */
export const refuseHandoverOfSeveral = (
  count: number,
  flags: { 'show-secret': boolean; format?: string; 'output-file'?: string },
): void => {
  if (count > 1 && (flags['show-secret'] || flags.format !== undefined || flags['output-file'] !== undefined))
    throw messages.createError('error.handoverForOne', [String(count)], [], EXIT_CODE_FOR.wrongFlags);
};
