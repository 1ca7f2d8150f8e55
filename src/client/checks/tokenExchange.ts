import { randomBytes } from 'node:crypto';
import type { Finding, Situation, Tried } from '../../app/checks.ts';
import { say } from '../../app/checks.ts';
import { explain } from '../../app/explanations.ts';
import { fixes } from '../../app/fixes.ts';
import { patiently } from '../patience.ts';
import { RefusedError } from '../salesforceOauth.ts';
import { requestExchangedToken } from '../token.ts';
import type { Bench, CheckDefinition } from './check.ts';
import { clientFor, endpointsOf, failed, noSecret, passed, skipped, switchesOff, trouble, warning } from './check.ts';

const flow = 'token-exchange';

const applies = ({ flows }: Bench): boolean => flows.includes(flow);

/**
 * As far as it goes without a token of the identity provider: the switches, the handler, and that a token which nobody gave out
 * is refused, which a client and its secret must have been let in for.
 */
export const tokenExchangeChecks: CheckDefinition[] = [
  { id: `${flow}.configured`, flow, needs: ['app'], applies, run: ({ situation }) => judgeSwitches(situation) },
  {
    id: `${flow}.handler`,
    flow,
    needs: [`${flow}.configured`],
    applies,
    run: ({ situation }) => judgeHandlers(situation),
  },
  {
    id: `${flow}.request`,
    flow,
    needs: ['endpoints', 'consumer-key', `${flow}.configured`],
    applies,
    run: (bench) => {
      const { situation, probe } = bench;
      // Without a handler the answer is known; an unseen one may well be there.
      if (!['passed', 'skipped'].includes(judgeHandlers(situation).status))
        return skipped(say('detail.needs', say(`check.${flow}.handler`)));
      return probe ? exchangeMadeUp(bench) : skipped(say('detail.onlyProbed'), fixes.probe(situation));
    },
  },
  {
    id: `${flow}.token`,
    flow,
    applies,
    run: () => skipped(say('detail.noSubjectToken')),
  },
];

const judgeSwitches = (situation: Situation): Finding => {
  const { global, policy } = situation.tokenExchange;
  return global && policy
    ? passed(say('detail.bothSwitchesOn'))
    : failed(say(switchesOff(situation.tokenExchange)), fixes.addFlow(situation, flow));
};

const judgeHandlers = (situation: Situation): Finding => {
  const handlers = situation.tokenExchangeHandlers;
  if (!handlers) return skipped(say('detail.handlerUnseen'));
  const [first] = handlers;
  if (!first) return failed(say('detail.noHandler'), fixes.handler(situation));
  const enabled = handlers.filter((handler) => handler.enabled);
  if (enabled.length === 0) return failed(say('detail.handlerOff', first.name), fixes.handler(situation));
  const standard = enabled.find(({ isDefault }) => isDefault);
  return standard
    ? passed(say('detail.handler', standard.name))
    : warning(say('detail.handlerNotDefault', enabled.map(({ name }) => name).join(', ')), fixes.handler(situation));
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

const exchangeMadeUp = async (bench: Bench): Promise<Tried> => {
  const { situation, http, patience } = bench;
  const client = clientFor(situation, situation.app.oauth?.secretRequiredForTokenExchange === true);
  if (!client) return noSecret(situation);
  const isOurFault = (error: RefusedError): boolean => ourFault.has(explain(error.refusal, flow, situation).id);
  try {
    const token = await patiently(patience, situation, flow, () =>
      requestExchangedToken(http, endpointsOf(bench), client, randomBytes(32).toString('hex')),
    );
    bench.open.add(token);
    return failed(say('detail.madeUpTokenTaken'), fixes.handler(situation));
  } catch (error) {
    return error instanceof RefusedError && !isOurFault(error)
      ? passed(say('detail.madeUpTokenRefused', error.message))
      : trouble(error, flow, situation);
  }
};
