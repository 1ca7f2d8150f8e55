import { randomBytes } from 'node:crypto';
import type { Finding, AppFacts, Tried } from '../../app/checks.ts';
import { say } from '../../app/text.ts';
import { explain } from '../../app/explanations.ts';
import { fixes } from '../../app/fixes.ts';
import { waitForPropagation } from '../propagation.ts';
import { RefusedError } from '../salesforceOauth.ts';
import { requestExchangedToken } from '../token.ts';
import type { CheckContext, CheckDefinition } from './check.ts';
import { clientFor, endpointsOf, failed, noSecret, passed, skipped, switchesOff, trouble, warning } from './check.ts';

const flow = 'token-exchange';

const applies = ({ flows }: CheckContext): boolean => flows.includes(flow);

/**
 * As far as it goes without a token of the identity provider. The check looks at the switches and the handler, and that a token
 * which nobody gave out is refused. For that refusal, the org must have let in the client and its secret.
 */
export const tokenExchangeChecks: CheckDefinition[] = [
  { id: `${flow}.configured`, flow, needs: ['app'], applies, run: ({ facts }) => judgeSwitches(facts) },
  {
    id: `${flow}.handler`,
    flow,
    needs: [`${flow}.configured`],
    applies,
    run: ({ facts }) => judgeHandlers(facts),
  },
  {
    id: `${flow}.request`,
    flow,
    needs: ['endpoints', 'consumer-key', `${flow}.configured`],
    applies,
    run: (context) => {
      const { facts, probe } = context;
      // Without a handler the answer is known; an unseen one may well be there.
      if (!['passed', 'skipped'].includes(judgeHandlers(facts).status))
        return skipped(say('detail.needs', say(`check.${flow}.handler`)));
      return probe ? exchangeMadeUp(context) : skipped(say('detail.onlyProbed'), fixes.probe(facts));
    },
  },
  {
    id: `${flow}.token`,
    forClients: true,
    flow,
    applies,
    run: () => skipped(say('detail.noSubjectToken')),
  },
];

const judgeSwitches = (facts: AppFacts): Finding => {
  const { global, policy } = facts.tokenExchange;
  return global && policy
    ? passed(say('detail.bothSwitchesOn'))
    : failed(say(switchesOff(facts.tokenExchange)), fixes.addFlow(facts, flow));
};

const judgeHandlers = (facts: AppFacts): Finding => {
  const handlers = facts.tokenExchangeHandlers;
  if (!handlers) return skipped(say('detail.handlerUnseen'));
  const [first] = handlers;
  if (!first) return failed(say('detail.noHandler'), fixes.handler(facts));
  const enabled = handlers.filter((handler) => handler.enabled);
  if (enabled.length === 0) return failed(say('detail.handlerOff', first.name), fixes.handler(facts));
  const standard = enabled.find(({ isDefault }) => isDefault);
  return standard
    ? passed(say('detail.handler', standard.name))
    : warning(say('detail.handlerNotDefault', enabled.map(({ name }) => name).join(', ')), fixes.handler(facts));
};

/** What says that the client or the flow was refused, and not the token: the rows of explanations.ts. */
const ourFault = new Set([
  'keyNotSpread',
  'keyUnknown',
  'secretNotSpread',
  'secretWrong',
  'flowOff',
  'grantTypeOff',
  'noHandler',
  'appBlocked',
  'appNotInOrg',
  'ipRestricted',
  'ipRestrictedByApp',
]);

const exchangeMadeUp = async (context: CheckContext): Promise<Tried> => {
  const { facts, http, propagation } = context;
  const client = clientFor(facts, facts.app.oauth?.secretRequiredForTokenExchange === true);
  if (!client) return noSecret(facts);
  const isOurFault = (error: RefusedError): boolean => ourFault.has(explain(error.refusal, flow, facts).id);
  try {
    const token = await waitForPropagation(propagation, facts, flow, () =>
      requestExchangedToken(http, endpointsOf(context), client, randomBytes(32).toString('hex')),
    );
    context.open.add(token);
    return failed(say('detail.madeUpTokenTaken'), fixes.handler(facts));
  } catch (error) {
    return error instanceof RefusedError && !isOurFault(error)
      ? passed(say('detail.madeUpTokenRefused', error.message))
      : trouble(error, flow, facts);
  }
};
