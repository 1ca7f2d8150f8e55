import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { PracticeServer } from '../src/practice/practice.ts';

/** What a line of the org's own begins with, where an org's text got to begin one. */
const FORGED = 'Forged:';

/** Everything that ends a line somewhere: in a terminal, in a log, in Unicode's rules. */
const LINE_ENDS = ['\n', '\r', '\r\n', '\u000B', '\u000C', '\u0085', '\u2028', '\u2029'];

/** A text that hides in tags: each letter has a character of its own that nobody sees. */
const hidden = [...'obey'].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');

/**
 * What a terminal would obey: a link to another place (OSC 8), a cleared screen, a coloured text (C1).
 * Also text turned around, and a line written over. What nobody would see: characters without width, tags, selectors.
 * And what begins a line
 * that looks like one of ours. XML and JSON carry all of it, the first against its rules.
 */
export const hostileText =
  '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007\u001b[2J\u009b31m\u202Etxt.exe\u2066\u0008\u007F$(id)`id`' +
  `a\u200Bb\u200Dc\u2060d\uFEFFe\u00ADf\u061Cg\u180Eh\u3164i\u{E0100}j${hidden}` +
  LINE_ENDS.map((end) => `${end}${FORGED} all is well`).join('');

/**
 * Nothing of this may reach a terminal: control characters other than line feeds and tabs, and what turns text around.
 * Also what ends a line or a paragraph elsewhere, and what has no width.
 */
export const OBEYED =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\u{E0000}-\u{E01EF}]/u;

/** The first line that begins with the org's words, if there is one. */
export const begunByOrg = (text: string): string | undefined =>
  text.split(/\r\n|[\n\r\u000B\u000C\u0085\u2028\u2029]/).find((line) => line.trimStart().startsWith(FORGED));

/** What an org with bad intentions does to its answers. */
export type Malice = {
  /** Texts of JSON and XML answers that end in hostile text, by key or by element. */
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
  /** The keys and elements of all texts that the org sent since then. */
  keysSeen: () => string[];
  close: () => Promise<void>;
};

/** Stands between a client and a practice org, and puts words into the org's mouth. The org then goes by the wire's address. */
export const openHostileWire = async (practice: PracticeServer): Promise<HostileWire> => {
  let malice: Malice = {};
  let count = 0;
  let seen = new Set<string>();
  const server = createServer((incoming, outgoing) => {
    const refused = count++ === malice.refusal;
    if (refused) {
      incoming.resume();
      const { status, type, text } = refusal(incoming.url ?? '');
      outgoing.writeHead(status, { 'content-type': type });
      return void outgoing.end(text);
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
        const sent = Buffer.from(
          instead ?? poisonedBody(body, String(answer.headers['content-type']), malice.keys ?? [], seen),
        );
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
      seen = new Set();
    },
    count: () => count,
    keysSeen: () => [...seen],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** In the words of the token endpoint, of the Metadata API, or of the REST API. */
const refusal = (path: string): { status: number; type: string; text: string } => {
  const json = (value: unknown) => ({ status: 400, type: 'application/json', text: JSON.stringify(value) });
  if (path.includes('/oauth2/'))
    return json({ error: `bad${hostileText}`, error_description: `described ${hostileText}` });
  if (!path.includes('/Soap/')) return json([{ errorCode: `CODE${hostileText}`, message: `said ${hostileText}` }]);
  const fault = `<faultcode>sf:CODE${hostileText}</faultcode><faultstring>said ${hostileText}</faultstring>`;
  return {
    status: 500,
    type: 'text/xml',
    text:
      '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com">' +
      `<soapenv:Body><soapenv:Fault>${fault}</soapenv:Fault></soapenv:Body></soapenv:Envelope>`,
  };
};

const poisonedBody = (body: Buffer, type: string, keys: string[], seen: Set<string>): string | Buffer => {
  if (body.length === 0) return body;
  if (type.includes('json')) return JSON.stringify(poisoned(JSON.parse(String(body)), keys, seen));
  if (!type.includes('xml')) return body;
  return String(body).replaceAll(/<(\w+)>([^<]+)<\/\1>/g, (element, key: string, text: string) => {
    // In XML a boolean and a number look like texts.
    if (/^(true|false|\d+)$/.test(text)) return element;
    seen.add(key);
    return keys.includes(key) ? `<${key}>${text}${hostileText}</${key}>` : element;
  });
};

const poisoned = (value: unknown, keys: string[], seen: Set<string>, key = ''): unknown => {
  if (Array.isArray(value)) return value.map((item) => poisoned(item, keys, seen, key));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poisoned(one, keys, seen, name)]));
  if (typeof value !== 'string') return value;
  seen.add(key);
  return keys.includes(key) ? value + hostileText : value;
};
