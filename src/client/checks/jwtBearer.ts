import { endsSoon } from '../../app/certificate.ts';
import type { Finding, Situation } from '../../app/checks.ts';
import { approvedBy, say, scopesOfLogin, usableScopes } from '../../app/checks.ts';
import { explain } from '../../app/explanations.ts';
import { fixes } from '../../app/fixes.ts';
import { FLOWS } from '../../app/flows.ts';
import { allowsRefreshToken } from '../../app/scopes.ts';
import type { KeyCertificate } from '../jwtBearer.ts';
import { audiencesFor, requestJwtBearerToken } from '../jwtBearer.ts';
import { patiently } from '../patience.ts';
import type { Token } from '../salesforceOauth.ts';
import { RefusedError } from '../salesforceOauth.ts';
import type { Bench, CheckDefinition, JwtTrial } from './check.ts';
import { endpointsOf, failed, passed, skipped, trouble, warning } from './check.ts';
import { tokenChecks } from './token.ts';

const flow = 'jwt-bearer';

const applies = ({ flows }: Bench): boolean => flows.includes(flow);

/** From a key and a user to a token that worked and is gone again. No org tells whether an app has a certificate. */
export const jwtBearerChecks: CheckDefinition[] = [
  {
    id: `${flow}.scopes-needed`,
    flow,
    needs: ['app'],
    applies,
    run: ({ situation }) => judgeNeededScopes(situation),
  },
  {
    id: `${flow}.user`,
    flow,
    needs: ['app'],
    applies,
    run: ({ situation, jwt }) =>
      jwt ? judgeUser(situation, jwt) : skipped(say('detail.noJwtKey'), fixes.giveKey(situation)),
  },
  {
    id: `${flow}.access`,
    flow,
    needs: [`${flow}.user`],
    // Users who let an app in themselves may have done so. The token request tells, and is not made without the scopes.
    applies: (bench) => applies(bench) && (approvalIsAsked(bench) || isFailed(judgeNeededScopes(bench.situation))),
    run: (bench) => judgeAccess(bench),
  },
  {
    id: `${flow}.certificate`,
    flow,
    needs: [`${flow}.user`],
    applies: (bench) => applies(bench) && bench.jwt?.certificate !== undefined,
    run: ({ situation, jwt, patience }) => judgeCertificate(situation, jwt?.certificate, patience.now()),
  },
  {
    id: `${flow}.token`,
    flow,
    needs: [
      'endpoints',
      'consumer-key',
      `${flow}.user`,
      `${flow}.certificate`,
      `${flow}.scopes-needed`,
      `${flow}.access`,
    ],
    applies,
    run: async (bench) => {
      const { situation, patience, jwt } = bench;
      if (!jwt) return skipped(say('detail.noJwtKey'));
      try {
        const { token, audience } = await patiently(patience, situation, flow, () => requestToken(bench, jwt));
        bench.open.add(token);
        bench.tokens.set(flow, token);
        const configured = situation.client?.audience;
        return configured === undefined || configured === audience
          ? passed(say('detail.tokenByAudience', token.format, audience))
          : warning(say('detail.otherAudience', configured, audience), fixes.thisAudience(audience));
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
  if (!user) return failed(say('detail.userNotFound', username), fixes.otherJwtUser(situation));
  if (!user.active) return failed(say('detail.userInactive', username), fixes.activate(username));
  if (user.locked) return failed(say('detail.userLocked', username), fixes.activate(username));
  return passed(say('detail.runAs', username, user.profileName));
};

const isFailed = ({ status }: Finding): boolean => status === 'failed';

/** All scopes that the app lacks at once: the org names one at a time, and the one that its API needs only when there is a token. */
const judgeNeededScopes = (situation: Situation): Finding => {
  const { scopes = [], customScopes = [] } = situation.app;
  const lacking = allowsRefreshToken(scopes) ? [] : FLOWS[flow].scopesNeeded;
  if (lacking.length === 0) return passed(say('detail.scopesNeeded', FLOWS[flow].scopesNeeded.join(' ')));
  const useless = usableScopes(scopes).length + customScopes.length === 0;
  const add = [...lacking, ...(useless ? ['api'] : [])];
  return failed(say('detail.scopesNeededMissing', add.join(' ')), fixes.addScope(situation, ...add));
};

const approvalIsAsked = ({ situation }: Bench): boolean => situation.app.policies?.permittedUsers === 'admin-approved';

const judgeAccess = (bench: Bench): Finding => {
  const { situation, jwt } = bench;
  if (!approvalIsAsked(bench)) return warning(say('detail.approvalUnseen'), fixes.preapprove(situation));
  if (!jwt?.user) return skipped(say('detail.noJwtKey'), fixes.giveKey(situation));
  const approved = approvedBy(situation, jwt.user);
  if (approved) return passed(say(`detail.approvedBy.${approved}`, jwt.username));
  const allowed = [...situation.allowedPermissionSets, ...(situation.app.policies?.profiles ?? [])].join(', ');
  return failed(say('detail.notApproved', jwt.username, allowed || '-'), fixes.letIn(situation, jwt.username));
};

/** It need not be the certificate that the app has, and what an org makes of one that has ended is not known: so it warns. */
const judgeCertificate = (situation: Situation, certificate: KeyCertificate | undefined, now: number): Finding => {
  if (!certificate) return skipped(say('detail.noCertificate'));
  const { expires, fits } = certificate;
  const day = expires.toISOString().slice(0, 10);
  if (!fits) return warning(say('detail.certificateOtherKey'), fixes.newCertificate(situation));
  if (expires.getTime() <= now) return warning(say('detail.certificateExpired', day), fixes.newCertificate(situation));
  return endsSoon(expires, now)
    ? warning(say('detail.certificateExpiresSoon', day), fixes.newCertificate(situation))
    : passed(say('detail.certificate', day));
};

/**
 * Whether an app wants the general login host for an audience or its own org's, nobody can see: one is tried after the other,
 * what the client's own configuration says first.
 */
const requestToken = async (bench: Bench, jwt: JwtTrial): Promise<{ token: Token; audience: string }> => {
  const { situation, http } = bench;
  const { key, username } = jwt;
  const usual = audiencesFor(situation.orgKind, situation.myDomainUrl);
  const audiences = [...new Set([...(situation.client?.audience ? [situation.client.audience] : []), ...usual])];
  for (const audience of audiences) {
    try {
      const request = { consumerKey: situation.consumerKey ?? '', username, key, audience };
      return { token: await requestJwtBearerToken(http, endpointsOf(bench), request), audience };
    } catch (error) {
      const isLast = audience === audiences.at(-1);
      if (isLast || !(error instanceof RefusedError) || explain(error.refusal, flow).id !== 'audienceWrong')
        throw error;
    }
  }
  throw new Error('There is no audience to try.');
};
