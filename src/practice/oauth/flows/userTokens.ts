import { asLogin, type Way } from '../../loginHistory.ts';
import { shutOut } from '../../logins.ts';
import type { PracticeOrg } from '../../org.ts';
import type { Asking } from '../addresses.ts';
import { grantsOf } from '../grants.ts';
import { isPermitted, type OauthApp } from '../oauthApp.ts';
import { refusals } from '../refusal.ts';
import { allowsRefreshToken } from '../scopes.ts';
import { idToken, openAccess, type TokenAnswer, tokenAnswer } from '../tokens.ts';
/**
 * A user for whom a token is asked has to be one who can log in. The answer for a frozen or locked user was not
 * reported. This is Salesforce's answer for a login that failed for any reason.
 */
export const requireAbleToLogIn = (org: PracticeOrg, userId: string): void => {
  switch (shutOut(org, userId)) {
    case 'inactive':
      throw refusals.inactiveUser();
    case 'frozen':
      throw refusals.authenticationFailure();
    case 'locked-out':
      if (org.variants['locked-out-user'] === 'refused') throw refusals.authenticationFailure();
      return;
    case undefined:
      return;
  }
};

/** The user of a request, who must be able to log in and be let in by the app's policies. */
export const requirePermitted = (org: PracticeOrg, app: OauthApp, userId: string): void => {
  requireAbleToLogIn(org, userId);
  if (!isPermitted(org, app, userId)) throw refusals.notAdminApproved();
};

type UserLogin = { userId: string; scopes: string[]; nonce?: string; asking?: Asking; way: Way };

/**
 * The tokens of a login that a user has approved. These are an access token, and refresh and id tokens if the scopes
 * include them.
 */
export const tokensOfLogin = (org: PracticeOrg, app: OauthApp, login: UserLogin): Promise<TokenAnswer> => {
  const attempt = { userId: login.userId, way: login.way, application: app.label };
  return asLogin(org, attempt, () => openTokens(org, app, login));
};

const openTokens = async (org: PracticeOrg, app: OauthApp, login: UserLogin): Promise<TokenAnswer> => {
  requirePermitted(org, app, login.userId);
  const session = await openAccess(org, app, login.userId, login.scopes, login.asking);
  const answer = tokenAnswer(org, app, session);
  if (allowsRefreshToken(login.scopes)) {
    const grant = grantsOf(org).newRefreshGrant(app, login.userId, login.scopes);
    grantsOf(org).remember(grant, session);
    answer.refresh_token = grant.token;
  }
  if (login.scopes.includes('openid')) answer.id_token = await idToken(org, app, session, login.nonce);
  return answer;
};
