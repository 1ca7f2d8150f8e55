import { type AppFacts, approvedBy, type Finding, scopesWithoutUser } from '../../app/checks.ts';
import { fixes } from '../../app/fixes.ts';
import { say } from '../../app/text.ts';
import { waitForPropagation } from '../propagation.ts';
import { requestClientCredentialsToken } from '../token.ts';
import {
  type CheckContext,
  type CheckDefinition,
  endpointsOf,
  failed,
  passed,
  skipped,
  switchesOff,
  trouble,
} from './check.ts';
import { tokenChecks } from './token.ts';

const FLOW = 'client-credentials';

const applies = ({ flows }: CheckContext): boolean => flows.includes(FLOW);

/** From the configured user to a token that worked and is gone again. */
export const CLIENT_CREDENTIALS_CHECKS: CheckDefinition[] = [
  { id: `${FLOW}.configured`, flow: FLOW, needs: ['app'], applies, run: ({ facts }) => judgeSwitches(facts) },
  { id: `${FLOW}.run-as`, flow: FLOW, needs: [`${FLOW}.configured`], applies, run: ({ facts }) => judgeRunAs(facts) },
  {
    id: `${FLOW}.access`,
    flow: FLOW,
    needs: [`${FLOW}.run-as`],
    applies: (context) => applies(context) && context.facts.app.policies?.permittedUsers === 'admin-approved',
    run: ({ facts }) => judgeAccess(facts),
  },
  {
    id: `${FLOW}.secret`,
    flow: FLOW,
    needs: ['app'],
    applies,
    // Without a secret nothing is known to be wrong, and nothing can be tried.
    run: ({ facts: { secret } }) =>
      secret.from === 'nowhere' ? skipped(secret.detail, secret.fix) : passed(say(`detail.secretFrom.${secret.from}`)),
  },
  {
    id: `${FLOW}.token`,
    forClients: true,
    flow: FLOW,
    needs: ['endpoints', 'consumer-key', `${FLOW}.run-as`, `${FLOW}.access`, `${FLOW}.secret`],
    applies,
    run: async (context) => {
      const { facts, http, propagation } = context;
      const { consumerKey, secret } = facts;
      if (!consumerKey || secret.from === 'nowhere') return skipped(say('detail.noSecret'));
      try {
        const token = await waitForPropagation(propagation, facts, FLOW, () =>
          requestClientCredentialsToken(http, endpointsOf(context), { consumerKey, consumerSecret: secret.secret }),
        );
        context.open.add(token);
        context.tokens.set(FLOW, token);
        return passed(say('detail.token', token.format));
      } catch (error) {
        return trouble(error, FLOW, facts);
      }
    },
  },
  ...tokenChecks({
    flow: FLOW,
    user: ({ facts }) => facts.runAs,
    scopes: scopesWithoutUser,
    lesserUser: fixes.lesserUser,
  }),
];

const judgeSwitches = (facts: AppFacts): Finding => {
  const { global, policy } = facts.clientCredentials;
  if (global && policy) return passed(say('detail.bothSwitchesOn'));
  return failed(say(switchesOff(facts.clientCredentials)), fixes.clientCredentials(facts));
};

const judgeRunAs = (facts: AppFacts): Finding => {
  const { app, runAs } = facts;
  const named = app.oauth?.runAs;
  if (!named) return failed(say('detail.noRunAs'), fixes.runAs(facts));
  if (!runAs) return failed(say('detail.runAsNotFound', named), fixes.runAs(facts));
  if (!runAs.active) return failed(say('detail.runAsInactive', named), fixes.activateUser(facts));
  if (runAs.locked) return failed(say('detail.runAsLocked', named), fixes.unlockUser(facts));
  if (!runAs.apiEnabled) return failed(say('detail.runAsNoApi', named), fixes.apiAccess(facts));
  return passed(say('detail.runAs', runAs.username, runAs.profileName));
};

const judgeAccess = (facts: AppFacts): Finding => {
  const { app, runAs, allowedPermissionSets } = facts;
  if (!runAs) return skipped(say('detail.noRunAs'));
  const approved = approvedBy(facts, runAs);
  if (approved) return passed(say(`detail.approvedBy.${approved}`, runAs.username));
  const allowed = [...allowedPermissionSets, ...(app.policies?.profiles ?? [])].join(', ');
  return failed(say('detail.notApproved', runAs.username, allowed || '-'), fixes.approveUser(facts));
};
