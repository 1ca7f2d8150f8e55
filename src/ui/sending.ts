import { commandLine } from '../app/commandLine.ts';
import { ofNature } from '../app/errorNature.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import { isProblem, type Problem } from '../app/problem.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import type { Pair } from '../app/targets/input.ts';
import type { NAMED_CREDENTIAL } from '../app/targets/namedCredential.ts';
import type { NotReady, ProgramEnd, Sent } from '../app/targets/outcome.ts';
import type { Call, Existing, Item, Place } from '../app/targets/target.ts';
import {
  checkDestination,
  type Destination,
  destinationTold,
  INPUTS,
  itemsOf,
  neededFlags,
  programOf,
  type SendFlags,
  sendWords,
  STORES,
  type TargetName,
} from '../app/targets/targets.ts';
import { Flags, type SfError } from '../salesforce.ts';
import { texts } from '../texts.ts';
import { refuse } from './credentials.ts';
import { needFlags, PROMPTS } from './prompts.ts';
import type { Screen } from './screen.ts';

const messages = texts('eca.credentials.send');

const text = (summary: string) => Flags.string({ summary });

/** Where the values go, and what they are called there. */
export const DESTINATION_FLAGS = {
  repo: text(messages.getMessage('flags.repo.summary')),
  environment: text(messages.getMessage('flags.environment.summary')),
  project: text(messages.getMessage('flags.project.summary')),
  scope: text(messages.getMessage('flags.scope.summary')),
  mount: text(messages.getMessage('flags.mount.summary')),
  path: text(messages.getMessage('flags.path.summary')),
  input: Flags.option({
    options: INPUTS,
    summary: messages.getMessage('flags.input.summary'),
    description: messages.getMessage('flags.input.description'),
  })(),
  'key-name': text(messages.getMessage('flags.key-name.summary')),
  'secret-name': text(messages.getMessage('flags.secret-name.summary')),
};

/** What follows `--` is the user's own command, with flags of its own. */
export const splitAtProgram = (argv: string[]): { own: string[]; program: string[] } => {
  const at = argv.indexOf('--');
  return at < 0 ? { own: argv, program: [] } : { own: argv.slice(0, at), program: argv.slice(at + 1) };
};

/** The same command without --dry-run, which may be a word of the user's own command as well. */
export const forReal = (
  { config }: Pick<Screen, 'config'>,
  command: 'send' | 'rotate',
  { own, program }: ReturnType<typeof splitAtProgram>,
): string => {
  const words = own.filter((word) => word !== '--dry-run');
  return commandLine([
    config.bin,
    'eca',
    'credentials',
    command,
    ...words,
    ...(program.length > 0 ? ['--', ...program] : []),
  ]);
};

/**
 * Where in a store the flags send to, or the user's own command. A user at a terminal is asked for what they lack.
 *
 * @param program the user's own command
 * @throws error.flagsMissing; what checkDestination finds (exit code 2)
 */
export const askForDestination = async (
  asking: boolean,
  flags: SendFlags,
  program: string[],
): Promise<{ destination: Destination; items: Item[] }> => {
  const needed = neededFlags(flags.to).map((flag) => [
    flag,
    {
      given: flags[flag],
      ask: (): Promise<string> => PROMPTS.text({ message: messages.getMessage('prompt.place', [`--${flag}`]) }),
    },
  ]);
  const places = await needFlags(asking, Object.fromEntries(needed) as Parameters<typeof needFlags<Place>>[1]);
  const said = { ...flags, ...places };
  const destination = destinationTold(said, program);
  refuse(checkDestination(destination, said, program), EXIT_CODE_FOR.wrongFlags);
  return { destination, items: itemsOf(said) };
};

/** The target in words, such as "the GitHub repository acme/orders, environment prod". */
const targetInWords = (destination: Destination): string => {
  if (destination.to === 'command') return messages.getMessage('where.command', [destination.words[0] ?? '']);
  const { repo = '', environment, project = '', scope = '', mount = '', path = '' } = destination.place;
  if (destination.to === 'gitlab') return messages.getMessage('where.gitlab', [project, scope]);
  if (destination.to === 'vault') return messages.getMessage('where.vault', [path, mount]);
  return environment === undefined
    ? messages.getMessage('where.github', [repo])
    : messages.getMessage('where.environment', [repo, environment]);
};

const namesOf = (items: Item[]): string => items.map(({ name }) => name).join(', ');

/** What the command is about, as its result and its errors name it. */
type Sending = { name: string; destination: Destination; items: Item[] };

/** The same, when the target was looked at. */
type SendingReady = Sending & { ready: { calls: Call[]; existing: Existing } };

const endInWords = ({ how, exitCode }: ProgramEnd): string => {
  if (how !== 'ended') return messages.getMessage(`end.${how}`);
  return exitCode === undefined
    ? messages.getMessage('end.signal')
    : messages.getMessage('end.exitCode', [String(exitCode)]);
};

/** The lines of a program, or that there are none. */
const linesOf = ({ output }: ProgramEnd): string[] =>
  output === '' ? [messages.getMessage('noOutput')] : output.split('\n').slice(0, 40);

const loginOf = (destination: Destination): string =>
  destination.to === 'command' ? commandLine(destination.words) : STORES[destination.to].login;

/** Why nothing was sent. */
const notReady = ({ destination }: Sending, not: NotReady): SfError => {
  const program = programOf(destination);
  if (not.why === 'program-not-found') return messages.createError('error.programNotFound', [program], [program]);
  if (not.why === 'program-too-old') {
    const version = destination.to === 'command' ? '' : STORES[destination.to].atLeast.join('.');
    return messages.createError('error.programTooOld', [program, version], [program]);
  }
  const values = [program, targetInWords(destination), endInWords(not.end), linesOf(not.end)] as const;
  return messages
    .createError('error.lookFailed', [...values], [loginOf(destination)])
    .setData({ target: destination.to, exitCode: not.end.exitCode });
};

/** Why not all was sent, and what is at the target all the same. The same command again sends both values. */
const notSent = ({ name, destination, items }: Sending, { end, written }: Sent, signal: AbortSignal): SfError => {
  const [program, where] = [programOf(destination), targetInWords(destination)];
  const data = {
    target: destination.to,
    exitCode: end.exitCode,
    written: written.map((item) => item.name),
    notWritten: items.filter((item) => !written.includes(item)).map((item) => item.name),
  };
  if (end.how === 'stopped') {
    const { exitCode } = signal.reason as SfError;
    const stopped = messages.createError('error.sendStopped', [program, name, where], [], exitCode);
    return ofNature({ interrupted: true }, stopped.setData(data));
  }
  const why = endInWords(end);
  return written.length > 0
    ? messages
        .createError(
          'error.sentInPart',
          [namesOf(written), where, program, why, linesOf(end)],
          [],
          EXIT_CODE_FOR.unfinished,
        )
        .setData(data)
    : messages.createError('error.notSent', [program, name, where, why, linesOf(end)], []).setData(data);
};

/** Says what will be written and by which program, and what is there already. */
const showPlan = (
  screen: Pick<Screen, 'log'>,
  { name, destination, items, ready: { calls, existing } }: SendingReady,
): void => {
  screen.log(messages.getMessage('plan', [name, targetInWords(destination)]));
  for (const item of items) {
    const key = item.name in existing ? 'plan.replaces' : 'plan.item';
    screen.log(messages.getMessage(key, [item.name, messages.getMessage(`holds.${item.holds}`)]));
  }
  screen.log(messages.getMessage('plan.runs'));
  for (const { words } of calls)
    screen.log(messages.getMessage('plan.line', [commandLine([programOf(destination), ...words])]));
};

/** The question before the values leave the org. */
const sendQuestion = ({ name, destination, ready }: SendingReady): string =>
  questionOf(name, targetInWords(destination), Object.keys(ready.existing));

export const questionOf = (name: string, where: string, existing: string[]): string =>
  existing.length === 0
    ? messages.getMessage('confirm', [name, where])
    : messages.getMessage('confirmReplace', [name, where, existing.join(', ')]);

/** What a result says of where the values are or would be. `replaced`: there was one, as far as the target tells. */
export type SentTo = {
  target: TargetName | typeof NAMED_CREDENTIAL;
  /** The target in words, such as `GitHub repository acme/orders`. */
  destination: string;
  /** The names that the values have at the target. */
  items: Array<Item & { replaced: boolean }>;
  /** Only where the values go to an org. */
  destinationOrg?: TargetOrg;
};

const sentTo = ({ destination, items, ready }: SendingReady): SentTo =>
  sentInto(destination.to, targetInWords(destination), items, Object.keys(ready.existing));

export const sentInto = (
  target: SentTo['target'],
  destination: string,
  items: readonly Item[],
  existing: string[],
): SentTo => ({
  target,
  destination,
  items: items.map((item) => ({ ...item, replaced: existing.includes(item.name) })),
});

export type Telling = Pick<Screen, 'log' | 'logSuccess' | 'logToStderr' | 'spinner'>;

/**
 * Tells what became of the values.
 *
 * @throws error.valueNotForDotenv; error.notSent, error.sentInPart, error.sendStopped
 */
const tellSent = (screen: Telling, sending: Sending, sent: Sent | Problem, signal: AbortSignal): void => {
  if (isProblem(sent)) return refuse(sent);
  if (!sent.sent) throw notSent(sending, sent, signal);
  showSent(screen, sending, sent.end);
};

/** Tells that the values are there. The program's own words go to stderr. */
const showSent = (screen: Telling, sending: Sending, end: ProgramEnd) => {
  const { name, destination, items } = sending;
  for (const line of end.output === '' ? [] : end.output.split('\n'))
    screen.logToStderr(messages.getMessage('programLine', [programOf(destination), line]));
  screen.logSuccess(messages.getMessage('sent', [name, targetInWords(destination)]));
  for (const item of items)
    screen.log(messages.getMessage('plan.item', [item.name, messages.getMessage(`holds.${item.holds}`)]));
};

/** A target that was looked at, and takes a pair. */
export type ReadyTarget = {
  /** What a result says of it. */
  told: SentTo;
  /** The words after `credentials send --name APP` that send there again. */
  words: string[];
  /** The question before the values leave the app's org. */
  question: string;
  /** Says what would be written. */
  showPlan: (screen: Pick<Screen, 'log'>) => void;
  /**
   * Sends a pair, and tells that it is there.
   *
   * @throws why the target does not have the whole pair for certain
   */
  send: (screen: Telling, pair: Pair, signal: AbortSignal) => Promise<void>;
};

/**
 * A store, or the user's own command, after the look at it.
 *
 * @param looked how it takes values, or why it takes none
 * @param send runs its program
 * @throws error.programNotFound, error.programTooOld, error.lookFailed
 */
export const programTarget = <Ready extends SendingReady['ready']>(
  sending: Sending,
  looked: Ready | NotReady,
  send: (ready: Ready, pair: Pair, signal: AbortSignal) => Promise<Sent | Problem>,
): ReadyTarget => {
  if ('why' in looked) throw notReady(sending, looked);
  const ready = { ...sending, ready: looked };
  return {
    told: sentTo(ready),
    words: sendWords(sending.destination, sending.items),
    question: sendQuestion(ready),
    showPlan: (screen) => showPlan(screen, ready),
    send: async (screen, pair, signal) => {
      const sent = await send(looked, pair, signal);
      screen.spinner.stop();
      tellSent(screen, sending, sent, signal);
    },
  };
};

/** A target as a command uses it whose stdout is for credentials. */
export const targetOnStderr = (
  command: Pick<Screen, 'logToStderr' | 'spinner'>,
  { words, send }: ReadyTarget,
): { words: string[]; send: (pair: Pair, signal: AbortSignal) => Promise<void> } => {
  const tell = (message?: string): void => command.logToStderr(message);
  const telling = { log: tell, logSuccess: tell, logToStderr: tell, spinner: command.spinner };
  return { words, send: (pair, signal) => send(telling, pair, signal) };
};
