import { usableScopes } from '../../checks.ts';
import { DEFAULT_POLICIES } from '../../policies.ts';
import { tell } from '../auditText.ts';
import { hasClientCredentials, hasCodeFlow, hasDeviceFlow, hasJwtBearer, hasLogin } from '../clientOf.ts';
import type { AppGrant, AuditedApp, AuditFacts } from '../facts.ts';
import { ownUsername } from '../fixCommands.ts';
import type { AppRule, Fix } from '../rule.ts';

const isApproved: AppRule['applies'] = ({ app }) => app.policies?.permittedUsers === 'admin-approved';

/** All by which users may use the app: what its policies list, and what records of the org say. */
const grantsOf = ({ app, grants = [] }: AuditedApp): AppGrant[] => [
  ...(app.policies?.permissionSets ?? []).map((name): AppGrant => ({ kind: 'permission-set', name })),
  ...(app.policies?.profiles ?? []).map((name): AppGrant => ({ kind: 'profile', name })),
  ...grants,
];

const setsOf = (one: AuditedApp): string[] => [
  ...new Set(grantsOf(one).flatMap(({ kind, name }) => (kind === 'permission-set' ? [name] : []))),
];

/** Lets in the users of a permission set that the app has already, or of the integration user's own. */
const letIn = (one: AuditedApp, { org }: AuditFacts): Fix => {
  const permissionSets = setsOf(one);
  if (permissionSets.length > 0) return { wish: { policies: { permittedUsers: 'admin-approved', permissionSets } } };
  const { name, oauth } = one.app;
  const username = oauth?.runAs ?? ownUsername(name, org.username);
  return { commands: [['sf', 'eca', 'user', 'create', '--name', name, '--base-username', username]] };
};

/** Scopes that only a user who logs in with a browser can use. */
const FOR_LOGINS = new Set(['web', 'visualforce', 'refresh_token', 'offline_access']);

const unneeded = (one: AuditedApp): string[] =>
  (one.app.scopes ?? []).filter(
    // Some orgs give a JWT bearer token only to an app with this scope (reported).
    (scope) => FOR_LOGINS.has(scope) && !(scope === 'refresh_token' && hasJwtBearer(one)),
  );

/** Rules about who may use an app, from where, and what its tokens may do. */
export const ACCESS_RULES: readonly AppRule[] = [
  {
    about: 'app',
    id: 'ECA201',
    name: 'anybody-may-use-it',
    looksAt: ['policies.permittedUsers', 'scopes'],
    score: 7.3,
    byReach: true,
    sources: [
      'Security Benchmark for Salesforce, SBS-OAUTH-002',
      'CISA SCuBA, MS.AAD.5.2 (the same for Entra)',
      'CIS Microsoft 365, 5.1.5.1 (the same for Entra)',
    ],
    needs: ['policies'],
    judge: (one) => {
      if (one.app.policies?.permittedUsers === 'admin-approved') return undefined;
      // No user can log in with such an app, so there is nothing that a user can allow.
      const isClosed = one.unread.developerSettings === undefined && !hasLogin(one.app) && !hasJwtBearer(one);
      return { text: tell('ECA201.found'), ...(isClosed && { score: 3.5 }) };
    },
    fix: letIn,
  },
  {
    about: 'app',
    id: 'ECA202',
    name: 'nobody-may-use-it',
    looksAt: ['policies.permittedUsers', 'policies.permissionSets', 'policies.profiles'],
    score: 0,
    sources: ['Object Reference, SetupEntityAccess'],
    needs: ['policies'],
    applies: isApproved,
    judge: (one) => {
      if (grantsOf(one).length > 0) return undefined;
      return one.unread.grants ? { unknown: 'grants' } : { text: tell('ECA202.found') };
    },
    fix: letIn,
  },
  {
    about: 'app',
    id: 'ECA203',
    name: 'approved-by-profile-only',
    looksAt: ['policies.profiles', 'policies.permissionSets'],
    score: 4.8,
    sources: ['Security Benchmark for Salesforce, SBS-OAUTH-002 and SBS-ACS-001'],
    needs: ['policies', 'grants'],
    applies: isApproved,
    judge: (one) => {
      const all = grantsOf(one);
      const profiles = [...new Set(all.flatMap(({ kind, name }) => (kind === 'profile' ? [name] : [])))];
      const onlyProfiles = profiles.length > 0 && setsOf(one).length === 0;
      return onlyProfiles ? { text: tell('ECA203.found', profiles.join(', ')) } : undefined;
    },
    fix: letIn,
  },
  {
    about: 'app',
    id: 'ECA204',
    name: 'ip-ranges-not-enforced',
    looksAt: ['policies.ipRelaxation', 'scopes'],
    score: 6.5,
    sources: ['Salesforce Security Health Review'],
    needs: ['policies'],
    judge: ({ app }) => {
      const { ipRelaxation } = app.policies ?? {};
      if (ipRelaxation === 'relax') return { text: tell('ECA204.found') };
      return ipRelaxation === 'relax-2fa' ? { text: tell('ECA204.found.secondFactor'), score: 3 } : undefined;
    },
    fix: () => ({ wish: { policies: { ipRelaxation: 'enforce' } } }),
  },
  {
    about: 'app',
    id: 'ECA205',
    name: 'guests-may-log-in',
    looksAt: ['oauth.guestCredentials', 'oauth.flows'],
    score: 8.1,
    sources: ['Metadata API Developer Guide, isGuestCodeCredFlowEnabled'],
    needs: ['policies'],
    judge: ({ app, unread }) => {
      if (app.oauth?.guestCredentials !== true) return undefined;
      const isOff =
        unread.developerSettings === undefined && app.oauth.flows?.includes('code-and-credentials') !== true;
      return { text: tell('ECA205.found'), ...(isOff && { score: 3 }) };
    },
    fix: () => ({ wish: { oauth: { guestCredentials: false } } }),
  },
  {
    about: 'app',
    id: 'ECA206',
    name: 'long-sessions',
    looksAt: ['policies.sessionTimeoutMinutes', 'policies.sessionLevel', 'scopes'],
    score: 3,
    sources: ['Security Benchmark for Salesforce, SBS-DEP-006'],
    needs: ['policies'],
    judge: ({ app }, _facts, { sessionMinutes, sessionTimeoutNeeded }) => {
      const { sessionTimeoutMinutes: minutes, sessionLevel } = app.policies ?? {};
      if (sessionLevel === 'low' && app.scopes?.includes('full')) return { text: tell('ECA206.found.level') };
      if (minutes === undefined) return sessionTimeoutNeeded ? { text: tell('ECA206.found.orgs') } : undefined;
      const limit = String(sessionMinutes);
      return minutes > sessionMinutes ? { text: tell('ECA206.found', String(minutes), limit) } : undefined;
    },
    fix: ({ app }, _facts, { sessionMinutes, sessionTimeoutNeeded }) => {
      const { sessionTimeoutMinutes: minutes, sessionLevel } = app.policies ?? {};
      const isLong = minutes === undefined ? sessionTimeoutNeeded : minutes > sessionMinutes;
      return {
        wish: {
          policies: {
            ...(isLong && { sessionTimeoutMinutes: sessionMinutes }),
            ...(sessionLevel === 'low' && app.scopes?.includes('full') && { sessionLevel: 'standard' }),
          },
        },
      };
    },
  },
  {
    about: 'app',
    id: 'ECA301',
    name: 'scope-full',
    looksAt: ['scopes'],
    score: 7,
    sources: ['Salesforce Security Health Review', 'RFC 9700, section 2.3'],
    needs: ['scopes'],
    judge: ({ app }) => (app.scopes?.includes('full') ? { text: tell('ECA301.found') } : undefined),
    fix: ({ app }) => {
      const others = (app.scopes ?? []).filter((scope) => scope !== 'full');
      const isUsable = usableScopes(others).length + (app.customScopes ?? []).length > 0;
      return { wish: { scopes: isUsable ? others : ['api', ...others] } };
    },
  },
  {
    about: 'app',
    id: 'ECA302',
    name: 'scope-without-use',
    looksAt: ['scopes', 'oauth.flows', 'oauth.callbackUrls'],
    score: 3.3,
    sources: ['RFC 9700, section 2.3'],
    needs: ['developerSettings', 'scopes'],
    applies: (one) =>
      !hasCodeFlow(one.app) && !hasDeviceFlow(one.app) && (hasClientCredentials(one) || hasJwtBearer(one)),
    judge: (one) => {
      const scopes = unneeded(one);
      return scopes.length > 0 ? { text: tell('ECA302.found', scopes.join(' ')) } : undefined;
    },
    fix: (one) => {
      const scopes = (one.app.scopes ?? []).filter((scope) => !unneeded(one).includes(scope));
      return scopes.length > 0 ? { wish: { scopes } } : { wish: { scopes: ['api'] } };
    },
  },
  {
    about: 'app',
    id: 'ECA702',
    name: 'installed-with-defaults',
    looksAt: [
      'policies.permittedUsers',
      'policies.refreshToken',
      'policies.refreshTokenValidity',
      'policies.ipRelaxation',
    ],
    score: 3.5,
    sources: ['Second-Generation Managed Packaging Developer Guide'],
    needs: ['policies'],
    applies: ({ installed }) => installed,
    judge: ({ app: { policies = {} } }) => {
      const { permittedUsers, refreshToken, refreshTokenValidity } = DEFAULT_POLICIES;
      const isDefault =
        (policies.permittedUsers ?? permittedUsers) === permittedUsers &&
        (policies.refreshToken ?? refreshToken) === refreshToken &&
        (policies.refreshTokenValidity ?? refreshTokenValidity) === refreshTokenValidity;
      return isDefault ? { text: tell('ECA702.found') } : undefined;
    },
    fix: () => ({ wish: { policies: { refreshToken: 'inactivity', refreshTokenValidity: '30 days' } } }),
  },
];
