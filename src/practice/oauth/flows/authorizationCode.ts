import { createHash } from 'node:crypto';

import type { PracticeOrg } from '../../org.ts';
import { checkSecret, type ClaimedClient, type Form, namedApp } from '../client.ts';
import { grantee, grantsOf } from '../grants.ts';
import { refusals } from '../refusal.ts';
import { sameText } from '../sameText.ts';
import type { TokenAnswer } from '../tokens.ts';
import { tokensOfLogin } from './userTokens.ts';

/** grant_type=authorization_code */
export const authorizationCode = async (org: PracticeOrg, client: ClaimedClient, form: Form): Promise<TokenAnswer> => {
  const app = namedApp(org, client.id);
  checkSecret(app, client.secret, app.secretRequired);
  if (!form.code) throw refusals.missing('code');
  const code = grantsOf(org).takeCode(form.code);
  if (!code || grantee(code.app) !== grantee(app)) throw refusals.wrongCode();
  if (code.expiresAt <= org.now()) throw refusals.expiredCode();
  if (form.redirect_uri !== code.redirectUri) throw refusals.wrongRedirect();
  if (code.challenge && !answersChallenge(form.code_verifier, code.challenge)) throw refusals.wrongVerifier();
  const way = code.site ? 'code-and-credentials' : 'web-server';
  return { ...(await tokensOfLogin(org, app, { ...code, asking: 'web-server', way })), ...code.site };
};

const answersChallenge = (verifier: string | undefined, challenge: string): boolean =>
  verifier !== undefined && sameText(createHash('sha256').update(verifier).digest('base64url'), challenge);
