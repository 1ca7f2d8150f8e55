import type { RequestInit as UndiciRequest } from 'undici';
import { isLoopback } from '../app/host.ts';

/** What a request needs; redirects are never followed: where an org sends one is part of its answer. */
export type HttpRequest = {
  method?: string;
  headers?: Record<string, string>;
  body?: URLSearchParams | string;
  signal?: AbortSignal;
  /** How many bytes the answer may have, unpacked; 1 MB when absent. */
  bytesMax?: number;
};

/** Sends a request and gives the answer, whatever its status. */
export type HttpClient = (url: string, request?: HttpRequest) => Promise<Response>;

/** The host gave no answer, or not all of it: not found, refused, cut off, too slow, too large, or its certificate is not trusted. */
export class NoAnswerError extends Error {
  readonly host: string;
  /** Node's or undici's code, such as ENOTFOUND, or TIMEOUT, or ANSWER_TOO_LARGE. */
  readonly reason: string;

  constructor(host: string, reason: string) {
    super(`No answer from ${host}: ${reason}`);
    this.name = 'NoAnswerError';
    this.host = host;
    this.reason = reason;
  }
}

/**
 * A client that goes the way the environment says: HTTPS_PROXY, HTTP_PROXY and NO_PROXY (addresses of this machine never go
 * through a proxy); NODE_EXTRA_CA_CERTS is read by Node itself. It keeps no log. An answer is read
 * whole before it is given, so that one that breaks off is noticed here.
 *
 * @param timeoutMs how long one answer may take
 */
export const createHttpClient = (timeoutMs = 30_000): HttpClient => {
  const network = isProxied() ? pastProxies() : Promise.resolve(fetch);
  return async (url, request = {}) => {
    const send = await network;
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await send(url, {
        method: request.method ?? 'GET',
        headers: { 'user-agent': 'sf-plugin-eca', ...request.headers },
        body: request.body,
        redirect: 'manual',
        signal: request.signal ? AbortSignal.any([limit, request.signal]) : limit,
      });
      return await whole(answer, request.bytesMax);
    } catch (error) {
      throw new NoAnswerError(new URL(url).host, reasonOf(error));
    }
  };
};

/** Bytes of an answer, unpacked: tokens and discovery documents have a few thousand. */
const largestAnswer = 1_000_000;

/** An answer that is larger than any that is expected. */
class TooLargeError extends Error {
  readonly code = 'ANSWER_TOO_LARGE';
}

/** The answer with its body read. One without a body, such as a redirect, stays as it is. */
const whole = async (answer: Response, bytesMax = largestAnswer): Promise<Response> => {
  if (answer.body === null) return answer;
  const { status, statusText, headers } = answer;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new TooLargeError();
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status, statusText, headers });
};

/** The variables by which an environment names its proxies. */
const isProxied = (): boolean =>
  ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'].some((name) => Boolean(process.env[name]));

type Fetch = (url: string, request: RequestInit) => Promise<Response>;

/** Node's own fetch knows no proxies by itself. The package that does is large, so only who has a proxy loads it. */
const pastProxies = async (): Promise<Fetch> => {
  const undici = await import('undici');
  const outside = new undici.EnvHttpProxyAgent();
  const inside = new undici.Agent();
  // undici's types are the platform's, typed apart.
  return (url, request) =>
    undici.fetch(url, {
      ...(request as UndiciRequest),
      dispatcher: isLoopback(url) ? inside : outside,
    });
};

/** The code alone. The error itself may carry the request, and a request may carry a secret. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'UNKNOWN';
  if (error.name === 'TimeoutError') return 'TIMEOUT';
  if (error.name === 'AbortError') return 'ABORTED';
  const cause = error.cause;
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  const { code } = (cause ?? error) as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
};
