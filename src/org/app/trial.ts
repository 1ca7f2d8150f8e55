import type { Flow } from '../../app/app.ts';
import { meantFlowsOf } from '../../app/checks.ts';
import { fixes } from '../../app/fixes.ts';
import type { Text } from '../../app/text.ts';
import type { readFacts, Trial } from './facts.ts';
import type { StoredApp } from './read.ts';

/** What is known of the app before anything is tried. */
export type Known = Awaited<ReturnType<typeof readFacts>>;

/** Has any flow that is to be tested a use for the consumer secret? */
export const needsSecret = (known: Known, asked: Flow[], browser: boolean): boolean => {
  const { oauth } = known.app;
  if (!oauth) return false;
  const flows = asked.length > 0 ? asked : meantFlowsOf(known);
  if (flows.includes('client-credentials')) return true;
  if (flows.includes('token-exchange') && oauth.secretRequiredForTokenExchange) return true;
  const { secretRequired, secretRequiredForRefresh } = oauth;
  return browser && flows.includes('web-server') && (secretRequired !== false || secretRequiredForRefresh !== false);
};

/** Why there may be no secret to try, short of an org that does not answer. */
export const withoutSecret = new Set(['SecretAccessOffError', 'SecretNotAllowedError', 'NoConsumerError']);

export const noSecret = (detail: Text, { consumerKey }: StoredApp, known: Known): Trial => ({
  consumerKey,
  secret: { from: 'nowhere', detail, fix: fixes.allowSecret(known) },
});
