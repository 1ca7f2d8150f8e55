import type { PracticeOrg } from '../org.ts';
import { grantsOf } from './grants.ts';
import { OauthRefusal, refusals } from './refusal.ts';

/**
 * Ends a token. This is an access token alone, or a refresh token (or its DeleteToken) with all tokens that came from
 * it.
 */
export const revoke = (org: PracticeOrg, token: string | undefined): void => {
  if (!token) throw refusals.missing('token');
  const grants = grantsOf(org);
  const grant = grants.refreshGrant(token) ?? grants.refreshGrantToDelete(token);
  if (grant) return grants.revoke(grant);
  if (org.session(token) && grants.revokeAccess(token)) return undefined;
  throw new OauthRefusal('unsupported_token_type', 'this token type is not supported');
};
