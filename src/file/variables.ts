/** A text with its variables filled in, and the references that could not be. */
export type Filled = { text: string; missing: Reference[]; used: boolean };

/** `name` is absent for a `${` that no variable's name and bracket follow. */
export type Reference = { reference: string; name?: string };

/**
 * Fills `${NAME}` from the environment; `$${` is a plain `${`. A variable that is empty counts as missing: that is what a
 * pipeline makes of a setting that nobody has set.
 */
export const fillIn = (text: string, environment: Record<string, string | undefined>): Filled => {
  const missing: Reference[] = [];
  let used = false;
  const filled = text.replace(
    /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g,
    (reference: string, name: string | undefined) => {
      if (reference === '$${') return '${';
      used = true;
      const value = name === undefined ? undefined : environment[name];
      if (!value) missing.push({ reference, ...(name && { name }) });
      return value ?? '';
    },
  );
  return { text: filled, missing, used };
};

/** The text as a file has to write it, so that `fillIn` gives it back. */
export const withoutVariables = (text: string): string => text.replaceAll('${', () => '$${');
