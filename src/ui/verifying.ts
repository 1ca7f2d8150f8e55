import type { Flow } from '../app/app.ts';
import type { Check, FlowResult, Outcome } from '../app/checks.ts';
import { isInterruption } from '../app/errorNature.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import type { Text } from '../app/text.ts';
import type { SfError } from '../salesforce.ts';
import { inWords, texts } from '../texts.ts';
import { junit } from './junit.ts';
import { HEARTBEAT, isAnimated } from './progress.ts';
import type { Screen } from './screen.ts';
import { showTable } from './tables.ts';
import { checkInWords, checkLines, checkTable, endLines, jwtLoginLine } from './verification.ts';
import { verificationMarkdown } from './verificationMarkdown.ts';
import { showNext } from './writeResult.ts';

const messages = texts('eca.verify');

/** What verify shows, and on which of the two streams. */
export type Format = 'human' | 'junit' | 'markdown';

/** What this run has found, and whether it changed something of the org's that is now as it was. */
export type Seen = { checks: Check[]; restored: boolean };

type Command = Pick<Screen, 'jsonEnabled' | 'log' | 'logToStderr'> & {
  spinner: Screen['spinner'] & { pause(action: () => unknown): unknown };
};

/** Shows lines among the results, or on stderr where the results are for a program. */
export const tell = (command: Command, format: Format, line: string): void => {
  if (command.jsonEnabled()) return;
  command.spinner.pause(() => (format === 'human' ? command.log(line) : command.logToStderr(line)));
};

/**
 * Tells about each check as it is made. At a terminal the one that is under way is shown, too, with what it waits for.
 *
 * @param longPauseMs a pause from which on a log has a line of its own for it
 */
export const tellingChecks = (command: Command, format: Format, seen: Seen, longPauseMs: number) => {
  const animated = isAnimated();
  let waited = false;
  let heart: NodeJS.Timeout | undefined;
  const beat = (title: string, begun = Date.now()): void => {
    clearInterval(heart);
    if (!animated)
      heart = setInterval(() => {
        command.logToStderr(messages.getMessage('still', [title, String(Math.round((Date.now() - begun) / 1000))]));
      }, HEARTBEAT);
  };
  return {
    onStart: ({ title }: { title: Text }): void => {
      waited = false;
      if (animated) command.spinner.status = inWords(title);
      beat(inWords(title));
    },
    onWait: (why: Text, pauseMs: number): void => {
      clearInterval(heart);
      if (animated) command.spinner.status = inWords(why);
      // In a log a line says that it waits, and one for each longer pause that it still does.
      else if (!waited || pauseMs >= longPauseMs) command.logToStderr(inWords(why));
      waited = true;
    },
    onDone: (check: Check): void => {
      clearInterval(heart);
      seen.checks.push(check);
      const lines = checkLines(check, process.stdout.columns);
      // In one piece, so that the spinner draws nothing in between.
      if (lines.length > 0) tell(command, format, lines.join('\n'));
    },
    /** Ends what moves, however the checks end. */
    onEnd: (): void => {
      clearInterval(heart);
      command.spinner.stop();
    },
    onTakenBack: (): void => {
      seen.restored = true;
    },
  };
};

/** Says where to log in with a code, while the spinner pauses. */
export const showDeviceLogin = (command: Command, { url, userCode }: { url: string; userCode: string }): void => {
  command.spinner.pause(() => command.logToStderr(messages.getMessage('deviceLogin', [url, userCode])));
};

/** Time enough to log in, with a code from a telephone and a look at what is asked for. */
const BROWSER_WAIT = 5 * 60_000;

const pageOf = (page: 'notOurs' | 'done' | 'success') => ({
  title: messages.getMessage(`page.${page}.title`),
  text: messages.getMessage(`page.${page}`),
});

/** A login in the browser. The address is shown, too: there may be no browser here, or another one is wanted. */
export const browserLogin = (command: Command, openInBrowser: (url: string) => Promise<boolean>) => ({
  open: async (url: string): Promise<void> => {
    command.spinner.pause(() => command.logToStderr(messages.getMessage('browserLogin', [url])));
    if (!(await openInBrowser(url)))
      command.spinner.pause(() => command.logToStderr(messages.getMessage('browserLogin.noBrowser')));
  },
  waitMs: BROWSER_WAIT,
  pages: {
    notOurs: pageOf('notOurs'),
    done: pageOf('done'),
    success: pageOf('success'),
    refused: (error: { message: string } | undefined) => ({
      title: messages.getMessage('page.refused.title'),
      text: messages.getMessage('page.refused', [error ? error.message : messages.getMessage('page.noAnswer')]),
    }),
  },
});

type Verdict = {
  result: Outcome;
  flows: Array<{ flow: Flow; result: FlowResult }>;
  checks: Check[];
  unseen: Flow[];
};

/**
 * Shows the result of all checks, and sets the exit code.
 *
 * @returns the report for a ticket, if that is the format
 */
export const showVerdict = (
  command: Command & Pick<Screen, 'table'>,
  verdict: Verdict,
  { name, strict, format, verbose }: { name: string; strict: boolean; format: Format; verbose: boolean },
): string | undefined => {
  const { result, flows, checks } = verdict;
  const markdown = format === 'markdown' ? verificationMarkdown({ name, strict, ...verdict }) : undefined;
  if (markdown !== undefined) command.log(markdown);
  else if (format === 'junit') {
    command.log(junit(name, checks.map(checkInWords), flows.map(flowInWords), strict));
  } else {
    if (verbose) showTable(command, checkTable(checks));
    for (const line of endLines({ name, strict, ...verdict }, process.stdout.columns)) command.log(line);
  }
  if (result !== 'passed') process.exitCode = result === 'failed' ? EXIT_CODE_FOR.failure : EXIT_CODE_FOR.unfinished;
  return markdown;
};

const flowInWords = ({ flow, result }: Verdict['flows'][number]) => ({
  flow,
  result,
  title: messages.getMessage('flow.title'),
  detail: messages.getMessage(`flow.${result}`),
});

/** The line that logs `sf` in as the client did, where its JWT bearer flow worked. */
export const showJwtLogin = (
  command: Pick<Screen, 'log' | 'jsonEnabled'> & Parameters<typeof showNext>[0],
  { flows }: Pick<Verdict, 'flows'>,
  login: Parameters<typeof jwtLoginLine>[0],
): void => {
  if (!flows.some(({ flow, result }) => flow === 'jwt-bearer' && result === 'worked')) return;
  showNext(command, { text: messages.getMessage('next.jwtLogin'), commandLine: jwtLoginLine(login) });
};

/**
 * The error of a run that was told to end. It says how far the run came; its data are the checks that it made. Undefined for any
 * other error.
 */
export const interrupted = (error: unknown, { checks, restored }: Seen): SfError | undefined => {
  if (!isInterruption(error)) return undefined;
  const rest = messages.getMessage(restored ? 'interrupted.restored' : 'interrupted.nothingChanged');
  const made = checks.filter(({ status }) => status !== 'skipped');
  return messages
    .createError('error.interrupted', [String(made.length), rest], [], (error as SfError).exitCode)
    .setData({ checks: checks.map(checkInWords) });
};
