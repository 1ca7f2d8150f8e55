import type { Change } from '../app/app.ts';
import { commandLine } from '../app/commandLine.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import { texts } from '../texts.ts';
import { type ChangeRow, changeRows } from './changeRows.ts';
import type { Screen } from './screen.ts';
import { showTable } from './tables.ts';

const messages = texts('eca');

/** The result of a write, as far as it is shown. */
export type Written = {
  app: { name: string };
  created: boolean;
  changes: Change[];
  notApplied: Change[];
  /** Users with access beside the lists of the policies: they were added to the lists, or got their access back. */
  grants?: { kept: string[]; putBack: string[] };
  dryRun: boolean;
};

/** The next step, and the command line for it. */
export type NextStep = { text: string; commandLine: string };

type Command = Omit<Screen, 'confirm' | 'jsonEnabled' | 'spinner'>;

/** Shows what a write did, and what comes next. Sets exit code 68 when the org did not keep all of it. */
export const showWritten = (screen: Command, written: Written, next: NextStep): void => {
  const { app, changes } = written;
  screen.logSuccess(messages.getMessage(headline(written), [app.name]));
  if (changes.length > 0) showChanges(screen, changes);
  showGrants(screen, written);
  warnOfNotApplied(screen, written);
  showNext(screen, written.dryRun && changes.length > 0 ? forReal(screen) : next);
};

/** The same command again, without `--dry-run`. */
export const forReal = ({ config, id = '', argv }: Pick<Screen, 'config' | 'id' | 'argv'>): NextStep => ({
  text: messages.getMessage('next.withoutDryRun'),
  commandLine: commandLine([config.bin, ...id.split(':'), ...argv.filter((word) => word !== '--dry-run')]),
});

/**
 * Prints on stderr, with a plan, who keeps access to the app beside its lists, and how.
 *
 * @param app the app's name as the plan shows it
 */
export const showPlannedGrants = (
  screen: Pick<Screen, 'logToStderr'>,
  app: string,
  { listed, unlisted }: { listed: string[]; unlisted: string[] },
): void => {
  const names = (list: string[]): string => list.join(', ');
  if (listed.length > 0) screen.logToStderr(messages.getMessage('grants.wouldKeep', [app, names(listed)]));
  if (unlisted.length > 0) screen.logToStderr(messages.getMessage('grants.wouldPutBack', [app, names(unlisted)]));
};

/** Prints on stderr who kept access to the app, and how. A write of the policies could have removed the access. */
export const showGrants = (
  screen: Pick<Screen, 'logToStderr'>,
  { app, grants, dryRun }: Pick<Written, 'app' | 'grants' | 'dryRun'>,
): void => {
  const say = (key: 'grants.kept' | 'grants.wouldKeep' | 'grants.putBack', names: string[] = []): void => {
    if (names.length === 0) return;
    screen.logToStderr(messages.getMessage(key, [app.name, names.join(', ')]));
  };
  say(dryRun ? 'grants.wouldKeep' : 'grants.kept', grants?.kept);
  say('grants.putBack', grants?.putBack);
};

/** Warns of the fields that the org did not keep, and sets exit code 68. Does nothing when the org kept all. */
export const warnOfNotApplied = (
  screen: Pick<Screen, 'warn'>,
  { app, notApplied }: Pick<Written, 'app' | 'notApplied'>,
): void => {
  if (notApplied.length === 0) return;
  const lines = changeRows(notApplied).flatMap(({ field, before, after }) =>
    `- ${messages.getMessage('notApplied.line', [field, before.split('\n'), after.split('\n')])}`.split('\n'),
  );
  screen.warn(messages.createWarning('warning.notApplied', [app.name, lines]));
  process.exitCode = EXIT_CODE_FOR.unfinished;
};

const headline = ({ created, changes, dryRun }: Written) => {
  if (changes.length === 0 && !created) return 'written.nothing';
  if (dryRun) return created ? 'written.wouldCreate' : 'written.wouldChange';
  return created ? 'written.created' : 'written.changed';
};

const showChanges = (screen: Pick<Screen, 'log' | 'table'>, changes: Change[]): void => {
  const columns: Array<{ key: keyof ChangeRow; name: string }> = [
    { key: 'field', name: messages.getMessage('changes.field') },
    { key: 'before', name: messages.getMessage('changes.before') },
    { key: 'after', name: messages.getMessage('changes.after') },
  ];
  showTable(screen, { data: changeRows(changes), columns });
};

/** Suggests the next step on stderr, so that the suggestion is in nobody's pipe. */
export const showNext = (screen: Pick<Screen, 'logToStderr'>, { text, commandLine }: NextStep): void => {
  screen.logToStderr(`\n${text}\n\n  $ ${commandLine}`);
};
