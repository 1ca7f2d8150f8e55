import { type Problem, quotable } from './problem.ts';

/**
 * Salesforce's developer names usually have this limit; no source says so for external client apps, so this is an
 * assumption.
 */
export const NAME_MAX_LENGTH = 80;

const VALID_NAME = /^[A-Za-z](?:_?[A-Za-z0-9])*$/;

/**
 * The rules for the API name of a new app: ASCII letters, digits and underscores, with a letter first. No underscore
 * stands at the end, and no two in a row (Metadata API guide, the rule for a fullName). The rules are not for installed
 * apps: their namespace brings a double underscore.
 */
export const checkName = (name: string): Problem | undefined => {
  if (!VALID_NAME.test(name))
    return { code: 'error.nameInvalid', values: [quotable(name), suggestName(name)], field: 'name' };
  if (name.length > NAME_MAX_LENGTH) {
    return {
      code: 'error.nameTooLong',
      values: [quotable(name), String(name.length), String(NAME_MAX_LENGTH)],
      field: 'name',
    };
  }
  return undefined;
};

/** A valid API name that resembles the text: "Café Sync 2" gives "Cafe_Sync_2". */
export const suggestName = (text: string): string => {
  const words = inAscii(text)
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_/, '');
  const name = /^[A-Za-z]/.test(words) ? words : `App_${words}`;
  return name.slice(0, NAME_MAX_LENGTH).replace(/_$/, '');
};

/** The namespace and the rest of an API name: `ns__App` is `App` of the namespace `ns`. */
export const splitNamespace = (name: string): { namespace?: string; name: string } => {
  const [, namespace, rest] = /^([A-Za-z](?:_?[A-Za-z0-9])*)__(.+)$/.exec(name) ?? [];
  return namespace !== undefined && rest !== undefined ? { namespace, name: rest } : { name };
};

/**
 * Salesforce ignores upper and lower case in names: API names of apps and permission sets, names of profiles,
 * usernames. So two names that differ only in case name the same thing.
 */
export const sameName = (one: string, other: string): boolean => keyOf(one) === keyOf(other);

/** Things by name, in upper or lower case, with the first spelling of each name. */
export class ByName<T> {
  readonly #things = new Map<string, { name: string; thing: T }>();

  constructor(things: Iterable<readonly [name: string, thing: T]> = []) {
    for (const [name, thing] of things) this.set(name, thing);
  }

  get(name: string): T | undefined {
    return this.#things.get(keyOf(name))?.thing;
  }

  has(name: string): boolean {
    return this.#things.has(keyOf(name));
  }

  /** The stored spelling of a name: `Order_Sync` for `order_sync`. */
  spelling(name: string): string | undefined {
    return this.#things.get(keyOf(name))?.name;
  }

  /** All names, in their stored spelling. */
  spellings(): string[] {
    return [...this.#things.values()].map(({ name }) => name);
  }

  set(name: string, thing: T): void {
    this.#things.set(keyOf(name), { name: this.spelling(name) ?? name, thing });
  }

  /** Each thing once, also a thing with several names. */
  values(): T[] {
    return [...new Set([...this.#things.values()].map(({ thing }) => thing))];
  }
}

/** The names, each once: of names that differ only in case, the first. */
export const distinctNames = (names: Iterable<string>): string[] =>
  new ByName([...names].map((name) => [name, name])).spellings();

const keyOf = (name: string): string => name.toLowerCase();

/**
 * An API name without a double underscore, different for every app name: `Order_Sync` stays as it is, `ns__App` becomes
 * `ns_ns0_App`. The result names a part that cannot have the namespace of the app's package, such as a permission set.
 */
export const nameWithoutNamespace = (name: string): string => {
  const words = name.split('_');
  // Two underscores have an empty word between them. A word that looks like the replacement gets one more zero.
  return words.map((word) => (word === '' ? 'ns0' : word.replace(/^ns0+$/i, '$&0'))).join('_');
};

/** Letters that Unicode decomposition leaves as they are, with their usual ASCII spelling. */
const SPELLED_OUT: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  Æ: 'Ae',
  œ: 'oe',
  Œ: 'Oe',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  þ: 'th',
  Þ: 'Th',
  ı: 'i',
};

const inAscii = (text: string): string =>
  text
    .replace(/['’]/g, '')
    .replace(/[^\u0000-\u007f]/g, (letter) => SPELLED_OUT[letter] ?? letter)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '');
