import { exchange, newWay } from '../net/exchange.ts';

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

/** Bytes of an answer, unpacked: tokens and discovery documents have a few thousand. */
const LARGEST_ANSWER = 1_000_000;

/**
 * A client that goes the way the environment says, as the requests of an org do (net/exchange.ts). It keeps no log.
 *
 * @param timeoutMs how long one answer may take
 * @returns throws NoAnswerError, with the code TIMEOUT when an answer took longer
 */
export const createHttpClient = (timeoutMs = 30_000): HttpClient => {
  const way = newWay();
  return async (url, { method = 'GET', headers, body, signal, bytesMax = LARGEST_ANSWER } = {}) => {
    const request = { method, url, headers: { 'user-agent': 'sf-plugin-eca', ...headers }, body, signal };
    const limits = { bytes: bytesMax, whole: { ms: timeoutMs, code: 'TIMEOUT' } };
    const answer = await exchange(request, way, limits);
    return new Response(answer.body ? new Uint8Array(answer.body) : null, answer);
  };
};
