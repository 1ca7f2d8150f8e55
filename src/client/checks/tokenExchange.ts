import { randomBytes } from 'node:crypto';

import type { AppFacts, Finding, Tried } from '../../app/checks.ts';
import { explain } from '../../app/explanations.ts';
import { fixes } from '../../app/fixes.ts';
import { FLOWS } from '../../app/flows.ts';
import { say } from '../../app/text.ts';
import { waitForPropagation } from '../propagation.ts';
import { RefusedError } from '../salesforceOauth.ts';
import { requestGrant } from '../token.ts';
import {
  type CheckContext,
  type CheckDefinition,
  clientFor,
  endpointsOf,
  failed,
  noSecret,
  passed,
  skipped,
  switchesOff,
  trouble,
  warning,
} from './check.ts';

const FLOW = 'token-exchange';

const applies = ({ flows }: CheckContext): boolean => flows.includes(FLOW);

/**
 * As far as it goes without a token of the identity provider. The check looks at the switches and the handler, and that a token
 * which nobody gave out is refused. For that refusal, the org must have let in the client and its secret.
 */
export const TOKEN_EXCHANGE_CHECKS: CheckDefinition[] = [
  { id: `${FLOW}.configured`, flow: FLOW, needs: ['app'], applies, run: ({ facts }) => judgeSwitches(facts) },
  {
    id: `${FLOW}.handler`,
    flow: FLOW,
    needs: [`${FLOW}.configured`],
    applies,
    run: ({ facts }) => judgeHandlers(facts),
  },
  {
    id: `${FLOW}.request`,
    flow: FLOW,
    needs: ['endpoints', 'consumer-key', `${FLOW}.configured`],
    applies,
    run: (context) => {
      const { facts, probe } = context;
      // Without a handler the answer is known; an unseen one may well be there.
      if (!['passed', 'skipped'].includes(judgeHandlers(facts).status))
        return skipped(say('detail.needs', say(`check.${FLOW}.handler`)));
      return probe ? exchangeMadeUp(context) : skipped(say('detail.onlyProbed'), fixes.probe(facts));
    },
  },
  {
    id: `${FLOW}.token`,
    forClients: true,
    flow: FLOW,
    applies,
    run: () => skipped(say('detail.noSubjectToken')),
  },
];

const judgeSwitches = (facts: AppFacts): Finding => {
  const { global, policy } = facts.tokenExchange;
  return global && policy
    ? passed(say('detail.bothSwitchesOn'))
    : failed(say(switchesOff(facts.tokenExchange)), fixes.addFlow(facts, FLOW));
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
const OUR_FAULT = new Set([
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

/** The app's default handler judges the token (Salesforce Help, "Set Up the Token Exchange Flow"). */
const exchangeMadeUp = async (context: CheckContext): Promise<Tried> => {
  const { facts, http, propagation } = context;
  const client = clientFor(facts, facts.app.oauth?.secretRequiredForTokenExchange === true);
  if (!client) return noSecret(facts);
  const isOurFault = (error: RefusedError): boolean => OUR_FAULT.has(explain(error.refusal, FLOW, facts).id);
  try {
    const token = await waitForPropagation(propagation, facts, FLOW, () =>
      requestGrant(http, endpointsOf(context), client, FLOWS[FLOW].grantType, {
        subject_token: randomBytes(32).toString('hex'),
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      }),
    );
    context.open.add(token);
    return failed(say('detail.madeUpTokenTaken'), fixes.handler(facts));
  } catch (error) {
    return error instanceof RefusedError && !isOurFault(error)
      ? passed(say('detail.madeUpTokenRefused', error.message))
      : trouble(error, FLOW, facts);
  }
};
