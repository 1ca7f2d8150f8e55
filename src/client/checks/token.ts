import type { Flow } from '../../app/app.ts';
import type { Finding, Saying, Situation, Tried } from '../../app/checks.ts';
import { apiPathFor, compareScopes, isApiScope, say, scopesNotCalled, usableScopes } from '../../app/checks.ts';
import { explain } from '../../app/explanations.ts';
import { fixes } from '../../app/fixes.ts';
import type { UserFacts } from '../../app/user.ts';
import { tooPowerful } from '../../app/user.ts';
import { callApi } from '../apiCall.ts';
import { isOrgsHost } from '../endpoints.ts';
import type { Token } from '../salesforceOauth.ts';
import { RefusedError } from '../salesforceOauth.ts';
import { revokeToken } from '../token.ts';
import type { Bench, CheckDefinition } from './check.ts';
import { endpointsOf, failed, passed, refused, trouble, warning } from './check.ts';

/** What a flow's token should be. */
export type Expectation = {
  flow: Flow;
  /** Whom it should stand for; absent when that is whoever logs in. */
  user?: (bench: Bench) => UserFacts | undefined;
  /** The scopes that it carries in any case, of an app's. */
  scopes: (configured: string[]) => string[];
  /** What to do about a user who can do too much; absent where people log in for themselves, with the power that they have. */
  lesserUser?: (situation: Situation) => Saying;
  /** Is there to be a token at all? Absent: always. */
  applies?: (bench: Bench) => boolean;
  /** What this flow's token has to show besides, before it is revoked. */
  more?: CheckDefinition[];
};

/** What every token has to show once it is there: whom it stands for, what it may, that it works, and that it can be ended. */
export const tokenChecks = (expected: Expectation): CheckDefinition[] => {
  const { flow } = expected;
  const check = (name: string, run: (bench: Bench, token: Token) => Tried | Promise<Tried>): CheckDefinition => ({
    id: `${flow}.${name}`,
    flow,
    needs: [`${flow}.token`],
    applies: (bench) => bench.flows.includes(flow) && (expected.applies?.(bench) ?? true),
    run: (bench) => run(bench, tokenOf(bench, flow)),
  });
  return [
    check('running-user', (bench, token) => judgeRunningUser(bench, token, expected)),
    check('scopes', (bench, token) => judgeScopes(bench, token, expected)),
    check('api', (bench, token) => judgeApi(bench, token, flow)),
    ...(expected.more ?? []),
    check('revoked', (bench, token) => revoke(bench, token, flow)),
  ];
};

/** The token of a flow, for checks that need the one that asked for it. */
export const tokenOf = (bench: Bench, flow: Flow): Token => {
  const token = bench.tokens.get(flow);
  if (!token) throw new Error('A check that needs the token ran before there was one.');
  return token;
};

/** The user that the token stands for: is it the one who was meant, and can that user do more than an integration should? */
const judgeRunningUser = async (bench: Bench, { userId }: Token, expected: Expectation): Promise<Finding> => {
  const { situation, userById } = bench;
  const meant = expected.user?.(bench);
  if (!userId) return warning(say('detail.runningUserUnknown'));
  const user = isSame(userId, meant?.id) ? meant : await userById(userId);
  if (!user) return warning(say('detail.runningUserNotFound', userId));
  if (expected.user && !isSame(user.id, meant?.id)) {
    return warning(say('detail.runningUserOther', user.username, meant?.username ?? '-'), fixes.waitLonger(situation));
  }
  const powers = tooPowerful(user).map(({ label, name }) => `"${label}" (${name})`);
  return powers.length > 0 && expected.lesserUser
    ? warning(say('detail.runningUserPowerful', user.username, powers.join(', ')), expected.lesserUser(situation))
    : passed(say('detail.runningUser', user.username, user.profileName));
};

// Ids come with 15 or 18 characters; the last three are a checksum.
const isSame = (a: string, b: string | undefined): boolean => b !== undefined && a.slice(0, 15) === b.slice(0, 15);

const judgeScopes = ({ situation }: Bench, token: Token, expected: Expectation): Finding => {
  const granted = token.scopes;
  const configured = situation.app.scopes;
  // A client alone does not know which scopes the app has, unless its file says so.
  if (situation.fileOnly !== undefined && configured === undefined)
    return passed(say('detail.scopesGranted', granted.join(' ') || '-'));
  const { missing, extra } = compareScopes(configured ?? [], expected.scopes(configured ?? []), granted);
  if (missing.length > 0) {
    const detail = say('detail.scopesMissing', missing.join(' '), granted.join(' ') || '-');
    // Without its scope an API refuses the token.
    const lostApis = granted.includes('full') ? [] : missing.filter(isApiScope);
    return lostApis.length > 0
      ? failed(detail, fixes.waitLonger(situation))
      : warning(detail, fixes.waitLonger(situation));
  }
  if (extra.length > 0) return warning(say('detail.scopesExtra', extra.join(' ')), fixes.waitLonger(situation));
  return passed(say('detail.scopes', granted.join(' ')));
};

/**
 * Calls an API that the token's scopes give access to, or the one that was named. Where no address is known for any of them, the
 * token is taken to work, and the finding says that nothing was called.
 */
export const judgeApi = async (bench: Bench, token: Token, flow: Flow): Promise<Tried> => {
  const { situation, http, apiPath } = bench;
  const path = apiPath ?? apiPathFor(token.scopes, situation.apiVersion);
  const notCalled = scopesNotCalled(token.scopes).join(', ');
  if (!path) {
    return usableScopes(token.scopes).length === 0
      ? failed(say('detail.noApiScope', token.scopes.join(' ') || '-'), fixes.addScope(situation, 'api'))
      : passed(say('detail.serviceNotCalled', notCalled));
  }
  try {
    const { status, refusal } = await callApi(http, apiBase(bench, token), path, token.accessToken);
    if (refusal) return refused(refusal, flow, situation);
    return passed(
      notCalled
        ? say('detail.apiAndNotCalled', path, String(status), notCalled)
        : say('detail.api', path, String(status)),
    );
  } catch (error) {
    return trouble(error, flow, situation);
  }
};

/**
 * Where a token is used: at the org that gave it. A client that asks a general login host learns only from the answer which org that
 * is.
 */
const apiBase = ({ situation: { fileOnly, myDomainUrl } }: Bench, { instanceUrl }: Token): string =>
  fileOnly !== undefined && instanceUrl !== undefined && isOrgsHost(instanceUrl, myDomainUrl)
    ? instanceUrl
    : myDomainUrl;

const revoke = async (bench: Bench, token: Token, flow: Flow): Promise<Tried> => {
  try {
    await revokeToken(bench.http, endpointsOf(bench), bench.situation.consumerKey ?? '', token);
  } catch (error) {
    if (!(error instanceof RefusedError) || !(await hasEnded(bench, token)))
      return trouble(error, flow, bench.situation);
    bench.open.delete(token);
    return passed(say('detail.endedBefore', error.refusal.error));
  }
  bench.open.delete(token);
  return passed(say('detail.revoked'));
};

const userInfo = '/services/oauth2/userinfo';

/** An org does not know a token any more that ended with its session, and so cannot revoke it. */
const hasEnded = async (bench: Bench, token: Token): Promise<boolean> => {
  if (token.refreshToken !== undefined) return false;
  try {
    const { refusal } = await callApi(bench.http, apiBase(bench, token), userInfo, token.accessToken);
    return refusal !== undefined && explain(refusal).id === 'sessionInvalid';
  } catch {
    return false;
  }
};
