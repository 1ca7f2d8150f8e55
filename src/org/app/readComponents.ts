import type { Connection as OrgConnection } from '@salesforce/core';

import { operation } from '../request/operation.ts';
import { isRefusedType, listTypes, readRecords } from './componentCalls.ts';
import {
  APP_REFERENCE,
  type Component,
  type Names,
  type Part,
  partNames,
  PARTS,
  RARE_PARTS,
  rowOf,
  textOf,
} from './components.ts';
import { retrieve, type Retrieved } from './retrieve.ts';

/*
 * Components are read by calls that the org answers at once, side by side. A retrieve is a job in a queue of the org: it takes seconds,
 * however little it brings. But a retrieve is one look at the org, and calls side by side are several. So whatever may have changed
 * between two answers is read again, until two looks agree.
 */

/** Full names that one readMetadata takes (Metadata API Developer Guide, readMetadata()). */
const NAMES_IN_CALL = 10;

/**
 * More apps than this are retrieved. Calls stay the quicker way: 80 apps take 3.4 s by calls and 5.0 s by a retrieve. (That
 * was measured in a practice org like a live one.) But each ten apps take five calls, and an org counts calls.
 */
export const MOST_APPS_READ = 50;

/** More global OAuth settings than this, any of which may be an app's, are retrieved. */
const MOST_CANDIDATES = 50;

/** How often to look, in all, at components that change meanwhile. */
const MOST_LOOKS = 4;

/** Milliseconds, beside a trip, by which answers of requests that were sent side by side are apart. */
const MOST_SPREAD = 100;

/** What queries say of apps. */
export type Found = {
  /** Each by all names that it may have, and whether it may have global OAuth settings, which cannot be queried. */
  apps: Array<{ names: string[]; mayHaveGlobals: boolean }>;
  /** The names of their other components. */
  children: Names;
  /** When each component was last changed, by `keyOf`: milliseconds since 1970. */
  dates: ReadonlyMap<string, number>;
};

/** Names of components that differ in capitals alone are one name. */
export const keyOf = (part: Part, fullName: string): string => `${part} ${fullName.toLowerCase()}`;

export type HowToRead = {
  /** Is it known beforehand that these are more apps than are worth reading without a retrieve? */
  isMany?: boolean;
  /** What the components may be called: these names are read beside the first queries. */
  guess?: Names;
  /** Are these names worth a retrieve, where the apps are many or the org refuses to read them without one? */
  isLikely?: boolean;
  /** The end of this run's own write, by the org's clock. What it wrote is not taken for somebody else's change. */
  until?: Date;
};

/** One component as it was read, and what is known of when. */
type Seen = {
  component: Component;
  /** When it was last changed, as the answers beside it say. */
  date: number | undefined;
  /** Is it certain that it was not changed while it was read? */
  isSettled: boolean;
};

/**
 * Reads the components of apps that the queries name. Those that cannot be queried, such as global OAuth settings, are found
 * among those that the org lists.
 *
 * @param ask the queries; undefined when the org has no such app. It is asked again beside each further look
 * @returns undefined when the org has no such app
 * @throws what `ask` throws; what orgSaidNo names; what `retrieve` throws
 */
export const readComponents = async (
  connection: OrgConnection,
  ask: () => Promise<Found | undefined>,
  { guess = {}, isLikely = false, isMany = false, until }: HowToRead,
): Promise<Retrieved | undefined> => {
  const seen = new Map<string, Seen>();
  let toRead = guess;
  for (let look = 1; ; look++) {
    const beside = quietly(
      isMany ? retrieveGuessed(connection, toRead) : readNow(connection, toRead, look > 1 || isLikely),
    );
    const listing = quietly(isMany ? Promise.resolve(undefined) : listComponents(connection, listedParts(connection)));
    const sent = Date.now();
    const found = await ask();
    const asked = Date.now();
    if (!found) return undefined;
    if (isMany || found.apps.length > MOST_APPS_READ) {
      const { components } = isMany ? await beside : NOTHING_READ;
      return hasAll(components, found) ? components : retrieveFound(connection, found, ['*']);
    }
    const listed = await listing;
    const { components, began, arrived = 0 } = await beside;
    const since = earliest([began, listed?.began]);
    const dates = new Map([...found.dates, ...(listed?.dates ?? [])]);
    for (const part of partNames) {
      for (const component of components[part]) {
        const key = keyOf(part, component.fullName);
        see(seen, key, component, { date: dates.get(key), since, until });
      }
    }
    const { names, missing, candidates, rare } = wantedOf(found, listed, seen);
    const isTooMany = [candidates, ...Object.values(rare)].some((some) => some.length > MOST_CANDIDATES);
    if (!listed || look === MOST_LOOKS || isTooMany) {
      return retrieveFound(connection, found, listed ? [...(names.globalOauthSettings ?? []), ...candidates] : ['*']);
    }
    toRead = merged(missing, rare, { globalOauthSettings: candidates }, doubtful(names, seen, dates));
    // What was read long after its date was asked for may have been written in between. Then the dates are asked for once more.
    const isLate = refusedBy(connection).size === 0 && arrived - asked > asked - sent + MOST_SPREAD;
    if (!isLate && partNames.every((part) => !toRead[part]?.length)) return taken(names, seen);
  }
};

/** A promise that somebody may never look at. */
const quietly = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined);
  return promise;
};

/** Milliseconds: dates of components are whole seconds, which may have been any time in them. */
const SECOND = 1000;

const see = (
  seen: Map<string, Seen>,
  key: string,
  component: Component,
  { date, since, until }: { date: number | undefined; since: number | undefined; until: Date | undefined },
): void => {
  const before = seen.get(key);
  // A retrieve says itself when what it brings was changed.
  const retrieved = component.lastModified?.getTime();
  const isOld = date !== undefined && since !== undefined && date + SECOND <= since;
  const isOwn = date !== undefined && until !== undefined && date <= until.getTime();
  const isSame = before?.date === date && isEqual(before?.component, component);
  const isSettled = retrieved === undefined ? isOld || isOwn || isSame : retrieved === date;
  seen.set(key, { component, date, isSettled });
};

const isEqual = (one: Component | undefined, other: Component): boolean =>
  JSON.stringify(one?.elements) === JSON.stringify(other.elements);

/** Which components the apps have, which of them were not read yet, and which global OAuth settings may be theirs. */
const wantedOf = (
  { apps, children }: Found,
  listed: Listed | undefined,
  seen: ReadonlyMap<string, Seen>,
): { names: Names; missing: Names; candidates: string[]; rare: Names } => {
  const isSeen = (part: Part) => (name: string) => seen.has(keyOf(part, name));
  const missing = {
    ...Object.fromEntries(
      partNames.map((part) => [part, (children[part] ?? []).filter((name) => !isSeen(part)(name))]),
    ),
    application: apps.flatMap(({ names }) => (names.some(isSeen('application')) ? [] : names)),
  };
  const seenOf = (part: Part) =>
    [...seen]
      .filter(([key]) => key.startsWith(`${part} `))
      .map(([, { component }]) => ({ name: component.fullName, app: appOf(component) }));
  const globals = seenOf('globalOauthSettings');
  const withGlobals = apps.flatMap(({ names, mayHaveGlobals }) => (mayHaveGlobals ? [names] : []));
  const owned = globals.filter(({ app }) => withGlobals.some((names) => isAmong(names, app)));
  const without = withGlobals.filter((names) => !owned.some(({ app }) => isAmong(names, app)));
  const unreadOf = (part: Part): string[] => (listed?.names[part] ?? []).filter((name) => !isSeen(part)(name));
  const allNames = apps.map((app) => app.names);
  const rareNames = RARE_PARTS.map((part) => [
    part,
    seenOf(part).flatMap(({ name, app }) => (allNames.some((some) => isAmong(some, app)) ? [name] : [])),
  ]);
  const rare = RARE_PARTS.map((part) => [part, ownOrFree(part, unreadOf(part), allNames)]);
  const names = {
    ...children,
    application: apps.flatMap((app) => app.names.filter(isSeen('application'))),
    globalOauthSettings: owned.map(({ name }) => name),
    ...(Object.fromEntries(rareNames) as Names),
  };
  const candidates = without.length > 0 ? nearestOf(unreadOf('globalOauthSettings'), without) : [];
  return { names, missing, candidates, rare: Object.fromEntries(rare) as Names };
};

const appOf = ({ elements }: Component): string => textOf(elements, APP_REFERENCE) ?? '';

const isAmong = (names: string[], name: string): boolean =>
  names.some((one) => one.toLowerCase() === name.toLowerCase());

/**
 * The settings to look into for apps that lack theirs. First come those with the apps' own usual names and those with free
 * names. Those with usual names of other apps come last.
 */
const nearestOf = (names: string[], apps: string[][]): string[] => {
  const near = ownOrFree('globalOauthSettings', names, apps);
  return near.length > 0 ? near : names;
};

/** The usual names of a part of these apps, and those that are usual for no app. */
const ownOrFree = (part: Part, names: string[], apps: string[][]): string[] => {
  const usual = apps.flat().map((app) => PARTS[part].newName(app));
  const others = PARTS[part].newName('').toLowerCase();
  return names.filter((name) => isAmong(usual, name) || !name.toLowerCase().endsWith(others));
};

/** What may have changed since it was read, or while it was. */
const doubtful = (names: Names, seen: ReadonlyMap<string, Seen>, dates: ReadonlyMap<string, number>): Names =>
  Object.fromEntries(
    partNames.map((part) => [
      part,
      (names[part] ?? []).filter((name) => {
        const one = seen.get(keyOf(part, name));
        return one && !(one.isSettled && one.date === dates.get(keyOf(part, name)));
      }),
    ]),
  );

const taken = (names: Names, seen: ReadonlyMap<string, Seen>): Retrieved =>
  Object.fromEntries(
    partNames.map((part) => [
      part,
      (names[part] ?? []).flatMap((name): Component[] => {
        const one = seen.get(keyOf(part, name));
        return one ? [{ ...one.component, ...(one.date !== undefined && { lastModified: new Date(one.date) }) }] : [];
      }),
    ]),
  ) as Retrieved;

const merged = (...all: Names[]): Names =>
  Object.fromEntries(partNames.map((part) => [part, [...new Set(all.flatMap((names) => names[part] ?? []))]]));

const earliest = (dates: Array<Date | undefined>): number | undefined => {
  const known = dates.flatMap((date) => date?.getTime() ?? []);
  return known.length > 0 ? Math.min(...known) : undefined;
};

// -- reading by a retrieve

const NOTHING_READ: ReadNow = {
  components: Object.fromEntries(partNames.map((part) => [part, []])) as unknown as Retrieved,
};

const retrieveGuessed = async (connection: OrgConnection, names: Names): Promise<ReadNow> =>
  partNames.some((part) => names[part]?.length)
    ? { components: await retrieve(connection, { ...names, ...allRare }) }
    : NOTHING_READ;

/** A retrieve finds rare parts among all that the org has. */
const allRare: Names = Object.fromEntries(RARE_PARTS.map((part) => [part, ['*']]));

const retrieveFound = (connection: OrgConnection, { apps, children }: Found, globals: string[]): Promise<Retrieved> =>
  retrieve(connection, {
    application: apps.flatMap(({ names }) => names),
    ...children,
    ...allRare,
    ...(apps.some(({ mayHaveGlobals }) => mayHaveGlobals) && { globalOauthSettings: globals }),
  });

/** Did a retrieve bring all that the apps have? */
const hasAll = (retrieved: Retrieved, { apps, children }: Found): boolean => {
  const there = new Set(partNames.flatMap((part) => retrieved[part].map(({ fullName }) => keyOf(part, fullName))));
  const owners = new Set(retrieved.globalOauthSettings.map((component) => appOf(component).toLowerCase()));
  return (
    partNames.every((part) => (children[part] ?? []).every((name) => there.has(keyOf(part, name)))) &&
    apps.every(
      ({ names, mayHaveGlobals }) =>
        names.some((name) => there.has(keyOf('application', name))) &&
        (!mayHaveGlobals || names.some((name) => owners.has(name.toLowerCase()))),
    )
  );
};

// -- reading by name

/** Parts of apps that an org refuses to read without a job. From the first refusal on, this run retrieves them. */
const refusing = new WeakMap<OrgConnection, Set<Part>>();

const refusedBy = (connection: OrgConnection): Set<Part> => {
  const refused = refusing.get(connection) ?? new Set<Part>();
  refusing.set(connection, refused);
  return refused;
};

/** Components. The org's clock says when it began with them, and this machine's clock when the last was here. */
type ReadNow = { components: Retrieved; began?: Date; arrived?: number };

/** @param mayRetrieve retrieve what the org refuses to read otherwise; else this is left out */
const readNow = async (connection: OrgConnection, names: Names, mayRetrieve: boolean): Promise<ReadNow> => {
  const refused = refusedBy(connection);
  const jobNames: Names = Object.fromEntries(partNames.map((part) => [part, refused.has(part) ? names[part] : []]));
  const isJobNeeded = mayRetrieve && partNames.some((part) => jobNames[part]?.length);
  const [job, ...calls] = await Promise.all([
    isJobNeeded ? retrieve(connection, jobNames) : undefined,
    ...partNames
      .filter((part) => !refused.has(part))
      .flatMap((part) => inCalls(names[part] ?? []).map((some) => readSome(connection, part, some))),
  ]);
  const components = Object.fromEntries(
    partNames.map((part) => [part, [...(job?.[part] ?? []), ...calls.flatMap((call) => call?.components[part] ?? [])]]),
  ) as Retrieved;
  const began = earliest(calls.map((call) => call?.began));
  const arrived = Math.max(0, ...calls.map((call) => call?.arrived ?? 0));
  return { components, arrived, ...(began !== undefined && { began: new Date(began) }) };
};

const inCalls = (names: string[]): string[][] => {
  const calls: string[][] = [];
  for (let at = 0; at < names.length; at += NAMES_IN_CALL) calls.push(names.slice(at, at + NAMES_IN_CALL));
  return calls;
};

type Read = { components: Partial<Retrieved>; began?: Date; arrived?: number };

const readSome = async (connection: OrgConnection, part: Part, names: string[]): Promise<Read> => {
  try {
    const { components, ...times } = await readRecords(connection, operation('readingApps'), PARTS[part].type, names);
    return { components: { [part]: components }, ...times };
  } catch (error) {
    if (!isRefusedType(error)) throw error;
    refusedBy(connection).add(part);
    return { components: {} };
  }
};

// -- the names of components that cannot be queried

type Listed = { names: Names; dates: Map<string, number>; began?: Date };

/** The parts whose names only a listing says, as far as the API version has them. */
const listedParts = (connection: OrgConnection): Part[] => {
  const version = Number(connection.getApiVersion());
  return (['globalOauthSettings', ...RARE_PARTS] as const).filter((part) => (rowOf(part).since ?? 0) <= version);
};

/** The org's components of some parts, without those of packages. Undefined where the org refuses to list them. */
const listComponents = async (connection: OrgConnection, some: Part[]): Promise<Listed | undefined> => {
  const listed = await listTypes(
    connection,
    some.map((part) => PARTS[part].type),
  );
  if (!listed) return undefined;
  const partOf = new Map(some.map((part): [string, Part] => [PARTS[part].type, part]));
  const names: Names = {};
  const dates = new Map<string, number>();
  for (const { type, fullName, date } of listed.components) {
    const part = partOf.get(type);
    if (!part) continue;
    names[part] = [...(names[part] ?? []), fullName];
    dates.set(keyOf(part, fullName), date);
  }
  return { names, dates, ...(listed.began && { began: listed.began }) };
};
