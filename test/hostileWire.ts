import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PracticeServer } from '../src/practice/practice.ts';

/**
 * What a terminal would obey: a link to somewhere else than it says (OSC 8), a cleared screen, a colour by a C1 control, text
 * turned around, a line written over. XML and JSON carry all of it, the first against its rules.
 */
export const hostileText =
  '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007\u001b[2J\u009b31m\u202Etxt.exe\u2066\r\u0008$(id)`id`';

/** Control characters other than line feeds and tabs, and what turns text around: nothing of that may reach a terminal. */
export const obeyed = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]/;

/** What an org with bad intentions does to its answers. */
export type Malice = {
  /** Texts of JSON answers that end in hostile text, by key. */
  keys?: string[];
  /** Which request, counted from 0, is refused with hostile words. */
  refusal?: number;
  /** What it answers with status 200 in place of the org, where it gives anything; `path` has the query. */
  instead?: (path: string, body: Buffer) => Buffer | string | undefined;
};

export type HostileWire = {
  url: string;
  /** What it does from now on. Requests count from here. */
  set: (malice: Malice) => void;
  /** How many requests there were. */
  count: () => number;
  close: () => Promise<void>;
};

/** Stands between a client and a practice org, and puts words into the org's mouth. The org then goes by the wire's address. */
export const openHostileWire = async (practice: PracticeServer): Promise<HostileWire> => {
  let malice: Malice = {};
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    const refused = count++ === malice.refusal;
    if (refused) {
      incoming.resume();
      outgoing.writeHead(400, { 'content-type': 'application/json' });
      return void outgoing.end(refusal(incoming.url ?? ''));
    }
    const { method, url, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port: practice.port, method, path: url, headers, agent: false });
    onward.on('error', () => outgoing.destroy());
    onward.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        const instead = malice.instead?.(url ?? '', body);
        const isJson = answer.headers['content-type']?.includes('json') === true && body.length > 0;
        const poison = (): string => JSON.stringify(poisoned(JSON.parse(String(body)), malice.keys ?? []));
        const sent = Buffer.from(instead ?? (isJson ? poison() : body));
        const { 'transfer-encoding': _, ...kept } = answer.headers;
        const status = instead === undefined ? (answer.statusCode ?? 500) : 200;
        outgoing.writeHead(status, { ...kept, 'content-length': sent.length }).end(sent);
      });
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  practice.org.instanceUrl = url;
  return {
    url,
    set: (next) => {
      malice = next;
      count = 0;
    },
    count: () => count,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** In the words of the token endpoint, or of the REST API. */
const refusal = (path: string): string =>
  path.includes('/oauth2/')
    ? JSON.stringify({ error: `bad${hostileText}`, error_description: `described ${hostileText}` })
    : JSON.stringify([{ errorCode: `CODE${hostileText}`, message: `said ${hostileText}` }]);

const poisoned = (value: unknown, keys: string[], key = ''): unknown => {
  if (Array.isArray(value)) return value.map((item) => poisoned(item, keys, key));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poisoned(one, keys, name)]));
  return typeof value === 'string' && keys.includes(key) ? value + hostileText : value;
};
