import { asLogin } from '../../loginHistory.ts';
import type { PracticeOrg } from '../../org.ts';
import { checkSecret, type ClaimedClient, type Form, namedApp } from '../client.ts';
import type { OauthApp } from '../oauthApp.ts';
import { refusals } from '../refusal.ts';
import { grantedScopes, scopesOfRequest, scopesWithoutUser } from '../scopes.ts';
import { openAccess, type TokenAnswer, tokenAnswer } from '../tokens.ts';
import { requirePermitted } from './userTokens.ts';

/** grant_type=client_credentials. `host` is the one that was asked: only the org's own will do. */
export const clientCredentials = async (
  org: PracticeOrg,
  client: ClaimedClient,
  form: Form,
  host: string,
): Promise<TokenAnswer> => {
  if (host !== new URL(org.instanceUrl).host) throw refusals.otherDomain();
  const app = namedApp(org, client.id);
  checkSecret(app, client.secret, true);
  const userId = runAsUser(org, app);
  return asLogin(org, { userId, way: 'client-credentials', application: app.label }, async () => {
    requirePermitted(org, app, userId);
    const scopes = grantedScopes(scopesWithoutUser(app.scopes), scopesOfRequest(form.scope));
    if (!scopes) throw refusals.wrongScope();
    return tokenAnswer(org, app, await openAccess(org, app, userId, scopes));
  });
};

/** The user that the app runs as. Both switches have to be on; what is said when one is not, is a variant. */
const runAsUser = (org: PracticeOrg, app: OauthApp): string => {
  const { global: developer, policy: admin, runAs } = app.clientCredentials;
  if (!developer && !admin) throw refusals.unsupportedGrant();
  if (!developer || !admin) {
    throw org.variants['client-credentials-half-on'] === 'unsupported'
      ? refusals.unsupportedGrant()
      : refusals.noClientCredentialsUser();
  }
  const user = runAs ? org.userByUsername(runAs) : undefined;
  if (!user) throw refusals.noClientCredentialsUser();
  return user.Id;
};
