import * as oauth from 'oauth4webapi';
import type { Client } from './browserLogin.ts';
import type { Endpoints } from './endpoints.ts';
import type { HttpClient } from './httpClient.ts';
import type { Token } from './salesforceOauth.ts';
import { asRefusal, overHttp, toToken } from './salesforceOauth.ts';

export type ClientCredentials = { consumerKey: string; consumerSecret: string };

/**
 * Asks for a token without a user (client-credentials flow).
 *
 * @throws RefusedError with what the org said; NoAnswerError
 */
export const requestClientCredentialsToken = async (
  http: HttpClient,
  { server }: Endpoints,
  { consumerKey, consumerSecret }: ClientCredentials,
): Promise<Token> =>
  asRefusal(async () => {
    const client = { client_id: consumerKey };
    const authentication = oauth.ClientSecretPost(consumerSecret);
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      authentication,
      {},
      overHttp(http, server.issuer),
    );
    return toToken(await oauth.processClientCredentialsResponse(server, client, response));
  });

/**
 * Asks for a token with a user name and password (username-password flow), which no external client app has: it is there to
 * see that the org refuses it.
 *
 * @throws RefusedError with what the org said; NoAnswerError
 */
export const requestPasswordToken = async (
  http: HttpClient,
  { server }: Endpoints,
  { consumerKey, consumerSecret }: ClientCredentials,
  user: { username: string; password: string },
): Promise<Token> =>
  asRefusal(async () => {
    const client = { client_id: consumerKey };
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      oauth.ClientSecretPost(consumerSecret),
      'password',
      user,
      overHttp(http, server.issuer),
    );
    return toToken(await oauth.processGenericTokenEndpointResponse(server, client, response));
  });

/**
 * Asks for a token in exchange for one of an identity provider (token exchange flow; Salesforce Help, "Set Up the Token Exchange
 * Flow"). The app's default handler judges it.
 *
 * @throws RefusedError with what the org said; NoAnswerError
 */
export const requestExchangedToken = async (
  http: HttpClient,
  { server }: Endpoints,
  { consumerKey, consumerSecret }: Client,
  subjectToken: string,
): Promise<Token> =>
  asRefusal(async () => {
    const client = { client_id: consumerKey };
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      consumerSecret === undefined ? oauth.None() : oauth.ClientSecretPost(consumerSecret),
      'urn:ietf:params:oauth:grant-type:token-exchange',
      { subject_token: subjectToken, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' },
      overHttp(http, server.issuer),
    );
    return toToken(await oauth.processGenericTokenEndpointResponse(server, client, response));
  });

/**
 * Gives a token back. Of a pair, revoking the refresh token ends the access token too.
 *
 * @throws RefusedError, NoAnswerError
 */
export const revokeToken = async (
  http: HttpClient,
  { server }: Endpoints,
  consumerKey: string,
  token: Token,
): Promise<void> =>
  asRefusal(async () => {
    const response = await oauth.revocationRequest(
      server,
      { client_id: consumerKey },
      // Salesforce asks for the token alone (Salesforce Help, "Revoke OAuth Tokens").
      oauth.None(),
      token.refreshToken ?? token.accessToken,
      overHttp(http, server.issuer),
    );
    await oauth.processRevocationResponse(response);
  });
