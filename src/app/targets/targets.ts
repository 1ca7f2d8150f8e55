import { DEFAULT_PREFIX } from '../handover.ts';
import { isPlain } from '../plainText.ts';
import { type Problem, quotable } from '../problem.ts';
import { GITHUB } from './github.ts';
import { GITLAB } from './gitlab.ts';
import { type Call, type Item, type Place, PLACE_FLAGS, type PlaceFlag, type Target } from './target.ts';
import { VAULT } from './vault.ts';

/** The stores that we know. Any other takes the values by the user's own command. */
export const STORES = { github: GITHUB, gitlab: GITLAB, vault: VAULT } as const satisfies Record<string, Target>;

export type StoreName = keyof typeof STORES;

export const TARGET_NAMES = ['github', 'gitlab', 'vault', 'command'] as const;

export type TargetName = (typeof TARGET_NAMES)[number];

/** What the user's own command gets: both values as dotenv lines or JSON, or the secret alone as it is. */
export const INPUTS = ['dotenv', 'json', 'secret'] as const;

export type InputName = (typeof INPUTS)[number];

/** Where the values go, as the user said it. */
export type Destination = { to: StoreName; place: Place } | { to: 'command'; words: string[]; input: InputName };

export type SendFlags = Place & { to: TargetName; input?: InputName; 'key-name'?: string; 'secret-name'?: string };

/** The flags that a target cannot do without. */
export const neededFlags = (to: TargetName): readonly PlaceFlag[] => (to === 'command' ? [] : STORES[to].needs);

/** The two values and their names. */
export const itemsOf = (flags: Pick<SendFlags, 'key-name' | 'secret-name' | 'input'>): Item[] => [
  ...(flags.input === 'secret'
    ? []
    : [{ name: flags['key-name'] ?? `${DEFAULT_PREFIX}CLIENT_ID`, holds: 'consumerKey' } as const]),
  { name: flags['secret-name'] ?? `${DEFAULT_PREFIX}CLIENT_SECRET`, holds: 'consumerSecret' },
];

/** The place, with what is meant where the user says nothing. */
export const destinationTold = (flags: SendFlags, words: string[]): Destination => {
  const { to } = flags;
  if (to === 'command') return { to, words, input: flags.input ?? 'dotenv' };
  const said = PLACE_FLAGS.filter((flag) => flags[flag] !== undefined).map((flag) => [flag, flags[flag]]);
  return { to, place: { ...STORES[to].defaults, ...(Object.fromEntries(said) as Place) } };
};

/** The words of `credentials send` that send to the same place again, under the same names. */
export const sendWords = (destination: Destination, items: Item[]): string[] => {
  const { to } = destination;
  const said = to === 'command' ? { input: destination.input } : destination.place;
  const names = items.map(({ holds, name }) => [holds === 'consumerKey' ? 'key-name' : 'secret-name', name] as const);
  const flags = [...Object.entries({ to, ...said }), ...names];
  return [
    // A word that begins with a hyphen would be taken for a flag.
    ...flags.flatMap(([flag, value]) => (value.startsWith('-') ? [`--${flag}=${value}`] : [`--${flag}`, value])),
    ...(to === 'command' ? ['--', ...destination.words] : []),
  ];
};

/** What is wrong with a destination, before anything runs. */
export const checkDestination = (destination: Destination, flags: SendFlags, words: string[]): Problem | undefined => {
  const { to } = destination;
  const taken: readonly string[] = to === 'command' ? ['input'] : STORES[to].takes;
  const stray = [...PLACE_FLAGS, 'input' as const].find((flag) => flags[flag] !== undefined && !taken.includes(flag));
  if (stray !== undefined) return { code: 'error.flagOfOtherTarget', values: [`--${stray}`, to] };
  if (destination.to === 'command') {
    const [program = ''] = words;
    if (program.trim() === '' || words.some((word) => word.includes('\0')))
      return { code: 'error.programMissing', values: [] };
  } else {
    if (words.length > 0) return { code: 'error.programNotTaken', values: [to] };
    const wrong = Object.entries(destination.place).find(([, value]) => value.trim() === '' || !isPlain(value));
    if (wrong) return { code: 'error.placeInvalid', values: [`--${wrong[0]}`, quotable(wrong[1])] };
    const problem = STORES[destination.to].checkPlace(destination.place);
    if (problem) return problem;
  }
  const items = itemsOf(flags);
  const name = destination.to === 'command' ? /^[A-Za-z_]\w*$/ : STORES[destination.to].name;
  const wrong = items.find((item) => !name.test(item.name));
  if (wrong) return { code: 'error.valueNameInvalid', values: [quotable(wrong.name), to] };
  const [one, other] = items;
  return one && other && one.name.toUpperCase() === other.name.toUpperCase()
    ? { code: 'error.valueNamesSame', values: [one.name] }
    : undefined;
};

/** The program of a destination, as the user knows it. */
export const programOf = (destination: Destination): string =>
  destination.to === 'command' ? (destination.words[0] ?? '') : STORES[destination.to].program;

/** The call of the user's own command. */
export const callOfCommand = (
  { words: [, ...words], input }: Extract<Destination, { to: 'command' }>,
  items: Item[],
): Call => ({ words, input: input === 'secret' ? { form: 'value', holds: 'consumerSecret' } : { form: input }, items });

/** Is the version that a program prints as old as that? A version that nobody can read is not too old. */
export const isTooOld = (printed: string, [major, minor]: Target['atLeast']): boolean => {
  const [, foundMajor, foundMinor] = /\bv?(\d+)\.(\d+)/.exec(printed) ?? [];
  if (foundMajor === undefined) return false;
  return Number(foundMajor) < major || (Number(foundMajor) === major && Number(foundMinor) < minor);
};
