import type { App } from '../app.ts';
import { isPlaceholder } from '../callbackUrl.ts';
import { flowsOf, usableScopes } from '../checks.ts';
import { allowsRefreshToken } from '../scopes.ts';
import type { AuditedApp } from './facts.ts';

/** Scopes that only say who a user is. */
const IDENTITY = new Set(['openid', 'id', 'profile', 'email', 'address', 'phone']);

/** What a token of the app gives: all that its user may do, some data, or only the user's name. */
export const reachOf = ({ scopes = [], customScopes = [] }: App): 'all' | 'data' | 'identity' => {
  if (scopes.includes('full')) return 'all';
  return usableScopes(scopes).some((scope) => !IDENTITY.has(scope)) || customScopes.length > 0 ? 'data' : 'identity';
};

/** A client that proves itself without a secret. */
export const isPublic = ({ oauth }: App): boolean => oauth?.secretRequired === false;

/** Can somebody log in with the browser? A callback URL that only fills a required field leads nowhere. */
export const hasCodeFlow = ({ oauth }: App): boolean =>
  (oauth?.callbackUrls ?? []).some((url) => !isPlaceholder(url)) ||
  oauth?.flows?.includes('code-and-credentials') === true;

const has = (app: App, flow: 'device' | 'jwt-bearer' | 'client-credentials' | 'token-exchange'): boolean =>
  flowsOf(app).includes(flow);

export const hasDeviceFlow = (app: App): boolean => has(app, 'device');

export const hasJwtBearer = ({ app, certificate }: AuditedApp): boolean =>
  has(app, 'jwt-bearer') || certificate.there === 'yes';

export const hasClientCredentials = ({ clientCredentials: { global, policy } }: AuditedApp): boolean =>
  global && policy;

/** Can a user log in with the app, and so allow it by themselves? */
export const hasLogin = (app: App): boolean => hasCodeFlow(app) || hasDeviceFlow(app);

/** Does the app hand out refresh tokens? */
export const givesRefreshTokens = (app: App): boolean => allowsRefreshToken(app.scopes ?? []) && hasLogin(app);
