import { type AppFacts, type Finding, scopesOfLogin, type Tried } from '../../app/checks.ts';
import { fixes } from '../../app/fixes.ts';
import { isLoopback } from '../../app/host.ts';
import { say, type Text } from '../../app/text.ts';
import { askAuthorize } from '../authorize.ts';
import { logInByBrowser } from '../browserLogin.ts';
import { canListenFor, NobodyCameError, PortTakenError } from '../callbackListener.ts';
import { waitForPropagation } from '../propagation.ts';
import { RefusedError } from '../salesforceOauth.ts';
import { refreshToken } from '../token.ts';
import {
  type CheckContext,
  type CheckDefinition,
  clientFor,
  endpointsOf,
  failed,
  noSecret,
  passed,
  skipped,
  trouble,
  warning,
} from './check.ts';
import { judgeApi, tokenChecks, tokenOf } from './token.ts';

const FLOW = 'web-server';

const applies = ({ flows }: CheckContext): boolean => flows.includes(FLOW);

const inBrowser = (context: CheckContext): boolean => applies(context) && context.browserLogin !== undefined;

const logIn = async (context: CheckContext): Promise<Tried> => {
  const { facts, http, browserLogin, signal } = context;
  const { app, consumerKey = '' } = facts;
  const client = clientFor(facts, app.oauth?.secretRequired !== false);
  if (!client) return noSecret(facts);
  const callbackUrl = app.oauth?.callbackUrls?.find(canListenFor);
  if (!browserLogin || callbackUrl === undefined) return skipped(noListener(facts), fixes.localCallback(facts));
  try {
    const request = { consumerKey, callbackUrl, scopes: app.scopes ?? [] };
    const token = await logInByBrowser(http, endpointsOf(context), client, request, browserLogin, signal);
    context.open.add(token);
    context.tokens.set(FLOW, token);
    return passed(say('detail.tokenByBrowser', token.format, callbackUrl));
  } catch (error) {
    if (error instanceof PortTakenError)
      return skipped(say('detail.portTaken', callbackUrl, error.reason), fixes.freePort(facts, callbackUrl));
    if (error instanceof NobodyCameError) return skipped(say('detail.nobodyCame'), fixes.explainBrowser());
    return trouble(error, FLOW, facts);
  }
};

/** Why this machine can answer none of the callback URLs. */
const noListener = ({ app }: AppFacts): Text =>
  app.oauth?.callbackUrls?.some((url) => URL.canParse(url) && isLoopback(url))
    ? say('detail.localCallbackHttps')
    : say('detail.noLocalCallback');

const mayRefresh = ({ app }: AppFacts): boolean =>
  app.scopes?.some((scope) => scope === 'refresh_token' || scope === 'offline_access') === true;

const refresh = async (context: CheckContext): Promise<Tried> => {
  const { facts, http } = context;
  const { app } = facts;
  const old = tokenOf(context, FLOW);
  if (old.refreshToken === undefined) return failed(say('detail.noRefreshToken'), fixes.waitLonger(facts));
  const client = clientFor(facts, app.oauth?.secretRequiredForRefresh !== false);
  if (!client) return noSecret(facts);
  try {
    const fresh = await refreshToken(http, endpointsOf(context), client, { ...old, refreshToken: old.refreshToken });
    context.open.delete(old);
    context.open.add(fresh);
    context.tokens.set(FLOW, fresh);
    const used = await judgeApi(context, fresh, FLOW);
    return used.status === 'failed' ? used : passed(say('detail.refreshed'));
  } catch (error) {
    // A refresh token that ends at once was never of any use.
    return error instanceof RefusedError && app.policies?.refreshToken === 'immediate'
      ? failed(say('detail.refreshTokenEndsAtOnce'), fixes.policies(facts, ...KEPT_REFRESH_TOKENS))
      : trouble(error, FLOW, facts);
  }
};

const KEPT_REFRESH_TOKENS = ['--refresh-token-policy', 'lifetime', '--refresh-token-validity', '30 days'];

/** As far as a login can be asked for without logging in. In a browser, it goes on to a token that worked and is gone again. */
export const WEB_SERVER_CHECKS: CheckDefinition[] = [
  { id: `${FLOW}.callback-url`, flow: FLOW, needs: ['app'], applies, run: ({ facts }) => judgeCallbackUrls(facts) },
  {
    id: `${FLOW}.authorize`,
    forClients: true,
    flow: FLOW,
    needs: ['endpoints', 'consumer-key', `${FLOW}.callback-url`],
    applies,
    run: async (context) => {
      const { facts, propagation } = context;
      if (callbackUrlOf(facts) === '') return skipped(say('detail.noCallbackUrlInFile'));
      try {
        await waitForPropagation(propagation, facts, FLOW, () => requestLogin(context, true));
        return passed(say('detail.authorizeAccepted', callbackUrlOf(facts)));
      } catch (error) {
        return trouble(error, FLOW, facts);
      }
    },
  },
  {
    id: `${FLOW}.pkce`,
    flow: FLOW,
    needs: [`${FLOW}.authorize`],
    applies,
    run: async (context) => {
      const { facts } = context;
      if (facts.app.oauth?.pkceRequired === false) return warning(say('detail.pkceOff'), fixes.requirePkce(facts));
      try {
        await requestLogin(context, false);
        return warning(say('detail.pkceNotEnforced'), fixes.waitLonger(facts));
      } catch (error) {
        if (error instanceof RefusedError) return passed(say('detail.pkceEnforced', error.refusal.error));
        return trouble(error, FLOW, facts);
      }
    },
  },
  {
    id: `${FLOW}.token`,
    forClients: true,
    flow: FLOW,
    needs: ['endpoints', 'consumer-key', `${FLOW}.authorize`],
    applies: inBrowser,
    run: logIn,
  },
  ...tokenChecks({
    flow: FLOW,
    scopes: scopesOfLogin,
    applies: inBrowser,
    more: [
      {
        id: `${FLOW}.refresh`,
        forClients: true,
        flow: FLOW,
        needs: [`${FLOW}.token`],
        applies: (context) => inBrowser(context) && mayRefresh(context.facts),
        run: refresh,
      },
    ],
  }),
];

/** The one that the client uses, if it is known. */
const callbackUrlOf = ({ app, client }: AppFacts): string => client?.callbackUrl ?? app.oauth?.callbackUrls?.[0] ?? '';

/** @throws RefusedError when the org does not send the user on to log in */
const requestLogin = async (context: CheckContext, pkce: boolean): Promise<void> => {
  const { facts, http } = context;
  const answer = await askAuthorize(http, endpointsOf(context), {
    consumerKey: facts.consumerKey ?? '',
    callbackUrl: callbackUrlOf(facts),
    scopes: facts.app.scopes ?? [],
    pkce,
  });
  if (!answer.accepted) throw new RefusedError(answer.refusal);
};

const isInsecure = (url: string): boolean => URL.canParse(url) && new URL(url).protocol === 'http:' && !isLoopback(url);

const judgeCallbackUrls = (facts: AppFacts): Finding => {
  const urls = facts.app.oauth?.callbackUrls ?? [];
  if (urls.length === 0 && facts.installed) return judgeUnseenUrls(facts);
  if (urls.length === 0) return failed(say('detail.noCallbackUrl'), fixes.firstCallback(facts));
  const insecure = urls.filter(isInsecure);
  return insecure.length > 0
    ? warning(
        say('detail.callbackUrlInsecure', insecure.join(' ')),
        fixes.callbackUrls(facts, ...urls.map((url) => (isInsecure(url) ? url.replace(/^http:/, 'https:') : url))),
      )
    : passed(say('detail.callbackUrls', urls.join(' ')));
};

/** The publisher of an installed app has set its callback URLs, and the org does not return them. */
const judgeUnseenUrls = (facts: AppFacts): Finding =>
  callbackUrlOf(facts) === ''
    ? skipped(say('detail.callbackUrlsUnseen'), fixes.callbackUrlInFile(facts))
    : passed(say('detail.callbackUrlOfClient', callbackUrlOf(facts)));
