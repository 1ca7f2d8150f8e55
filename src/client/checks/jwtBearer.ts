import type { Finding, Situation } from '../../app/checks.ts';
import { approvedBy, say, scopesOfLogin } from '../../app/checks.ts';
import { explain } from '../../app/explanations.ts';
import { fixes } from '../../app/fixes.ts';
import { audiencesFor, requestJwtBearerToken } from '../jwtBearer.ts';
import { patiently } from '../patience.ts';
import type { Token } from '../salesforceOauth.ts';
import { RefusedError } from '../salesforceOauth.ts';
import type { Bench, CheckDefinition, JwtTrial } from './check.ts';
import { endpointsOf, failed, passed, skipped, trouble } from './check.ts';
import { tokenChecks } from './token.ts';

const flow = 'jwt-bearer';

const applies = ({ flows }: Bench): boolean => flows.includes(flow);

/** From a key and a user to a token that worked and is gone again. No org tells whether an app has a certificate. */
export const jwtBearerChecks: CheckDefinition[] = [
  {
    id: `${flow}.user`,
    flow,
    needs: ['app'],
    applies,
    run: ({ situation, jwt }) =>
      jwt ? judgeUser(situation, jwt) : failed(say('detail.noJwtKey'), fixes.giveKey(situation)),
  },
  {
    id: `${flow}.token`,
    flow,
    needs: ['endpoints', 'consumer-key', `${flow}.user`],
    applies,
    run: async (bench) => {
      const { situation, patience, jwt } = bench;
      if (!jwt) return skipped(say('detail.noJwtKey'));
      try {
        const { token, audience } = await patiently(patience, situation, flow, () => requestToken(bench, jwt));
        bench.open.add(token);
        bench.tokens.set(flow, token);
        return passed(say('detail.tokenByAudience', token.format, audience));
      } catch (error) {
        return trouble(error, flow, situation);
      }
    },
  },
  ...tokenChecks({
    flow,
    user: ({ jwt }) => jwt?.user,
    scopes: scopesOfLogin,
    lesserUser: fixes.lesserLogin,
  }),
];

const judgeUser = (situation: Situation, { username, user }: JwtTrial): Finding => {
  if (!user) return failed(say('detail.userNotFound', username), fixes.giveKey(situation));
  if (!user.active) return failed(say('detail.userInactive', username), fixes.activate(username));
  if (user.locked) return failed(say('detail.userLocked', username), fixes.activate(username));
  const { app, allowedPermissionSets } = situation;
  if (app.policies?.permittedUsers === 'admin-approved' && !approvedBy(situation, user)) {
    const allowed = [...allowedPermissionSets, ...(app.policies.profiles ?? [])].join(', ');
    return failed(say('detail.notApproved', username, allowed || '-'), fixes.letIn(situation, username));
  }
  return passed(say('detail.runAs', username, user.profileName));
};

/** Whether an app wants the general login host for an audience or its own org's, nobody can see: the second is tried after the first. */
const requestToken = async (bench: Bench, jwt: JwtTrial): Promise<{ token: Token; audience: string }> => {
  const { situation, http } = bench;
  const [first, second] = audiencesFor(situation.orgKind, situation.myDomainUrl);
  const ask = async (audience: string): Promise<{ token: Token; audience: string }> => {
    const { key, username } = jwt;
    const request = { consumerKey: situation.consumerKey ?? '', username, key, audience };
    return { token: await requestJwtBearerToken(http, endpointsOf(bench), request), audience };
  };
  try {
    return await ask(first);
  } catch (error) {
    if (!(error instanceof RefusedError) || explain(error.refusal, flow).id !== 'audienceWrong') throw error;
    return ask(second);
  }
};
