import { METADATA_TYPES } from '../../src/practice/metadata/types.ts';
import type { KeyPair, PracticeOrg } from '../../src/practice/org.ts';
import { SOBJECTS } from '../../src/practice/sobjects/definitions.ts';

/**
 * All that a practice org holds, a line for each thing. The words are the same in every practice org: names in place of
 * ids, and no times. Of a key pair, they say whether it is the first one. Two orgs are alike when their lines are.
 */
export type OrgState = ReadonlySet<string>;

/** What an org writes down about its work and not about its set-up. */
const records = [...SOBJECTS.keys()].filter(
  (name) => !['DeployRequest', 'LoginHistory', 'Organization'].includes(name),
);

/** What is different each time: when something was done, and what a token may be ended with. */
const PASSING = /^(Id|CreatedById|LastModifiedById|SystemModstamp|DeleteToken|UseCount|.*Date(Time)?)$/;

/** The key pairs that an org had when it was first looked at. */
const firstPairs = new WeakMap<PracticeOrg, Set<string>>();

const isApp = (line: string): boolean => line.startsWith('app ');
const isRecord = (line: string): boolean => line.startsWith('record ');

/** The state of an org as it is now. The first look at an org decides which of its key pairs are the ones from the beginning. */
export const stateOf = (org: PracticeOrg): OrgState => {
  const pairs = [...org.consumers.values()].flatMap(({ primary, staged }) => (staged ? [primary, staged] : [primary]));
  const first = firstPairs.get(org) ?? new Set(pairs.map(({ key }) => key));
  firstPairs.set(org, first);
  const pairOf = ({ key, state }: KeyPair): string => `${first.has(key) ? 'first' : 'new'} pair, ${state}`;
  const lines = [
    ...METADATA_TYPES.flatMap(({ name }) => org.components(name)).map(
      ({ type, namespace = '', fullName, body }) => `app ${type} ${namespace} ${fullName}: ${text(body)}`,
    ),
    ...Object.entries(org.settings).map(([type, settings]) => `setting ${type}: ${text(settings)}`),
    ...[...org.consumers.values()].map(
      ({ name, primary, staged }) =>
        `consumer of ${name}: ${pairOf(primary)}${staged ? `; staged: ${pairOf(staged)}` : ''}`,
    ),
    ...records.flatMap((name) => org.records(name).map((record) => `record ${name}: ${text(record)}`)),
  ];
  return new Set(counted(lines.map(withNames(org)).sort()));
};

/** Fields in the order of their names, without those that are different each time. */
const text = (fields: Record<string, unknown>): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(fields)
        .filter(([name, value]) => !PASSING.test(name) && value !== null && value !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  );

/** Numbers a thing that is there more than once, so that a second one can be seen. */
const counted = (lines: string[]): string[] =>
  lines.map((line, index) => {
    const before = lines.slice(0, index).filter((other) => other === line).length;
    return before > 0 ? `${line} (once more: ${before})` : line;
  });

/** Puts names in the place of ids, keys and the domain of the usernames. */
const withNames = (org: PracticeOrg): ((line: string) => string) => {
  const names = new Map([[org.orgId.slice(0, 15), '<org>']]);
  for (const table of records) {
    for (const { Id, Username, Name, DeveloperName } of org.records(table)) {
      const name = [Username, Name, DeveloperName].find((one) => typeof one === 'string') ?? '';
      // A profile's own permission set is named after the id of the profile.
      names.set(Id.slice(0, 15), `<${table} ${name.startsWith('X00e') ? 'of its profile' : name}>`);
    }
  }
  for (const { name } of METADATA_TYPES) {
    for (const { id, fullName } of org.components(name)) names.set(id.slice(0, 15), `<${name} ${fullName}>`);
  }
  for (const { id, name } of org.consumers.values()) names.set(id.slice(0, 15), `<consumer of ${name}>`);
  const domain = String(org.seeded.admin.Username).split('@')[1] ?? '';
  const keys = [...org.consumers.values()].flatMap(({ primary, staged }) => [primary.key, staged?.key ?? []].flat());
  return (line) => {
    const named = line.replaceAll(
      /(?<![A-Za-z0-9])X?([A-Za-z0-9]{15})([A-Z0-5]{3})?(?![A-Za-z0-9])/g,
      (id, short: string) => names.get(short) ?? id,
    );
    return keys.reduce((rest, key) => rest.replaceAll(key, '<consumer key>'), named).replaceAll(domain, 'org.example');
  };
};

/** What makes two states differ, for people: what is only in the one and only in the other. */
export const difference = (one: OrgState, other: OrgState): string[] => [
  ...[...one].filter((line) => !other.has(line)).map((line) => `- ${line.slice(0, 300)}`),
  ...[...other].filter((line) => !one.has(line)).map((line) => `+ ${line.slice(0, 300)}`),
];

export const isSame = (one: OrgState, other: OrgState): boolean => difference(one, other).length === 0;

const only = (state: OrgState, which: (line: string) => boolean): OrgState => new Set([...state].filter(which));

/**
 * Is a state on the way from one to another, with nothing half done that belongs together? All apps are as before or as
 * wanted, and so is everything else. Of the records that are to be made, some may be there and some not yet.
 */
export const isOnTheWay = (state: OrgState, before: OrgState, wanted: OrgState): boolean => {
  const isOneOf = (which: (line: string) => boolean): boolean =>
    [before, wanted].some((whole) => isSame(only(state, which), only(whole, which)));
  const isRest = (line: string): boolean => !isApp(line) && !isRecord(line);
  const kept = [...before].filter((line) => isRecord(line) && wanted.has(line));
  return (
    isOneOf(isApp) &&
    isOneOf(isRest) &&
    [...only(state, isRecord)].every((line) => before.has(line) || wanted.has(line)) &&
    kept.every((line) => state.has(line))
  );
};

/** Do two states have the same apps, though the rest may differ? */
export const haveSameApps = (one: OrgState, other: OrgState): boolean => isSame(only(one, isApp), only(other, isApp));
