/*
 * The place where all output of a command leaves the process. While a command runs, its streams and its log pass
 * through here. Known secrets are masked, and characters that are invisible on a terminal are made visible. The filter
 * is on the streams themselves, so that no writer can avoid it. Salesforce's libraries, spinners and debuggers all
 * write there.
 */
import { shownOnTerminal } from '../app/plainText.ts';
import { beginningOfSecret, brokenOff, forgetSecrets, masked, maskError } from '../app/secret.ts';
import { inGithubActions, withoutCommands } from './githubActions.ts';

/** The function with which a log writes its lines. */
export type LineWriter = { write(line: string): unknown };

/** The stream of oclif's spinner: the spinner keeps its write function from loading time, before a filter exists. */
export type SpinnerMemory = { stdmockOrigs?: { stdout: unknown; stderr: unknown }; running?: boolean };

type Done = (error?: Error | null) => void;

/** Milliseconds for which the possible beginning of a secret is held back. */
const WAIT_MS = 50;

/** The change to a text, in place of masking, while a secret that the user asked for is written. */
let instead: ((text: string) => string) | undefined;

/**
 * Writes a text that its author has made safe. The text holds the one secret that the user asked for, and is not
 * masked.
 *
 * @param write writes to stdout before it returns
 * @param change the remaining change to the text
 */
export const letThrough = (write: () => void, change: (text: string) => string = shownOnTerminal): void => {
  instead = change;
  try {
    write();
  } finally {
    instead = undefined;
  }
};

/**
 * Each of these writes what one stream holds back. A terminal shows both streams on one screen, so their order counts.
 * Otherwise the spinner erases a line that is not its own.
 */
const waiters = new Set<() => void>();

/** What a terminal may show, or the log of a job, whose runner takes some lines as commands. */
const forReader = (text: string): string => {
  const shown = shownOnTerminal(text);
  return inGithubActions() ? withoutCommands(shown) : shown;
};

/** Writes a line that is a command to the runner of a job, or nothing. */
export const asCommandToRunner = (write: () => void): void => {
  if (inGithubActions()) letThrough(write, (text) => masked(shownOnTerminal(text)));
};

/** Filters one stream. @returns ends the filter */
const filter = (stream: NodeJS.WriteStream): (() => void) => {
  const before = Object.getOwnPropertyDescriptor(stream, 'write');
  const write = stream.write.bind(stream) as (text: string, done?: Done) => boolean;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** The possible beginning of a secret, and how many of its characters are already written. */
  let waiting = '';
  let written = 0;
  let timer: NodeJS.Timeout | undefined;
  let active = true;

  const writeRest = (rest: string): void => {
    if (rest !== '') write(rest);
  };

  /**
   * Writes the text that was held back, and does not wait for more of it. If a secret was cut off, also by a signal,
   * only a mask is left of it.
   */
  const flush = (): void => {
    clearTimeout(timer);
    const rest = brokenOff(waiting) ?? waiting.slice(written);
    waiting = '';
    written = 0;
    writeRest(rest);
  };

  /**
   * Writes the text that was held back long enough. If this text turns out to be a secret, the rest is masked. A text
   * with a large part of a secret is held back longer.
   */
  const showWaiting = (): void => {
    if (brokenOff(waiting) !== undefined) return;
    const rest = waiting.slice(written);
    written = waiting.length;
    writeRest(rest);
  };

  const filtered = (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const whenDone = typeof encoding === 'function' ? encoding : done;
    for (const show of waiters) if (show !== showWaiting) show();
    if (!active) return write(textOf(chunk, encoding), whenDone);
    const text = typeof chunk === 'string' ? textOf(chunk, encoding) : decoder.decode(chunk, { stream: true });
    if (instead) {
      flush();
      return write(instead(text), whenDone);
    }
    clearTimeout(timer);
    const shown = forReader(waiting + text);
    // What a secret may begin with at the end is not a part of one yet: the rest may come.
    const safe = masked(shown, beginningOfSecret(shown));
    const begin = sameBeginning(waiting.slice(0, written), safe);
    const end = beginningOfSecret(safe);
    waiting = safe.slice(end);
    written = Math.max(0, begin - end);
    // The timer alone must not keep the process alive: the process writes the held text when it exits.
    if (waiting.length > written) timer = setTimeout(showWaiting, WAIT_MS).unref();
    return write(safe.slice(begin, Math.max(begin, end)), whenDone);
  };
  stream.write = filtered;
  waiters.add(showWaiting);
  process.on('exit', flush);

  return () => {
    flush();
    active = false;
    waiters.delete(showWaiting);
    process.off('exit', flush);
    // Another writer may sit on top of this one and still use it. In this case, this writer lets everything through.
    if (stream.write !== (filtered as typeof stream.write)) return;
    if (before) Object.defineProperty(stream, 'write', before);
    else Reflect.deleteProperty(stream, 'write');
  };
};

/** The number of characters that two texts share from their beginning. */
const sameBeginning = (one: string, other: string): number => {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
};

const textOf = (chunk: string | Uint8Array, encoding: unknown): string => {
  if (typeof chunk !== 'string') return new TextDecoder('utf-8', { ignoreBOM: true }).decode(chunk);
  const isText = typeof encoding !== 'string' || /^utf-?8$/i.test(encoding);
  return isText ? chunk : Buffer.from(chunk, encoding as BufferEncoding).toString('utf8');
};

/**
 * Keeps a command alive when nobody reads its output any more: a closed terminal (EIO) or a closed pipe (EPIPE). The
 * command may have something to restore. Node ends a process after an unhandled error of a stream, and oclif's listener
 * throws.
 *
 * @returns a function that gives the errors to the other listeners again
 */
const outliveReader = (stream: NodeJS.WriteStream): (() => void) => {
  const others = stream.rawListeners('error') as Array<(error: Error) => void>;
  for (const listener of others) stream.off('error', listener);
  stream.on('error', unheard);
  return () => {
    for (const listener of others) stream.on('error', listener);
    // The error of the last line comes only after this line.
    setImmediate(() => stream.off('error', unheard));
  };
};

const unheard = (): void => {};

/** Filters the lines of a log. @returns ends the filter */
const filterLog = (log: LineWriter): (() => void) => {
  const before = Object.getOwnPropertyDescriptor(log, 'write');
  const write = log.write.bind(log);
  log.write = (line: unknown): unknown => write(typeof line === 'string' ? masked(line) : (line as string));
  return () => {
    if (before) Object.defineProperty(log, 'write', before);
    else Reflect.deleteProperty(log, 'write');
  };
};

/** Node prints its own warnings and uncaught errors past the streams, so their texts are masked earlier. */
const filterEvents = (): (() => void) => {
  const mask = (error: Error): void => maskError(error);
  process.prependListener('warning', mask);
  process.on('uncaughtExceptionMonitor', mask);
  return () => {
    process.off('warning', mask);
    process.off('uncaughtExceptionMonitor', mask);
  };
};

let users = 0;
let endings: Array<() => void> = [];

/**
 * Runs work whose output passes the filter. After the work, the known secrets are forgotten and the streams are as
 * before. The output of others is not ours to change.
 */
export const filteringOutput = async <T>(
  { log, spinner }: { log: LineWriter | undefined; spinner: SpinnerMemory | undefined },
  run: () => Promise<T>,
): Promise<T> => {
  if (users++ === 0) {
    endings = [filter(process.stdout), filter(process.stderr), ...(log ? [filterLog(log)] : []), filterEvents()];
    endings.push(remindSpinner(spinner), outliveReader(process.stdout), outliveReader(process.stderr));
  }
  try {
    return await run();
  } finally {
    if (--users === 0) {
      endings.forEach((end) => end());
      endings = [];
      forgetSecrets();
    }
  }
};

/** Makes the spinner write to the streams as they are now. @returns restores the spinner's old function */
const remindSpinner = (spinner: SpinnerMemory | undefined): (() => void) => {
  const before = spinner?.stdmockOrigs;
  if (!spinner || !before || spinner.running) return () => {};
  const { stdout, stderr } = process as { stdout: { write: unknown }; stderr: { write: unknown } };
  spinner.stdmockOrigs = { stdout: stdout.write, stderr: stderr.write };
  return () => {
    spinner.stdmockOrigs = before;
  };
};
