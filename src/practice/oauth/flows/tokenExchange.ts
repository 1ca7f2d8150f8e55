import { createLocalJWKSet, jwtVerify } from 'jose';

import type { PracticeOrg } from '../../org.ts';
import { checkSecret, type ClaimedClient, type Form, namedApp } from '../client.ts';
import type { OauthApp } from '../oauthApp.ts';
import { OauthRefusal, refusals } from '../refusal.ts';
import { grantedScopes, scopesOfRequest } from '../scopes.ts';
import { jwks } from '../signing.ts';
import type { TokenAnswer } from '../tokens.ts';
import { tokensOfLogin } from './userTokens.ts';

/**
 * grant_type=urn:ietf:params:oauth:grant-type:token-exchange (Salesforce Help, "Set Up the Token Exchange Flow"). An
 * Apex class decides which user a foreign token stands for, and a practice org runs no Apex. The practice org imitates
 * one class, which accepts the tokens that the org itself gave out. With any other class the flow ends where Apex would
 * begin.
 */
export const tokenExchange = async (org: PracticeOrg, client: ClaimedClient, form: Form): Promise<TokenAnswer> => {
  const app = namedApp(org, client.id);
  checkSecret(app, client.secret, app.secretRequiredForTokenExchange);
  if (!app.tokenExchange.global || !app.tokenExchange.policy) throw refusals.unsupportedGrant();
  if (!form.subject_token) throw refusals.missing('subject_token');
  if (!form.subject_token_type) throw refusals.missing('subject_token_type');
  const handler = handlerFor(org, app, form.token_handler);
  if (!handler) throw new OauthRefusal('invalid_request', 'no token exchange handler enabled for this app');
  const supported = SUPPORTED_BY[form.subject_token_type.toLowerCase()];
  if (!supported || handler[supported] !== true) {
    throw new OauthRefusal('invalid_request', 'the token exchange handler does not support this subject_token_type');
  }
  if (handler.tokenHandlerApex !== OWN_CLASS) {
    throw new OauthRefusal('invalid_grant', 'the token exchange handler did not run: a practice org has no Apex');
  }
  const userId = await userOfOwnToken(org, form.subject_token);
  if (!userId) throw new OauthRefusal('invalid_grant', 'the token exchange handler did not accept the subject token');
  const scopes = grantedScopes(app.scopes, scopesOfRequest(form.scope));
  if (!scopes) throw refusals.wrongScope();
  return tokensOfLogin(org, app, { userId, scopes, way: 'token-exchange' });
};

/** The Apex class that a practice org acts as if it had. */
const OWN_CLASS = 'PracticeTokenExchangeHandler';

/** The types of a subject token, and the element of a handler that says whether it takes them. In small letters: sources differ. */
const SUPPORTED_BY: Record<string, string> = {
  'urn:ietf:params:oauth:token-type:access_token': 'isAccessTokenSupported',
  'urn:ietf:params:oauth:token-type:refresh_token': 'isRefreshTokenSupported',
  'urn:ietf:params:oauth:token-type:id_token': 'isIdTokenSupported',
  'urn:ietf:params:oauth:token-type:jwt': 'isJwtSupported',
  'urn:ietf:params:oauth:token-type:saml2': 'isSaml2Supported',
};

type Handler = Record<string, unknown>;

/** The handler that is enabled for an app: the one whose Apex class is named, else the app's default. */
const handlerFor = (org: PracticeOrg, app: OauthApp, apexClass: string | undefined): Handler | undefined =>
  org
    .components('OauthTokenExchangeHandler')
    .map(({ body }) => body)
    .filter((handler) => handler.isEnabled === true)
    .find((handler) => {
      const ofApp = enablements(handler).find((one) => one.externalClientApp?.toLowerCase() === app.name.toLowerCase());
      if (!ofApp) return false;
      return apexClass ? handler.tokenHandlerApex === apexClass : ofApp.isDefault === true;
    });

const enablements = (handler: Handler): Array<{ externalClientApp?: string; isDefault?: boolean }> =>
  Array.isArray(handler.enablements) ? (handler.enablements as Array<{ externalClientApp?: string }>) : [];

/** The user of an access token of this org that still lives, or of one that the org signed. */
const userOfOwnToken = async (org: PracticeOrg, token: string): Promise<string | undefined> => {
  const session = org.session(token);
  if (session) return session.userId;
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(await jwks(org)), { currentDate: org.now() });
    return org.record('User', /(?:\/|uid:)(005\w+)$/.exec(payload.sub ?? '')?.[1] ?? '')?.Id;
  } catch {
    return undefined;
  }
};
