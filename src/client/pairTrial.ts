import type { AppFacts, Finding } from '../app/checks.ts';
import { say } from '../app/text.ts';
import { trouble } from './checks/check.ts';
import { type Endpoints, findEndpoints } from './endpoints.ts';
import { createHttpClient, type HttpClient } from './httpClient.ts';
import { type Propagation, sleep, waitForPropagation } from './propagation.ts';
import { retryingClient } from './retryingClient.ts';
import { type ClientCredentials, requestClientCredentialsToken, revokeToken } from './token.ts';

const FLOW = 'client-credentials';

/** A trial of a pair as a command makes it: with Salesforce's hosts, for some milliseconds, until the signal comes. */
export const patientPairTrial = (
  known: Parameters<typeof pairTrial>[1],
  { waitMs, signal, onWait }: Pick<Propagation, 'waitMs' | 'onWait'> & { signal: AbortSignal },
): ReturnType<typeof pairTrial> =>
  pairTrial(retryingClient(createHttpClient()), known, {
    waitMs,
    now: () => Date.now(),
    sleep: async (ms) => {
      await sleep(ms, signal).catch(() => undefined);
      signal.throwIfAborted();
    },
    onWait,
  });

/**
 * For trying whether a new key pair gets a token, which is given back. The org may need some minutes until all of its servers
 * know the pair. Where the org takes OAuth requests is asked once, for however many pairs.
 *
 * @param known of the app, the pair being new
 * @returns a trial of a pair: passed; failed with what the org said; skipped where no flow needs a pair alone
 */
export const pairTrial = (
  http: HttpClient,
  known: Omit<AppFacts, 'consumerKey' | 'secret'>,
  propagation: Propagation,
): ((pair: ClientCredentials) => Promise<Finding>) => {
  let endpoints: Endpoints | undefined;
  return async (pair) => {
    if (!known.clientCredentials.global || !known.clientCredentials.policy) {
      return { status: 'skipped', detail: say('detail.notTriable') };
    }
    const facts: AppFacts = {
      ...known,
      changedAt: new Date(propagation.now()),
      consumerKey: pair.consumerKey,
      orgConsumerKey: pair.consumerKey,
      secret: { from: 'org', secret: pair.consumerSecret },
    };
    try {
      const there = (endpoints ??= await findEndpoints(http, known.myDomainUrl));
      const token = await waitForPropagation(propagation, facts, FLOW, () =>
        requestClientCredentialsToken(http, there, pair),
      );
      // Its purpose is served. If it can't be given back it ends by itself.
      await revokeToken(http, there, pair.consumerKey, token).catch(() => undefined);
      return { status: 'passed', detail: say('detail.token', token.format) };
    } catch (error) {
      // A pair that is not known when the waiting ends is no pair to promote, whatever may come of it.
      return { ...trouble(error, FLOW, facts), status: 'failed' };
    }
  };
};
