import { randomBytes } from 'node:crypto';
import type { App } from '../../app/app.ts';
import { say } from '../../app/checks.ts';
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
    run: ({ situation }) =>
      situation.app.scopes?.includes('full')
        ? warning(say('detail.scopeFull'), fixes.removeScope(situation, 'full'))
        : passed(say('detail.scopeWidth', (situation.app.scopes ?? []).join(' '))),
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
    run: ({ situation, tokens }) =>
      situation.app.oauth?.jwtAccessTokens || [...tokens.values()].some(({ format }) => format === 'jwt')
        ? warning(say('detail.jwtTokens'), fixes.opaqueTokens(situation))
        : passed(say('detail.opaqueTokens')),
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
