import type { Context } from 'hono';

import { refuseBlocked } from '../blockedConsumers.ts';
import type { PracticeOrg } from '../org.ts';
import { claimedClient, formOf } from './client.ts';
import { authorizationCode } from './flows/authorizationCode.ts';
import { clientCredentials } from './flows/clientCredentials.ts';
import { device, type DeviceAnswer, deviceCode } from './flows/device.ts';
import { jwtBearer } from './flows/jwtBearer.ts';
import { refreshToken } from './flows/refreshToken.ts';
import { tokenExchange } from './flows/tokenExchange.ts';
import { usernamePassword } from './flows/usernamePassword.ts';
import { refusals } from './refusal.ts';
import type { TokenAnswer } from './tokens.ts';

/** POST /services/oauth2/token, whichever flow it is for. */
export const tokenEndpoint = async (org: PracticeOrg, c: Context): Promise<TokenAnswer | DeviceAnswer> => {
  const form = await formOf(c);
  const client = claimedClient(c, form);
  refuseBlocked(org, client, form);
  if (form.response_type === 'device_code') return deviceCode(org, client, form);
  switch (form.grant_type) {
    case 'client_credentials':
      return clientCredentials(org, client, form, new URL(c.req.url).host);
    case 'authorization_code':
      return authorizationCode(org, client, form);
    case 'refresh_token':
      return refreshToken(org, client, form);
    case 'urn:ietf:params:oauth:grant-type:jwt-bearer':
      return jwtBearer(org, form);
    case 'device':
      return device(org, client, form);
    case 'urn:ietf:params:oauth:grant-type:token-exchange':
      return tokenExchange(org, client, form);
    case 'password':
      return usernamePassword(org, client, form);
    default:
      throw refusals.unsupportedGrant();
  }
};
