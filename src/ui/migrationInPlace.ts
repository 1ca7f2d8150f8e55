import type { Change } from '../app/app.ts';
import type { MigrationText } from '../app/connected/migrationText.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import { migrationInWords, texts } from '../texts.ts';
import type { InOrg } from './begin.ts';
import { changeRows } from './changeRows.ts';
import { confirmIfAsked } from './confirmation.ts';
import { showingProgress } from './progress.ts';
import { mayAsk } from './prompts.ts';
import type { Screen } from './screen.ts';
import { askedOf } from './targetOrg.ts';
import { showNext } from './writeResult.ts';

const messages = texts('eca.migrate.apply');

/** A move by Salesforce's own button. */
export type InPlaceResult<Shown> = {
  /** The page in Setup with the button. */
  url: string;
  /** Was the page opened in a browser? Never without a terminal. */
  opened: boolean;
  /** The file with the metadata of the Connected App. Absent with --dry-run, and where the button was pressed before. */
  snapshot?: string;
  /** The new app as the org has it. Absent with --dry-run before the button is pressed. */
  app?: Shown;
  /** What the new app has otherwise: `before` is the value of the Connected App, `after` that of the new app. */
  differences: Change[];
};

/** What is known before the button is pressed. */
type Look<Stored> = {
  org: TargetOrg;
  /** API name of the Connected App. */
  name: string;
  obstacles: MigrationText[];
  there?: Stored;
  url: string;
};

/** What the command does for the move, in this order. */
type Steps<Stored, Shown> = {
  /** Names a Connected App that somebody changed since it was read. */
  changed: () => Promise<string | undefined>;
  /** Saves its metadata, and returns the file. */
  save: () => Promise<string>;
  open: (url: string) => Promise<boolean>;
  /** Waits for the new app; undefined when the time was over. */
  wait: () => Promise<Stored | undefined>;
  compare: (stored: Stored) => { app: Shown; differences: Change[] };
};

type Command = Pick<Screen, 'confirm' | 'jsonEnabled' | 'log' | 'logSuccess' | 'logToStderr' | 'spinner' | 'warn'>;

/**
 * Leads a person through a move by Salesforce's own button. It never presses the button.
 *
 * @throws error.notEligible, error.changedMeanwhile, error.notPressed (exit code 68); what the steps and the question throw
 */
export const moveInPlace = async <Stored, Shown extends { name: string }>(
  command: Command,
  { flags, inSameOrg }: Pick<InOrg<{ 'dry-run': boolean; 'no-prompt': boolean }>, 'flags' | 'inSameOrg'>,
  { org, name, obstacles, there, url }: Look<Stored>,
  steps: Steps<Stored, Shown>,
): Promise<InPlaceResult<Shown>> => {
  if (there) {
    command.log(messages.getMessage('inPlace.already', [name]));
    return { url, opened: false, ...showCompared(command, name, steps.compare(there), inSameOrg) };
  }
  refuseIneligible(name, obstacles, inSameOrg('migrate', 'apply', '--name', name));
  command.log(messages.getMessage('inPlace.look', [name]));
  if (flags['dry-run']) {
    command.logSuccess(messages.getMessage('inPlace.wouldMove', [name]));
    command.log(messages.getMessage('inPlace.page', [url]));
    return { url, opened: false, differences: [] };
  }
  await confirmIfAsked(command, flags, askedOf(org, messages.getMessage('prompt.inPlace', [name])));
  // Whoever is asked may think for minutes.
  const changed = mayAsk(command, flags) ? await steps.changed() : undefined;
  if (changed !== undefined) throw messages.createError('error.changedMeanwhile', [changed]);
  const snapshot = await steps.save();
  const opened = mayAsk(command, { 'no-prompt': false }) && (await steps.open(url));
  command.logToStderr(messages.getMessage(opened ? 'inPlace.opened' : 'inPlace.open', [url]));
  command.logToStderr(messages.getMessage('inPlace.press', [name]));
  const made = await showingProgress(
    command.spinner,
    messages.getMessage('inPlace.waiting', [name]),
    async (onProgress) => {
      onProgress(messages.getMessage('inPlace.waitingFor'));
      return steps.wait();
    },
  );
  if (made === undefined)
    throw messages
      .createError('error.notPressed', [name], [name, url], EXIT_CODE_FOR.unfinished)
      .setData({ url, snapshot });
  return { url, opened, snapshot, ...showCompared(command, name, steps.compare(made), inSameOrg) };
};

const refuseIneligible = (name: string, obstacles: MigrationText[], sideBySide: string): void => {
  if (obstacles.length === 0) return;
  const reasons = obstacles.map((one) => `- ${migrationInWords(one)}`);
  throw messages.createError('error.notEligible', [name, reasons], [sideBySide]);
};

/** Prints what became of the app. Sets exit code 68 where the new app differs from the Connected App. */
const showCompared = <Shown extends { name: string }>(
  command: Pick<Command, 'logSuccess' | 'logToStderr' | 'warn'>,
  name: string,
  compared: { app: Shown; differences: Change[] },
  inSameOrg: InOrg<unknown>['inSameOrg'],
): { app: Shown; differences: Change[] } => {
  const { app, differences } = compared;
  command.logSuccess(messages.getMessage('inPlace.done', [app.name, name]));
  command.logToStderr(messages.getMessage('inPlace.wayBack', [app.name, name]));
  showNext(command, { text: messages.getMessage('next.verify'), commandLine: inSameOrg('verify', '--name', app.name) });
  if (differences.length === 0) return compared;
  const lines = changeRows(differences).flatMap(({ field, before, after }) =>
    `- ${messages.getMessage('inPlace.difference', [field, before.split('\n'), after.split('\n')])}`.split('\n'),
  );
  command.warn(messages.createWarning('warning.differences', [app.name, lines], [app.name]));
  process.exitCode = EXIT_CODE_FOR.unfinished;
  return compared;
};
