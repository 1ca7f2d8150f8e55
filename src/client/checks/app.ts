import { type Finding, flowsOf, meantFlowsOf } from '../../app/checks.ts';
import { fixes } from '../../app/fixes.ts';
import { say } from '../../app/text.ts';
import { findEndpoints, isLoginHost, looksLikeMyDomain } from '../endpoints.ts';
import { type CheckContext, type CheckDefinition, failed, passed, trouble, warning } from './check.ts';

/** What holds for every flow: the app is there and on, the org is found, the key is the app's. */
export const APP_CHECKS: CheckDefinition[] = [
  {
    id: 'app',
    run: ({ facts }) => {
      const { app, oauthPluginOn } = facts;
      if (!app.oauth) return failed(say('detail.noOauth'), fixes.configureOauth(facts));
      if (app.enabled === false) return failed(say('detail.appDisabled'), fixes.enableApp(facts));
      if (!oauthPluginOn) return failed(say('detail.oauthPluginOff'), fixes.switchOauthOn(facts, meantFlowsOf(facts)));
      return passed(say('detail.appOn', flowsOf(app).join(', ')));
    },
  },
  {
    id: 'endpoints',
    forClients: true,
    run: async (context) => {
      const { facts, http, flows } = context;
      // All other flows get their tokens at the general login hosts, too, and a client may well ask there.
      const anyHost = facts.fileOnly !== undefined && !flows.includes('client-credentials');
      if (!anyHost && !looksLikeMyDomain(facts.myDomainUrl)) {
        return failed(say('detail.notMyDomain', facts.myDomainUrl), fixes.useMyDomain(facts));
      }
      try {
        context.endpoints = await findEndpoints(http, facts.myDomainUrl);
      } catch (error) {
        return trouble(error, undefined, facts);
      }
      const { server, undescribed, myDomainUrl } = context.endpoints;
      const { tokenUrl } = facts.client ?? {};
      if (facts.fileOnly !== undefined && tokenUrl !== undefined)
        context.endpoints = { ...context.endpoints, server: { ...server, token_endpoint: tokenUrl } };
      if (myDomainUrl)
        return warning(say('detail.otherMyDomain', myDomainUrl, server.issuer), fixes.useMyDomain(facts, myDomainUrl));
      return undescribed
        ? warning(say('detail.endpointsUndescribed', server.issuer, undescribed))
        : passed(say('detail.endpoints', context.endpoints.server.token_endpoint ?? ''));
    },
  },
  {
    id: 'consumer-key',
    needs: ['app'],
    run: ({ facts }) => {
      const { consumerKey, orgConsumerKey } = facts;
      if (!consumerKey) return failed(say('detail.noKey'), fixes.readKey(facts));
      if (orgConsumerKey && consumerKey !== orgConsumerKey) return failed(say('detail.otherKey'), fixes.readKey(facts));
      return passed(say('detail.key', consumerKey.slice(0, 12)));
    },
  },
  {
    id: 'host',
    needs: ['app'],
    applies: ({ facts }) => facts.client !== undefined && facts.client.hosts.length > 0,
    run: (context) => judgeHosts(context),
  },
];

/** The hosts that the client's own configuration names. Client-credentials tokens are given on the org's My Domain alone. */
const judgeHosts = ({ facts, flows }: CheckContext): Finding => {
  const { host } = new URL(facts.myDomainUrl);
  const others = facts.client?.hosts.filter((named) => named.host !== host) ?? [];
  const strange = flows.includes('client-credentials') ? others : others.filter((one) => !isLoginHost(one.host));
  if (strange.length > 0) {
    const named = strange.map((one) => `${one.name}: ${one.host}`).join(', ');
    return failed(say('detail.otherHost', named, host), fixes.askHere(facts));
  }
  return passed(others.length > 0 ? say('detail.loginHost', others[0]?.host ?? '') : say('detail.thisHost', host));
};
