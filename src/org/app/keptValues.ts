import type { Attribute, IpRange } from '../../app/app.ts';
import { type Components, type Element, groupsOf, type Part, textOf } from './components.ts';

/*
 * How the metadata of an app keeps a value: as text, number, switch, word, list or group. `fields.ts` has a row for each field.
 */

/** An element that keeps a field: its part, its path there, and the first API version that has it. */
export type ElementOf = {
  part: Part;
  element: string;
  since: number;
  /** Values that came later than the element itself, each with the first API version that takes it. */
  valuesSince?: Record<string, number>;
  /** An API version that lacks the element can do without it: it is left out there, not refused. */
  dispensable?: boolean;
};

/** Leaves an element as it is. */
export const keep = Symbol('keep');

/** What an element is set to: a text, groups of children for one that may stand several times, or nothing. */
export type ElementValue = string | Element[][] | undefined | typeof keep;

/** What a field's value alone does not hold: the text of the certificate file that the user named. */
export type WriteContext = { certificate?: string };

/** Where and how a field is kept. Its path is its key in the table. */
export type Kept = {
  elements: ElementOf[];
  /** Undefined where the org has nothing. Absent for what no org gives back. */
  read?: (components: Components) => unknown;
  /** The new values of the field's elements, in the order of `elements`. */
  write: (value: never, files: WriteContext) => ElementValue[];
};

type Place = [part: Part, element: string, since: number];

export const place = ([part, element, since]: Place): ElementOf => ({ part, element, since });

export const valueAt = (components: Components, { part, element }: ElementOf): string | undefined =>
  textOf(components[part]?.elements, element);

/** A field kept as it is. An empty element is the same as none. */
export const text = (...at: Place): Kept => {
  const where = place(at);
  return {
    elements: [where],
    read: (components) => valueAt(components, where) || undefined,
    write: (value: string) => [value === '' ? undefined : value],
  };
};

export const number = (...at: Place): Kept => {
  const where = place(at);
  return {
    elements: [where],
    read: (components) => asNumber(valueAt(components, where)),
    write: (value: number) => [value === 0 ? undefined : String(value)],
  };
};

export const asNumber = (value: string | undefined): number | undefined => (value ? Number(value) : undefined);

export const yesNo = (...at: Place): Kept => {
  const where = place(at);
  return {
    elements: [where],
    read: (components) => asBoolean(valueAt(components, where)),
    write: (value: boolean) => [String(value)],
  };
};

const asBoolean = (value: string | undefined): boolean | undefined => (value ? value === 'true' : undefined);

/** A yes that the metadata keeps as a no. */
export const noYes = (...at: Place): Kept => {
  const where = place(at);
  return {
    elements: [where],
    read: (components) => {
      const value = asBoolean(valueAt(components, where));
      return value === undefined ? undefined : !value;
    },
    write: (value: boolean) => [String(!value)],
  };
};

/** One of a closed set of words. A word of the org that is not in the set is passed on as it is. */
export const oneOf = (words: Record<string, string>, ...at: Place): Kept => {
  const where = place(at);
  return {
    elements: [where],
    read: (components) => {
      const kept = valueAt(components, where);
      // One live org spelled Enforce_RelaxRefresh as Enforce_relaxrefresh: case does not count.
      return (
        Object.keys(words).find((word) => words[word]?.toLowerCase() === kept?.toLowerCase()) ?? (kept || undefined)
      );
    },
    write: (value: string) => [words[value] ?? value],
  };
};

const SEPARATORS = {
  commas: { split: ',', join: ', ' },
  lines: { split: /\r\n|\r|\n/, join: '\n' },
};

/** Several values in one element. */
export const list = (separator: keyof typeof SEPARATORS, translate: Translation, ...at: Place): Kept => {
  const where = place(at);
  const { split, join } = SEPARATORS[separator];
  return {
    elements: [where],
    read: (components) => {
      const kept = valueAt(components, where)
        ?.split(split)
        .map((value) => value.trim())
        .filter((value) => value !== '');
      return kept?.length ? kept.map(translate.read) : undefined;
    },
    write: (values: string[]) => [values.length > 0 ? values.map(translate.write).join(join) : undefined],
  };
};

type Translation = { read: (kept: string) => string; write: (value: string) => string };

export const asIs: Translation = { read: (kept) => kept, write: (value) => value };

export const ranges = (part: Part, element: string, since: number): Kept => ({
  elements: [place([part, element, since])],
  read: (components) => {
    const found = groupsOf(components[part]?.elements, element).map((range): IpRange => {
      const description = textOf(range, 'description');
      return {
        start: textOf(range, 'startIpAddress') ?? '',
        end: textOf(range, 'endIpAddress') ?? '',
        ...(description && { description }),
      };
    });
    return found.length > 0 ? found : undefined;
  },
  write: (wanted: IpRange[]) => [
    wanted.map(({ start, end, description }): Element[] => [
      ...(description ? [{ name: 'description', text: description }] : []),
      { name: 'endIpAddress', text: end },
      { name: 'startIpAddress', text: start },
    ]),
  ],
});

export const attributes = (part: Part, since: number): Kept => ({
  elements: [place([part, 'customAttributes', since])],
  read: (components) => {
    const found = groupsOf(components[part]?.elements, 'customAttributes').map((attribute): Attribute => ({
      key: textOf(attribute, 'key') ?? '',
      formula: textOf(attribute, 'formula') ?? '',
    }));
    return found.length > 0 ? found : undefined;
  },
  write: (wanted: Attribute[]) => [
    wanted.map(({ key, formula }): Element[] => [
      { name: 'formula', text: formula },
      { name: 'key', text: key },
    ]),
  ],
});
