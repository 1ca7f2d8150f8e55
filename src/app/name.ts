import { quotable, type Problem } from './problem.ts';

/** Salesforce's developer names usually end here; no source says so for external client apps, so this is an assumption. */
export const NAME_MAX_LENGTH = 80;

const VALID_NAME = /^[A-Za-z](?:_?[A-Za-z0-9])*$/;

/**
 * The rules for the API name of a new app: ASCII letters, digits and underscores; begins with a letter; no underscore at the
 * end, no two in a row (Metadata API guide, the general rule for a fullName). Not for installed apps: their namespace
 * brings a double underscore.
 */
export function checkName(name: string): Problem | undefined {
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
}

/** A valid API name that resembles the text: "Café Sync 2" gives "Cafe_Sync_2". */
export function suggestName(text: string): string {
  const words = inAscii(text)
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_/, '');
  const name = /^[A-Za-z]/.test(words) ? words : `App_${words}`;
  return name.slice(0, NAME_MAX_LENGTH).replace(/_$/, '');
}

/** The namespace and the rest of an API name: `ns__App` is `App` of the namespace `ns`. */
export function splitNamespace(name: string): { namespace?: string; name: string } {
  const [, namespace, rest] = /^([A-Za-z](?:_?[A-Za-z0-9])*)__(.+)$/.exec(name) ?? [];
  return namespace !== undefined && rest !== undefined ? { namespace, name: rest } : { name };
}

/** Letters that a decomposition does not take apart, with their usual spelling in ASCII. */
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

function inAscii(text: string): string {
  return text
    .replace(/['’]/g, '')
    .replace(/[^\u0000-\u007f]/g, (letter) => SPELLED_OUT[letter] ?? letter)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '');
}
