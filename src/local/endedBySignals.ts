import { END_CODES, type EndSignal } from '../app/exitCodes.ts';

const signals = Object.keys(END_CODES) as EndSignal[];

/**
 * Runs work that takes long in one go. A listener would hear a signal only after the work. So the listeners are taken
 * away, and a signal ends the process at once. Not for a run that has to restore something (`interruptible`).
 */
export const endedBySignals = <T>(work: () => T): T => {
  const taken = signals.flatMap((signal) =>
    (process.rawListeners(signal) as NodeJS.SignalsListener[]).map((listener) => ({ signal, listener })),
  );
  for (const { signal, listener } of taken) process.removeListener(signal, listener);
  try {
    return work();
  } finally {
    for (const { signal, listener } of taken) process.on(signal, listener);
  }
};
