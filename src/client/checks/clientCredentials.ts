import type { Finding, Situation } from '../../app/checks.ts';
import { approvedBy, say, scopesWithoutUser } from '../../app/checks.ts';
import { fixes } from '../../app/fixes.ts';
import { patiently } from '../patience.ts';
import { requestClientCredentialsToken } from '../token.ts';
import type { Bench, CheckDefinition } from './check.ts';
import { endpointsOf, failed, passed, skipped, switchesOff, trouble } from './check.ts';
import { tokenChecks } from './token.ts';

const flow = 'client-credentials';

const applies = ({ flows }: Bench): boolean => flows.includes(flow);

/** From the configured user to a token that worked and is gone again. */
export const clientCredentialsChecks: CheckDefinition[] = [
  { id: `${flow}.configured`, flow, needs: ['app'], applies, run: ({ situation }) => judgeSwitches(situation) },
  { id: `${flow}.run-as`, flow, needs: [`${flow}.configured`], applies, run: ({ situation }) => judgeRunAs(situation) },
  {
    id: `${flow}.access`,
    flow,
    needs: [`${flow}.run-as`],
    applies: (bench) => applies(bench) && bench.situation.app.policies?.permittedUsers === 'admin-approved',
    run: ({ situation }) => judgeAccess(situation),
  },
  {
    id: `${flow}.secret`,
    flow,
    needs: ['app'],
    applies,
    // Without a secret nothing is known to be wrong, and nothing can be tried.
    run: ({ situation: { secret } }) =>
      secret.from === 'nowhere' ? skipped(secret.detail, secret.fix) : passed(say(`detail.secretFrom.${secret.from}`)),
  },
  {
    id: `${flow}.token`,
    flow,
    needs: ['endpoints', 'consumer-key', `${flow}.run-as`, `${flow}.access`, `${flow}.secret`],
    applies,
    run: async (bench) => {
      const { situation, http, patience } = bench;
      const { consumerKey, secret } = situation;
      if (!consumerKey || secret.from === 'nowhere') return skipped(say('detail.noSecret'));
      try {
        const token = await patiently(patience, situation, flow, () =>
          requestClientCredentialsToken(http, endpointsOf(bench), { consumerKey, consumerSecret: secret.secret }),
        );
        bench.open.add(token);
        bench.tokens.set(flow, token);
        return passed(say('detail.token', token.format));
      } catch (error) {
        return trouble(error, flow, situation);
      }
    },
  },
  ...tokenChecks({
    flow,
    user: ({ situation }) => situation.runAs,
    scopes: scopesWithoutUser,
    lesserUser: fixes.lesserUser,
  }),
];

const judgeSwitches = (situation: Situation): Finding => {
  const { global, policy } = situation.clientCredentials;
  if (global && policy) return passed(say('detail.bothSwitchesOn'));
  return failed(say(switchesOff(situation.clientCredentials)), fixes.clientCredentials(situation));
};

const judgeRunAs = (situation: Situation): Finding => {
  const { app, runAs } = situation;
  const named = app.oauth?.runAs;
  if (!named) return failed(say('detail.noRunAs'), fixes.runAs(situation));
  if (!runAs) return failed(say('detail.runAsNotFound', named), fixes.runAs(situation));
  if (!runAs.active) return failed(say('detail.runAsInactive', named), fixes.activateUser(situation));
  if (runAs.locked) return failed(say('detail.runAsLocked', named), fixes.unlockUser(situation));
  if (!runAs.apiEnabled) return failed(say('detail.runAsNoApi', named), fixes.apiAccess(situation));
  return passed(say('detail.runAs', runAs.username, runAs.profileName));
};

const judgeAccess = (situation: Situation): Finding => {
  const { app, runAs, allowedPermissionSets } = situation;
  if (!runAs) return skipped(say('detail.noRunAs'));
  const approved = approvedBy(situation, runAs);
  if (approved) return passed(say(`detail.approvedBy.${approved}`, runAs.username));
  const allowed = [...allowedPermissionSets, ...(app.policies?.profiles ?? [])].join(', ');
  return failed(say('detail.notApproved', runAs.username, allowed || '-'), fixes.approveUser(situation));
};
