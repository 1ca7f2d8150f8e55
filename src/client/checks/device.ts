import { say, scopesOfLogin } from '../../app/checks.ts';
import { fixes } from '../../app/fixes.ts';
import { awaitDeviceToken, beginDeviceLogin, type DeviceLogin } from '../device.ts';
import { patiently } from '../patience.ts';
import type { Bench, CheckDefinition } from './check.ts';
import { endpointsOf, flowIsOn, passed, skipped, trouble } from './check.ts';
import { tokenChecks } from './token.ts';

const flow = 'device';

const applies = ({ flows }: Bench): boolean => flows.includes(flow);

const withSomebody = (bench: Bench): boolean => applies(bench) && bench.showDeviceLogin !== undefined;

/** The codes of the login that this run began, from the check that asks for them to the one that waits for somebody to use them. */
const logins = new WeakMap<Bench, DeviceLogin>();

/**
 * From a code that somebody types in to a token that worked and is gone again. Where nobody is there to do so, the org is asked for
 * a code all the same, which ends by itself.
 */
export const deviceChecks: CheckDefinition[] = [
  flowIsOn(flow),
  {
    id: `${flow}.code`,
    flow,
    needs: ['endpoints', 'consumer-key', `${flow}.configured`],
    applies,
    run: async (bench) => {
      const { situation, http, patience, showDeviceLogin } = bench;
      try {
        const login = await patiently(patience, situation, flow, () =>
          beginDeviceLogin(http, endpointsOf(bench), situation.consumerKey ?? '', situation.app.scopes ?? []),
        );
        logins.set(bench, login);
        return showDeviceLogin ? passed(say('detail.deviceCode')) : passed(say('detail.deviceCodeUnused'));
      } catch (error) {
        return trouble(error, flow, situation);
      }
    },
  },
  {
    id: `${flow}.token`,
    flow,
    needs: [`${flow}.code`],
    applies: withSomebody,
    run: async (bench) => {
      const { situation, http, patience, showDeviceLogin } = bench;
      const login = logins.get(bench);
      if (!login || !showDeviceLogin) return skipped(say('detail.nobodyThere'), fixes.atTerminal(situation));
      try {
        showDeviceLogin(login);
        const token = await awaitDeviceToken(http, endpointsOf(bench), situation.consumerKey ?? '', login, patience);
        bench.open.add(token);
        bench.tokens.set(flow, token);
        return passed(say('detail.token', token.format));
      } catch (error) {
        return trouble(error, flow, situation);
      }
    },
  },
  ...tokenChecks({ flow, scopes: scopesOfLogin, lesserUser: fixes.lesserLogin, applies: withSomebody }),
];
