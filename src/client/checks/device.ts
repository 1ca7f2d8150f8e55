import { scopesOfLogin } from '../../app/checks.ts';
import { fixes } from '../../app/fixes.ts';
import { say } from '../../app/text.ts';
import { awaitDeviceToken, beginDeviceLogin, type DeviceLogin } from '../device.ts';
import { waitForPropagation } from '../propagation.ts';
import { type CheckContext, type CheckDefinition, endpointsOf, flowIsOn, passed, skipped, trouble } from './check.ts';
import { tokenChecks } from './token.ts';

const FLOW = 'device';

const applies = ({ flows }: CheckContext): boolean => flows.includes(FLOW);

const withSomebody = (context: CheckContext): boolean => applies(context) && context.showDeviceLogin !== undefined;

/** The codes of the login that this run began. One check asks for them; another waits for somebody to use them. */
const logins = new WeakMap<CheckContext, DeviceLogin>();

/**
 * From a code that somebody types in to a token that worked and is gone again. Where nobody is there to do so, the org is asked
 * for a code all the same. The code ends by itself.
 */
export const DEVICE_CHECKS: CheckDefinition[] = [
  flowIsOn(FLOW),
  {
    id: `${FLOW}.code`,
    forClients: true,
    flow: FLOW,
    needs: ['endpoints', 'consumer-key', `${FLOW}.configured`],
    applies,
    run: async (context) => {
      const { facts, http, propagation, showDeviceLogin } = context;
      try {
        const login = await waitForPropagation(propagation, facts, FLOW, () =>
          beginDeviceLogin(http, endpointsOf(context), facts.consumerKey ?? '', facts.app.scopes ?? []),
        );
        logins.set(context, login);
        return showDeviceLogin ? passed(say('detail.deviceCode')) : passed(say('detail.deviceCodeUnused'));
      } catch (error) {
        return trouble(error, FLOW, facts);
      }
    },
  },
  {
    id: `${FLOW}.token`,
    forClients: true,
    flow: FLOW,
    needs: [`${FLOW}.code`],
    applies: withSomebody,
    run: async (context) => {
      const { facts, http, propagation, showDeviceLogin } = context;
      const login = logins.get(context);
      if (!login || !showDeviceLogin) return skipped(say('detail.nobodyThere'), fixes.atTerminal(facts));
      try {
        showDeviceLogin(login);
        const token = await awaitDeviceToken(http, endpointsOf(context), facts.consumerKey ?? '', login, propagation);
        context.open.add(token);
        context.tokens.set(FLOW, token);
        return passed(say('detail.token', token.format));
      } catch (error) {
        return trouble(error, FLOW, facts);
      }
    },
  },
  ...tokenChecks({ flow: FLOW, scopes: scopesOfLogin, lesserUser: fixes.lesserLogin, applies: withSomebody }),
];
