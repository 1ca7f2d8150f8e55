import type { AppFacts, Finding } from '../app/checks.ts';
import { say } from '../app/text.ts';
import { type JwtTrial, trouble } from './checks/check.ts';
import { requestTokenByKey } from './checks/jwtBearer.ts';
import { findEndpoints } from './endpoints.ts';
import { createHttpClient, type HttpClient } from './httpClient.ts';
import { type Propagation, sleep, waitForPropagation } from './propagation.ts';
import { retryingClient } from './retryingClient.ts';
import { revokeToken } from './token.ts';

const FLOW = 'jwt-bearer';

/** Tries a private key as a command does: with Salesforce's hosts, for some milliseconds, until the signal comes. */
export const patientKeyTrial = (
  known: Parameters<typeof keyTrial>[1],
  options: Pick<Propagation, 'waitMs' | 'newCertificate' | 'onWait'> & { signal: AbortSignal },
): ReturnType<typeof keyTrial> =>
  keyTrial(retryingClient(createHttpClient()), known, {
    ...options,
    now: () => Date.now(),
    sleep: async (ms) => {
      await sleep(ms, options.signal).catch(() => undefined);
      options.signal.throwIfAborted();
    },
  });

/**
 * For trying whether a private key logs a user in. The token is given back.
 *
 * @returns a trial of a key: passed, or failed with what the org said
 */
export const keyTrial =
  (http: HttpClient, known: Omit<AppFacts, 'secret'>, propagation: Propagation) =>
  async (jwt: Pick<JwtTrial, 'key' | 'username'>): Promise<Finding> => {
    const facts: AppFacts = {
      ...known,
      secret: { from: 'nowhere', detail: say('detail.noSecret'), fix: say('detail.noSecret') },
    };
    try {
      const endpoints = await findEndpoints(http, known.myDomainUrl);
      const { token } = await waitForPropagation(propagation, facts, FLOW, () =>
        requestTokenByKey(http, endpoints, facts, jwt),
      );
      // The token has served its purpose. If it can't be given back, it ends by itself.
      await revokeToken(http, endpoints, known.consumerKey ?? '', token).catch(() => undefined);
      return { status: 'passed', detail: say('detail.token', token.format) };
    } catch (error) {
      return { ...trouble(error, FLOW, facts), status: 'failed' };
    }
  };
