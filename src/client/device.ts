import * as oauth from 'oauth4webapi';

import { retry } from '../net/retry.ts';
import type { Endpoints } from './endpoints.ts';
import type { HttpClient } from './httpClient.ts';
import { asRefusal, overHttp, RefusedError, type Token, toToken, withLifetime } from './salesforceOauth.ts';

/** What a device shows its user, and asks the org with. */
export type DeviceLogin = {
  /** Where the user goes, and the code to type in there. */
  url: string;
  userCode: string;
  deviceCode: string;
  intervalMs: number;
  /** How long the codes are good. */
  lifeMs: number;
};

type Clock = { now: () => number; sleep: (ms: number) => Promise<void> };

/** Seconds. Salesforce's own codes want a pace of 5 and live 600 (Salesforce Help, "OAuth 2.0 Device Flow"). */
const SLOWEST_PACE = 60;
const LONGEST_LIFE = 1800;

/**
 * Begins a login from a device without a browser (device flow). Salesforce has no endpoint of its own for it: the token
 * endpoint answers, when asked for a response_type (Salesforce Help, "OAuth 2.0 Device Flow").
 *
 * @throws RefusedError, NoAnswerError
 */
export const beginDeviceLogin = async (
  http: HttpClient,
  { server }: Endpoints,
  consumerKey: string,
  scopes: string[],
): Promise<DeviceLogin> =>
  asRefusal(async () => {
    const client = { client_id: consumerKey };
    const asked = { response_type: 'device_code', ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}) };
    const response = await oauth.deviceAuthorizationRequest(
      { ...server, device_authorization_endpoint: server.token_endpoint },
      client,
      oauth.None(),
      asked,
      overHttp(http, server.issuer),
    );
    const answer = await oauth.processDeviceAuthorizationResponse(server, client, await withLifetime(response));
    return {
      url: answer.verification_uri,
      userCode: answer.user_code,
      deviceCode: answer.device_code,
      intervalMs: Math.min(Math.max(answer.interval ?? 5, 1), SLOWEST_PACE) * 1000,
      lifeMs: Math.min(answer.expires_in, LONGEST_LIFE) * 1000,
    };
  });

/**
 * Asks until the user has typed in the code, at the pace that the org wants.
 *
 * @throws RefusedError when the user said no, or the codes are no longer good; NoAnswerError
 */
export const awaitDeviceToken = async (
  http: HttpClient,
  { server }: Endpoints,
  consumerKey: string,
  { deviceCode, intervalMs, lifeMs }: DeviceLogin,
  { now, sleep }: Clock,
): Promise<Token> => {
  const client = { client_id: consumerKey };
  const end = now() + lifeMs;
  const ask = async (): Promise<Token> => {
    // Salesforce's own names for the grant and its parameter.
    const code = { code: deviceCode };
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      oauth.None(),
      'device',
      code,
      overHttp(http, server.issuer),
    );
    return toToken(await oauth.processGenericTokenEndpointResponse(server, client, response));
  };
  let pace = intervalMs;
  await sleep(pace);
  return retry(() => asRefusal(ask), {
    pauseAfter: (tried) => {
      if (!('error' in tried) || !(tried.error instanceof RefusedError) || now() >= end) return undefined;
      const { error } = tried.error.refusal;
      // RFC 8628, section 3.5
      if (error === 'slow_down') pace += 5000;
      return error === 'slow_down' || error === 'authorization_pending' ? pace : undefined;
    },
    sleep,
  });
};
