import { randomBytes } from 'node:crypto';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { PracticeServer } from '../src/practice/practice.ts';

/** Ways in which a debug page, a proxy or a firewall shows what it was sent. */
export const spellings: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  'URL-encoded': (text) => encodeURIComponent(text),
  'URL-encoded twice, in lower case': (text) => encodeURIComponent(encodeURIComponent(text)).toLowerCase(),
  'URL-encoded letter by letter': (text) => Buffer.from(text).toString('hex').replaceAll(/../g, '%$&'),
  'JSON in JSON': (text) => JSON.stringify(JSON.stringify(text)),
  'JSON with escapes only': (text) =>
    [...text].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  'XML entities': (text) => [...text].map((one) => `&#${one.charCodeAt(0)};`).join(''),
  'XML entities in hexadecimal': (text) => [...text].map((one) => `&#x${one.charCodeAt(0).toString(16)};`).join(''),
  'Base64, from its beginning': (text) => Buffer.from(text).toString('base64'),
  'Base64, one later': (text) => Buffer.from(`:${text}`).toString('base64'),
  'Base64, two later, for URLs': (text) => Buffer.from(`k:${text}`).toString('base64url'),
  'Base64 in lines': (text) => Buffer.from(text).toString('base64').replaceAll(/.{40}/g, '$&\r\n'),
  'Base64, URL-encoded': (text) => encodeURIComponent(Buffer.from(text).toString('base64')),
  'hexadecimal in capitals': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'hexadecimal with colons': (text) =>
    Buffer.from(text)
      .toString('hex')
      .replaceAll(/..(?!$)/g, '$&:'),
  'bytes in hexadecimal': (text) => [...Buffer.from(text)].map((byte) => `0x${byte.toString(16)}`).join(', '),
  'bytes in JSON': (text) => JSON.stringify([...Buffer.from(text)]),
  'bytes in octal': (text) => [...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
  'escapes of JavaScript’s': (text) => [...text].map((one) => `\\u{${one.codePointAt(0)?.toString(16)}}`).join(''),
  'escapes of old browsers': (text) =>
    text
      .split('')
      .map((one) => `%u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  'XML entities without an end': (text) => [...text].map((one) => `&#${one.codePointAt(0)}`).join(' '),
  'Base64 of UTF-16': (text) => Buffer.from(text, 'utf16le').toString('base64'),
  'with unseen characters between': (text) => [...text].join('\u2060'),
  'in a page, letter by letter': (text) => [...text].map((one) => `<b>${one}</b>`).join(''),
  'in strings that are joined': (text) => text.replaceAll(/.{9}/g, '$&" +\n "'),
};

/** Names of values that are secret, in a form and in JSON. */
const NAMED =
  /\b(?:client_secret|access_token|refresh_token|assertion|code|code_verifier|token|password|subject_token|secret|device_code)(?:=|"\s*:\s*")([^&"\s]{8,})/g;

const secretsIn = (text: string): string[] => [
  ...[...text.matchAll(NAMED)].map(([, value = '']) => decodeURIComponent(value)),
  ...[...text.matchAll(/\bBearer ([^\s"]{8,})/g)].map(([, value = '']) => value),
  ...[...text.matchAll(/sessionId>([^<]{8,})</g)].map(([, value = '']) => value),
];

/** In which answer an echo comes. */
export const ENVELOPES = ['error', 'page', 'good answer'] as const;

export type Echo = { index: number; spelling: string; envelope: (typeof ENVELOPES)[number] };

export type EchoWire = {
  url: string;
  /** Echoes what a request from now on says, instead of an answer; requests count from here, from 0. */
  set: (echo: Echo | undefined) => void;
  count: () => number;
  /** What passed in either direction that is secret. */
  secrets: Set<string>;
  close: () => Promise<void>;
};

/** Stands between a client and a practice org, and answers with all that it was sent. The org then goes by the wire's address. */
export const openEchoWire = async (practice: PracticeServer): Promise<EchoWire> => {
  const secrets = new Set<string>();
  let echo: Echo | undefined;
  let count = 0;
  const keep = (text: string): void => secretsIn(text).forEach((secret) => secrets.add(secret));
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const { method = '', url = '', headers } = incoming;
      keep(`${headers.authorization ?? ''}\n${body.toString()}`);
      if (count++ === echo?.index) {
        // Of what is sent only this is secret, and long bodies would be cut off before they come to it.
        const sent = secretsIn(`${headers.authorization ?? ''}\n${body.toString()}`).join(' and ');
        const said = spellings[echo.spelling]?.(`you sent ${sent}`) ?? '';
        const { status, type, text } = answerOf(url, said, echo.envelope);
        outgoing.writeHead(status, { 'content-type': type, 'x-echo': encodeURIComponent(said) });
        return void outgoing.end(text);
      }
      const onward = request({ host: '127.0.0.1', port: practice.port, method, path: url, headers, agent: false });
      onward.on('error', () => outgoing.destroy());
      onward.on('response', (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          keep(Buffer.concat(parts).toString());
          const { 'transfer-encoding': _, ...kept } = answer.headers;
          outgoing.writeHead(answer.statusCode ?? 500, kept).end(Buffer.concat(parts));
        });
      });
      onward.end(body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  practice.org.instanceUrl = url;
  return {
    url,
    secrets,
    count: () => count,
    set: (next) => {
      echo = next;
      count = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** Unlike any text that a later test prints: the commands take it out of everything. */
const newToken = () => ({ access_token: randomBytes(15).toString('hex'), token_type: 'Bearer' });

const answerOf = (
  url: string,
  said: string,
  envelope: Echo['envelope'],
): { status: number; type: string; text: string } => {
  const json = (status: number, value: object) => ({ status, type: 'application/json', text: JSON.stringify(value) });
  if (envelope === 'page') return { status: 403, type: 'text/html', text: `<html><body>${said}</body></html>` };
  if (url.includes('/oauth2/')) {
    return envelope === 'error'
      ? json(400, { error: 'invalid_grant', error_description: said })
      : json(200, { ...newToken(), scope: said, id: said, instance_url: said });
  }
  if (url.includes('/Soap/')) {
    const fault = `<soapenv:Fault><faultcode>sf:INVALID_OPERATION</faultcode><faultstring>${inXml(said)}</faultstring></soapenv:Fault>`;
    const soap =
      'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com"';
    const text = `<soapenv:Envelope ${soap}><soapenv:Body>${fault}</soapenv:Body></soapenv:Envelope>`;
    return { status: 500, type: 'text/xml', text };
  }
  return envelope === 'error'
    ? json(400, [{ errorCode: 'INVALID_OPERATION', message: said }])
    : json(200, {
        records: [{ Id: said, DeveloperName: said, MasterLabel: said, Name: said }],
        totalSize: 1,
        done: true,
      });
};

const inXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Every spelling of a secret that is searched for in what was said; alone and inside of a text. */
const formsOf = (secret: string): string[] => [
  ...Object.entries(spellings).flatMap(([name, spell]) =>
    // Of what is encoded in groups only the middle is its own.
    name.startsWith('Base64') ? [] : [spell(secret).replaceAll(/^["\\[]+|["\\\]]+$/g, '')],
  ),
  ...(['utf8', 'utf16le'] as const).flatMap((encoding) => middlesOf(Buffer.from(secret, encoding))),
];

/** Base64 at each place in a group at which it can begin, less what it shares with other text. */
const middlesOf = (bytes: Buffer): string[] =>
  [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const middle = text.slice(shift === 0 ? 0 : 4, -4);
    return [middle, middle.replaceAll('+', '-').replaceAll('/', '_'), encodeURIComponent(middle)];
  });

/** Which of some secrets are in a text, in any spelling, also where a text was broken into lines. */
export const secretsSaid = (secrets: Iterable<string>, text: string): string[] => {
  const flat = (one: string): string => one.replaceAll(/\s|\\r|\\n/g, '').toLowerCase();
  const said = flat(text);
  return [...secrets].filter((secret) => formsOf(secret).some((form) => said.includes(flat(form))));
};
