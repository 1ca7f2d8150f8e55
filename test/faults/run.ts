import { setTimeout as pause } from 'node:timers/promises';

import type { SfError } from '@salesforce/core';

import type { CommandOfCampaign } from './commands.ts';
import type { Stage } from './scene.ts';

// Every command that runs in this process listens for its signals, and never stops.
process.setMaxListeners(0);

/** What came of one run of a command. */
export type Ran = {
  exitCode: number;
  /** Absent when the command went well, or said in its result that something is wrong. */
  error?: SfError;
  /** All that it printed, on stdout and stderr. */
  output: string;
};

/** Longer than any run takes, also one that retries: its pauses are short here (fasterClock.ts). */
const PATIENCE = 30_000;

/**
 * Runs a command in this process, as `sf` would. What would end the process is an error named `Crash`. A run that does
 * not end is given up, with an error named `Hang`.
 */
export const run = async (
  { command, flags }: CommandOfCampaign,
  stage: Stage,
  more: string[] = [],
  username = stage.username,
): Promise<Ran> => {
  process.exitCode = undefined;
  const { heard, stop } = listening();
  const { crash, forget } = crashing();
  const error = await Promise.race([
    command.run(['--target-org', username, ...more, ...flags(stage)]).then(
      () => undefined,
      (reason: SfError) => reason,
    ),
    crash,
    pause(PATIENCE, named('Hang', `no end after ${PATIENCE / 1000} s`), { ref: false }),
  ]);
  forget();
  stop();
  const exitCode = Number(process.exitCode ?? error?.exitCode ?? (error ? 1 : 0));
  process.exitCode = undefined;
  return { exitCode, output: heard(), ...(error && { error }) };
};

const named = (name: string, message: string): SfError => Object.assign(new Error(message), { name }) as SfError;

/** What nobody catches would end the process, with a stack on the terminal. */
const crashing = (): { crash: Promise<SfError>; forget: () => void } => {
  const { promise, resolve } = Promise.withResolvers<SfError>();
  const caught = (error: unknown): void => resolve(named('Crash', String(error)));
  process.on('uncaughtException', caught);
  return { crash: promise, forget: () => process.off('uncaughtException', caught) };
};

type Listener = (text: string) => void;

const listeners = new Set<Listener>();

/** Takes in what is printed, in the place of the terminal. Runs side by side hear each other. */
const listening = (): { heard: () => string; stop: () => void } => {
  let heard = '';
  const listen: Listener = (text) => (heard += text);
  if (listeners.size === 0) streams.forEach(divert);
  listeners.add(listen);
  return {
    heard: () => heard,
    stop: () => {
      listeners.delete(listen);
      if (listeners.size === 0) streams.forEach(({ stream, write }) => (stream.write = write));
    },
  };
};

const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write.bind(stream) }));

const divert = ({ stream }: (typeof streams)[number]): void => {
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    for (const listen of listeners) listen(text);
    const done = rest.find((one) => typeof one === 'function') as (() => void) | undefined;
    done?.();
    return true;
  };
};
