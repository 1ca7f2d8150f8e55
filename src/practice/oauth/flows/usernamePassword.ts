import { noteLogin, STATUS, SUCCESS } from '../../loginHistory.ts';
import { passwordFits, shutOut } from '../../logins.ts';
import type { PracticeOrg } from '../../org.ts';
import { checkSecret, type ClaimedClient, type Form, namedApp } from '../client.ts';
import { isPermitted } from '../oauthApp.ts';
import { refusals } from '../refusal.ts';
import { withoutLasting } from '../scopes.ts';
import { openAccess, type TokenAnswer, tokenAnswer } from '../tokens.ts';

/** The day on which the flow ends for Connected Apps (Winter '27 release notes, pages 952 and 953). */
const END = Date.UTC(2027, 1, 20);

/**
 * grant_type=password, which only Connected Apps have. An org can block the flow, and a new org does. The answer to a
 * blocked flow, and its status in the login history, were reported. Nobody reported an answer after the last day; it is
 * taken to be the same. The flow gives no refresh token.
 */
export const usernamePassword = async (org: PracticeOrg, client: ClaimedClient, form: Form): Promise<TokenAnswer> => {
  const app = namedApp(org, client.id);
  if (!app.connected) throw refusals.unsupportedGrant();
  checkSecret(app, client.secret, app.secretRequired);
  if (!form.username || !form.password) throw refusals.missing('username and password');
  const user = org.userByUsername(form.username);
  if (!user) throw refusals.authenticationFailure();
  const isBlocked = org.settings.OauthOidcSettings?.blockOAuthUnPwFlow === true || org.now().getTime() >= END;
  const attempt = { userId: user.Id, way: 'username-password' as const, application: app.label };
  const problem = shutOut(org, user.Id);
  if (isBlocked) noteLogin(org, attempt, 'Username-Password Flow Disabled');
  else if (problem) noteLogin(org, attempt, STATUS[problem]);
  else if (!passwordFits(org, user.Id, form.password)) noteLogin(org, attempt, STATUS['wrong-password']);
  else if (!isPermitted(org, app, user.Id)) {
    noteLogin(org, attempt, 'Failed: Not approved for access');
    throw refusals.notAdminApproved();
  } else {
    const session = await openAccess(org, app, user.Id, withoutLasting(app.scopes));
    noteLogin(org, attempt, SUCCESS);
    return tokenAnswer(org, app, session);
  }
  throw refusals.authenticationFailure();
};
