/*
 * The transport of an org's requests. Every request of a Connection passes through here, also the requests of
 * Salesforce's libraries.
 *
 * The library itself sends GET and DELETE again up to five times, and no other requests. It waits five minutes for an
 * answer. An answer that is cut off ends the process, because nothing handles the error of the answer's stream. If the
 * org also refuses the new token of a login, the library refreshes the login forever. So this file replaces the
 * library's transport with one that reads complete answers. All the rest (sessions, SOAP, the meaning of an answer)
 * stays the library's work.
 */
import { PassThrough } from 'node:stream';

import type { Connection } from '@salesforce/core';

import { isOwnHost, isSafeForSecrets } from '../../app/host.ts';
import { keepSecret } from '../../app/secret.ts';
import { newWay, type Way } from '../../net/exchange.ts';
import { NoAnswerError } from '../../net/noAnswer.ts';
import { retry, type RetryPolicy } from '../../net/retry.ts';
import { keepLogin, Lifecycle, Logger } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { type Answer, exchangeWithOrg, type Request, type Transport } from './orgExchange.ts';

const messages = texts('org');

/** Codes of this plugin for requests that are not sent. */
export const INSECURE_INSTANCE = 'INSECURE_INSTANCE';
export const FOREIGN_HOST = 'FOREIGN_HOST';

/** Milliseconds before each further try. */
export const PAUSES = [500, 1500, 4000, 10_000];

/** The pause, in milliseconds, from which the user is told that the org makes the run wait. */
const NOTABLE = 4000;

/**
 * Milliseconds for which a run waits for answers of an org, in all. Each answer and each list has its own limit, but an
 * org decides how many there are. Pauses between requests do not count.
 */
const LONGEST_WAIT = 7_200_000;

/** The same for what comes after: a run that ends here still puts back what it changed. */
const LONGEST_ENDING = 600_000;

/** The reasons for a second try: the org certainly did nothing, or the org may have acted. */
type Trouble = 'untouched' | 'unknown';

/** Network errors after which the request certainly did not reach the org. */
const NEVER_SENT = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** Network errors after which nobody knows how far the request got. */
const CUT_OFF = new Set([
  'ECONNABORTED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ORG_SILENT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_SOCKET',
]);

/**
 * Errors by which the API says that it did nothing. A later try may succeed (SOAP API Developer Guide, ExceptionCode).
 */
const NOT_NOW = new Set(['QUERY_TIMEOUT', 'SERVER_UNAVAILABLE', 'UNABLE_TO_LOCK_ROW']);

const troubleOf = ({ statusCode, headers, body }: Answer): Trouble | undefined => {
  if (statusCode < 400) return undefined;
  const code = errorCodeOf(body);
  if (code && NOT_NOW.has(code)) return 'untouched';
  // Every refusal of the SOAP API has status 500.
  const isSoapFault = /xml/.test(headers['content-type'] ?? '') && code !== undefined;
  if (isSoapFault) return code === 'UNKNOWN_EXCEPTION' ? 'unknown' : undefined;
  return statusCode >= 500 || statusCode === 420 || statusCode === 429 ? 'unknown' : undefined;
};

/** Some servers send a content type even without content. */
const isHtml = ({ headers, body }: Answer): boolean =>
  body.trim() !== '' && /^text\/html/i.test(headers['content-type'] ?? '');

const errorCodeOf = (body: string): string | undefined =>
  /<faultcode>(?:\w+:)?(\w+)<\/faultcode>/.exec(body)?.[1] ?? /"errorCode"\s*:\s*"(\w+)"/.exec(body)?.[1];

/** Does sending the request twice have no further effect? SOAP requests read apps, and one call of it writes. */
const isRepeatable = ({ method, url, body }: Request): boolean =>
  /^(GET|HEAD|DELETE)$/.test(method) ||
  (new URL(url).pathname.startsWith('/services/Soap/') &&
    !(typeof body === 'string' && body.includes('<updateMetadata>')));

/** Did the org refuse the session? Salesforce's library then asks for a new session and sends the request again. */
const refusesSession = ({ statusCode, body }: Answer): boolean =>
  statusCode === 401 || (statusCode === 500 && errorCodeOf(body) === 'INVALID_SESSION_ID');

type Wire = {
  transport: Transport;
  /** A request was tried as often as allowed, and no request was answered since: further waiting makes no sense. */
  isDown: boolean;
};

const wires = new WeakMap<Connection, Wire>();

/**
 * Makes a connection's requests survive temporary faults. Safe requests are sent again, with growing pauses and an end.
 * No request waits forever, and a session is refreshed once.
 *
 * A write whose answer was lost is not sent again here: only the caller knows how to find its result.
 */
export const installTransport = (connection: Connection): void => {
  if (wires.has(connection)) return;
  const wire = newWire(connection);
  wires.set(connection, wire);
  connection._transport = wire.transport;
};

/** Did the last requests of a connection stay unanswered, after all their tries? */
export const isDown = (connection: Connection): boolean => wires.get(connection)?.isDown === true;

const newWire = (connection: Connection): Wire => {
  // The org's current address: an answer must not send the session elsewhere.
  const own = connection.instanceUrl;
  keepSecret(connection.accessToken);
  keepLogin(connection.getAuthInfo());
  const logger = Logger.childFromRoot('sf-plugin-eca');
  const way = newWay();
  const refused = new WeakSet<Request>();
  let reached = false;
  let told = false;
  const patience = newPatience();

  const tell = (request: Request, why: string, milliseconds: number): void => {
    logger.debug(`${request.method} ${new URL(request.url).pathname}: ${why}; again in ${milliseconds} ms`);
    if (told || milliseconds < NOTABLE) return;
    told = true;
    void Lifecycle.getInstance().emitWarning(messages.getMessage('warning.orgSlow', [why]));
  };

  const send = async (request: Request): Promise<Answer> => {
    refuseElsewhere(request, own);
    keepSession(request);
    let silences = 0;
    const pauseAfter: RetryPolicy<Outcome>['pauseAfter'] = (tried, tries) => {
      if ('error' in tried) return undefined;
      const { answer, trouble, why } = tried.value;
      if (answer) reached = true;
      if (!trouble) {
        if (answer) wire.isDown = false;
        return undefined;
      }
      if (why === 'ORG_SILENT') silences++;
      const pause = PAUSES[tries];
      // If the first try cannot reach the address, the address is probably wrong.
      const isWorthIt =
        (trouble === 'untouched' ? reached || why === 'EAI_AGAIN' : isRepeatable(request)) && silences < 2;
      if (!isWorthIt || wire.isDown || pause === undefined) {
        wire.isDown ||= isRepeatable(request) || pause === undefined;
        return undefined;
      }
      tell(request, why, pause);
      return pause;
    };
    /** The answer, unless the org also refuses a refreshed session: Salesforce's library would then refresh forever. */
    const checked = (answer: Answer | undefined, error: Error | undefined): Answer => {
      if (!answer) throw error ?? new Error('A request without an answer and without an error.');
      if (refusesSession(answer)) {
        if (refused.has(request))
          throw Object.assign(new Error(messageOf(answer)), { errorCode: 'INVALID_SESSION_ID' });
        refused.add(request);
      }
      return answer;
    };
    const attempt = (): Promise<Outcome> => patience.during(new URL(own).host, () => tryOnce(request, way));
    const { answer, error, trouble } = await retry(attempt, { pauseAfter });
    if (answer && !trouble) keepConsumerSecrets(request, answer);
    return checked(answer, error);
  };

  const wire: Wire = {
    isDown: false,
    transport: {
      // The body is complete here, not a stream as in the library. So the stream that the library expects stays empty.
      httpRequest: (request: Request) => Object.assign(send(request), { stream: () => new PassThrough() }),
    } as unknown as Transport,
  };
  return wire;
};

/** Counts the time in which at least one request waits for its answer. */
const newPatience = (): { during: <T>(host: string, ask: () => Promise<T>) => Promise<T> } => {
  let waiting = 0;
  let begun = 0;
  let waited = 0;
  let limit = LONGEST_WAIT;
  let isOver = false;
  return {
    /** @throws NoAnswerError, and nothing is sent */
    during: async (host, ask) => {
      if (waited + (waiting > 0 ? Date.now() - begun : 0) > limit) {
        // The requests with which the run ends itself come after this error.
        if (!isOver) limit += LONGEST_ENDING;
        isOver = true;
        throw new NoAnswerError(host, 'ANSWER_TOO_SLOW');
      }
      if (waiting++ === 0) begun = Date.now();
      try {
        return await ask();
      } finally {
        if (--waiting === 0) waited += Date.now() - begun;
      }
    },
  };
};

/** @throws an error with an errorCode, before anything is sent */
const refuseElsewhere = ({ url }: Request, own: string): void => {
  const refuse = (errorCode: string, message: string): never => {
    throw Object.assign(new Error(message), { errorCode });
  };
  if (!isSafeForSecrets(url)) refuse(INSECURE_INSTANCE, new URL(url).origin);
  if (!isOwnHost(url, own)) refuse(FOREIGN_HOST, new URL(url).origin);
};

/** The session of a request, which may be a new one: in its header, or in SOAP's header. */
const keepSession = ({ headers = {}, body }: Request): void => {
  for (const [name, value] of Object.entries(headers))
    if (/^(authorization|x-sfdc-session)$/i.test(name)) keepSecret(String(value).replace(/^\w+ /, ''));
  if (typeof body === 'string') keepSecret(/<(?:\w+:)?sessionId>([^<]+)</.exec(body)?.[1]);
};

/** Consumer secrets, anywhere in an answer of the resources that return them. */
const keepConsumerSecrets = ({ url }: Request, { body }: Answer): void => {
  if (!new URL(url).pathname.includes('/apps/oauth/credentials/')) return;
  for (const [text] of body.matchAll(/(?<="secret"\s*:\s*)"(?:[^"\\]|\\.)*"/g)) keepSecret(JSON.parse(text));
};

const messageOf = ({ body }: Answer): string =>
  /<faultstring>([^<]*)/.exec(body)?.[1] ??
  /"message"\s*:\s*"([^"\\]*)/.exec(body)?.[1] ??
  'Session expired or invalid';

type Outcome = { answer?: Answer; error?: Error; trouble?: Trouble; why: string };

const tryOnce = async (request: Request, way: Way): Promise<Outcome> => {
  try {
    const answer = await exchangeWithOrg(request, way);
    // A page that a proxy shows in the org's place. Salesforce's library would look for data in it.
    if (answer.statusCode < 400 && isHtml(answer)) throw Object.assign(new Error('<html>'), { errorCode: 'HTTP 200' });
    return { answer, trouble: troubleOf(answer), why: errorCodeOf(answer.body) ?? `HTTP ${answer.statusCode}` };
  } catch (thrown) {
    const error = thrown as Error;
    const why = error instanceof NoAnswerError ? error.code : '';
    const trouble = NEVER_SENT.has(why) ? 'untouched' : CUT_OFF.has(why) ? 'unknown' : undefined;
    return { error, trouble, why };
  }
};
