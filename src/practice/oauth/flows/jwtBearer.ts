import { X509Certificate } from 'node:crypto';

import { decodeJwt, type JWTPayload, jwtVerify } from 'jose';

import { asLogin } from '../../loginHistory.ts';
import type { PracticeOrg } from '../../org.ts';
import { type Form, namedApp } from '../client.ts';
import { grantsOf } from '../grants.ts';
import type { OauthApp } from '../oauthApp.ts';
import { OauthRefusal, refusals } from '../refusal.ts';
import { allowsRefreshToken, withoutLasting } from '../scopes.ts';
import { openAccess, type TokenAnswer, unsignedAnswer } from '../tokens.ts';
import { requirePermitted } from './userTokens.ts';

/** The general login hosts. The kind of an org decides which host it uses, and clients try both. */
const LOGIN_HOSTS = ['https://login.salesforce.com', 'https://test.salesforce.com'];

/** grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer */
export const jwtBearer = async (org: PracticeOrg, form: Form): Promise<TokenAnswer> => {
  if (!form.assertion) throw refusals.missing('assertion');
  const app = namedApp(org, claimsOf(form.assertion).iss);
  const claims = await verified(org, app, form.assertion);
  if (!audienceFits(org, claims.aud)) throw refusals.wrongAudience();
  const user = typeof claims.sub === 'string' ? org.userByUsername(claims.sub) : undefined;
  if (!user) throw refusals.notApproved();
  const attempt = { userId: user.Id, way: 'jwt-bearer' as const, application: app.label };
  return asLogin(org, attempt, () => tokenFor(org, app, user.Id));
};

const tokenFor = async (org: PracticeOrg, app: OauthApp, userId: string): Promise<TokenAnswer> => {
  if (!allowsRefreshToken(app.scopes)) {
    throw new OauthRefusal(
      'invalid_request',
      'refresh_token scope is required and the connected app should be installed and preauthorized',
    );
  }
  requirePermitted(org, app, userId);
  const approved = grantsOf(org).approved(app, userId);
  if (!app.adminApprovedOnly && approved.size === 0) throw refusals.notApproved();
  const scopes = app.adminApprovedOnly ? app.scopes : app.scopes.filter((scope) => approved.has(scope));
  return unsignedAnswer(org, await openAccess(org, app, userId, withoutLasting(scopes), 'jwt-bearer'));
};

/** The claims of an assertion, before they are verified: the issuer decides how to verify them. */
const claimsOf = (assertion: string): JWTPayload => {
  try {
    return decodeJwt(assertion);
  } catch {
    throw refusals.wrongAssertion();
  }
};

const verified = async (org: PracticeOrg, app: OauthApp, assertion: string): Promise<JWTPayload> => {
  try {
    const { publicKey: key, validToDate } = certificateOf(app);
    if (org.variants['expired-certificate'] === 'refused' && validToDate < org.now()) throw refusals.wrongAssertion();
    const { payload } = await jwtVerify(assertion, key, {
      algorithms: ['RS256'],
      currentDate: org.now(),
      requiredClaims: ['iss', 'sub', 'aud', 'exp'],
    });
    return payload;
  } catch {
    // No certificate, another one, or out of date: Salesforce does not say which.
    throw org.variants['jwt-wrong-certificate'] === 'invalid-client'
      ? refusals.wrongSecret()
      : refusals.wrongAssertion();
  }
};

/** The metadata holds a whole PEM file, or its base64 lines alone. */
const certificateOf = (app: OauthApp): X509Certificate => {
  const text = app.certificate ?? '';
  return new X509Certificate(text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64'));
};

const audienceFits = (org: PracticeOrg, aud: JWTPayload['aud']): boolean => {
  const audiences = (Array.isArray(aud) ? aud : [aud ?? '']).map((one) => one.replace(/\/$/, ''));
  const ownHost = audiences.includes(org.instanceUrl) || audiences.includes(`${org.instanceUrl}/services/oauth2/token`);
  const loginHost = audiences.some((one) => LOGIN_HOSTS.includes(one));
  switch (org.variants['jwt-audience']) {
    case 'login-host':
      return loginHost;
    case 'my-domain':
      return ownHost;
    case 'both':
      return loginHost || ownHost;
  }
};
