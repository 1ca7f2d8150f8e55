import * as oauth from 'oauth4webapi';

import { isJwt } from '../app/accessToken.ts';
import type { Refusal } from '../app/explanations.ts';
import { isLoopback } from '../app/host.ts';
import { keepSecret, Secret } from '../app/secret.ts';
import type { HttpClient } from './httpClient.ts';
import { requireOwnHost } from './ownHost.ts';

/*
 * How Salesforce's OAuth departs from the standards that oauth4webapi holds it to, all in this one file:
 * - a token answer has no expires_in: a token lives as long as the session settings say;
 * - it carries signature, id (the identity URL), instance_url, issued_at (milliseconds, as text) and token_format besides;
 * - some refusals come with a WWW-Authenticate header, behind which the body, with error and description, would go unread;
 * - the answer to a device has no expires_in either, which RFC 8628 requires;
 * - an id token may name audiences besides the client, without saying for which of them it was made (azp). OpenID Connect
 *   forbids that. Nobody is logged in by an id token here, so it is left unread;
 * - some servers and proxies on the way answer HTML.
 */

/**
 * Options that make oauth4webapi send its requests through our client. They go to the org's own host only, and over plain http
 * only to this machine. Every OAuth request and answer passes here, so here what is secret in them becomes known to the filter.
 */
export const overHttp = (http: HttpClient, server: URL | string) => ({
  [oauth.customFetch]: async (url: string, options: oauth.CustomFetchOptions<string, URLSearchParams | undefined>) => {
    keepSecretsSent(options.body);
    const answer = await http(requireOwnHost(url, server).href, {
      method: options.method,
      headers: options.headers,
      ...(options.body ? { body: options.body } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    await keepSecretsReceived(answer);
    return withoutChallenge(answer);
  },
  [oauth.allowInsecureRequests]: isLoopback(server),
});

/** What is not secret of that which an OAuth request or answer says; all else is taken to be. */
const OPEN = new Set([
  ...[
    'grant_type',
    'client_id',
    'redirect_uri',
    'scope',
    'response_type',
    'subject_token_type',
    'token_type_hint',
    'username',
  ],
  ...['token_type', 'token_format', 'id', 'instance_url', 'issued_at', 'error', 'error_description', 'user_code'],
  ...[
    'verification_uri',
    'verification_uri_complete',
    'client_assertion_type',
    'audience',
    'resource',
    'token_handler',
  ],
]);

const keepSecretsSent = (body: URLSearchParams | undefined): void => {
  for (const [name, value] of body ?? []) if (!OPEN.has(name)) keepSecret(value);
};

/** Of an answer only what is named. It also describes the org, and what it echoes is known from the request. */
const GIVEN_OUT = ['access_token', 'refresh_token', 'id_token', 'device_code', 'sfdc_site_token', 'signature', 'code'];

const keepSecretsReceived = async (answer: Response): Promise<void> => {
  const said: unknown = await answer
    .clone()
    .json()
    .catch(() => undefined);
  if (typeof said !== 'object' || said === null) return;
  for (const name of GIVEN_OUT) keepSecret((said as Record<string, unknown>)[name]);
};

const withoutChallenge = (response: Response): Response => {
  if (!response.headers.has('www-authenticate')) return response;
  const headers = new Headers(response.headers);
  headers.delete('www-authenticate');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
};

/** Seconds that a device's codes are good for, where the org does not say (Salesforce Help: ten minutes). */
const DEVICE_LIFE = 600;

/** An answer to a device with the lifetime that Salesforce leaves out. */
export const withLifetime = (response: Response): Promise<Response> =>
  rewritten(response, (answer) => ({ expires_in: DEVICE_LIFE, ...answer }));

/** A token answer without the id token, if it has one. */
export const withoutIdToken = (response: Response): Promise<Response> =>
  rewritten(response, ({ id_token: _unread, ...answer }) => answer);

/** A JSON answer with other content; one that refuses, or is no JSON, stays as it is. */
const rewritten = async (
  response: Response,
  change: (answer: Record<string, unknown>) => Record<string, unknown>,
): Promise<Response> => {
  if (response.status !== 200) return response;
  const text = await response.text();
  const { status, headers } = response;
  try {
    return new Response(JSON.stringify(change(JSON.parse(text) as Record<string, unknown>)), { status, headers });
  } catch {
    return new Response(text, { status, headers });
  }
};

/** Thrown when the org refuses an OAuth request. It keeps the error's name and text, and nothing of the answer besides. */
export class RefusedError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`${refusal.error}: ${refusal.description}`);
    this.name = 'RefusedError';
    this.refusal = refusal;
  }
}

/**
 * Runs one OAuth request and names what the org refuses. The errors of oauth4webapi have the answer among their properties, and
 * so maybe a token. They go no further than here.
 */
export const asRefusal = async <T>(request: () => Promise<T>): Promise<T> => {
  try {
    return await request();
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError) {
      throw new RefusedError({ error: error.error, description: error.error_description ?? '' });
    }
    if (error instanceof oauth.OperationProcessingError) {
      const status = error.cause instanceof Response ? `HTTP ${error.cause.status}` : '';
      throw new RefusedError({
        error: 'unexpected_answer',
        description: [status, error.message].filter(Boolean).join(', '),
      });
    }
    throw error;
  }
};

/** An access token, and what Salesforce says of it. */
export type Token = {
  accessToken: Secret;
  refreshToken?: Secret;
  scopes: string[];
  /** The identity URL's last part: whom the token stands for. */
  userId?: string;
  instanceUrl?: string;
  format: 'opaque' | 'jwt';
};

/** Reads a token answer that oauth4webapi has accepted. */
export const toToken = (answer: oauth.TokenEndpointResponse): Token => ({
  accessToken: new Secret(answer.access_token),
  ...(answer.refresh_token !== undefined && { refreshToken: new Secret(answer.refresh_token) }),
  scopes: (answer.scope ?? '').split(' ').filter(Boolean),
  userId: userIdOf(answer['id']),
  instanceUrl: typeof answer['instance_url'] === 'string' ? answer['instance_url'] : undefined,
  format: answer['token_format'] === 'jwt' || isJwt(answer.access_token) ? 'jwt' : 'opaque',
});

/** `https://login.salesforce.com/id/00D.../005...`: organisation, then user. */
const userIdOf = (identityUrl: unknown): string | undefined =>
  typeof identityUrl === 'string' ? /\/id\/00D\w+\/(005\w+)$/.exec(identityUrl)?.[1] : undefined;
