import type { Finding, Situation } from '../app/checks.ts';
import { say } from '../app/checks.ts';
import { trouble } from './checks/check.ts';
import { findEndpoints } from './endpoints.ts';
import type { HttpClient } from './httpClient.ts';
import { patiently, type Patience } from './patience.ts';
import { requestClientCredentialsToken, revokeToken, type ClientCredentials } from './token.ts';

const flow = 'client-credentials';

/**
 * Tries whether a new key pair gets a token, and gives the token back. The org may need some minutes until all of its servers
 * know the pair.
 *
 * @param known of the app, the pair being new
 * @returns passed; failed with what the org said; skipped when the app has no flow that a pair alone can be tried with
 */
export const tryPair = async (
  http: HttpClient,
  known: Omit<Situation, 'consumerKey' | 'secret'>,
  pair: ClientCredentials,
  patience: Patience,
): Promise<Finding> => {
  if (!known.clientCredentials.global || !known.clientCredentials.policy) {
    return { status: 'skipped', detail: say('detail.notTriable') };
  }
  const situation: Situation = {
    ...known,
    changedAt: new Date(patience.now()),
    consumerKey: pair.consumerKey,
    orgConsumerKey: pair.consumerKey,
    secret: { from: 'org', secret: pair.consumerSecret },
  };
  try {
    const endpoints = await findEndpoints(http, known.myDomainUrl);
    const token = await patiently(patience, situation, flow, () =>
      requestClientCredentialsToken(http, endpoints, pair),
    );
    // Its purpose is served. If it can't be given back it ends by itself.
    await revokeToken(http, endpoints, pair.consumerKey, token).catch(() => undefined);
    return { status: 'passed', detail: say('detail.token', token.format) };
  } catch (error) {
    return trouble(error, flow, situation);
  }
};
