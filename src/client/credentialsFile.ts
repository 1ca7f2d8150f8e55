import { isUtf8 } from 'node:buffer';
import { parseEnv } from 'node:util';
import type { ClientSettings } from '../app/checks.ts';
import { fromBase64 } from '../app/pem.ts';
import type { Problem } from '../app/problem.ts';
import { inputName, readInput } from '../disk/input.ts';

/** What a credentials file says. */
export type FileCredentials = { consumerKey?: string; consumerSecret: string; client: ClientSettings };

/**
 * Reads a consumer's secret, and its key where it is there, from a file in dotenv or JSON format, such as the output of
 * `sf eca credentials --show-secret --json`, or from standard input.
 *
 * The names that count end in CONSUMER_KEY or CLIENT_ID, and CONSUMER_SECRET or CLIENT_SECRET, whatever stands before them
 * and however they are written (SF_CLIENT_ID, consumerKey, client-id). Of the entries with the same word before them as the
 * secret those are read, too, that say what else the client sends: its callback URL, the hosts that it asks, its JWTs' audience.
 *
 * @param path `-` for standard input
 * @returns a problem, which never quotes the file, when it cannot be read or has no secret
 */
export const readCredentialsFile = async (path: string): Promise<FileCredentials | Problem> => {
  let bytes: Buffer;
  try {
    bytes = await readInput(path);
  } catch (error) {
    return {
      code: 'error.credentialsFileUnreadable',
      values: [inputName(path), (error as NodeJS.ErrnoException).code ?? 'unknown'],
    };
  }
  // A value in another encoding would be sent as it is not meant, and look like a wrong one.
  if (/^(\u00ff\u00fe|\u00fe\u00ff)/.test(bytes.toString('latin1')) || bytes.includes(0) || !isUtf8(bytes))
    return { code: 'error.credentialsFileNotUtf8', values: [inputName(path)] };
  const content = bytes.toString('utf8').replace(/^\uFEFF/, '');
  const entries = entriesOf(content);
  const secret = find(entries, ['consumersecret', 'clientsecret']);
  if (!secret && /CLIENT_?SECRET|CONSUMER_?SECRET/i.test(fromBase64(content) ?? ''))
    return { code: 'error.credentialsFileBase64', values: [inputName(path)] };
  if (!secret) return { code: 'error.credentialsFileEmpty', values: [inputName(path)] };
  return {
    consumerKey: find(entries, ['consumerkey', 'clientid'])?.value,
    consumerSecret: secret.value,
    client: settingsIn(
      entries.filter(({ name }) => plain(name).startsWith(secret.before)),
      secret.before,
    ),
  };
};

type Entry = { name: string; value: string };

const entriesOf = (content: string): Entry[] => {
  const parsed = content.trimStart().startsWith('{') ? json(content) : parseEnv(content);
  return Object.entries(parsed).flatMap(([name, value]) =>
    typeof value === 'string' && value !== '' ? [{ name, value }] : [],
  );
};

/** `--json` of an sf command has the credentials under `result`. */
const json = (content: string): object => {
  try {
    const parsed = JSON.parse(content) as { result?: unknown };
    return typeof parsed.result === 'object' && parsed.result !== null ? parsed.result : parsed;
  } catch {
    return {};
  }
};

const plain = (name: string): string => name.replace(/[^a-z]/gi, '').toLowerCase();

/** The first entry whose name ends in one of these, with what stands before that. */
const find = (entries: Entry[], ends: string[]): (Entry & { before: string }) | undefined =>
  entries.flatMap((entry) => {
    const end = ends.find((one) => plain(entry.name).endsWith(one));
    return end === undefined ? [] : [{ ...entry, before: plain(entry.name).slice(0, -end.length) }];
  })[0];

const callbackNames = ['callbackurl', 'callbackuri', 'redirecturl', 'redirecturi'];
const audienceNames = ['audience', 'audienceurl', 'jwtaudience'];
const hostNames = ['tokenurl', 'tokenendpoint', 'authorizeurl', 'authurl', 'loginurl', 'instanceurl', 'mydomainurl'];

/** @param before what stands before the names of all of them */
const settingsIn = (entries: Entry[], before: string): ClientSettings => {
  const valueOf = (names: string[]): string | undefined =>
    entries.find(({ name }) => names.some((end) => plain(name) === `${before}${end}`))?.value;
  const [callbackUrl, audience] = [valueOf(callbackNames), valueOf(audienceNames)];
  return {
    ...(callbackUrl && { callbackUrl }),
    ...(audience && { audience }),
    hosts: entries
      .filter(({ name }) => hostNames.some((end) => plain(name) === `${before}${end}`))
      .flatMap(({ name, value }) => {
        const url = /^https?:\/\//i.test(value) ? value : `https://${value}`;
        return URL.canParse(url) ? [{ name, host: new URL(url).host }] : [];
      }),
  };
};
