import type { PracticeOrg } from '../../org.ts';
import { checkSecret, namedApp } from '../client.ts';
import type { ClaimedClient, Form } from '../client.ts';
import { OauthRefusal, refusals } from '../refusal.ts';

/**
 * grant_type=urn:ietf:params:oauth:grant-type:token-exchange. An Apex handler decides whom a foreign token stands for; the
 * practice org runs no Apex, so that every such request ends in a refusal, and the last one says so.
 */
export function tokenExchange(org: PracticeOrg, client: ClaimedClient, form: Form): never {
  const app = namedApp(org, client.id);
  checkSecret(app, client.secret, app.secretRequiredForTokenExchange);
  if (!app.tokenExchange.global || !app.tokenExchange.policy) throw refusals.unsupportedGrant();
  if (!form.subject_token) throw refusals.missing('subject_token');
  if (!form.subject_token_type) throw refusals.missing('subject_token_type');
  if (!app.tokenExchange.handler)
    throw new OauthRefusal('invalid_request', 'no token exchange handler enabled for this app');
  throw new OauthRefusal('invalid_grant', 'the token exchange handler did not run: a practice org has no Apex');
}
