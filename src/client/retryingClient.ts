import { NoAnswerError } from '../net/noAnswer.ts';
import { retry } from '../net/retry.ts';
import type { HttpClient, HttpRequest } from './httpClient.ts';

/** Milliseconds before each further try. */
const GROWING = [500, 1500];

/** What a server or a proxy says that is overloaded or starts anew; it is not about the request. */
const PASSING = new Set([500, 502, 503, 504]);

/** The connection was there and went away. Hosts that cannot be found or do not let us in are not asked again. */
const CUT_OFF = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * Grants that use nothing up. A code, a device code or a refresh token that is rotated is good for one answer. A password is
 * only ever tried for a user who does not exist, and so locks nobody out.
 */
const REPEATABLE = new Set(['client_credentials', 'password', 'urn:ietf:params:oauth:grant-type:jwt-bearer']);

/**
 * Sends a request again after one bad moment, if sending it twice does no harm. A request whose answer is lost may have been
 * carried out. A silent host is asked once more and not oftener, since each time takes as long as an answer may.
 *
 * @param pauses milliseconds before each further try
 */
export const retryingClient =
  (http: HttpClient, pauses = GROWING): HttpClient =>
  (url, request = {}) => {
    let silences = 0;
    const isBadMoment = (error: unknown): boolean => {
      const code = error instanceof NoAnswerError ? error.code : '';
      return code === 'TIMEOUT' ? ++silences < 2 : CUT_OFF.has(code);
    };
    return retry(() => http(url, request), {
      pauseAfter: (tried, tries) => {
        if (!mayRepeat(url, request)) return undefined;
        const isWorthIt = 'error' in tried ? isBadMoment(tried.error) : PASSING.has(tried.value.status);
        return isWorthIt ? pauses[tries] : undefined;
      },
    });
  };

const mayRepeat = (url: string, { method = 'GET', body }: HttpRequest): boolean => {
  if (method === 'GET' || new URL(url).pathname.endsWith('/revoke')) return true;
  return REPEATABLE.has(new URLSearchParams(body).get('grant_type') ?? '');
};
