import type { PracticeOrg } from '../../org.ts';
import { checkSecret, type ClaimedClient, type Form, namedApp } from '../client.ts';
import { grantee, grantsOf } from '../grants.ts';
import { OauthRefusal, refusals } from '../refusal.ts';
import { grantedScopes, scopesOfRequest } from '../scopes.ts';
import type { TokenAnswer } from '../tokens.ts';
import { tokensOfLogin } from './userTokens.ts';

/** Seconds that a device waits between two polls. */
const INTERVAL = 5;

export type DeviceAnswer = { device_code: string; user_code: string; verification_uri: string; interval: number };

/** response_type=device_code: a code for the device, and one for its user. */
export const deviceCode = (org: PracticeOrg, client: ClaimedClient, form: Form): DeviceAnswer => {
  const app = namedApp(org, client.id);
  checkSecret(app, client.secret, false);
  if (!app.deviceFlow) throw refusals.unsupportedGrant();
  const scopes = grantedScopes(app.scopes, scopesOfRequest(form.scope));
  if (!scopes) throw refusals.wrongScope();
  const device = grantsOf(org).newDevice(app, scopes);
  return {
    device_code: device.deviceCode,
    user_code: device.userCode,
    verification_uri: `${org.instanceUrl}/setup/connect`,
    interval: INTERVAL,
  };
};

/** grant_type=device: the device asks whether its user has let it in by now. */
export const device = async (org: PracticeOrg, client: ClaimedClient, form: Form): Promise<TokenAnswer> => {
  const app = namedApp(org, client.id);
  checkSecret(app, client.secret, false);
  if (!app.deviceFlow) throw refusals.unsupportedGrant();
  if (!form.code) throw refusals.missing('code');
  const grants = grantsOf(org);
  const request = grants.deviceByCode(form.code);
  if (!request || grantee(request.app) !== grantee(app)) throw new OauthRefusal('invalid_grant', 'invalid device code');
  const now = org.now();
  const tooSoon = request.lastPolledAt && now.getTime() < request.lastPolledAt.getTime() + INTERVAL * 1000;
  request.lastPolledAt = now;
  if (request.expiresAt <= now) {
    grants.forgetDevice(request);
    throw new OauthRefusal('invalid_grant', 'expired device code');
  }
  if (request.answer === 'denied') {
    grants.forgetDevice(request);
    throw new OauthRefusal('access_denied', 'end-user denied authorization');
  }
  if (!request.answer) {
    throw tooSoon
      ? new OauthRefusal('slow_down', 'polling too frequently')
      : new OauthRefusal('authorization_pending', 'authorization pending');
  }
  grants.forgetDevice(request);
  return tokensOfLogin(org, app, { userId: request.answer.userId, scopes: request.scopes, way: 'device' });
};
