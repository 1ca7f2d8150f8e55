import type { Finding, Situation } from '../../app/checks.ts';
import { say } from '../../app/checks.ts';
import { fixes } from '../../app/fixes.ts';
import { askAuthorize } from '../authorize.ts';
import { isLoopback } from '../httpClient.ts';
import { patiently } from '../patience.ts';
import { RefusedError } from '../salesforceOauth.ts';
import type { Bench, CheckDefinition } from './check.ts';
import { endpointsOf, failed, passed, trouble, warning } from './check.ts';

const flow = 'web-server';

const applies = ({ flows }: Bench): boolean => flows.includes(flow);

/** As far as a login can be asked for without logging in. */
export const webServerChecks: CheckDefinition[] = [
  { id: `${flow}.callback-url`, flow, needs: ['app'], applies, run: ({ situation }) => judgeCallbackUrls(situation) },
  {
    id: `${flow}.authorize`,
    flow,
    needs: ['endpoints', 'consumer-key', `${flow}.callback-url`],
    applies,
    run: async (bench) => {
      const { situation, patience } = bench;
      try {
        await patiently(patience, situation, flow, () => requestLogin(bench, true));
        return passed(say('detail.authorizeAccepted', callbackUrlOf(situation)));
      } catch (error) {
        return trouble(error, flow, situation);
      }
    },
  },
  {
    id: `${flow}.pkce`,
    flow,
    needs: [`${flow}.authorize`],
    applies,
    run: async (bench) => {
      const { situation } = bench;
      if (situation.app.oauth?.pkceRequired === false)
        return warning(say('detail.pkceOff'), fixes.requirePkce(situation));
      try {
        await requestLogin(bench, false);
        return warning(say('detail.pkceNotEnforced'), fixes.waitLonger(situation));
      } catch (error) {
        if (error instanceof RefusedError) return passed(say('detail.pkceEnforced', error.refusal.error));
        return trouble(error, flow, situation);
      }
    },
  },
];

const callbackUrlOf = ({ app }: Situation): string => app.oauth?.callbackUrls?.[0] ?? '';

/** @throws RefusedError when the org does not send the user on to log in */
const requestLogin = async (bench: Bench, pkce: boolean): Promise<void> => {
  const { situation, http } = bench;
  const answer = await askAuthorize(http, endpointsOf(bench), {
    consumerKey: situation.consumerKey ?? '',
    callbackUrl: callbackUrlOf(situation),
    scopes: situation.app.scopes ?? [],
    pkce,
  });
  if (!answer.accepted) throw new RefusedError(answer.refusal);
};

const isInsecure = (url: string): boolean => URL.canParse(url) && new URL(url).protocol === 'http:' && !isLoopback(url);

const judgeCallbackUrls = (situation: Situation): Finding => {
  const urls = situation.app.oauth?.callbackUrls ?? [];
  if (urls.length === 0) return failed(say('detail.noCallbackUrl'), fixes.callbackUrls(situation, '<callback URL>'));
  const insecure = urls.filter(isInsecure);
  return insecure.length > 0
    ? warning(
        say('detail.callbackUrlInsecure', insecure.join(' ')),
        fixes.callbackUrls(situation, ...urls.map((url) => (isInsecure(url) ? url.replace(/^http:/, 'https:') : url))),
      )
    : passed(say('detail.callbackUrls', urls.join(' ')));
};
