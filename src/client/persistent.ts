import { NoAnswerError, type HttpClient, type HttpRequest } from './httpClient.ts';

/** Milliseconds before each further try. */
const growing = [500, 1500];

/** What a server or a proxy says that is overloaded or starts anew; it is not about the request. */
const passing = new Set([500, 502, 503, 504]);

/** The connection was there and went away. Hosts that cannot be found or do not let us in are not asked again. */
const cutOff = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** Grants that use nothing up: a code, a device code or a refresh token that is rotated is good for one answer. */
const repeatable = new Set(['client_credentials', 'urn:ietf:params:oauth:grant-type:jwt-bearer']);

/**
 * Sends a request again after one bad moment, if sending it twice does no harm: a lost answer may mean that it was carried out.
 * Answers are read whole, so that one that breaks off is noticed here.
 *
 * @param pauses milliseconds before each further try
 */
export const persistent =
  (http: HttpClient, pauses = growing): HttpClient =>
  async (url, request = {}) => {
    for (const milliseconds of mayRepeat(url, request) ? pauses : []) {
      try {
        const answer = await whole(await http(url, request));
        if (!passing.has(answer.status)) return answer;
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      if (request.signal?.aborted) break;
    }
    return http(url, request);
  };

const mayRepeat = (url: string, { method = 'GET', body }: HttpRequest): boolean => {
  if (method === 'GET' || new URL(url).pathname.endsWith('/revoke')) return true;
  return repeatable.has(new URLSearchParams(body).get('grant_type') ?? '');
};

/** `terminated` is what fetch throws for an answer that breaks off. */
const isPassing = (error: unknown): boolean =>
  error instanceof NoAnswerError
    ? cutOff.has(error.reason)
    : error instanceof TypeError && error.message === 'terminated';

/** The answer with its body read. One without a body, such as a redirect, stays as it is. */
const whole = async (answer: Response): Promise<Response> => {
  if (answer.body === null) return answer;
  const { status, statusText, headers } = answer;
  return new Response(await answer.arrayBuffer(), { status, statusText, headers });
};
