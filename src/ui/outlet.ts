/*
 * Where all that a command says leaves the process. While a command runs, its streams and its log pass here: what is known to be
 * secret is masked, and what nobody would see on a terminal is shown. The streams themselves are the place, since nobody who
 * writes can go round them: not Salesforce's libraries, not a spinner, not a debugger.
 */
import { beginningOfSecret, brokenOff, forgetSecrets, maskError, masked } from '../app/secret.ts';
import { shownOnTerminal } from '../app/plainText.ts';

/** What a log writes its lines with. */
export type LineWriter = { write(line: string): unknown };

/** What oclif's spinner writes with: it remembers how to when it is loaded, which is before there is a filter. */
export type SpinnerMemory = { stdmockOrigs?: { stdout: unknown; stderr: unknown }; running?: boolean };

type Done = (error?: Error | null) => void;

/** Milliseconds that the beginning of something that may be a secret waits for the rest of it. */
const waitMs = 50;

/** What is done to a text instead of masking it, while something that was asked for is written. */
let instead: ((text: string) => string) | undefined;

/**
 * Writes something that its author has made safe: it holds the one secret that was asked for, and is not masked.
 *
 * @param write writes to stdout before it returns
 * @param change what is still done to the text
 */
export const letThrough = (write: () => void, change: (text: string) => string = shownOnTerminal): void => {
  instead = change;
  try {
    write();
  } finally {
    instead = undefined;
  }
};

/** Filters one stream. @returns ends that */
const filter = (stream: NodeJS.WriteStream): (() => void) => {
  const before = Object.getOwnPropertyDescriptor(stream, 'write');
  const write = stream.write.bind(stream) as (text: string, done?: Done) => boolean;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** What may be the beginning of a secret, and how many of its characters are written already. */
  let waiting = '';
  let written = 0;
  let timer: NodeJS.Timeout | undefined;
  let active = true;

  const writeRest = (rest: string): void => {
    if (rest !== '') write(rest);
  };

  /** Writes what waits, and looks no more whether it goes on. Of a secret that broke off, also by a signal, only a mask is left. */
  const flush = (): void => {
    clearTimeout(timer);
    const rest = brokenOff(waiting) ?? waiting.slice(written);
    waiting = '';
    written = 0;
    writeRest(rest);
  };

  /** Writes what has waited long enough. If it goes on as a secret all the same, the rest is masked. What tells much of one waits on. */
  const showWaiting = (): void => {
    if (brokenOff(waiting) !== undefined) return;
    const rest = waiting.slice(written);
    written = waiting.length;
    writeRest(rest);
  };

  const filtered = (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const whenDone = typeof encoding === 'function' ? encoding : done;
    if (!active) return write(textOf(chunk, encoding), whenDone);
    const text = typeof chunk === 'string' ? textOf(chunk, encoding) : decoder.decode(chunk, { stream: true });
    if (instead) {
      flush();
      return write(instead(text), whenDone);
    }
    clearTimeout(timer);
    const safe = masked(shownOnTerminal(waiting + text));
    const begin = sameBeginning(waiting.slice(0, written), safe);
    const end = beginningOfSecret(safe);
    waiting = safe.slice(end);
    written = Math.max(0, begin - end);
    // Not for this alone does a process stay: what waits then is written as it exits.
    if (waiting.length > written) timer = setTimeout(showWaiting, waitMs).unref();
    return write(safe.slice(begin, Math.max(begin, end)), whenDone);
  };
  stream.write = filtered;
  process.on('exit', flush);

  return () => {
    flush();
    active = false;
    process.off('exit', flush);
    // Somebody may have put a writer of their own on top of this one, and still use it: then it lets everything through.
    if (stream.write !== (filtered as typeof stream.write)) return;
    if (before) Object.defineProperty(stream, 'write', before);
    else Reflect.deleteProperty(stream, 'write');
  };
};

/** How many characters two texts have in common from their beginning on. */
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
 * Keeps a command alive whose output nobody takes any more: a terminal that was closed (EIO), a pipe that was (EPIPE). It may
 * have something to put back. Node ends a process for an error of a stream that nobody hears, and oclif's listener throws.
 *
 * @returns lets the others hear the errors again
 */
const outliveReader = (stream: NodeJS.WriteStream): (() => void) => {
  const others = stream.rawListeners('error') as Array<(error: Error) => void>;
  for (const listener of others) stream.off('error', listener);
  stream.on('error', unheard);
  return () => {
    for (const listener of others) stream.on('error', listener);
    // The error of the last line comes only after it.
    setImmediate(() => stream.off('error', unheard));
  };
};

const unheard = (): void => {};

/** Filters the lines of a log. @returns ends that */
const filterLog = (log: LineWriter): (() => void) => {
  const before = Object.getOwnPropertyDescriptor(log, 'write');
  const write = log.write.bind(log);
  log.write = (line: unknown): unknown => write(typeof line === 'string' ? masked(line) : (line as string));
  return () => {
    if (before) Object.defineProperty(log, 'write', before);
    else Reflect.deleteProperty(log, 'write');
  };
};

/** Warnings of Node's own and errors that nobody catches are printed past the streams: their texts are masked before that. */
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
 * Runs something whose output passes the filter. When it has ended, what was known to be secret is forgotten, and the streams are
 * as before: what others write then is not ours to change.
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

/** Has the spinner write by the streams as they are now. @returns lets it write as it did */
const remindSpinner = (spinner: SpinnerMemory | undefined): (() => void) => {
  const before = spinner?.stdmockOrigs;
  if (!spinner || !before || spinner.running) return () => {};
  const { stdout, stderr } = process as { stdout: { write: unknown }; stderr: { write: unknown } };
  spinner.stdmockOrigs = { stdout: stdout.write, stderr: stderr.write };
  return () => {
    spinner.stdmockOrigs = before;
  };
};
