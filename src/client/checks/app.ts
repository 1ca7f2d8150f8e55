import { flowsOf, meantFlowsOf, say } from '../../app/checks.ts';
import { fixes } from '../../app/fixes.ts';
import { findEndpoints, looksLikeMyDomain } from '../endpoints.ts';
import type { CheckDefinition } from './check.ts';
import { failed, passed, skipped, trouble, warning } from './check.ts';

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
      const { situation, http } = bench;
      if (!looksLikeMyDomain(situation.myDomainUrl)) {
        return failed(say('detail.notMyDomain', situation.myDomainUrl), fixes.useMyDomain(situation));
      }
      try {
        bench.endpoints = await findEndpoints(http, situation.myDomainUrl);
      } catch (error) {
        return trouble(error, undefined, situation);
      }
      const { server, undescribed } = bench.endpoints;
      return undescribed
        ? warning(say('detail.endpointsUndescribed', server.issuer, undescribed))
        : passed(say('detail.endpoints', server.token_endpoint ?? ''));
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
];

/** Flows that this command has no test for yet. */
const untested = ['token-exchange', 'code-and-credentials'] as const;

/** A flow that was asked for must be there; one that cannot be tested is said to be so. */
export const flowChecks: CheckDefinition[] = [
  {
    id: 'client-credentials.configured',
    flow: 'client-credentials',
    needs: ['app'],
    applies: ({ flows }) => flows.includes('client-credentials'),
    run: ({ situation }) => {
      const { global, policy } = situation.clientCredentials;
      if (!global && !policy) return failed(say('detail.clientCredentialsOff'), fixes.clientCredentials(situation));
      if (!global) return failed(say('detail.clientCredentialsGlobalOff'), fixes.clientCredentials(situation));
      if (!policy) return failed(say('detail.clientCredentialsPolicyOff'), fixes.clientCredentials(situation));
      return passed(say('detail.clientCredentialsOn'));
    },
  },
  ...untested.map((flow): CheckDefinition => ({
    id: `${flow}.configured`,
    flow,
    needs: ['app'],
    applies: ({ flows }) => flows.includes(flow),
    run: ({ situation }) =>
      flowsOf(situation.app).includes(flow)
        ? skipped(say('detail.flowUntested'))
        : failed(say('detail.flowOff'), fixes.addFlow(situation, flow)),
  })),
];
