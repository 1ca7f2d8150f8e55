import { apiPathFor, scopesWithoutUser } from './checks.ts';
import { type Handover, shellValue, shown } from './handover.ts';
import type { Problem } from './problem.ts';

/** Every org has it. */
const API_VERSION = '60.0';

/**
 * The requests of a client as a shell script for `curl`. It gets a token by the client-credentials flow, and uses it. The
 * secret comes from a variable, and goes to curl's standard input by the shell's own `printf`. Everybody on the machine
 * may see a program's arguments. `--data-urlencode name@-` and `--header @-` read standard input (curl's manual).
 *
 * @returns a problem (error.curlNeedsFlow, error.valueNotForDotenv)
 */
export const curlOf = (secretly: Handover, prefix: string): string | Problem => {
  const handover = shown(secretly);
  if (!handover.flows.includes('client-credentials')) return { code: 'error.curlNeedsFlow', values: [handover.name] };
  const path = apiPathFor(scopesWithoutUser(handover.scopes), API_VERSION);
  const words = {
    CLIENT_ID: shellValue(`client_id=${handover.consumerKey}`),
    TOKEN_URL: shellValue(handover.tokenUrl),
    MY_DOMAIN_URL: shellValue(`${handover.myDomainUrl}${path ?? ''}`),
  };
  const [unwritable] = Object.entries(words).find(([, word]) => word === undefined) ?? [];
  if (unwritable !== undefined) return { code: 'error.valueNotForDotenv', values: [`${prefix}${unwritable}`] };
  const secret = `${prefix}CLIENT_SECRET`;
  const token = `${prefix}ACCESS_TOKEN`;
  const call = `printf 'Authorization: Bearer %s' "$${token}" |
  curl --silent --show-error --fail ${words.MY_DOMAIN_URL} --header @-
`;
  return `: "\${${secret}:?}"
${token}=$(
  printf %s "$${secret}" |
    curl --silent --show-error --fail ${words.TOKEN_URL} \\
      --data grant_type=client_credentials \\
      --data-urlencode ${words.CLIENT_ID} \\
      --data-urlencode client_secret@- |
    sed -n 's/.*"access_token" *: *"\\([^"]*\\)".*/\\1/p'
)
${path === undefined ? '' : call}`;
};
