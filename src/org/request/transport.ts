/*
 * How requests of an org go over the wire. Every request of a Connection passes here, also those that Salesforce's library
 * sends by itself.
 *
 * What the library does on its own: it sends GET and DELETE again up to five times and nothing else, waits five minutes for an
 * answer, and an answer that is cut off ends the process, since nobody listens to the error of the stream it is read from. A
 * login whose new token is refused as well goes on being refreshed for ever. So its transport is replaced, by one that reads
 * answers whole; for all the rest (sessions, SOAP, what an answer means) the library stays as it is.
 */
import { PassThrough } from 'node:stream';
import type { Connection } from '@salesforce/core';
import { isOwnHost, isSafeForSecrets } from '../../app/host.ts';
import { keepSecret } from '../../app/secret.ts';
import { keepLogin, Lifecycle, Logger, Messages, sleep } from '../../salesforce.ts';
import { exchange, newWay, NoAnswerError, type Answer, type Request, type Transport, type Way } from './exchange.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'org');

/** Codes of our own, for what is not sent. */
export const insecureInstance = 'INSECURE_INSTANCE';
export const foreignHost = 'FOREIGN_HOST';

/** Milliseconds before each further try. */
export const pauses = [500, 1500, 4000, 10_000];

/** The pause, in milliseconds, from which on the user is told that the org lets one wait. */
const notable = 4000;

/** What makes a second try worth while: an org that did not act on the request for sure, or one that may have. */
type Trouble = 'untouched' | 'unknown';

/** Network trouble in which the request never got as far as the org. */
const neverSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EHOSTDOWN|UND_ERR_CONNECT_TIMEOUT)$/;
/** Network trouble after which nobody knows how far the request got. */
const cutOff = /^(ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ORG_SILENT|UND_ERR_SOCKET|UND_ERR_(HEADERS|BODY)_TIMEOUT)$/;

/** Errors by which the API says that it did nothing, and that a moment later it may (SOAP API Developer Guide, ExceptionCode). */
const notNow = /^(SERVER_UNAVAILABLE|UNABLE_TO_LOCK_ROW|QUERY_TIMEOUT)$/;

const troubleOf = ({ statusCode, headers, body }: Answer): Trouble | undefined => {
  if (statusCode < 400) return undefined;
  const code = errorCodeOf(body);
  if (code && notNow.test(code)) return 'untouched';
  // Every refusal of the SOAP API has status 500.
  const isSoapFault = /xml/.test(headers['content-type'] ?? '') && code !== undefined;
  if (isSoapFault) return code === 'UNKNOWN_EXCEPTION' ? 'unknown' : undefined;
  return statusCode >= 500 || statusCode === 420 || statusCode === 429 ? 'unknown' : undefined;
};

/** An answer without content has a type all the same, at some servers. */
const isHtml = ({ headers, body }: Answer): boolean =>
  body.trim() !== '' && /^text\/html/i.test(headers['content-type'] ?? '');

const errorCodeOf = (body: string): string | undefined =>
  /<faultcode>(?:\w+:)?(\w+)<\/faultcode>/.exec(body)?.[1] ?? /"errorCode"\s*:\s*"(\w+)"/.exec(body)?.[1];

/** Can the request be sent twice and do no more than once? By SOAP apps are read, and with one call written. */
const isRepeatable = ({ method, url, body }: Request): boolean =>
  /^(GET|HEAD|DELETE)$/.test(method) ||
  (new URL(url).pathname.startsWith('/services/Soap/') &&
    !(typeof body === 'string' && body.includes('<updateMetadata>')));

/** Did the org refuse the session? Salesforce's library asks for a new one then and sends the request again. */
const refusesSession = ({ statusCode, body }: Answer): boolean =>
  statusCode === 401 || (statusCode === 500 && errorCodeOf(body) === 'INVALID_SESSION_ID');

type Wire = {
  transport: Transport;
  /** A request was tried as often as it is worth, and none was answered since: there is no point in waiting any more. */
  isDown: boolean;
};

const wires = new WeakMap<Connection, Wire>();

/**
 * Has a connection send its requests so that they survive bad weather: what may be sent again is, with growing pauses and an
 * end to it; no request waits for ever; a session is refreshed once.
 *
 * A write whose answer was lost is not sent again here, since only whoever sent it knows how to find out what became of it.
 */
export const installTransport = (connection: Connection): void => {
  if (wires.has(connection)) return;
  const wire = newWire(connection);
  wires.set(connection, wire);
  connection._transport = wire.transport;
};

/** Did the last requests of a connection stay unanswered, however often they were sent? */
export const isDown = (connection: Connection): boolean => wires.get(connection)?.isDown === true;

const newWire = (connection: Connection): Wire => {
  // As it is now: an answer must not lead the session elsewhere.
  const own = connection.instanceUrl;
  keepSecret(connection.accessToken);
  keepLogin(connection.getAuthInfo());
  const logger = Logger.childFromRoot('sf-plugin-eca');
  const way = newWay();
  const refused = new WeakSet<Request>();
  let reached = false;
  let told = false;

  const tell = (request: Request, why: string, milliseconds: number): void => {
    logger.debug(`${request.method} ${new URL(request.url).pathname}: ${why}; again in ${milliseconds} ms`);
    if (told || milliseconds < notable) return;
    told = true;
    void Lifecycle.getInstance().emitWarning(messages.getMessage('warning.orgSlow', [why]));
  };

  const send = async (request: Request): Promise<Answer> => {
    refuseElsewhere(request, own);
    keepSession(request);
    let silences = 0;
    for (let tries = 0; ; tries++) {
      const { answer, error, trouble, why } = await tryOnce(request, way);
      if (answer) reached = true;
      if (!trouble) {
        if (answer) wire.isDown = false;
        if (answer) keepConsumerSecrets(request, answer);
        return checked(answer, error);
      }
      if (why === 'ORG_SILENT') silences++;
      const pause = pauses[tries];
      // What cannot be reached at the first try is rather a wrong address than bad weather.
      const isWorthIt =
        (trouble === 'untouched' ? reached || why === 'EAI_AGAIN' : isRepeatable(request)) && silences < 2;
      if (!isWorthIt || wire.isDown || pause === undefined) {
        wire.isDown ||= isRepeatable(request) || pause === undefined;
        return checked(answer, error);
      }
      tell(request, why, pause);
      await sleep(pause);
    }

    /** The answer, unless a session that was refreshed is refused as well: Salesforce's library would never stop refreshing. */
    function checked(answer: Answer | undefined, error: Error | undefined): Answer {
      if (!answer) throw error ?? new Error('A request without an answer and without an error.');
      if (refusesSession(answer)) {
        if (refused.has(request))
          throw Object.assign(new Error(messageOf(answer)), { errorCode: 'INVALID_SESSION_ID' });
        refused.add(request);
      }
      return answer;
    }
  };

  const wire: Wire = {
    isDown: false,
    transport: {
      // What is sent or read as a stream elsewhere is a whole here: the stream that is expected has nothing to say.
      httpRequest: (request: Request) => Object.assign(send(request), { stream: () => new PassThrough() }),
    } as unknown as Transport,
  };
  return wire;
};

/** @throws an error with an errorCode, before anything is sent */
const refuseElsewhere = ({ url }: Request, own: string): void => {
  const refuse = (errorCode: string, message: string): never => {
    throw Object.assign(new Error(message), { errorCode });
  };
  if (!isSafeForSecrets(url)) refuse(insecureInstance, new URL(url).origin);
  if (!isOwnHost(url, own)) refuse(foreignHost, new URL(url).origin);
};

/** The session as a request has it, which may be a new one: in its header, or in SOAP's. */
const keepSession = ({ headers = {}, body }: Request): void => {
  for (const [name, value] of Object.entries(headers))
    if (/^(authorization|x-sfdc-session)$/i.test(name)) keepSecret(String(value).replace(/^\w+ /, ''));
  if (typeof body === 'string') keepSecret(/<(?:\w+:)?sessionId>([^<]+)</.exec(body)?.[1]);
};

/** Consumer secrets, wherever in an answer of the resources that give them. */
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
    const answer = await exchange(request, way);
    // A page that a proxy shows in the org's place. Salesforce's library would look for data in it.
    if (answer.statusCode < 400 && isHtml(answer)) throw Object.assign(new Error('<html>'), { errorCode: 'HTTP 200' });
    return { answer, trouble: troubleOf(answer), why: errorCodeOf(answer.body) ?? `HTTP ${answer.statusCode}` };
  } catch (thrown) {
    const error = thrown as Error;
    const why = error instanceof NoAnswerError ? error.code : error.name;
    const trouble = neverSent.test(why) ? 'untouched' : cutOff.test(why) ? 'unknown' : undefined;
    return { error, trouble, why };
  }
};
