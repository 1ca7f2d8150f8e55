import { say, scopesOfLogin } from '../../app/checks.ts';
import { fixes } from '../../app/fixes.ts';
import { awaitDeviceToken, beginDeviceLogin } from '../device.ts';
import { patiently } from '../patience.ts';
import type { Bench, CheckDefinition } from './check.ts';
import { endpointsOf, flowIsOn, passed, skipped, trouble } from './check.ts';
import { tokenChecks } from './token.ts';

const flow = 'device';

const applies = ({ flows }: Bench): boolean => flows.includes(flow);

/** From a code that somebody types in to a token that worked and is gone again. */
export const deviceChecks: CheckDefinition[] = [
  flowIsOn(flow),
  {
    id: `${flow}.token`,
    flow,
    needs: ['endpoints', 'consumer-key', `${flow}.configured`],
    applies,
    run: async (bench) => {
      const { situation, http, patience, showDeviceLogin } = bench;
      if (!showDeviceLogin) return skipped(say('detail.nobodyThere'), fixes.atTerminal(situation));
      const consumerKey = situation.consumerKey ?? '';
      const endpoints = endpointsOf(bench);
      try {
        const login = await patiently(patience, situation, flow, () =>
          beginDeviceLogin(http, endpoints, consumerKey, situation.app.scopes ?? []),
        );
        showDeviceLogin(login);
        const token = await awaitDeviceToken(http, endpoints, consumerKey, login, patience);
        bench.open.add(token);
        bench.tokens.set(flow, token);
        return passed(say('detail.token', token.format));
      } catch (error) {
        return trouble(error, flow, situation);
      }
    },
  },
  ...tokenChecks({ flow, scopes: scopesOfLogin, lesserUser: fixes.lesserLogin }),
];
