import { announcement, changesFor, isPast } from '../../announcedChanges.ts';
import { isForTrials, isInClear, wantsAllowlist } from '../../callbackUrl.ts';
import { isLoopback } from '../../host.ts';
import { daysOf, refreshTokenEnd } from '../../policies.ts';
import { allowsRefreshToken } from '../../scopes.ts';
import { say, type Text } from '../../text.ts';
import { tell } from '../auditText.ts';
import { givesRefreshTokens, hasCodeFlow, isPublic } from '../clientOf.ts';
import type { AuditedApp } from '../facts.ts';
import type { AppRule, Fix } from '../rule.ts';

/** Days that Salesforce allows a refresh token without use (release notes of Winter '27). */
const IDLE_POLICY = { refreshToken: 'inactivity', refreshTokenValidity: '30 days' } as const;

const hasCallbacks: AppRule['applies'] = ({ app }) => (app.oauth?.callbackUrls ?? []).length > 0;

/** A client on the user's own device: it has no secret, and listens on the device itself. */
const isNative: AppRule['applies'] = ({ app }) =>
  isPublic(app) && (app.oauth?.callbackUrls ?? []).every((url) => URL.canParse(url) && isLoopback(url));

/** The callback URLs that are left without some; undefined where none is left. */
const without = (urls: string[] = [], unwanted: (url: string) => boolean): string[] | undefined => {
  const left = urls.filter((url) => !unwanted(url));
  return left.length > 0 ? left : undefined;
};

const withoutDeviceFlow = ({ app }: AuditedApp): Fix => ({
  wish: { oauth: { flows: (app.oauth?.flows ?? []).filter((flow) => flow !== 'device') } },
});

/** Rules about what a client has to show, and what happens to its codes and refresh tokens. */
export const CLIENT_RULES: readonly AppRule[] = [
  {
    about: 'app',
    id: 'ECA101',
    name: 'secret-optional-without-pkce',
    looksAt: ['oauth.secretRequired', 'oauth.pkceRequired', 'oauth.callbackUrls', 'scopes'],
    score: 9.1,
    byReach: true,
    sources: ['Salesforce Security Health Review', 'RFC 9700, section 2.1.1'],
    needs: ['developerSettings', 'scopes'],
    applies: ({ app }) => hasCodeFlow(app),
    judge: ({ app }) =>
      isPublic(app) && app.oauth?.pkceRequired !== true ? { text: tell('ECA101.found') } : undefined,
    fix: () => ({ wish: { oauth: { pkceRequired: true } } }),
  },
  {
    about: 'app',
    id: 'ECA102',
    name: 'pkce-not-required',
    looksAt: ['oauth.pkceRequired', 'oauth.callbackUrls', 'scopes'],
    score: 5.3,
    partner: 7.5,
    byReach: true,
    sources: ['ISVforce Guide', 'Salesforce Security Health Review', 'RFC 9700, section 2.1.1'],
    needs: ['developerSettings', 'scopes'],
    // Without a secret, ECA101 says the same, and worse.
    applies: ({ app }) => hasCodeFlow(app) && !isPublic(app),
    judge: ({ app }) => (app.oauth?.pkceRequired === true ? undefined : { text: tell('ECA102.found') }),
    fix: () => ({ wish: { oauth: { pkceRequired: true } } }),
  },
  {
    about: 'app',
    id: 'ECA103',
    name: 'callback-in-clear-text',
    looksAt: ['oauth.callbackUrls', 'scopes'],
    score: 9,
    byReach: true,
    sources: ['RFC 9700, sections 2.6 and 4.1.3'],
    needs: ['developerSettings', 'scopes'],
    applies: hasCallbacks,
    judge: ({ app }) => {
      const urls = (app.oauth?.callbackUrls ?? []).filter(isInClear);
      return urls.length > 0 ? { text: tell('ECA103.found', urls.join(', ')) } : undefined;
    },
    fix: ({ app }) => {
      const safe = (app.oauth?.callbackUrls ?? []).map((url) =>
        url.replace(/^http:/i, isInClear(url) ? 'https:' : '$&'),
      );
      const callbackUrls = without([...new Set(safe)], (url) => url.includes('*'));
      return callbackUrls ? { wish: { oauth: { callbackUrls } } } : {};
    },
  },
  {
    about: 'app',
    id: 'ECA104',
    name: 'test-callback-in-production',
    looksAt: ['oauth.callbackUrls'],
    score: 3.1,
    sources: ['RFC 9700, section 4.1.3'],
    needs: ['developerSettings', 'orgKind'],
    applies: (one, facts) => facts.org.production === true && hasCodeFlow(one.app) && !isNative(one, facts),
    judge: ({ app }) => {
      const urls = (app.oauth?.callbackUrls ?? []).filter(isForTrials);
      return urls.length > 0 ? { text: tell('ECA104.found', urls.join(', ')) } : undefined;
    },
    fix: ({ app }) => {
      const callbackUrls = without(app.oauth?.callbackUrls, isForTrials);
      return callbackUrls ? { wish: { oauth: { callbackUrls } } } : {};
    },
  },
  {
    about: 'app',
    id: 'ECA105',
    name: 'device-flow-on',
    looksAt: ['oauth.flows', 'scopes'],
    score: 7.4,
    byReach: true,
    sources: ['Salesforce Help, articles 005225370 and 005226734'],
    needs: ['developerSettings', 'scopes'],
    judge: ({ app }) => (app.oauth?.flows?.includes('device') ? { text: tell('ECA105.found') } : undefined),
    fix: withoutDeviceFlow,
  },
  {
    about: 'app',
    id: 'ECA106',
    name: 'secret-not-required-for-refresh',
    looksAt: ['oauth.secretRequiredForRefresh', 'oauth.secretRequired', 'scopes'],
    score: 6.1,
    byReach: true,
    sources: ['Salesforce Security Health Review'],
    needs: ['developerSettings', 'scopes'],
    applies: ({ app }) => givesRefreshTokens(app) && !isPublic(app),
    judge: ({ app }) => (app.oauth?.secretRequiredForRefresh === true ? undefined : { text: tell('ECA106.found') }),
    fix: () => ({ wish: { oauth: { secretRequiredForRefresh: true } } }),
  },
  {
    about: 'app',
    id: 'ECA107',
    name: 'introspects-all-tokens',
    looksAt: ['oauth.introspectAllTokens'],
    score: 4.3,
    sources: ['RFC 9700, section 2.3'],
    needs: ['developerSettings'],
    judge: ({ app }) => (app.oauth?.introspectAllTokens === true ? { text: tell('ECA107.found') } : undefined),
    fix: () => ({ wish: { oauth: { introspectAllTokens: false } } }),
  },
  {
    about: 'app',
    id: 'ECA108',
    name: 'refresh-tokens-not-rotated',
    looksAt: ['oauth.refreshTokenRotation', 'oauth.secretRequired', 'scopes'],
    score: 5,
    partner: 7.1,
    byReach: true,
    sources: ['ISVforce Guide', 'Salesforce Security Health Review', 'RFC 9700, section 2.2.2'],
    needs: ['developerSettings', 'scopes'],
    applies: ({ app }) => givesRefreshTokens(app),
    judge: ({ app }) =>
      app.oauth?.refreshTokenRotation === true
        ? undefined
        : { text: tell('ECA108.found'), ...(isPublic(app) && { score: 7.1 }) },
    fix: () => ({ wish: { oauth: { refreshTokenRotation: true } } }),
  },
  {
    about: 'app',
    id: 'ECA109',
    name: 'refresh-tokens-never-expire',
    looksAt: ['policies.refreshToken', 'oauth.refreshTokenIdleLimit', 'scopes'],
    score: 7.5,
    byReach: true,
    sources: ['Security Benchmark for Salesforce, SBS-DEP-006'],
    needs: ['policies', 'scopes'],
    applies: ({ app }) => allowsRefreshToken(app.scopes ?? []),
    judge: ({ app, unread }) => {
      if (app.policies?.refreshToken !== 'infinite' || app.oauth?.refreshTokenIdleLimit === true) return undefined;
      return unread.developerSettings ? { unknown: 'developerSettings' } : { text: tell('ECA109.found') };
    },
    fix: () => ({ wish: { policies: IDLE_POLICY } }),
  },
  {
    about: 'app',
    id: 'ECA110',
    name: 'refresh-tokens-live-long',
    looksAt: ['policies.refreshToken', 'policies.refreshTokenValidity', 'oauth.refreshTokenIdleLimit', 'scopes'],
    score: 5.5,
    byReach: true,
    sources: ['Security Benchmark for Salesforce, SBS-DEP-006'],
    needs: ['policies', 'scopes'],
    applies: ({ app }) => allowsRefreshToken(app.scopes ?? []),
    judge: ({ app, unread }, _facts, { refreshTokenDays }) => {
      const { refreshToken, refreshTokenValidity = '' } = app.policies ?? {};
      const days = daysOf(refreshTokenValidity);
      if (days === undefined || days <= refreshTokenDays) return undefined;
      // The idle limit of 30 days shortens an inactivity, and no lifetime.
      if (refreshToken === 'inactivity') {
        if (refreshTokenEnd(app) !== undefined) return undefined;
        if (unread.developerSettings) return { unknown: 'developerSettings' };
      } else if (refreshToken !== 'lifetime') return undefined;
      return { text: tell('ECA110.found', refreshTokenValidity, String(refreshTokenDays)) };
    },
    fix: ({ app }, _facts, { refreshTokenDays }) => ({
      wish: {
        policies: {
          refreshToken: app.policies?.refreshToken ?? 'lifetime',
          refreshTokenValidity: `${refreshTokenDays} days`,
        },
      },
    }),
  },
  {
    about: 'app',
    id: 'ECA111',
    name: 'no-idle-limit',
    looksAt: ['oauth.refreshTokenIdleLimit', 'scopes'],
    score: 3.7,
    partner: 7.2,
    sources: ['ISVforce Guide'],
    needs: ['developerSettings', 'idleLimit', 'scopes'],
    applies: ({ app }) => allowsRefreshToken(app.scopes ?? []),
    judge: ({ app }) => (app.oauth?.refreshTokenIdleLimit === true ? undefined : { text: tell('ECA111.found') }),
    fix: () => ({ wish: { oauth: { refreshTokenIdleLimit: true } } }),
  },
  {
    about: 'app',
    id: 'ECA112',
    name: 'no-refresh-token-ip-ranges',
    looksAt: ['oauth.refreshTokenIpRanges', 'oauth.callbackUrls', 'scopes'],
    score: 3.9,
    partner: 7.3,
    sources: ['ISVforce Guide', 'Salesforce Help, articles 005225370 and 005387022'],
    needs: ['developerSettings', 'refreshTokenIpRanges', 'scopes'],
    applies: ({ app }) => allowsRefreshToken(app.scopes ?? []) && (app.oauth?.callbackUrls ?? []).some(wantsAllowlist),
    judge: ({ app }) =>
      (app.oauth?.refreshTokenIpRanges ?? []).length > 0 ? undefined : { text: tell('ECA112.found') },
    // Only somebody who knows the client knows its addresses. The org has a guess at most.
    fix: ({ app }) => {
      const ranges = app.oauth?.trustedIpRanges ?? [];
      return ranges.length > 0 ? { wish: { oauth: { refreshTokenIpRanges: ranges } } } : {};
    },
  },
  {
    about: 'app',
    id: 'ECA113',
    name: 'refresh-token-policy-not-in-force',
    looksAt: ['policies.refreshToken', 'policies.refreshTokenValidity', 'oauth.refreshTokenIdleLimit'],
    score: 2,
    sources: ['Salesforce Help, "Limit the Idle Time of Refresh Tokens"'],
    needs: ['developerSettings', 'idleLimit', 'policies'],
    applies: ({ app }) => app.oauth?.refreshTokenIdleLimit === true,
    judge: ({ app }) => {
      const { refreshToken = '' } = app.policies ?? {};
      const isOther = refreshToken !== 'lifetime' && refreshTokenEnd(app) !== undefined;
      return isOther ? { text: tell('ECA113.found', refreshToken) } : undefined;
    },
    fix: () => ({ wish: { policies: IDLE_POLICY } }),
  },
  {
    about: 'app',
    id: 'ECA114',
    name: 'announced-change',
    looksAt: ['oauth.flows', 'oauth.callbackUrls', 'oauth.pkceRequired', 'policies.refreshToken'],
    score: 2,
    sources: ["Salesforce's release notes and Help articles, as the finding names them"],
    needs: ['developerSettings', 'scopes'],
    judge: ({ app }, { now }) => {
      const changes = changesFor(app).filter((change) => change.ends === true || !isPast(change, now));
      if (changes.length === 0) return undefined;
      const all = changes
        .map((change) => announcement(change, now))
        .reduce((one, next): Text => say('announced.both', one, next));
      return { text: tell('ECA114.found', all), ...(changes.some(({ ends }) => ends === true) && { score: 5 }) };
    },
    fix: (one) => (changesFor(one.app).some(({ id }) => id === 'device-flow') ? withoutDeviceFlow(one) : {}),
  },
];
