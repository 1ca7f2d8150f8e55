import { LOOPBACK_HOSTS } from '../app/host.ts';
import { undici } from '../salesforce.ts';
import { NoAnswerError } from './noAnswer.ts';

export type Request = {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: string | Buffer | URLSearchParams | null;
  /** Ends the exchange (ABORTED). */
  signal?: AbortSignal;
};

/** An answer as a whole. A redirect is one, too: where a host sends us is part of what it says. */
export type Answer = {
  status: number;
  statusText: string;
  headers: Array<[name: string, value: string]>;
  /** Unpacked. Undefined where an answer of its status has none. */
  body?: Buffer;
};

/** A limit in time, and the code of the error when it is over. */
type TimeLimit = { ms: number; code: string };

export type Limits = {
  /** Bytes of the answer, unpacked. */
  bytes: number;
  /** The answer must be there as a whole. */
  whole: TimeLimit;
  /** The answer must begin, and must go on. */
  silence?: TimeLimit;
};

/** The way that requests go, with the connections that are open. */
export type Way = InstanceType<typeof undici.EnvHttpProxyAgent>;

/**
 * The way that the environment says (HTTPS_PROXY, HTTP_PROXY, NO_PROXY); to this machine there is no detour. Node itself reads
 * NODE_EXTRA_CA_CERTS.
 */
export const newWay = (): Way => {
  const { NO_PROXY = '', no_proxy = NO_PROXY } = process.env;
  return new undici.EnvHttpProxyAgent({
    noProxy: [no_proxy, ...LOOPBACK_HOSTS].filter(Boolean).join(','),
    // As Salesforce's library has it.
    connect: { allowH2: false },
    requestTls: { allowH2: false },
  });
};

/**
 * One request and its whole answer, whatever its status. An answer is read to its end here, so that one that breaks off is noticed.
 *
 * @throws NoAnswerError
 */
export const exchange = async (request: Request, way: Way, { bytes, whole, silence }: Limits): Promise<Answer> => {
  const { method, url, headers, body, signal } = request;
  const { host } = new URL(url);
  const stop = new AbortController();
  const stopFor = (code: string) => (): void => stop.abort(new NoAnswerError(host, code));
  const onSignal = stopFor('ABORTED');
  signal?.addEventListener('abort', onSignal);
  if (signal?.aborted) onSignal();
  const quiet = silence && setTimeout(stopFor(silence.code), silence.ms);
  const end = setTimeout(stopFor(whole.code), Math.ceil(whole.ms));
  try {
    const answer = await undici.fetch(url, {
      method,
      headers,
      body,
      redirect: 'manual',
      signal: stop.signal,
      dispatcher: way,
    });
    const { status, statusText } = answer;
    const told = { status, statusText, headers: [...answer.headers] };
    if (answer.body === null) return told;
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      quiet?.refresh();
      length += chunk.length;
      if (length > bytes) throw new NoAnswerError(host, 'ANSWER_TOO_LARGE');
      chunks.push(chunk);
    }
    return { ...told, body: Buffer.concat(chunks) };
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : new NoAnswerError(host, codeOf(error));
  } finally {
    clearTimeout(quiet);
    clearTimeout(end);
    signal?.removeEventListener('abort', onSignal);
    // What is left of an answer that was too large is not waited for.
    stop.abort();
  }
};

/** The code alone: the error itself may carry the request, and a request may carry a secret. */
const codeOf = (error: unknown): string => {
  const { cause = error } = error as { cause?: unknown };
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  const { code, message } = (first ?? {}) as { code?: unknown; message?: unknown };
  // The fetch standard's own refusal has no code (https://fetch.spec.whatwg.org/#port-blocking).
  if (message === 'bad port') return 'PORT_BLOCKED';
  return typeof code === 'string' ? code : 'UNKNOWN';
};
