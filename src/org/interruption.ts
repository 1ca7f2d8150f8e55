import { Messages } from '../salesforce.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca.credentials');

/** What asks a process to end, and the exit code that shells expect then. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

type EndSignal = keyof typeof exitCodes;

/**
 * Runs something that has to tidy up behind itself, also when the process is told to end. The process then ends only after the
 * run has settled: it is given a signal to look at between its steps. A second Ctrl-C ends the process at once.
 *
 * The listeners that are there are kept away meanwhile: those of SfCommand end the process before anything can be tidied up.
 *
 * @throws error.interrupted as the signal's reason, with exit code 130, 143 or 129; what the run throws
 */
export const interruptible = async <T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const stop = new AbortController();
  const signals = Object.keys(exitCodes) as EndSignal[];
  const kept = signals.map((signal) => [signal, process.rawListeners(signal)] as const);
  const end = (signal: EndSignal): void => {
    if (stop.signal.aborted) process.exit(exitCodes[signal]);
    stop.abort(messages.createError('error.interrupted', [], [], exitCodes[signal]));
  };
  for (const signal of signals) process.removeAllListeners(signal).on(signal, end);
  try {
    return await run(stop.signal);
  } finally {
    for (const [signal, listeners] of kept) {
      process.removeListener(signal, end);
      listeners.forEach((listener) => process.on(signal, listener as NodeJS.SignalsListener));
    }
  }
};

/** Waits for something, but no longer than until the signal. What is waited for goes on by itself. */
export const unlessAborted = async <T>(signal: AbortSignal, promise: Promise<T>): Promise<T> => {
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
};
