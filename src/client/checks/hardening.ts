import { randomBytes } from 'node:crypto';
import type { App } from '../../app/app.ts';
import { say, scopesForJwtTokens, usableScopes } from '../../app/checks.ts';
import type { Finding, Situation } from '../../app/checks.ts';
import { fixes } from '../../app/fixes.ts';
import { RefusedError } from '../salesforceOauth.ts';
import { Secret } from '../../app/secret.ts';
import type { Token } from '../salesforceOauth.ts';
import { requestClientCredentialsToken, requestPasswordToken } from '../token.ts';
import type { Bench, CheckDefinition } from './check.ts';
import { endpointsOf, failed, passed, trouble, warning } from './check.ts';

/** What works and should not be like this. */
export const hardeningChecks: CheckDefinition[] = [
  {
    id: 'scope-width',
    needs: ['app'],
    run: ({ situation }) => judgeScopesOfApp(situation),
  },
  {
    id: 'policies',
    needs: ['app'],
    run: ({ situation }) => {
      const left = leftAtDefaults(situation.app);
      return left.length > 0
        ? warning(
            say('detail.policiesDefault', left.map(({ what }) => what).join(', ')),
            fixes.policies(situation, ...left.flatMap(({ flags }) => flags)),
          )
        : passed(say('detail.policies'));
    },
  },
  {
    id: 'token-format',
    needs: ['app'],
    run: judgeTokenFormat,
  },
  {
    id: 'secret-access',
    applies: ({ situation }) => situation.secretAccessOpen !== undefined,
    run: ({ situation }) =>
      situation.secretAccessOpen
        ? warning(say('detail.secretAccessOpen'), fixes.closeSecretAccess(situation))
        : passed(say('detail.secretAccessClosed')),
  },
];

/** An app needs a scope to be of any use, and should have none that gives everything. */
function judgeScopesOfApp(situation: Situation): Finding {
  const { scopes = [], customScopes = [] } = situation.app;
  if (scopes.includes('full')) return warning(say('detail.scopeFull'), fixes.removeScope(situation, 'full'));
  if (usableScopes(scopes).length + customScopes.length > 0)
    return passed(say('detail.scopeWidth', [...scopes, ...customScopes].join(' ')));
  return scopes.length === 0
    ? failed(say('detail.noScopes'), fixes.addScope(situation, 'api'))
    : failed(say('detail.noUsableScope', scopes.join(' ')), fixes.addScope(situation, 'api'));
}

/** Which format is right depends on what the tokens are for. What the org gave counts; without a token, what the app says. */
export function judgeTokenFormat({ situation, tokens }: Bench): Finding {
  const seen = [...tokens.values()].map(({ format }) => format);
  const setting = situation.app.oauth?.jwtAccessTokens === true;
  const needJwt = scopesForJwtTokens(situation.app.scopes).join(', ');
  if (needJwt !== '') {
    return !setting || seen.includes('opaque')
      ? warning(say('detail.opaqueTokensForJwtService', needJwt), fixes.jwtTokens(situation))
      : passed(say('detail.jwtTokensForJwtService', needJwt));
  }
  return setting || seen.includes('jwt')
    ? warning(say('detail.jwtTokens'), fixes.opaqueTokens(situation))
    : passed(say('detail.opaqueTokens'));
}

/** Policies as Salesforce makes them by itself: a refresh token lives 365 days, a session as long as the user's profile says. */
const leftAtDefaults = ({ policies, scopes }: App): { what: string; flags: string[] }[] => [
  ...(scopes?.some((scope) => scope === 'refresh_token' || scope === 'offline_access') &&
  (policies?.refreshToken ?? 'lifetime') === 'lifetime' &&
  (policies?.refreshTokenValidity ?? '365 days') === '365 days'
    ? [
        {
          what: 'refreshTokenValidity',
          flags: ['--refresh-token-policy', 'lifetime', '--refresh-token-validity', '30 days'],
        },
      ]
    : []),
  ...(policies?.sessionTimeoutMinutes === undefined
    ? [{ what: 'sessionTimeoutMinutes', flags: ['--session-timeout', '30'] }]
    : []),
];

const probed = ({ probe, situation }: Bench): boolean => probe && situation.secret.from !== 'nowhere';

/** Logins that must fail. Each leaves a failed login in the org's login history. */
export const probeChecks: CheckDefinition[] = [
  {
    id: 'probe.wrong-secret',
    needs: ['client-credentials.token'],
    applies: (bench) => probed(bench) && bench.flows.includes('client-credentials'),
    run: async (bench) =>
      mustBeRefused(bench, () =>
        requestClientCredentialsToken(bench.http, endpointsOf(bench), {
          consumerKey: bench.situation.consumerKey ?? '',
          consumerSecret: new Secret(randomBytes(32).toString('hex')),
        }),
      ),
  },
  {
    id: 'probe.password',
    needs: ['endpoints', 'consumer-key'],
    applies: probed,
    run: async (bench) => {
      const { consumerKey, secret } = bench.situation;
      const nobody = `${randomBytes(12).toString('hex')}@nobody.invalid`;
      return mustBeRefused(bench, () =>
        requestPasswordToken(
          bench.http,
          endpointsOf(bench),
          {
            consumerKey: consumerKey ?? '',
            consumerSecret: secret.from === 'nowhere' ? new Secret('') : secret.secret,
          },
          { username: nobody, password: randomBytes(24).toString('hex') },
        ),
      );
    },
  },
];

const mustBeRefused = async (bench: Bench, request: () => Promise<Token>) => {
  try {
    bench.open.add(await request());
    return failed(say('detail.notRefused'), fixes.askSalesforce(bench.situation));
  } catch (error) {
    if (error instanceof RefusedError) return passed(say('detail.refusedAsItShould', error.message));
    return trouble(error, undefined, bench.situation);
  }
};
