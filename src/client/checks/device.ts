import { scopesOfLogin } from '../../app/checks.ts';
import { say } from '../../app/text.ts';
import { fixes } from '../../app/fixes.ts';
import { awaitDeviceToken, beginDeviceLogin, type DeviceLogin } from '../device.ts';
import { waitForPropagation } from '../propagation.ts';
import type { CheckContext, CheckDefinition } from './check.ts';
import { endpointsOf, flowIsOn, passed, skipped, trouble } from './check.ts';
import { tokenChecks } from './token.ts';

const flow = 'device';

const applies = ({ flows }: CheckContext): boolean => flows.includes(flow);

const withSomebody = (context: CheckContext): boolean => applies(context) && context.showDeviceLogin !== undefined;

/** The codes of the login that this run began. One check asks for them; another waits for somebody to use them. */
const logins = new WeakMap<CheckContext, DeviceLogin>();

/**
 * From a code that somebody types in to a token that worked and is gone again. Where nobody is there to do so, the org is asked
 * for a code all the same. The code ends by itself.
 */
export const deviceChecks: CheckDefinition[] = [
  flowIsOn(flow),
  {
    id: `${flow}.code`,
    forClients: true,
    flow,
    needs: ['endpoints', 'consumer-key', `${flow}.configured`],
    applies,
    run: async (context) => {
      const { facts, http, propagation, showDeviceLogin } = context;
      try {
        const login = await waitForPropagation(propagation, facts, flow, () =>
          beginDeviceLogin(http, endpointsOf(context), facts.consumerKey ?? '', facts.app.scopes ?? []),
        );
        logins.set(context, login);
        return showDeviceLogin ? passed(say('detail.deviceCode')) : passed(say('detail.deviceCodeUnused'));
      } catch (error) {
        return trouble(error, flow, facts);
      }
    },
  },
  {
    id: `${flow}.token`,
    forClients: true,
    flow,
    needs: [`${flow}.code`],
    applies: withSomebody,
    run: async (context) => {
      const { facts, http, propagation, showDeviceLogin } = context;
      const login = logins.get(context);
      if (!login || !showDeviceLogin) return skipped(say('detail.nobodyThere'), fixes.atTerminal(facts));
      try {
        showDeviceLogin(login);
        const token = await awaitDeviceToken(http, endpointsOf(context), facts.consumerKey ?? '', login, propagation);
        context.open.add(token);
        context.tokens.set(flow, token);
        return passed(say('detail.token', token.format));
      } catch (error) {
        return trouble(error, flow, facts);
      }
    },
  },
  ...tokenChecks({ flow, scopes: scopesOfLogin, lesserUser: fixes.lesserLogin, applies: withSomebody }),
];
