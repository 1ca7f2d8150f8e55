import { isUtf8 } from 'node:buffer';
import { parseEnv } from 'node:util';

import type { Flow } from '../app/app.ts';
import type { ClientSettings } from '../app/checks.ts';
import { parseFlow } from '../app/flows.ts';
import { fromBase64 } from '../app/pem.ts';
import { isProblem, type Problem } from '../app/problem.ts';
import { Secret } from '../app/secret.ts';
import { inputName, readInput } from '../local/input.ts';
import { KEY_BYTES_MAX } from '../local/smallFile.ts';
import { unreadable } from './unreadable.ts';

/** What a credentials file says, as far as it says it. */
export type ClientFile = {
  consumerKey?: string;
  consumerSecret?: Secret;
  client: ClientSettings;
  /** What it says of the app, as the files do that `sf eca credentials` writes. */
  app: { name?: string; flows?: Flow[]; scopes?: string[] };
  /** Of whom the client logs in as, with the JWT bearer flow. */
  username?: string;
  /** The origin that the client asks for tokens; absent when the file names no host. */
  origin?: string;
};

/** A credentials file with a secret. */
export type FileCredentials = ClientFile & { consumerSecret: Secret };

/**
 * Reads a consumer's secret, and its key where it is there, from a file or from standard input. The format is dotenv or JSON,
 * such as the output of `sf eca credentials --show-secret --json`.
 *
 * The names that count end in CONSUMER_KEY or CLIENT_ID, and CONSUMER_SECRET or CLIENT_SECRET. Anything may stand before them,
 * in any spelling (SF_CLIENT_ID, consumerKey, client-id). Entries with the same word before them as the secret may say what
 * else the client sends. They are read too: its callback URL, the hosts that it asks, its JWTs' audience.
 *
 * @param path `-` for standard input
 * @returns a problem, which never quotes the file, when it cannot be read or has no secret
 */
export const readCredentialsFile = async (path: string): Promise<FileCredentials | Problem> => {
  const file = await readClientFile(path);
  if (isProblem(file)) return file;
  const { consumerSecret } = file;
  return consumerSecret === undefined
    ? { code: 'error.credentialsFileEmpty', values: [inputName(path)] }
    : { ...file, consumerSecret };
};

/**
 * Reads all that a credentials file says, as readCredentialsFile does; a client that signs JWTs has no secret.
 *
 * @returns a problem, which never quotes the file, when it cannot be read
 */
export const readClientFile = async (path: string): Promise<ClientFile | Problem> => {
  let bytes: Buffer;
  try {
    bytes = await readInput(path, KEY_BYTES_MAX);
  } catch (error) {
    return unreadable('error.credentialsFile', path, error);
  }
  // A value in another encoding would be sent as it is not meant, and look like a wrong one.
  if (/^(\u00ff\u00fe|\u00fe\u00ff)/.test(bytes.toString('latin1')) || bytes.includes(0) || !isUtf8(bytes))
    return { code: 'error.credentialsFileNotUtf8', values: [inputName(path)] };
  const content = bytes.toString('utf8').replace(/^\uFEFF/, '');
  const entries = entriesOf(content);
  const secret = find(entries, ['consumersecret', 'clientsecret']);
  const key = find(entries, ['consumerkey', 'clientid']);
  if (!secret && !key && /CLIENT_?SECRET|CONSUMER_?SECRET/i.test(fromBase64(content) ?? ''))
    return { code: 'error.credentialsFileBase64', values: [inputName(path)] };
  const { before } = secret ?? key ?? { before: '' };
  const ofClient = entries.filter(({ name }) => plain(name).startsWith(before));
  return {
    consumerKey: key?.value,
    ...(secret && { consumerSecret: new Secret(secret.value) }),
    ...settingsIn(ofClient, before),
  };
};

type Entry = { name: string; value: string };

const entriesOf = (content: string): Entry[] => {
  const parsed = content.trimStart().startsWith('{') ? json(content) : parseEnv(content);
  return Object.entries(parsed).flatMap(([name, value]) =>
    asText(value) === '' ? [] : [{ name, value: asText(value) }],
  );
};

/** A text, or a list of texts as one, with blanks between them; empty for all else. */
const asText = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string').join(' ') : '';
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

const CALLBACK_NAMES = ['callbackurl', 'callbackuri', 'redirecturl', 'redirecturi'];
const AUDIENCE_NAMES = ['audience', 'audienceurl', 'jwtaudience'];
const TOKEN_NAMES = ['tokenurl', 'tokenendpoint'];
const APP_NAMES = ['name', 'appname', 'app'];
const USERNAME_NAMES = ['username', 'runas'];
/**
 * Of several hosts the first one is asked. First comes where the client gets its tokens, then the org's own host, then a login
 * host.
 */
const HOST_NAMES = [...TOKEN_NAMES, 'mydomainurl', 'instanceurl', 'loginurl', 'authorizeurl', 'authurl'];

/** @param before what stands before the names of all of them */
const settingsIn = (entries: Entry[], before: string): Pick<ClientFile, 'client' | 'app' | 'username' | 'origin'> => {
  const valueOf = (names: string[]): string | undefined =>
    entries.find(({ name }) => names.some((end) => plain(name) === `${before}${end}`))?.value;
  const [callbackUrl, audience] = [valueOf(CALLBACK_NAMES), valueOf(AUDIENCE_NAMES)];
  const urls = entries.flatMap(({ name, value }) => {
    const rank = HOST_NAMES.findIndex((end) => plain(name) === `${before}${end}`);
    const url = /^https?:\/\//i.test(value) ? value : `https://${value}`;
    return rank >= 0 && URL.canParse(url) ? [{ name, rank, url: new URL(url) }] : [];
  });
  const [first] = urls.toSorted((a, b) => a.rank - b.rank);
  const tokenUrl = first && first.rank < TOKEN_NAMES.length && first.url.pathname !== '/' ? first.url.href : undefined;
  const origin = first?.url.origin;
  const [name, username] = [valueOf(APP_NAMES), valueOf(USERNAME_NAMES)];
  const flows = words(valueOf(['flows'])).flatMap((word) => {
    const flow = parseFlow(word);
    return isProblem(flow) ? [] : [flow];
  });
  const scopes = words(valueOf(['scopes', 'scope']));
  return {
    client: {
      ...(callbackUrl && { callbackUrl }),
      ...(audience && { audience }),
      ...(tokenUrl && { tokenUrl }),
      hosts: urls.map((one) => ({ name: one.name, host: one.url.host })),
    },
    app: { ...(name && { name }), ...(flows.length > 0 && { flows }), ...(scopes.length > 0 && { scopes }) },
    ...(username && { username }),
    ...(origin && { origin }),
  };
};

const words = (text = ''): string[] => text.split(/[\s,]+/).filter(Boolean);
