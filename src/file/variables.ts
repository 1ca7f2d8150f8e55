/** A text with its variables filled in, and the references that could not be filled in. */
export type Filled = { text: string; missing: Reference[]; used: Array<{ name: string; value: string }> };

/** `name` is absent for a `${` without a variable's name and a closing bracket. */
export type Reference = { reference: string; name?: string };

/** Words in a variable's name, in upper or lower case, that make a secret likely. */
const SECRET_WORDS =
  /TOKEN|SECRET|PASS|PWD|KEY|PRIVATE|CREDENTIAL|CREDS|AUTH|SESSION|COOKIE|JWT|BEARER|SIGNATURE|CERT|WEBHOOK|DATABASE|CONNECTION|(^|_)(PAT|PIN|OTP|DSN|SAS|SALT)(_|$)/i;

/** Prefixes of the variables in which tools keep logins. */
const TOOL_PREFIXES =
  /^(SF|SFDX|AWS|AZURE|ARM|GOOGLE|GCP|GCLOUD|CLOUDSDK|GITHUB|GH|ACTIONS|GITLAB|CI|BITBUCKET|CIRCLE|JENKINS|NPM|NODE|DOCKER|VAULT|TF|HEROKU|SLACK|OP)_/i;

/** Is a variable of this name likely to hold a secret? The value alone gives no hint. */
export const looksSecret = (name: string): boolean => SECRET_WORDS.test(name) || TOOL_PREFIXES.test(name);

/**
 * More characters than any field of an app takes. Without a limit, a small file could repeat a large variable very
 * often.
 */
const LONGEST_TEXT = 200_000;

/**
 * Fills `${NAME}` from the environment; `$${` is a plain `${`. An empty variable counts as missing: a pipeline creates
 * an empty variable from a setting without a value.
 */
export const fillIn = (text: string, environment: Record<string, string | undefined>): Filled => {
  const missing: Reference[] = [];
  const used: Filled['used'] = [];
  let length = text.length;
  const filled = text.replace(
    /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g,
    (reference: string, name: string | undefined) => {
      if (reference === '$${') return '${';
      const value = name === undefined ? undefined : environment[name];
      if (name === undefined || !value || (length += value.length) > LONGEST_TEXT) {
        missing.push({ reference, ...(name && { name }) });
        return '';
      }
      used.push({ name, value });
      return value;
    },
  );
  return { text: filled, missing, used };
};

/** The text as a file has to write it, so that `fillIn` gives the same text back. */
export const withoutVariables = (text: string): string => text.replaceAll('${', () => '$${');
