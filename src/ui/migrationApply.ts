import type { Change } from '../app/app.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import type { Problem } from '../app/problem.ts';
import type { SfError } from '../salesforce.ts';
import { texts } from '../texts.ts';
import { changeRows } from './changeRows.ts';
import type { Destination } from './credentials.ts';
import { type MigrationInWords, migrationLines } from './migrationPlan.ts';
import { refuseProblems } from './problems.ts';
import type { Screen } from './screen.ts';
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
 *
 * @param plans in the order of what was written
 */
export const showMoved = <Shown extends { consumerKey?: string }>(
  screen: Pick<Screen, 'logToStderr' | 'warn'>,
  written: Array<WrittenMove<Shown>>,
  plans: MigrationInWords[],
  dryRun: boolean,
): Array<MovedApp<Shown>> =>
  written.flatMap(({ plan: { action, app: name }, result: { app, notApplied } }, index) => {
    const plan = plans[index];
    if (!plan) return [];
    const created = [name, plan.connectedApp, app.consumerKey ?? ''] as [string, string, string];
    if (action === 'none') screen.logToStderr(messages.getMessage('done.there', [name]));
    else if (dryRun) screen.logToStderr(messages.getMessage('done.wouldCreate', [name]));
    else screen.logToStderr(messages.getMessage('done.created', created));
    warnOfNotApplied(screen, { app: { name }, notApplied });
    return [{ plan, action: action === 'none' ? 'none' : 'create', app, notApplied }];
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
  { problems, taken }: { problems: Problem[]; taken: Taken[] },
): void => {
  for (const { connectedApp, app, findings } of plans) {
    if (findings.some(({ id }) => id === 'vendor-app')) throw messages.createError('error.vendorApp', [connectedApp]);
    if (!app.oauth && !app.saml) throw messages.createError('error.nothingToMove', [connectedApp], [connectedApp]);
  }
  refuseProblems(problems, plans[0]?.app.name ?? '', EXIT_CODE_FOR.failure);
  const [first] = taken;
  if (!first) return;
  const lines = changeRows(first.changes).flatMap(({ field, before, after }) =>
    `- ${messages.getMessage('difference', [field, before.split('\n'), after.split('\n')])}`.split('\n'),
  );
  throw messages
    .createError('error.nameTaken', [first.app, lines], [first.source.migration.connectedApp])
    .setData({ changes: first.changes } as unknown as NonNullable<SfError['data']>);
};

/** @throws error.handoverForOne (exit code 2) */
export const refuseHandoverOfSeveral = (
  count: number,
  flags: { 'show-secret': boolean; format?: string; 'output-file'?: string },
): void => {
  if (count > 1 && (flags['show-secret'] || flags.format !== undefined || flags['output-file'] !== undefined))
    throw messages.createError('error.handoverForOne', [String(count)], [], EXIT_CODE_FOR.wrongFlags);
};
