/** A text with its variables filled in, and the references that could not be. */
export type Filled = { text: string; missing: Reference[]; used: Array<{ name: string; value: string }> };

/** `name` is absent for a `${` that no variable's name and bracket follow. */
export type Reference = { reference: string; name?: string };

/** What a variable's name contains, in upper or lower case, when its value is likely to be a secret. */
const secretWords =
  /TOKEN|SECRET|PASS|PWD|KEY|PRIVATE|CREDENTIAL|CREDS|AUTH|SESSION|COOKIE|JWT|BEARER|SIGNATURE|CERT|WEBHOOK|DATABASE|CONNECTION|(^|_)(PAT|PIN|OTP|DSN|SAS|SALT)(_|$)/i;

/** What variables of tools begin with that keep logins in the environment. */
const toolPrefixes =
  /^(SF|SFDX|AWS|AZURE|ARM|GOOGLE|GCP|GCLOUD|CLOUDSDK|GITHUB|GH|ACTIONS|GITLAB|CI|BITBUCKET|CIRCLE|JENKINS|NPM|NODE|DOCKER|VAULT|TF|HEROKU|SLACK|OP)_/i;

/** Is a variable of this name likely to hold a secret? Its value alone tells nothing. */
export const looksSecret = (name: string): boolean => secretWords.test(name) || toolPrefixes.test(name);

/** More than any field of an app takes; a small file could name a large variable very often. */
const longestText = 200_000;

/**
 * Fills `${NAME}` from the environment; `$${` is a plain `${`. A variable that is empty counts as missing: that is what a
 * pipeline makes of a setting that nobody has set.
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
      if (name === undefined || !value || (length += value.length) > longestText) {
        missing.push({ reference, ...(name && { name }) });
        return '';
      }
      used.push({ name, value });
      return value;
    },
  );
  return { text: filled, missing, used };
};

/** The text as a file has to write it, so that `fillIn` gives it back. */
export const withoutVariables = (text: string): string => text.replaceAll('${', () => '$${');
