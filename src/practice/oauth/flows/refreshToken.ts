import { asLogin } from '../../loginHistory.ts';
import type { PracticeOrg } from '../../org.ts';
import { checkSecret, type ClaimedClient, type Form, namedApp } from '../client.ts';
import { grantee, grantsOf, type RefreshGrant } from '../grants.ts';
import type { OauthApp } from '../oauthApp.ts';
import { refusals } from '../refusal.ts';
import { grantedScopes, scopesOfRequest } from '../scopes.ts';
import { idToken, openAccess, type TokenAnswer, tokenAnswer } from '../tokens.ts';
import { requirePermitted } from './userTokens.ts';

/** grant_type=refresh_token */
export const refreshToken = async (org: PracticeOrg, client: ClaimedClient, form: Form): Promise<TokenAnswer> => {
  const app = namedApp(org, client.id);
  checkSecret(app, client.secret, app.secretRequiredForRefresh);
  if (!form.refresh_token) throw refusals.missing('refresh_token');
  const grants = grantsOf(org);
  const grant = grants.refreshGrant(form.refresh_token);
  if (!grant || grant.appId !== grantee(app)) throw refusals.expiredToken();
  if (grant.spent.has(form.refresh_token)) {
    // Two hold the same token, and one of them should not: neither gets anything more.
    grants.revoke(grant);
    throw refusals.expiredToken();
  }
  const attempt = { userId: grant.userId, way: 'refresh' as const, application: app.label };
  return asLogin(org, attempt, () => refreshed(org, app, grant, form));
};

const refreshed = async (org: PracticeOrg, app: OauthApp, grant: RefreshGrant, form: Form): Promise<TokenAnswer> => {
  const grants = grantsOf(org);
  if (hasExpired(grant, app, org.now())) throw refusals.expiredToken();
  requirePermitted(org, app, grant.userId);
  const scopes = grantedScopes(grant.scopes, scopesOfRequest(form.scope));
  if (!scopes) throw refusals.wrongScope();

  const session = await openAccess(org, app, grant.userId, scopes, 'refresh');
  grants.remember(grant, session);
  grants.used(grant);
  const answer = tokenAnswer(org, app, session);
  if (app.refreshTokenRotation) {
    grants.rotate(grant);
    answer.refresh_token = grant.token;
  }
  if (scopes.includes('openid')) answer.id_token = await idToken(org, app, session);
  return answer;
};

/** 30 days in milliseconds (release notes of Winter '27). */
const IDLE_LIMIT = 30 * 86_400_000;

/** The policy of today counts, not the one of the day that the token was given. */
export const hasExpired = (
  grant: RefreshGrant,
  { refreshTokenPolicy: policy, refreshTokenIdleLimit }: Pick<OauthApp, 'refreshTokenPolicy' | 'refreshTokenIdleLimit'>,
  now: Date,
): boolean => {
  if (refreshTokenIdleLimit && now.getTime() >= grant.lastUsedAt.getTime() + IDLE_LIMIT) return true;
  switch (policy.kind) {
    case 'Infinite':
      return false;
    case 'Zero':
      return true;
    case 'SpecificLifetime':
      return now.getTime() >= grant.grantedAt.getTime() + policy.milliseconds;
    case 'SpecificInactivity':
      return now.getTime() >= grant.lastUsedAt.getTime() + policy.milliseconds;
  }
};
