import * as oauth from 'oauth4webapi';

import type { Refusal } from '../app/explanations.ts';
import type { Endpoints } from './endpoints.ts';
import type { HttpClient } from './httpClient.ts';

export type LoginRequest = {
  consumerKey: string;
  callbackUrl: string;
  /** OAuth wire names; none: the org takes all that the app has. */
  scopes: string[];
};

export type AuthorizeRequest = LoginRequest & {
  /** With a code challenge (PKCE, S256), or without, to see whether the org insists on one. */
  pkce: boolean;
};

/** How the org answers an authorize request of somebody who is not logged in. */
export type AuthorizeAnswer =
  /** It sends the user on to log in: client id, callback URL, scopes and PKCE are accepted. */
  { accepted: true } | { accepted: false; refusal: Refusal };

/**
 * Asks for a login without following where the org sends the user, and judges the answer. Nobody logs in and no code is
 * given out.
 *
 * @throws NoAnswerError
 */
export const askAuthorize = async (
  http: HttpClient,
  { server }: Endpoints,
  request: AuthorizeRequest,
): Promise<AuthorizeAnswer> => {
  const url = await authorizeUrl(server, request, {
    state: oauth.generateRandomState(),
    ...(request.pkce ? { codeVerifier: oauth.generateRandomCodeVerifier() } : {}),
  });
  const response = await http(url.href, { headers: { accept: 'text/html' } });
  const location = response.headers.get('location');
  if (location !== null && URL.canParse(location, url.href)) {
    await response.body?.cancel();
    return judgeDestination(new URL(location, url), request.callbackUrl, response.status);
  }
  return judgePage(response.status, await response.text(), url, request.callbackUrl);
};

/** What only the client that asks for a login knows, and the answer is checked against. */
export type LoginSecrets = {
  state: string;
  /** PKCE; without one, no code challenge is sent. */ codeVerifier?: string;
};

/** The address at which a user logs in and approves the app. It holds nothing that others must not see. */
export const authorizeUrl = async (
  server: oauth.AuthorizationServer,
  { consumerKey, callbackUrl, scopes }: LoginRequest,
  { state, codeVerifier }: LoginSecrets,
): Promise<URL> => {
  const url = new URL(server.authorization_endpoint ?? '');
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('client_id', consumerKey);
  url.searchParams.set('redirect_uri', callbackUrl);
  url.searchParams.set('state', state);
  if (scopes.length > 0) url.searchParams.set('scope', scopes.join(' '));
  if (codeVerifier !== undefined) {
    url.searchParams.set('code_challenge', await oauth.calculatePKCECodeChallenge(codeVerifier));
    url.searchParams.set('code_challenge_method', 'S256');
  }
  return url;
};

/** The callback URL or an error page says in its query what is wrong. Any other destination is a place to log in at. */
const judgeDestination = (destination: URL, callbackUrl: string, status: number): AuthorizeAnswer => {
  const refusal = refusalIn(destination.searchParams);
  if (refusal) return { accepted: false, refusal };
  return destination.href.startsWith(callbackUrl) || /error/i.test(destination.pathname)
    ? unexpected(`HTTP ${status}, Location: ${destination.origin}${destination.pathname}`)
    : { accepted: true };
};

const unexpected = (description: string): AuthorizeAnswer => ({
  accepted: false,
  refusal: { error: 'unexpected_answer', description },
});

const refusalIn = (parameters: URLSearchParams): Refusal | undefined => {
  const error = parameters.get('error') ?? parameters.get('ErrorCode');
  const description = parameters.get('error_description') ?? parameters.get('ErrorDescription') ?? '';
  return error ? { error, description } : undefined;
};

/**
 * Some refusals are a page with `error=...&error_description=...` in its text, or JSON. Some orgs send a user on to the login
 * by script, or show the login at once.
 */
const judgePage = (status: number, body: string, asked: URL, callbackUrl: string): AuthorizeAnswer => {
  const text = body.slice(0, 100_000).replaceAll('&amp;', '&');
  const stated = /\berror=[\w.-]+(?:&error_description=[^\s"'<&]*)?/.exec(text)?.[0];
  const refusal = stated ? refusalIn(new URLSearchParams(stated)) : (refusalInJson(body) ?? errorCodeIn(text));
  if (refusal) return { accepted: false, refusal };
  const sentTo = /location(?:\.href\s*=|\.replace\()\s*['"]([^'"]+)['"]/.exec(text)?.[1];
  if (sentTo !== undefined && URL.canParse(sentTo, asked.href))
    return judgeDestination(new URL(sentTo, asked), callbackUrl, status);
  return status === 200 && /type=["']?password/i.test(text) ? { accepted: true } : unexpected(`HTTP ${status}`);
};

const refusalInJson = (body: string): Refusal | undefined => {
  try {
    const { error, error_description: description } = JSON.parse(body) as Record<string, unknown>;
    return typeof error === 'string'
      ? { error, description: typeof description === 'string' ? description : '' }
      : undefined;
  } catch {
    return undefined;
  }
};

/** Error codes that Salesforce shows on a page of their own. */
const errorCodeIn = (text: string): Refusal | undefined => {
  const code = /\bOAUTH_(?:APPROVAL_ERROR_GENERIC|APP_ACCESS_DENIED|EC_APP_NOT_FOUND)\b/.exec(text)?.[0];
  return code ? { error: code, description: '' } : undefined;
};
