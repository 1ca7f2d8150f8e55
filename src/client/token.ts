import * as oauth from 'oauth4webapi';

import type { Secret } from '../app/secret.ts';
import type { Endpoints } from './endpoints.ts';
import type { HttpClient } from './httpClient.ts';
import { asRefusal, overHttp, type Token, toToken, withoutIdToken } from './salesforceOauth.ts';

/** Whom the token endpoint deals with: an app's key, and its secret where the app requires one. */
export type Client = { consumerKey: string; consumerSecret?: Secret };

export type ClientCredentials = Client & { consumerSecret: Secret };

/** How a client proves who it is: by its secret, in the body of the request. */
export const authenticationOf = ({ consumerSecret }: Client): oauth.ClientAuth =>
  consumerSecret === undefined ? oauth.None() : oauth.ClientSecretPost(consumerSecret.reveal());

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
    const authentication = authenticationOf({ consumerKey, consumerSecret });
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
 * Asks for a token with a user name and password (username-password flow). No external client app has this flow: the call is
 * there to see that the org refuses it.
 *
 * @throws RefusedError with what the org said; NoAnswerError
 */
export const requestPasswordToken = (
  http: HttpClient,
  endpoints: Endpoints,
  client: ClientCredentials,
  user: { username: string; password: string },
): Promise<Token> => requestGrant(http, endpoints, client, 'password', user);

/**
 * Asks for a token by a grant that takes one request.
 *
 * @param parameters beside the client's own
 * @throws RefusedError with what the org said; NoAnswerError
 */
export const requestGrant = (
  http: HttpClient,
  { server }: Endpoints,
  client: Client,
  grantType: string,
  parameters: Record<string, string>,
): Promise<Token> =>
  asRefusal(async () => {
    const named = { client_id: client.consumerKey };
    const authentication = authenticationOf(client);
    const options = overHttp(http, server.issuer);
    const response = await oauth.genericTokenEndpointRequest(
      server,
      named,
      authentication,
      grantType,
      parameters,
      options,
    );
    return toToken(await oauth.processGenericTokenEndpointResponse(server, named, response));
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
      (token.refreshToken ?? token.accessToken).reveal(),
      overHttp(http, server.issuer),
    );
    await oauth.processRevocationResponse(response);
  });

/**
 * Gets a new access token for a refresh token. With rotation the answer has a new refresh token as well, and the old one is of
 * no more use. Without rotation the old one goes on.
 *
 * @throws RefusedError, NoAnswerError
 */
export const refreshToken = async (
  http: HttpClient,
  { server }: Endpoints,
  client: Client,
  token: Token & { refreshToken: Secret },
): Promise<Token> =>
  asRefusal(async () => {
    const named = { client_id: client.consumerKey };
    const response = await oauth.refreshTokenGrantRequest(
      server,
      named,
      authenticationOf(client),
      token.refreshToken.reveal(),
      overHttp(http, server.issuer),
    );
    const fresh = toToken(await oauth.processRefreshTokenResponse(server, named, await withoutIdToken(response)));
    return { ...fresh, refreshToken: fresh.refreshToken ?? token.refreshToken };
  });
