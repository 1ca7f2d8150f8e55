import type { Finding } from '../../app/checks.ts';
import { flowsOf, meantFlowsOf, say } from '../../app/checks.ts';
import { fixes } from '../../app/fixes.ts';
import { findEndpoints, isLoginHost, looksLikeMyDomain } from '../endpoints.ts';
import type { Bench, CheckDefinition } from './check.ts';
import { failed, passed, trouble, warning } from './check.ts';

/** What holds for every flow: the app is there and on, the org is found, the key is the app's. */
export const appChecks: CheckDefinition[] = [
  {
    id: 'app',
    run: ({ situation }) => {
      const { app, oauthPluginOn } = situation;
      if (!app.oauth) return failed(say('detail.noOauth'), fixes.configureOauth(situation));
      if (app.enabled === false) return failed(say('detail.appDisabled'), fixes.enableApp(situation));
      if (!oauthPluginOn)
        return failed(say('detail.oauthPluginOff'), fixes.switchOauthOn(situation, meantFlowsOf(situation)));
      return passed(say('detail.appOn', flowsOf(app).join(', ')));
    },
  },
  {
    id: 'endpoints',
    run: async (bench) => {
      const { situation, http, flows } = bench;
      // All other flows get their tokens at the general login hosts, too, and a client may well ask there.
      const anyHost = situation.fileOnly !== undefined && !flows.includes('client-credentials');
      if (!anyHost && !looksLikeMyDomain(situation.myDomainUrl)) {
        return failed(say('detail.notMyDomain', situation.myDomainUrl), fixes.useMyDomain(situation));
      }
      try {
        bench.endpoints = await findEndpoints(http, situation.myDomainUrl);
      } catch (error) {
        return trouble(error, undefined, situation);
      }
      const { server, undescribed, myDomainUrl } = bench.endpoints;
      const { tokenUrl } = situation.client ?? {};
      if (situation.fileOnly !== undefined && tokenUrl !== undefined)
        bench.endpoints = { ...bench.endpoints, server: { ...server, token_endpoint: tokenUrl } };
      if (myDomainUrl)
        return warning(
          say('detail.otherMyDomain', myDomainUrl, server.issuer),
          fixes.useMyDomain(situation, myDomainUrl),
        );
      return undescribed
        ? warning(say('detail.endpointsUndescribed', server.issuer, undescribed))
        : passed(say('detail.endpoints', bench.endpoints.server.token_endpoint ?? ''));
    },
  },
  {
    id: 'consumer-key',
    needs: ['app'],
    run: ({ situation }) => {
      const { consumerKey, orgConsumerKey } = situation;
      if (!consumerKey) return failed(say('detail.noKey'), fixes.readKey(situation));
      if (orgConsumerKey && consumerKey !== orgConsumerKey)
        return failed(say('detail.otherKey'), fixes.readKey(situation));
      return passed(say('detail.key', consumerKey.slice(0, 12)));
    },
  },
  {
    id: 'host',
    needs: ['app'],
    applies: ({ situation }) => situation.client !== undefined && situation.client.hosts.length > 0,
    run: judgeHosts,
  },
];

/** The hosts that the client's own configuration names. Client-credentials tokens are given on the org's My Domain alone. */
function judgeHosts({ situation, flows }: Bench): Finding {
  const { host } = new URL(situation.myDomainUrl);
  const others = situation.client?.hosts.filter((named) => named.host !== host) ?? [];
  const strange = flows.includes('client-credentials') ? others : others.filter((one) => !isLoginHost(one.host));
  if (strange.length > 0) {
    const named = strange.map((one) => `${one.name}: ${one.host}`).join(', ');
    return failed(say('detail.otherHost', named, host), fixes.askHere(situation));
  }
  return passed(others.length > 0 ? say('detail.loginHost', others[0]?.host ?? '') : say('detail.thisHost', host));
}
