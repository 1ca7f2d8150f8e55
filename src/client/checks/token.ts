import type { Flow } from '../../app/app.ts';
import type { Finding, Saying, Situation } from '../../app/checks.ts';
import { apiPathFor, compareScopes, say } from '../../app/checks.ts';
import { explain } from '../../app/explanations.ts';
import { fixes } from '../../app/fixes.ts';
import type { UserFacts } from '../../app/user.ts';
import { tooPowerful } from '../../app/user.ts';
import { callApi } from '../apiCall.ts';
import type { Token } from '../salesforceOauth.ts';
import { RefusedError } from '../salesforceOauth.ts';
import { revokeToken } from '../token.ts';
import type { Bench, CheckDefinition } from './check.ts';
import { endpointsOf, failed, passed, refused, skipped, trouble, warning } from './check.ts';

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
  const check = (name: string, run: (bench: Bench, token: Token) => Finding | Promise<Finding>): CheckDefinition => ({
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
  const configured = situation.app.scopes ?? [];
  const { missing, extra } = compareScopes(configured, expected.scopes(configured), granted);
  if (missing.length > 0) {
    return warning(say('detail.scopesMissing', missing.join(' '), granted.join(' ')), fixes.waitLonger(situation));
  }
  if (extra.length > 0) return warning(say('detail.scopesExtra', extra.join(' ')), fixes.waitLonger(situation));
  return passed(say('detail.scopes', granted.join(' ')));
};

/** Scopes that give access to no API at all. */
const withoutApi = new Set([
  'refresh_token',
  'offline_access',
  'web',
  'lightning',
  'content',
  'visualforce',
  'custom_permissions',
]);

/** Calls an API that the token's scopes give access to, or the one that was named. */
export const judgeApi = async ({ situation, http, apiPath }: Bench, token: Token, flow: Flow): Promise<Finding> => {
  const path = apiPath ?? apiPathFor(token.scopes, situation.apiVersion);
  if (!path) {
    return token.scopes.every((scope) => withoutApi.has(scope))
      ? failed(say('detail.noApiScope', token.scopes.join(' ') || '-'), fixes.addScope(situation, 'api'))
      : skipped(say('detail.noApiPath', token.scopes.join(' ')), fixes.apiPath(situation));
  }
  try {
    const { status, refusal } = await callApi(http, situation.myDomainUrl, path, token.accessToken);
    return refusal ? refused(refusal, flow, situation) : passed(say('detail.api', path, String(status)));
  } catch (error) {
    return trouble(error, flow, situation);
  }
};

const revoke = async (bench: Bench, token: Token, flow: Flow): Promise<Finding> => {
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

/** An org does not know a token any more that ended with its session, and so cannot revoke it. */
const hasEnded = async ({ http, situation }: Bench, { accessToken, refreshToken }: Token): Promise<boolean> => {
  if (refreshToken !== undefined) return false;
  try {
    const { refusal } = await callApi(http, situation.myDomainUrl, '/services/oauth2/userinfo', accessToken);
    return refusal !== undefined && explain(refusal).id === 'sessionInvalid';
  } catch {
    return false;
  }
};
