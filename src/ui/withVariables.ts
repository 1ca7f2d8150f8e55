import type { Written } from '../app/written.ts';
import { SfError } from '../salesforce.ts';

/** Entries of files, and what came from variables in each. */
type Entries = Array<{ written: Written }>;

/** A text with variables where the files have them. */
export const withVariables = (text: string, entries: Entries): string =>
  entries.reduce((shown, { written }) => written.text(shown), text);

/** An error without the values of variables: what the org says of an app quotes them. */
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
