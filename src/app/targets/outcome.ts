import type { Item } from './target.ts';

/** `ended`: by itself. `hung`: it took too long. `stopped`: by our signal. `not-started`: the system refused to start it. */
export type HowEnded = 'ended' | 'hung' | 'stopped' | 'not-started';

/** The end of a program as users are told it. */
export type ProgramEnd = {
  how: HowEnded;
  /** Only of a program that ended by itself, and by no signal. */
  exitCode: number | undefined;
  /** What it printed, without secrets. */
  output: string;
};

/** Why a target cannot be written to. Nothing was sent. */
export type NotReady =
  { why: 'program-not-found' } | { why: 'program-too-old' } | { why: 'look-failed'; end: ProgramEnd };

/** What became of the values. */
export type Sent = {
  /** Of the program's last run. */
  end: ProgramEnd;
  sent: boolean;
  /** The values that are at the target for certain. */
  written: Item[];
};
