import type { Flow } from '../../app/app.ts';
import {
  apiPathFor,
  type AppFacts,
  compareScopes,
  type Finding,
  isApiScope,
  scopesNotCalled,
  type Tried,
  usableScopes,
} from '../../app/checks.ts';
import { explain } from '../../app/explanations.ts';
import { fixes } from '../../app/fixes.ts';
import { say, type Text } from '../../app/text.ts';
import { tooPowerful, type UserFacts } from '../../app/user.ts';
import { callApi } from '../apiCall.ts';
import { isOrgsHost } from '../endpoints.ts';
import { RefusedError, type Token } from '../salesforceOauth.ts';
import { revokeToken } from '../token.ts';
import {
  type CheckContext,
  type CheckDefinition,
  endpointsOf,
  failed,
  passed,
  refused,
  trouble,
  warning,
} from './check.ts';

/** What a flow's token should be. */
export type Expectation = {
  flow: Exclude<Flow, 'token-exchange' | 'code-and-credentials'>;
  /** Whom it should stand for; absent when that is whoever logs in. */
  user?: (context: CheckContext) => UserFacts | undefined;
  /** The scopes that it carries in any case, of an app's. */
  scopes: (configured: string[]) => string[];
  /** What to do about a user who can do too much. Absent where people log in for themselves, with the power that they have. */
  lesserUser?: (facts: AppFacts) => Text;
  /** Is there to be a token at all? Absent: always. */
  applies?: (context: CheckContext) => boolean;
  /** What this flow's token has to show besides, before it is revoked. */
  more?: CheckDefinition[];
};

/** What every token has to show once it is there. Whom does it stand for, what may it do, does it work, and can it be ended? */
export const tokenChecks = (expected: Expectation): CheckDefinition[] => {
  const { flow } = expected;
  const check = (
    name: 'running-user' | 'scopes' | 'api' | 'revoked',
    run: (context: CheckContext, token: Token) => Tried | Promise<Tried>,
  ): CheckDefinition => ({
    id: `${flow}.${name}`,
    // Only the org knows who the user of a token is meant to be.
    forClients: name !== 'running-user',
    flow,
    needs: [`${flow}.token`],
    applies: (context) => context.flows.includes(flow) && (expected.applies?.(context) ?? true),
    run: (context) => run(context, tokenOf(context, flow)),
  });
  return [
    check('running-user', (context, token) => judgeRunningUser(context, token, expected)),
    check('scopes', (context, token) => judgeScopes(context, token, expected)),
    check('api', (context, token) => judgeApi(context, token, flow)),
    ...(expected.more ?? []),
    check('revoked', (context, token) => revoke(context, token, flow)),
  ];
};

/** The token of a flow, for checks that need the one that asked for it. */
export const tokenOf = (context: CheckContext, flow: Flow): Token => {
  const token = context.tokens.get(flow);
  if (!token) throw new Error('A check that needs the token ran before there was one.');
  return token;
};

/** The user that the token stands for. Is it the one who was meant? Can that user do more than an integration should? */
const judgeRunningUser = async (context: CheckContext, { userId }: Token, expected: Expectation): Promise<Finding> => {
  const { facts, userById } = context;
  const meant = expected.user?.(context);
  if (!userId) return warning(say('detail.runningUserUnknown'));
  const user = isSame(userId, meant?.id) ? meant : await userById(userId);
  if (!user) return warning(say('detail.runningUserNotFound', userId));
  if (expected.user && !isSame(user.id, meant?.id)) {
    return warning(say('detail.runningUserOther', user.username, meant?.username ?? '-'), fixes.waitLonger(facts));
  }
  const powers = tooPowerful(user).map(({ label, name }) => `"${label}" (${name})`);
  return powers.length > 0 && expected.lesserUser
    ? warning(say('detail.runningUserPowerful', user.username, powers.join(', ')), expected.lesserUser(facts))
    : passed(say('detail.runningUser', user.username, user.profileName));
};

// Ids come with 15 or 18 characters; the last three are a checksum.
const isSame = (a: string, b: string | undefined): boolean => b !== undefined && a.slice(0, 15) === b.slice(0, 15);

const judgeScopes = ({ facts }: CheckContext, token: Token, expected: Expectation): Finding => {
  const granted = token.scopes;
  const configured = facts.app.scopes;
  // A client alone does not know which scopes the app has, unless its file says so.
  if (facts.fileOnly !== undefined && configured === undefined)
    return passed(say('detail.scopesGranted', granted.join(' ') || '-'));
  const { missing, extra } = compareScopes(configured ?? [], expected.scopes(configured ?? []), granted);
  if (missing.length > 0) {
    const detail = say('detail.scopesMissing', missing.join(' '), granted.join(' ') || '-');
    // Without its scope an API refuses the token.
    const lostApis = granted.includes('full') ? [] : missing.filter(isApiScope);
    return lostApis.length > 0 ? failed(detail, fixes.waitLonger(facts)) : warning(detail, fixes.waitLonger(facts));
  }
  if (extra.length > 0) return warning(say('detail.scopesExtra', extra.join(' ')), fixes.waitLonger(facts));
  return passed(granted.length > 0 ? say('detail.scopes', granted.join(' ')) : say('detail.scopesNone'));
};

/**
 * Calls an API that the token's scopes give access to, or the one that was named. Where no address is known for any of them,
 * the token is taken to work. Then the finding says that nothing was called.
 */
export const judgeApi = async (context: CheckContext, token: Token, flow: Flow): Promise<Tried> => {
  const { facts, http, apiPath } = context;
  const path = apiPath ?? apiPathFor(token.scopes, facts.apiVersion);
  const notCalled = scopesNotCalled(token.scopes).join(', ');
  if (!path) {
    return usableScopes(token.scopes).length === 0
      ? failed(say('detail.noApiScope', token.scopes.join(' ') || '-'), fixes.addScope(facts, 'api'))
      : passed(say('detail.serviceNotCalled', notCalled));
  }
  try {
    const { status, refusal } = await callApi(http, apiBase(context, token), path, token.accessToken);
    if (refusal) return refused(refusal, flow, facts);
    return passed(
      notCalled
        ? say('detail.apiAndNotCalled', path, String(status), notCalled)
        : say('detail.api', path, String(status)),
    );
  } catch (error) {
    return trouble(error, flow, facts);
  }
};

/**
 * Where a token is used: at the org that gave it. A client that asks a general login host learns only from the answer which org that
 * is.
 */
const apiBase = ({ facts: { fileOnly, myDomainUrl } }: CheckContext, { instanceUrl }: Token): string =>
  fileOnly !== undefined && instanceUrl !== undefined && isOrgsHost(instanceUrl, myDomainUrl)
    ? instanceUrl
    : myDomainUrl;

const revoke = async (context: CheckContext, token: Token, flow: Flow): Promise<Tried> => {
  try {
    await revokeToken(context.http, endpointsOf(context), context.facts.consumerKey ?? '', token);
  } catch (error) {
    if (!(error instanceof RefusedError) || !(await hasEnded(context, token)))
      return trouble(error, flow, context.facts);
    context.open.delete(token);
    return passed(say('detail.endedBefore', error.refusal.error));
  }
  context.open.delete(token);
  return passed(say('detail.revoked'));
};

const USER_INFO = '/services/oauth2/userinfo';

/** An org does not know a token any more that ended with its session, and so cannot revoke it. */
const hasEnded = async (context: CheckContext, token: Token): Promise<boolean> => {
  if (token.refreshToken !== undefined) return false;
  try {
    const { refusal } = await callApi(context.http, apiBase(context, token), USER_INFO, token.accessToken);
    return refusal !== undefined && explain(refusal).id === 'sessionInvalid';
  } catch {
    return false;
  }
};
