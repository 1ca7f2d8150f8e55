import type { Connection } from '@salesforce/core';
import { isSameMyDomain, LOOPBACK_HOSTS } from '../../app/host.ts';
import { undici } from '../../salesforce.ts';

/** The function that sends the requests of a Connection. */
export type Transport = Connection['_transport'];
export type Request = Parameters<Transport['httpRequest']>[0];
export type Answer = Awaited<ReturnType<Transport['httpRequest']>>;

/**
 * Milliseconds in which an answer must begin, and the most milliseconds between two parts of it. Salesforce itself ends
 * queries after two minutes.
 */
const longestSilence = 120_000;

/** Uploads take time as well: every connection carries at least so many bytes in a millisecond. */
const slowestUpload = 20;

/** The most bytes of an answer, unpacked. A retrieve of a thousand apps has about five million bytes. */
const largestAnswer = 50_000_000;

/** Milliseconds for the complete answer, after the upload. */
const longestAnswer = 600_000;

/**
 * An answer without an end, in bytes or in time. The request is not sent again. `code` is ANSWER_TOO_LARGE or
 * ANSWER_TOO_SLOW.
 */
export class EndlessAnswerError extends Error {
  readonly code: 'ANSWER_TOO_LARGE' | 'ANSWER_TOO_SLOW';

  constructor(code: EndlessAnswerError['code']) {
    super(code);
    this.name = 'EndlessAnswerError';
    this.code = code;
  }
}

/** The org gave no answer, or no answer that could be read to its end. `code` is Node's or undici's, or ORG_SILENT. */
export class NoAnswerError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.name = 'NoAnswerError';
    this.code = code;
  }
}

/**
 * Sends one request and reads its complete answer. If the org has moved, its answer has the new address.
 *
 * @throws NoAnswerError; EndlessAnswerError; an error with an `errorCode` for a redirection that is not followed
 */
export const exchange = async (request: Request, way: Way, moves = 0): Promise<Answer> => {
  const answer = await exchangeOnce(request, way).catch((thrown: Error) => Promise.reject(plain(thrown)));
  const { location } = answer.headers;
  if (answer.statusCode < 301 || answer.statusCode > 308 || !location) return answer;
  const url = new URL(location, request.url);
  // The session is sent along, so only to another host of the same org.
  if (request.method !== 'GET' || moves > 3 || !isSameMyDomain(request.url, url)) {
    const refusal = new Error(`It answers from ${url.origin} instead.`);
    throw Object.assign(refusal, { errorCode: `ERROR_HTTP_${answer.statusCode}` });
  }
  return exchange({ ...request, url: url.href }, way, moves + 1);
};

const exchangeOnce = async ({ method, url, headers, body }: Request, way: Way): Promise<Answer> => {
  const stop = new AbortController();
  const upload = body ? Buffer.byteLength(body as string | Buffer) / slowestUpload : 0;
  const silence = setTimeout(() => stop.abort(), longestSilence + upload);
  const end = setTimeout(() => stop.abort(new EndlessAnswerError('ANSWER_TOO_SLOW')), longestAnswer + upload);
  try {
    const answer = await undici.fetch(url, {
      method,
      headers,
      body: (body ?? undefined) as string | Buffer | undefined,
      redirect: 'manual',
      signal: stop.signal,
      dispatcher: way,
    });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of answer.body ?? []) {
      silence.refresh();
      bytes += (chunk as Uint8Array).length;
      if (bytes > largestAnswer) throw new EndlessAnswerError('ANSWER_TOO_LARGE');
      chunks.push(chunk as Uint8Array);
    }
    return {
      statusCode: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: Buffer.concat(chunks).toString('utf8'),
    };
  } catch (error) {
    if (stop.signal.reason instanceof EndlessAnswerError) throw stop.signal.reason;
    throw stop.signal.aborted ? new NoAnswerError('ORG_SILENT') : error;
  } finally {
    clearTimeout(silence);
    clearTimeout(end);
    // The rest of an answer that was too large is not read.
    stop.abort();
  }
};

export type Way = InstanceType<typeof undici.EnvHttpProxyAgent>;

/** The proxy that the environment sets (HTTPS_PROXY, HTTP_PROXY, NO_PROXY); requests to this machine use no proxy. */
export const newWay = (): Way => {
  const { NO_PROXY = '', no_proxy = NO_PROXY } = process.env;
  return new undici.EnvHttpProxyAgent({
    noProxy: [no_proxy, ...LOOPBACK_HOSTS].filter(Boolean).join(','),
    // The same as in Salesforce's library.
    connect: { allowH2: false },
    requestTls: { allowH2: false },
  });
};

/** Only the code: the error itself may hold the request with the session. */
const plain = (thrown: Error): Error => {
  const { cause } = thrown;
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  if ('errorCode' in thrown || thrown instanceof EndlessAnswerError) return thrown;
  const { code } = (first ?? thrown) as { code?: unknown };
  return typeof code === 'string' ? new NoAnswerError(code) : new Error(thrown.message);
};
