import { createHash, createHmac, randomUUID } from 'node:crypto';

import type { PracticeOrg, Session, SObjectRecord } from '../org.ts';
import { type Asking, checkAddress } from './addresses.ts';
import { identityUrl, standardClaims } from './identity.ts';
import type { OauthApp } from './oauthApp.ts';
import { signed } from './signing.ts';

/** The answer to a token request that was granted. */
export type TokenAnswer = {
  access_token: string;
  token_format: 'opaque' | 'jwt';
  scope: string;
  instance_url: string;
  id: string;
  token_type: 'Bearer';
  /** Milliseconds since 1970, as text. */
  issued_at?: string;
  signature?: string;
  refresh_token?: string;
  id_token?: string;
  sfdc_community_url?: string;
  sfdc_community_id?: string;
};

const MINUTE = 60 * 1000;

/** Gives an app an access token for a user, in the format that its settings ask for. Throws OauthRefusal, as checkAddress does. */
export const openAccess = async (
  org: PracticeOrg,
  app: OauthApp,
  userId: string,
  scopes: string[],
  asking: Asking = 'other',
): Promise<Session> => {
  checkAddress(org, app, userId, asking);
  const format = app.jwtAccessTokens ? 'jwt' : 'opaque';
  const minutes = format === 'jwt' ? app.jwtMinutes : app.opaqueMinutes;
  const timeout = minutes * MINUTE;
  const expiresAt = new Date(org.now().getTime() + timeout);
  const token = format === 'jwt' ? await accessJwt(org, app, { userId, scopes, expiresAt }) : undefined;
  return org.openSession({
    userId,
    appId: app.id,
    scopes,
    format,
    expiresAt,
    token,
    // The end time in a signed token cannot be moved.
    ...(format === 'opaque' ? { timeout } : {}),
  });
};

/** An access token in JWT format, with the claims that Salesforce's guide describes. */
const accessJwt = (
  org: PracticeOrg,
  app: OauthApp,
  { userId, scopes, expiresAt }: Pick<Session, 'userId' | 'scopes' | 'expiresAt'>,
): Promise<string> => {
  const now = seconds(org.now());
  const claims = {
    scp: scopes.join(' '),
    sub: `uid:${userId}`,
    roles: [],
    iss: org.instanceUrl,
    client_id: app.key,
    aud: [org.instanceUrl],
    nbf: now,
    mty: 'oauth',
    exp: seconds(expiresAt),
    iat: now,
    jti: randomUUID(),
  };
  return signed(org, claims, { tnk: `core/practice/${org.orgId}`, ver: '1.0', tty: 'sfdc-core-token', typ: 'JWT' });
};

/** The answer of the flows that a client secret belongs to: signed with it, where the app has one. */
export const tokenAnswer = (org: PracticeOrg, app: OauthApp, session: Session): TokenAnswer => {
  const plain = unsignedAnswer(org, session);
  const issuedAt = String(session.issuedAt.getTime());
  const signature = createHmac('sha256', app.secret ?? '')
    .update(plain.id + issuedAt)
    .digest('base64');
  return { ...plain, signature, issued_at: issuedAt };
};

/** The answer of the JWT bearer flow, which says neither signature nor time. */
export const unsignedAnswer = (org: PracticeOrg, session: Session): TokenAnswer => ({
  access_token: session.token,
  token_format: session.format,
  scope: session.scopes.join(' '),
  instance_url: org.instanceUrl,
  id: identityUrl(org, session.userId),
  token_type: 'Bearer',
});

/** An OpenID Connect id token for the user of a session, as the app's settings for it say. */
export const idToken = (org: PracticeOrg, app: OauthApp, session: Session, nonce?: string): Promise<string> => {
  const user = org.record('User', session.userId);
  const now = seconds(org.now());
  return signed(org, {
    at_hash: createHash('sha256').update(session.token).digest().subarray(0, 16).toString('base64url'),
    sub: identityUrl(org, session.userId),
    aud: app.idToken.audience ? [app.key, app.idToken.audience] : app.key,
    iss: org.instanceUrl,
    iat: now,
    exp: now + app.idToken.validityMinutes * 60,
    ...(nonce === undefined ? {} : { nonce }),
    ...(app.idToken.standardClaims && user ? definedClaims(user) : {}),
    ...(app.idToken.attributes ? { custom_attributes: {} } : {}),
    ...(app.idToken.customPermissions ? { custom_permissions: {} } : {}),
  });
};

const definedClaims = (user: SObjectRecord): Record<string, unknown> =>
  Object.fromEntries(Object.entries(standardClaims(user)).filter(([, value]) => value !== null));

export const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);
