import type { PracticeOrg } from '../../org.ts';
import { grantsOf } from '../grants.ts';
import { isPermitted } from '../oauthApp.ts';
import type { OauthApp } from '../oauthApp.ts';
import { refusals } from '../refusal.ts';
import { allowsRefreshToken } from '../scopes.ts';
import { idToken, openAccess, tokenAnswer } from '../tokens.ts';
import type { TokenAnswer } from '../tokens.ts';

/** The user of a request, who must be active and be let in by the app's policies. */
export function requirePermitted(org: PracticeOrg, app: OauthApp, userId: string): void {
  if (org.record('User', userId)?.IsActive !== true) throw refusals.inactiveUser();
  if (!isPermitted(org, app, userId)) throw refusals.notAdminApproved();
}

/** The tokens of a login that a user has agreed to: access, and refresh and id tokens where the scopes say so. */
export async function tokensOfLogin(
  org: PracticeOrg,
  app: OauthApp,
  login: { userId: string; scopes: string[]; nonce?: string },
): Promise<TokenAnswer> {
  requirePermitted(org, app, login.userId);
  const session = await openAccess(org, app, login.userId, login.scopes);
  const answer = tokenAnswer(org, app, session);
  if (allowsRefreshToken(login.scopes)) {
    const grant = grantsOf(org).newRefreshGrant(app, login.userId, login.scopes);
    grantsOf(org).remember(grant, session);
    answer.refresh_token = grant.token;
  }
  if (login.scopes.includes('openid')) answer.id_token = await idToken(org, app, session, login.nonce);
  return answer;
}
