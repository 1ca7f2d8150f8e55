import { randomBytes } from 'node:crypto';

import { type AnnouncedChange, announcement, changesFor, isPast } from '../../app/announcedChanges.ts';
import type { App } from '../../app/app.ts';
import { type AppFacts, type Finding, scopesForJwtTokens, usableScopes } from '../../app/checks.ts';
import { fixes } from '../../app/fixes.ts';
import { Secret } from '../../app/secret.ts';
import { say } from '../../app/text.ts';
import { RefusedError, type Token } from '../salesforceOauth.ts';
import { requestClientCredentialsToken, requestPasswordToken } from '../token.ts';
import {
  type CheckContext,
  type CheckDefinition,
  endpointsOf,
  failed,
  passed,
  skipped,
  trouble,
  warning,
} from './check.ts';

/** What works and should not be like this. */
export const HARDENING_CHECKS: CheckDefinition[] = [
  {
    id: 'scope-width',
    needs: ['app'],
    run: ({ facts }) => judgeScopesOfApp(facts),
  },
  {
    id: 'policies',
    needs: ['app'],
    run: ({ facts }) => {
      const left = leftAtDefaults(facts.app);
      return left.length > 0
        ? warning(
            say('detail.policiesDefault', left.map(({ what }) => what).join(', ')),
            fixes.policies(facts, ...left.flatMap(({ flags }) => flags)),
          )
        : passed(say('detail.policies'));
    },
  },
  {
    id: 'announced-changes',
    needs: ['app'],
    applies: (context) => endings(context).length > 0,
    run: (context) => {
      const changes = endings(context);
      const texts = changes.map((change) => announcement(change, clockOf(context)));
      const remedies = changes.map(({ id }) => fixes.announcedChange(context.facts, id));
      return warning(
        texts.reduce((all, text) => say('announced.both', all, text)),
        remedies.reduce((all, fix) => say('fix.both', all, fix)),
      );
    },
  },
  {
    id: 'client-binding',
    needs: ['app'],
    applies: ({ facts }) => bindings(facts.app).length > 0,
    run: ({ facts }) =>
      skipped(say('detail.bindingNotTried', bindings(facts.app).join(', ')), say('fix.bindingNotTried')),
  },
  {
    id: 'token-format',
    forClients: true,
    needs: ['app'],
    // Without an org, only a token shows its format.
    applies: ({ facts, tokens }) => facts.fileOnly === undefined || tokens.size > 0,
    run: (context) => judgeTokenFormat(context),
  },
  {
    id: 'secret-access',
    applies: ({ facts }) => facts.secretAccessOpen !== undefined,
    run: ({ facts }) =>
      facts.secretAccessOpen
        ? warning(say('detail.secretAccessOpen'), fixes.closeSecretAccess(facts))
        : passed(say('detail.secretAccessClosed')),
  },
];

/** What binds an app's tokens to a key or a certificate of the client, which nothing here has. */
const bindings = ({ oauth }: App): string[] => [
  ...(oauth?.dpop ? ['DPoP'] : []),
  ...(oauth?.mutualTls?.enabled ? ['mutual TLS'] : []),
];

const clockOf = ({ propagation }: CheckContext): Date => new Date(propagation.now());

/** What ends for the app, and what begins for it later. A change that only began is no finding: the app lives with it. */
const endings = (context: CheckContext): AnnouncedChange[] =>
  changesFor(context.facts.app).filter((change) => change.ends === true || !isPast(change, clockOf(context)));

/** An app needs a scope to be of any use, and should have none that gives everything. */
const judgeScopesOfApp = (facts: AppFacts): Finding => {
  const { scopes = [], customScopes = [] } = facts.app;
  if (scopes.includes('full')) return warning(say('detail.scopeFull'), fixes.removeScope(facts, 'full'));
  if (usableScopes(scopes).length + customScopes.length > 0)
    return passed(say('detail.scopeWidth', [...scopes, ...customScopes].join(' ')));
  return scopes.length === 0
    ? failed(say('detail.noScopes'), fixes.addScope(facts, 'api'))
    : failed(say('detail.noUsableScope', scopes.join(' ')), fixes.addScope(facts, 'api'));
};

/** Which format is right depends on what the tokens are for. What the org gave counts; without a token, what the app says. */
export const judgeTokenFormat = ({ facts, tokens }: CheckContext): Finding => {
  const seen = [...tokens.values()].map(({ format }) => format);
  const setting = facts.fileOnly === undefined ? facts.app.oauth?.jwtAccessTokens === true : seen.includes('jwt');
  const needJwt = scopesForJwtTokens(facts.app.scopes).join(', ');
  if (needJwt !== '') {
    return !setting || seen.includes('opaque')
      ? warning(say('detail.opaqueTokensForJwtService', needJwt), fixes.jwtTokens(facts))
      : passed(say('detail.jwtTokensForJwtService', needJwt));
  }
  return setting || seen.includes('jwt')
    ? warning(say('detail.jwtTokens'), fixes.opaqueTokens(facts))
    : passed(say('detail.opaqueTokens'));
};

/**
 * Policies as Salesforce makes them by itself. A refresh token lives 365 days, and a session as long as the user's profile
 * says.
 */
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

const probed = ({ probe, facts }: CheckContext): boolean => probe && facts.secret.from !== 'nowhere';

/** Logins that must fail. Each leaves a failed login in the org's login history. */
export const PROBE_CHECKS: CheckDefinition[] = [
  {
    id: 'probe.wrong-secret',
    forClients: true,
    needs: ['client-credentials.token'],
    applies: (context) => probed(context) && context.flows.includes('client-credentials'),
    run: async (context) =>
      mustBeRefused(context, () =>
        requestClientCredentialsToken(context.http, endpointsOf(context), {
          consumerKey: context.facts.consumerKey ?? '',
          consumerSecret: new Secret(randomBytes(32).toString('hex')),
        }),
      ),
  },
  {
    id: 'probe.password',
    forClients: true,
    needs: ['endpoints', 'consumer-key'],
    applies: probed,
    run: async (context) => {
      const { consumerKey, secret } = context.facts;
      const nobody = `${randomBytes(12).toString('hex')}@nobody.invalid`;
      return mustBeRefused(context, () =>
        requestPasswordToken(
          context.http,
          endpointsOf(context),
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

const mustBeRefused = async (context: CheckContext, request: () => Promise<Token>) => {
  try {
    context.open.add(await request());
    return failed(say('detail.notRefused'), fixes.askSalesforce(context.facts));
  } catch (error) {
    if (error instanceof RefusedError) return passed(say('detail.refusedAsItShould', error.message));
    return trouble(error, undefined, context.facts);
  }
};
