import { isProblem, type Problem } from '../app/problem.ts';
import { brokenOff, masked } from '../app/secret.ts';
import { inputText, type Pair } from '../app/targets/input.ts';
import type { NotReady, ProgramEnd, Sent } from '../app/targets/outcome.ts';
import type { Call, Existing, Item, Target } from '../app/targets/target.ts';
import { callOfCommand, type Destination, isTooOld, programOf, STORES } from '../app/targets/targets.ts';
import { type Ended, findProgram, runProgram } from '../local/program.ts';

/** Milliseconds for a question to a program, and for a call that writes. A user's own command may ask for a fingerprint. */
const LIMITS = { look: 60_000, write: 300_000 };

/** Where values can go: the program is there, and the target let us look at it. */
export type Ready = {
  destination: Destination;
  items: Item[];
  /** The file of the program. */
  file: string;
  existing: Existing;
  calls: Call[];
};

/** A program's end, with its output filtered as one text: the secret could be broken into lines. */
const told = ({ how, exitCode, stdout, stderr }: Ended): ProgramEnd => {
  const text = [stdout, stderr].filter((part) => part.trim() !== '').join('\n');
  return { how, exitCode, output: masked(brokenOff(text) ?? text).trim() };
};

const isFine = ({ how, exitCode }: Ended): boolean => how === 'ended' && exitCode === 0;

/** A store's program runs in no folder of the user's, where settings could lead it elsewhere. The user's own command runs in it. */
const surroundings = (destination: Destination): { env: NodeJS.ProcessEnv; cwd?: string } => {
  if (destination.to === 'command') return { env: process.env, cwd: process.cwd() };
  const { withheld, variables }: Target = STORES[destination.to];
  const own = Object.entries(process.env).filter(([name]) => !withheld.test(name));
  return { env: { ...Object.fromEntries(own), ...variables } };
};

/**
 * Looks at a target before any secret is read. Is the program there and new enough, and may the user write? What is there
 * already?
 *
 * @throws the signal's reason
 */
export const lookAtTarget = async (
  destination: Destination,
  items: Item[],
  signal: AbortSignal,
): Promise<Ready | NotReady> => {
  const file = await findProgram(programOf(destination));
  if (file === undefined) return { why: 'program-not-found' };
  const ready = { destination, items, file, existing: {} };
  if (destination.to === 'command') return { ...ready, calls: [callOfCommand(destination, items)] };
  const target: Target = STORES[destination.to];
  const ask = async (words: string[]): Promise<Ended> => {
    const terms = { ...surroundings(destination), input: '', ms: LIMITS.look, signal };
    const ended = await runProgram(file, words, terms);
    signal.throwIfAborted();
    return ended;
  };
  const version = await ask(['--version']);
  if (!isFine(version)) return { why: 'look-failed', end: told(version) };
  if (isTooOld(version.stdout, target.atLeast)) return { why: 'program-too-old' };
  let existing: Existing = {};
  for (const [index, words] of target.looks(destination.place, items).entries()) {
    const ended = await ask(words);
    const found = target.readLook(ended, items, index);
    if (found === undefined) return { why: 'look-failed', end: told(ended) };
    existing = { ...existing, ...found };
  }
  return { ...ready, existing, calls: target.calls(destination.place, items, existing) };
};

/**
 * Sends a pair, call after call, until one fails.
 *
 * @returns a problem (error.valueNotForDotenv) when a value cannot be given to the program; nothing was sent then
 */
export const sendPair = async (
  { destination, file, calls }: Ready,
  pair: Pair,
  signal: AbortSignal,
): Promise<Sent | Problem> => {
  const toRun: Array<{ call: Call; input: string }> = [];
  for (const call of calls) {
    const input = inputText(call.input, call.items, pair);
    if (isProblem(input)) return input;
    toRun.push({ call, input });
  }
  const written: Item[] = [];
  const outputs: string[] = [];
  for (const { call, input } of toRun) {
    const terms = { ...surroundings(destination), input, ms: LIMITS.write, signal };
    let ended = await runProgram(file, call.words, terms);
    const other = insteadOf(call, ended, destination);
    if (other) ended = await runProgram(file, other.words, terms);
    const end = told(ended);
    if (!isFine(ended)) return { end, sent: false, written };
    if (end.output !== '') outputs.push(end.output);
    written.push(...call.items);
  }
  return { end: { how: 'ended', exitCode: 0, output: outputs.join('\n') }, sent: true, written };
};

const insteadOf = (call: Call, ended: Ended, destination: Destination): Call | undefined => {
  if (destination.to === 'command' || ended.how !== 'ended' || ended.exitCode === 0) return undefined;
  const target: Target = STORES[destination.to];
  return target.instead?.(call, ended, destination.place);
};
