import * as oauth from 'oauth4webapi';

import { keepSecret } from '../app/secret.ts';
import { authorizeUrl, type LoginRequest } from './authorize.ts';
import { type CallbackListener, listenForCallback, type OtherPages } from './callbackListener.ts';
import type { CallbackPage } from './callbackPage.ts';
import type { Endpoints } from './endpoints.ts';
import type { HttpClient } from './httpClient.ts';
import { asRefusal, overHttp, RefusedError, type Token, toToken, withoutIdToken } from './salesforceOauth.ts';
import { authenticationOf, type Client } from './token.ts';

/** What somebody needs in order to log in, and what is said to them in the browser. */
export type BrowserLogin = {
  /** Has somebody open the address; it must not wait until they are done. */
  open: (url: string) => void | Promise<void>;
  /** How long to wait for them, in milliseconds. */
  waitMs: number;
  pages: OtherPages & { success: CallbackPage; refused: (error: RefusedError | undefined) => CallbackPage };
};

/**
 * The whole web server flow. It listens on the app's callback URL and has somebody log in in the browser. It checks the
 * answer's state, and exchanges the code and the PKCE verifier for a token. A page at the end says how it went.
 *
 * @throws RefusedError with what the org said; PortTakenError; NobodyCameError; NoAnswerError; the signal's reason
 */
export const logInByBrowser = async (
  http: HttpClient,
  { server }: Endpoints,
  client: Client,
  request: LoginRequest,
  { open, waitMs, pages }: BrowserLogin,
  signal?: AbortSignal,
): Promise<Token> => {
  const state = oauth.generateRandomState();
  const codeVerifier = oauth.generateRandomCodeVerifier();
  keepSecret(codeVerifier);
  const validated = (parameters: URLSearchParams): URLSearchParams =>
    oauth.validateAuthResponse(server, { client_id: client.consumerKey }, parameters, state);
  const listener = await listenForCallback(
    request.callbackUrl,
    // A refusal belongs to this login as well: only who was asked by us knows the state.
    (parameters) => isOurs(parameters, state),
    pages,
  );
  try {
    await open((await authorizeUrl(server, request, { state, codeVerifier })).href);
    return await finish(listener, waitMs, pages, signal, async (parameters) => {
      const answered = asAnswer(() => validated(parameters));
      return exchangeCode(http, server, client, answered, request.callbackUrl, codeVerifier);
    });
  } finally {
    await listener.close();
  }
};

const isOurs = (parameters: URLSearchParams, state: string): boolean =>
  parameters.getAll('state').length === 1 && parameters.get('state') === state;

/** Judges what came back, and shows in the browser how that went, whatever comes of it. */
const finish = async (
  listener: CallbackListener,
  waitMs: number,
  pages: BrowserLogin['pages'],
  signal: AbortSignal | undefined,
  judge: (parameters: URLSearchParams) => Promise<Token>,
): Promise<Token> => {
  const { parameters, show } = await listener.callback(waitMs, signal);
  keepSecret(parameters.get('code'));
  try {
    const token = await judge(parameters);
    await show(pages.success);
    return token;
  } catch (error) {
    await show(pages.refused(error instanceof RefusedError ? error : undefined));
    throw error;
  }
};

/** What the org sent the browser back with; a refusal is thrown as one. */
const asAnswer = (validate: () => URLSearchParams): URLSearchParams => {
  try {
    return validate();
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) {
      throw new RefusedError({ error: error.error, description: error.error_description ?? '' });
    }
    if (error instanceof oauth.OperationProcessingError) {
      throw new RefusedError({ error: 'unexpected_answer', description: error.message });
    }
    throw error;
  }
};

const exchangeCode = async (
  http: HttpClient,
  server: oauth.AuthorizationServer,
  client: Client,
  answered: URLSearchParams,
  callbackUrl: string,
  codeVerifier: string,
): Promise<Token> =>
  asRefusal(async () => {
    const named = { client_id: client.consumerKey };
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      named,
      authenticationOf(client),
      answered,
      callbackUrl,
      codeVerifier,
      overHttp(http, server.issuer),
    );
    return toToken(await oauth.processAuthorizationCodeResponse(server, named, await withoutIdToken(response)));
  });
