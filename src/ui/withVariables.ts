import type { Written } from '../app/written.ts';
import { SfError } from '../salesforce.ts';

/** Entries of files, with the texts that came from variables. */
type Entries = Array<{ written: Written }>;

/** A text with the names of variables where the files have them. */
export const withVariables = (text: string, entries: Entries): string =>
  entries.reduce((shown, { written }) => written.text(shown), text);

/** An error without the values of variables: the org's messages quote these values. */
export const errorWithVariables = (error: unknown, entries: Entries): unknown => {
  if (!(error instanceof Error)) return error;
  const hide = (text: string): string => withVariables(text, entries);
  error.message = hide(error.message);
  if (error.stack !== undefined) error.stack = hide(error.stack);
  if (error.cause !== undefined) error.cause = errorWithVariables(error.cause, entries);
  if (error instanceof SfError) {
    if (error.actions) error.actions = error.actions.map(hide);
    if (error.data !== undefined)
      error.data = JSON.parse(JSON.stringify(error.data), (_key, value: unknown) =>
        typeof value === 'string' ? hide(value) : value,
      ) as object;
  }
  return error;
};
