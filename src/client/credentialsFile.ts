import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseEnv } from 'node:util';
import type { Problem } from '../app/problem.ts';

/** What a credentials file says. */
export type FileCredentials = { consumerKey?: string; consumerSecret: string };

/**
 * Reads a consumer's secret, and its key where it is there, from a file in dotenv or JSON format, such as the output of
 * `sf eca credentials --show-secret --json`, or from standard input.
 *
 * The names that count end in CONSUMER_KEY or CLIENT_ID, and CONSUMER_SECRET or CLIENT_SECRET, whatever stands before them
 * and however they are written (SF_CLIENT_ID, consumerKey, client-id).
 *
 * @param path `-` for standard input
 * @returns a problem, which never quotes the file, when it cannot be read or has no secret
 */
export const readCredentialsFile = async (path: string): Promise<FileCredentials | Problem> => {
  let content: string;
  try {
    content = path === '-' ? await text(process.stdin) : await readFile(path, 'utf8');
  } catch (error) {
    return {
      code: 'error.credentialsFileUnreadable',
      values: [path, (error as NodeJS.ErrnoException).code ?? 'unknown'],
    };
  }
  const entries = entriesOf(content.replace(/^\uFEFF/, ''));
  const consumerSecret = find(entries, 'consumersecret', 'clientsecret');
  if (!consumerSecret) return { code: 'error.credentialsFileEmpty', values: [path] };
  return { consumerKey: find(entries, 'consumerkey', 'clientid'), consumerSecret };
};

type Entry = [name: string, value: string];

const entriesOf = (content: string): Entry[] => {
  const parsed = content.trimStart().startsWith('{') ? json(content) : parseEnv(content);
  return Object.entries(parsed).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as Entry] : []));
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

const find = (entries: Entry[], ...names: string[]): string | undefined => {
  const plain = (name: string): string => name.replace(/[^a-z]/gi, '').toLowerCase();
  return entries.find(([name, value]) => value !== '' && names.some((end) => plain(name).endsWith(end)))?.[1];
};
