import type { Refusal } from '../app/explanations.ts';
import type { Secret } from '../app/secret.ts';
import type { HttpClient } from './httpClient.ts';
import { requireOwnHost } from './ownHost.ts';

/** An API may give long lists; what it gives is not kept. */
const LARGEST_ANSWER = 50_000_000;

export type ApiAnswer = { status: number; refusal?: Refusal };

/**
 * Calls an API of the org with a token, and says only how it went. Data that comes back is not kept.
 *
 * @throws NoAnswerError, also when the path leads to another host: then nothing is sent
 */
export const callApi = async (
  http: HttpClient,
  baseUrl: string,
  path: string,
  accessToken: Secret,
): Promise<ApiAnswer> => {
  const response = await http(requireOwnHost(new URL(path, baseUrl), baseUrl).href, {
    headers: { authorization: `Bearer ${accessToken.reveal()}`, accept: 'application/json' },
    bytesMax: LARGEST_ANSWER,
  });
  if (response.ok) {
    await response.body?.cancel();
    return { status: response.status };
  }
  return { status: response.status, refusal: refusalOf(response.status, await response.text()) };
};

/** REST answers a list of `{ errorCode, message }`; the identity services `{ error, error_description }` or bare text. */
const refusalOf = (status: number, body: string): Refusal => {
  const parsed = parse(body);
  const first = (Array.isArray(parsed) ? parsed[0] : parsed) as Record<string, unknown> | null | undefined;
  const text = (...keys: string[]): string | undefined =>
    keys.map((key) => first?.[key]).find((value) => typeof value === 'string');
  const error = text('errorCode', 'error');
  if (error) return { error, description: text('message', 'error_description') ?? '' };
  return { error: /^\w{3,60}$/.test(body.trim()) ? body.trim() : `HTTP_${status}`, description: '' };
};

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
};
