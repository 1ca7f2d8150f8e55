import { endsSoon } from '../../app/certificate.ts';
import { type AppFacts, approvedBy, type Finding, scopesOfLogin, usableScopes } from '../../app/checks.ts';
import { explain } from '../../app/explanations.ts';
import { fixes } from '../../app/fixes.ts';
import { FLOWS } from '../../app/flows.ts';
import { allowsRefreshToken } from '../../app/scopes.ts';
import { say } from '../../app/text.ts';
import type { Endpoints } from '../endpoints.ts';
import type { HttpClient } from '../httpClient.ts';
import { audiencesFor, type KeyCertificate, requestJwtBearerToken } from '../jwtBearer.ts';
import { waitForPropagation } from '../propagation.ts';
import { RefusedError, type Token } from '../salesforceOauth.ts';
import {
  type CheckContext,
  type CheckDefinition,
  endpointsOf,
  failed,
  type JwtTrial,
  passed,
  skipped,
  trouble,
  warning,
} from './check.ts';
import { tokenChecks } from './token.ts';

const FLOW = 'jwt-bearer';

const applies = ({ flows }: CheckContext): boolean => flows.includes(FLOW);

/** From a key and a user to a token that worked and is gone again. No org tells whether an app has a certificate. */
export const JWT_BEARER_CHECKS: CheckDefinition[] = [
  {
    id: `${FLOW}.scopes-needed`,
    flow: FLOW,
    needs: ['app'],
    applies,
    run: ({ facts }) => judgeNeededScopes(facts),
  },
  {
    id: `${FLOW}.user`,
    flow: FLOW,
    needs: ['app'],
    applies,
    run: ({ facts, jwt }) => (jwt ? judgeUser(facts, jwt) : skipped(say('detail.noJwtKey'), fixes.giveKey(facts))),
  },
  {
    id: `${FLOW}.access`,
    flow: FLOW,
    needs: [`${FLOW}.user`],
    // Users who let an app in themselves may have done so. The token request tells, and is not made without the scopes.
    applies: (context) => applies(context) && (approvalIsAsked(context) || isFailed(judgeNeededScopes(context.facts))),
    run: (context) => judgeAccess(context),
  },
  {
    id: `${FLOW}.certificate`,
    forClients: true,
    flow: FLOW,
    needs: [`${FLOW}.user`],
    applies: (context) => applies(context) && context.jwt?.certificate !== undefined,
    run: ({ facts, jwt, propagation }) => judgeCertificate(facts, jwt?.certificate, propagation.now()),
  },
  {
    id: `${FLOW}.token`,
    forClients: true,
    flow: FLOW,
    needs: [
      'endpoints',
      'consumer-key',
      `${FLOW}.user`,
      `${FLOW}.certificate`,
      `${FLOW}.scopes-needed`,
      `${FLOW}.access`,
    ],
    applies,
    run: async (context) => {
      const { facts, propagation, jwt } = context;
      if (!jwt) return skipped(say('detail.noJwtKey'));
      try {
        const { token, audience } = await waitForPropagation(propagation, facts, FLOW, () =>
          requestTokenByKey(context.http, endpointsOf(context), facts, jwt),
        );
        context.open.add(token);
        context.tokens.set(FLOW, token);
        const configured = facts.client?.audience;
        return configured === undefined || configured === audience
          ? passed(say('detail.tokenByAudience', token.format, audience))
          : warning(say('detail.otherAudience', configured, audience), fixes.thisAudience(audience));
      } catch (error) {
        return trouble(error, FLOW, facts);
      }
    },
  },
  ...tokenChecks({
    flow: FLOW,
    user: ({ jwt }) => jwt?.user,
    scopes: scopesOfLogin,
    lesserUser: fixes.lesserLogin,
  }),
];

const judgeUser = (facts: AppFacts, { username, user }: JwtTrial): Finding => {
  if (!user) return failed(say('detail.userNotFound', username), fixes.otherJwtUser(facts));
  if (!user.active) return failed(say('detail.userInactive', username), fixes.activate(username));
  if (user.locked) return failed(say('detail.userLocked', username), fixes.activate(username));
  return passed(say('detail.runAs', username, user.profileName));
};

const isFailed = ({ status }: Finding): boolean => status === 'failed';

/**
 * All scopes that the app lacks at once. The org names one at a time, and the one that its API needs only when there is a
 * token.
 */
const judgeNeededScopes = (facts: AppFacts): Finding => {
  const { scopes = [], customScopes = [] } = facts.app;
  const lacking = allowsRefreshToken(scopes) ? [] : FLOWS[FLOW].scopesNeeded;
  if (lacking.length === 0) return passed(say('detail.scopesNeeded', FLOWS[FLOW].scopesNeeded.join(' ')));
  const useless = usableScopes(scopes).length + customScopes.length === 0;
  const add = [...lacking, ...(useless ? ['api'] : [])];
  return failed(say('detail.scopesNeededMissing', add.join(' ')), fixes.addScope(facts, ...add));
};

const approvalIsAsked = ({ facts }: CheckContext): boolean => facts.app.policies?.permittedUsers === 'admin-approved';

const judgeAccess = (context: CheckContext): Finding => {
  const { facts, jwt } = context;
  if (!approvalIsAsked(context)) return warning(say('detail.approvalUnseen'), fixes.preapprove(facts, jwt?.user));
  if (!jwt?.user) return skipped(say('detail.noJwtKey'), fixes.giveKey(facts));
  const approved = approvedBy(facts, jwt.user);
  if (approved) return passed(say(`detail.approvedBy.${approved}`, jwt.username));
  const allowed = [...facts.allowedPermissionSets, ...(facts.app.policies?.profiles ?? [])].join(', ');
  return failed(say('detail.notApproved', jwt.username, allowed || '-'), fixes.letIn(facts, jwt.user));
};

/** It need not be the certificate that the app has. What an org makes of one that has ended is not known. So it warns. */
const judgeCertificate = (facts: AppFacts, certificate: KeyCertificate | undefined, now: number): Finding => {
  if (!certificate) return skipped(say('detail.noCertificate'));
  const { expires, fits } = certificate;
  const day = expires.toISOString().slice(0, 10);
  if (!fits) return warning(say('detail.certificateOtherKey'), fixes.newCertificate(facts));
  if (expires.getTime() <= now) return warning(say('detail.certificateExpired', day), fixes.newCertificate(facts));
  return endsSoon(expires, now)
    ? warning(say('detail.certificateExpiresSoon', day), fixes.newCertificate(facts))
    : passed(say('detail.certificate', day));
};

/**
 * An app may want the general login host for an audience, or its own org's; nobody can see which. One is tried after the other.
 * What the client's own configuration says comes first.
 */
export const requestTokenByKey = async (
  http: HttpClient,
  endpoints: Endpoints,
  facts: AppFacts,
  { key, username }: Pick<JwtTrial, 'key' | 'username'>,
): Promise<{ token: Token; audience: string }> => {
  const usual = audiencesFor(facts.orgKind, facts.myDomainUrl);
  const audiences = [...new Set([...(facts.client?.audience ? [facts.client.audience] : []), ...usual])];
  for (const audience of audiences) {
    try {
      const request = { consumerKey: facts.consumerKey ?? '', username, key, audience };
      return { token: await requestJwtBearerToken(http, endpoints, request), audience };
    } catch (error) {
      const isLast = audience === audiences.at(-1);
      if (isLast || !(error instanceof RefusedError) || explain(error.refusal, FLOW).id !== 'audienceWrong')
        throw error;
    }
  }
  throw new Error('There is no audience to try.');
};
