import type { Finding, AppFacts } from '../../app/checks.ts';
import { approvedBy, scopesWithoutUser } from '../../app/checks.ts';
import { say } from '../../app/text.ts';
import { fixes } from '../../app/fixes.ts';
import { waitForPropagation } from '../propagation.ts';
import { requestClientCredentialsToken } from '../token.ts';
import type { CheckContext, CheckDefinition } from './check.ts';
import { endpointsOf, failed, passed, skipped, switchesOff, trouble } from './check.ts';
import { tokenChecks } from './token.ts';

const flow = 'client-credentials';

const applies = ({ flows }: CheckContext): boolean => flows.includes(flow);

/** From the configured user to a token that worked and is gone again. */
export const clientCredentialsChecks: CheckDefinition[] = [
  { id: `${flow}.configured`, flow, needs: ['app'], applies, run: ({ facts }) => judgeSwitches(facts) },
  { id: `${flow}.run-as`, flow, needs: [`${flow}.configured`], applies, run: ({ facts }) => judgeRunAs(facts) },
  {
    id: `${flow}.access`,
    flow,
    needs: [`${flow}.run-as`],
    applies: (context) => applies(context) && context.facts.app.policies?.permittedUsers === 'admin-approved',
    run: ({ facts }) => judgeAccess(facts),
  },
  {
    id: `${flow}.secret`,
    flow,
    needs: ['app'],
    applies,
    // Without a secret nothing is known to be wrong, and nothing can be tried.
    run: ({ facts: { secret } }) =>
      secret.from === 'nowhere' ? skipped(secret.detail, secret.fix) : passed(say(`detail.secretFrom.${secret.from}`)),
  },
  {
    id: `${flow}.token`,
    forClients: true,
    flow,
    needs: ['endpoints', 'consumer-key', `${flow}.run-as`, `${flow}.access`, `${flow}.secret`],
    applies,
    run: async (context) => {
      const { facts, http, propagation } = context;
      const { consumerKey, secret } = facts;
      if (!consumerKey || secret.from === 'nowhere') return skipped(say('detail.noSecret'));
      try {
        const token = await waitForPropagation(propagation, facts, flow, () =>
          requestClientCredentialsToken(http, endpointsOf(context), { consumerKey, consumerSecret: secret.secret }),
        );
        context.open.add(token);
        context.tokens.set(flow, token);
        return passed(say('detail.token', token.format));
      } catch (error) {
        return trouble(error, flow, facts);
      }
    },
  },
  ...tokenChecks({
    flow,
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
