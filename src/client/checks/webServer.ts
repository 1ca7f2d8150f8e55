import type { Finding, Saying, Situation, Tried } from '../../app/checks.ts';
import { say, scopesOfLogin } from '../../app/checks.ts';
import { isLoopback } from '../../app/host.ts';
import { fixes } from '../../app/fixes.ts';
import { askAuthorize } from '../authorize.ts';
import { logInByBrowser } from '../browserLogin.ts';
import { refreshToken } from '../token.ts';
import { NobodyCameError, PortTakenError, canListenFor } from '../callbackListener.ts';
import { patiently } from '../patience.ts';
import { RefusedError } from '../salesforceOauth.ts';
import type { Bench, CheckDefinition } from './check.ts';
import { clientFor, endpointsOf, failed, noSecret, passed, skipped, trouble, warning } from './check.ts';
import { judgeApi, tokenChecks, tokenOf } from './token.ts';

const flow = 'web-server';

const applies = ({ flows }: Bench): boolean => flows.includes(flow);

const inBrowser = (bench: Bench): boolean => applies(bench) && bench.browserLogin !== undefined;

const logIn = async (bench: Bench): Promise<Tried> => {
  const { situation, http, browserLogin, signal } = bench;
  const { app, consumerKey = '' } = situation;
  const client = clientFor(situation, app.oauth?.secretRequired !== false);
  if (!client) return noSecret(situation);
  const callbackUrl = app.oauth?.callbackUrls?.find(canListenFor);
  if (!browserLogin || callbackUrl === undefined) return skipped(noListener(situation), fixes.localCallback(situation));
  try {
    const request = { consumerKey, callbackUrl, scopes: app.scopes ?? [] };
    const token = await logInByBrowser(http, endpointsOf(bench), client, request, browserLogin, signal);
    bench.open.add(token);
    bench.tokens.set(flow, token);
    return passed(say('detail.tokenByBrowser', token.format, callbackUrl));
  } catch (error) {
    if (error instanceof PortTakenError)
      return skipped(say('detail.portTaken', callbackUrl, error.reason), fixes.freePort(situation, callbackUrl));
    if (error instanceof NobodyCameError) return skipped(say('detail.nobodyCame'), fixes.explainBrowser());
    return trouble(error, flow, situation);
  }
};

/** Why this machine can answer none of the callback URLs. */
const noListener = ({ app }: Situation): Saying =>
  app.oauth?.callbackUrls?.some((url) => URL.canParse(url) && isLoopback(url))
    ? say('detail.localCallbackHttps')
    : say('detail.noLocalCallback');

const mayRefresh = ({ app }: Situation): boolean =>
  app.scopes?.some((scope) => scope === 'refresh_token' || scope === 'offline_access') === true;

const refresh = async (bench: Bench): Promise<Tried> => {
  const { situation, http } = bench;
  const { app } = situation;
  const old = tokenOf(bench, flow);
  if (old.refreshToken === undefined) return failed(say('detail.noRefreshToken'), fixes.waitLonger(situation));
  const client = clientFor(situation, app.oauth?.secretRequiredForRefresh !== false);
  if (!client) return noSecret(situation);
  try {
    const fresh = await refreshToken(http, endpointsOf(bench), client, { ...old, refreshToken: old.refreshToken });
    bench.open.delete(old);
    bench.open.add(fresh);
    bench.tokens.set(flow, fresh);
    const used = await judgeApi(bench, fresh, flow);
    return used.status === 'failed' ? used : passed(say('detail.refreshed'));
  } catch (error) {
    // A refresh token that ends at once was never of any use.
    return error instanceof RefusedError && app.policies?.refreshToken === 'immediate'
      ? failed(say('detail.refreshTokenEndsAtOnce'), fixes.policies(situation, ...keptRefreshTokens))
      : trouble(error, flow, situation);
  }
};

const keptRefreshTokens = ['--refresh-token-policy', 'lifetime', '--refresh-token-validity', '30 days'];

/** As far as a login can be asked for without logging in; in a browser, to a token that worked and is gone again. */
export const webServerChecks: CheckDefinition[] = [
  { id: `${flow}.callback-url`, flow, needs: ['app'], applies, run: ({ situation }) => judgeCallbackUrls(situation) },
  {
    id: `${flow}.authorize`,
    flow,
    needs: ['endpoints', 'consumer-key', `${flow}.callback-url`],
    applies,
    run: async (bench) => {
      const { situation, patience } = bench;
      if (callbackUrlOf(situation) === '') return skipped(say('detail.noCallbackUrlInFile'));
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
  {
    id: `${flow}.token`,
    flow,
    needs: ['endpoints', 'consumer-key', `${flow}.authorize`],
    applies: inBrowser,
    run: logIn,
  },
  ...tokenChecks({
    flow,
    scopes: scopesOfLogin,
    applies: inBrowser,
    more: [
      {
        id: `${flow}.refresh`,
        flow,
        needs: [`${flow}.token`],
        applies: (bench) => inBrowser(bench) && mayRefresh(bench.situation),
        run: refresh,
      },
    ],
  }),
];

/** The one that the client uses, if it is known. */
const callbackUrlOf = ({ app, client }: Situation): string => client?.callbackUrl ?? app.oauth?.callbackUrls?.[0] ?? '';

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
  if (urls.length === 0) return failed(say('detail.noCallbackUrl'), fixes.callbackUrls(situation));
  const insecure = urls.filter(isInsecure);
  return insecure.length > 0
    ? warning(
        say('detail.callbackUrlInsecure', insecure.join(' ')),
        fixes.callbackUrls(situation, ...urls.map((url) => (isInsecure(url) ? url.replace(/^http:/, 'https:') : url))),
      )
    : passed(say('detail.callbackUrls', urls.join(' ')));
};
