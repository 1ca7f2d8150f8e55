import { ofNature } from '../app/errorNature.ts';
import { END_CODES, type EndSignal } from '../app/exitCodes.ts';
import { texts } from '../texts.ts';

const messages = texts('local');

const signals = Object.keys(END_CODES) as EndSignal[];

/**
 * Milliseconds after a signal in which the next signal counts as the same one. A terminal that closes sends SIGHUP, and
 * so does its shell. After a signal from the terminal, npm and other starters send the same signal again.
 */
const SAME_SIGNAL = 100;

/**
 * The signals that a person sends with the keyboard. The other signals come from programs, and some programs send
 * several kinds in a row.
 */
const FROM_KEYBOARD = new Set<EndSignal>(['SIGINT', 'SIGQUIT', 'SIGBREAK']);

/**
 * Runs work that has to restore what it changed, also when the process is told to end. The process ends only after the
 * run has settled. The run gets an AbortSignal to check between its steps. A second Ctrl-C, or the same signal a second
 * time, ends the process at once.
 *
 * No other listener hears these signals during the run. The listeners of SfCommand would end the process before
 * anything is restored. The listeners of a package may send the signal again. For example, signal-exit does so, and
 * counts wrongly when the CLI and the plugin each have a copy. All of these listeners are put back afterwards. Runs
 * inside each other or side by side share one AbortSignal.
 *
 * A run that completes in spite of the signal gives its result. The process then still has the signal's exit code:
 * whoever ended the process does not want a script's next step.
 *
 * @throws error.interrupted as the signal's reason, with the exit code of the signal; what the run throws
 */
export const interruptible = async <T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  watch ??= startWatch();
  const mine = watch;
  mine.runs += 1;
  try {
    const result = await run(mine.signal);
    const heard = mine.heard();
    if (heard) {
      process.exitCode = END_CODES[heard];
      process.stderr.write(`${messages.getMessage('interruption.done', [heard])}\n`);
    }
    return result;
  } finally {
    mine.runs -= 1;
    if (mine.runs === 0) {
      mine.end();
      watch = undefined;
    }
  }
};

/** The listeners of the moment, and the number of runs that need them. */
type Watch = { signal: AbortSignal; heard: () => EndSignal | undefined; runs: number; end: () => void };

let watch: Watch | undefined;

const startWatch = (): Watch => {
  const stop = new AbortController();
  let first: { signal: EndSignal; at: number } | undefined;
  const end = hearAlone((signal) => {
    const now = performance.now();
    if (!first) {
      first = { signal, at: now };
      stop.abort(
        ofNature({ interrupted: true }, messages.createError('error.interrupted', [signal], [], END_CODES[signal])),
      );
    } else if (now - first.at > SAME_SIGNAL && (signal === first.signal || FROM_KEYBOARD.has(signal))) {
      process.stderr.write(`${messages.getMessage('interruption.atOnce')}\n`);
      process.exit(END_CODES[signal]);
    }
  });
  return { signal: stop.signal, heard: () => first?.signal, runs: 0, end };
};

type Listener = (signal: EndSignal) => void;

/** Makes one listener the only one for the signals that end a process. @returns puts the other listeners back */
const hearAlone = (alone: Listener): (() => void) => {
  const others: Array<[EndSignal, NodeJS.SignalsListener]> = [];
  const takeOthersAway = (): void => {
    for (const signal of signals) {
      for (const listener of process.rawListeners(signal) as NodeJS.SignalsListener[]) {
        if (listener === alone) continue;
        others.push([signal, listener]);
        process.removeListener(signal, listener);
      }
    }
  };
  // Node emits an event before it adds a listener. No signal is delivered before the microtask has run.
  const onNew = (event: string | symbol): void => {
    if (signals.some((signal) => signal === event)) queueMicrotask(takeOthersAway);
  };
  takeOthersAway();
  for (const signal of signals) process.on(signal, alone);
  process.on('newListener', onNew);
  return () => {
    process.removeListener('newListener', onNew);
    for (const signal of signals) process.removeListener(signal, alone);
    for (const [signal, listener] of others) process.on(signal, listener);
  };
};

/** Waits for a promise, but no longer than until the signal. The work behind the promise goes on. */
export const unlessAborted = async <T>(signal: AbortSignal, promise: Promise<T>): Promise<T> => {
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
};

/**
 * Like unlessAborted, but waits some milliseconds after the signal, so that the work can undo what it began.
 *
 * @param left makes the error for work that took longer
 */
export const unlessLongAborted = async <T>(
  signal: AbortSignal,
  { ms, left }: { ms: number; left: () => Error },
  promise: Promise<T>,
): Promise<T> => {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => void (timer = setTimeout(() => late.abort(left()), ms));
  if (signal.aborted) wait();
  signal.addEventListener('abort', wait, { once: true });
  return unlessAborted(late.signal, promise).finally(() => {
    signal.removeEventListener('abort', wait);
    clearTimeout(timer);
  });
};
