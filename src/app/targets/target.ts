import type { Problem } from '../problem.ts';

/** One of the two values, and the name that it gets at the target. */
export type Item = { name: string; holds: 'consumerKey' | 'consumerSecret' };

/** What says where at a target the values go. Each is a flag of the same name. */
export const PLACE_FLAGS = ['repo', 'environment', 'project', 'scope', 'mount', 'path'] as const;

export type PlaceFlag = (typeof PLACE_FLAGS)[number];

export type Place = Partial<Record<PlaceFlag, string>>;

/** What goes to the standard input of a program: both values in a form, or one value as it is. */
export type Input = { form: 'dotenv' | 'json' } | { form: 'value'; holds: Item['holds'] };

/** One call of a program that gets values. */
export type Call = { words: string[]; input: Input; items: Item[] };

/** The end of a program: undefined as its exit code says that it did not end by itself. */
export type Answer = { exitCode: number | undefined; stdout: string; stderr: string };

/** What a target has already under the name of an item. */
export type Existing = Partial<Record<string, { isProtected: boolean }>>;

/** A store of secrets that a program of its own writes to, with a login of its own. */
export type Target = {
  program: string;
  /** The oldest version that takes the words below. */
  atLeast: readonly [major: number, minor: number];
  /** The words of the program that log in. */
  login: string;
  needs: readonly PlaceFlag[];
  takes: readonly PlaceFlag[];
  /** What a place is when the flag is not there. */
  defaults: Place;
  /** What a name of a value may be. */
  name: RegExp;
  /** Variables that the program gets beside those of this process. */
  variables: Record<string, string>;
  /** Variables that would make it print requests, or that are not its own to know. */
  withheld: RegExp;
  checkPlace(place: Place): Problem | undefined;
  /** Calls that only read, and get no value. Is the user logged in, is the place there, and what does it have? */
  looks(place: Place, items: Item[]): string[][];
  /** @returns undefined for an answer that is a refusal */
  readLook(answer: Answer, items: Item[], look: number): Existing | undefined;
  /** The calls that write, in their order. */
  calls(place: Place, items: Item[], existing: Existing): Call[];
  /** Another call in the place of one that failed. */
  instead?(call: Call, answer: Answer, place: Place): Call | undefined;
};

/** Variables of Salesforce's CLI can hold a token of an org. */
export const withheldBeside = (debug: string): RegExp => new RegExp(`^(?:SF(?:DX)?_.*|${debug})$`, 'i');
