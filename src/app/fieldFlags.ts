import { fieldRow } from './fields.ts';

/** Who reads a text: somebody who types a command, or somebody who writes an eca.yaml. */
export type Reader = 'commandLine' | 'file';

/** The flag that says a field, or a field with its value: `oauth.runAs`, `oauth.secretRequired: false`. Undefined where there is none. */
export const flagOf = (name: string): string | undefined => {
  const [path = '', value] = name.split(': ');
  const { flag, noneFlag } = fieldRow(path) ?? {};
  if (value === 'none') return noneFlag && `--${noneFlag}`;
  return flag && `--${value === 'false' ? 'no-' : ''}${flag}`;
};

/**
 * A text whose fields are named as its reader writes them. Texts name a field as `{oauth.runAs}`. A field with its value is quoted for
 * a file, as it is two words there.
 */
export const nameFields = (text: string, reader: Reader): string =>
  text.replaceAll(/\{([\w.]+(?:: \w+)?)\}/g, (written, name: string) => {
    const flag = flagOf(name);
    if (flag === undefined) return written;
    if (reader === 'commandLine') return flag;
    return name.includes(':') ? `"${name}"` : name;
  });
