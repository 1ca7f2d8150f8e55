import { type AuditText, tell } from './auditText.ts';
import type { Holder } from './facts.ts';
import type { Fix, OrgRule, Verdict } from './rule.ts';

/** Opens a page of Setup, where no command can change the setting. */
const inSetup =
  (page: string): (() => Fix) =>
  () => ({
    commands: [['sf', 'org', 'open', '--path', `/lightning/setup/${page}/home`]],
  });

const foundIf = (isFound: boolean, text: AuditText): Verdict => (isFound ? { text } : undefined);

/** More holders than this are not named. */
const NAMED_MAX = 5;

/** Each user once, with the permission set or profile. */
const named = (holders: Holder[]): string => {
  const users = new Map(holders.map(({ username, through }) => [username, `${username} (${through})`]));
  return [...[...users.values()].slice(0, NAMED_MAX), ...(users.size > NAMED_MAX ? ['...'] : [])].join(', ');
};

const countOf = (holders: Holder[]): string => String(new Set(holders.map(({ username }) => username)).size);

const OAUTH_PAGE = 'OauthOidcSettings';

/** Rules about the org: settings that hold for all apps, and permissions that open their gates. */
export const ORG_RULES: readonly OrgRule[] = [
  {
    about: 'org',
    id: 'ORG801',
    name: 'secrets-by-rest',
    looksAt: ['ExternalClientAppSettings.enableClientSecretInRestApiAccess'],
    score: 7.5,
    sources: ['Salesforce Security Health Review'],
    needs: ['appSettings'],
    judge: ({ settings }) => foundIf(settings.restSecretAccess === true, tell('ORG801.found')),
    fix: () => ({ commands: [['sf', 'eca', 'credentials', 'close-access']] }),
  },
  {
    about: 'org',
    id: 'ORG802',
    name: 'secrets-by-metadata',
    looksAt: ['ExternalClientAppSettings.enableConsumerSecretApiAccess'],
    score: 7.8,
    sources: ['Salesforce Security Health Review'],
    needs: ['appSettings'],
    judge: ({ settings }) => foundIf(settings.metadataSecretAccess === true, tell('ORG802.found')),
    fix: inSetup('SetupOneHome'),
  },
  {
    about: 'org',
    id: 'ORG803',
    name: 'pkce-not-required-by-org',
    looksAt: ['OauthOidcSettings.isPkceRequired'],
    score: 5,
    sources: ['Salesforce Security Health Review', 'RFC 9700, section 2.1.1'],
    needs: ['oauthSettings'],
    judge: ({ settings }) => foundIf(settings.pkceRequired !== true, tell('ORG803.found')),
    fix: inSetup(OAUTH_PAGE),
  },
  {
    about: 'org',
    id: 'ORG804',
    name: 'password-flow-allowed',
    looksAt: ['OauthOidcSettings.blockOAuthUnPwFlow'],
    score: 7.5,
    sources: ['Salesforce Security Health Review', 'RFC 9700, section 2.4'],
    needs: ['oauthSettings'],
    judge: ({ settings }) => foundIf(settings.passwordFlowBlocked !== true, tell('ORG804.found')),
    fix: inSetup(OAUTH_PAGE),
  },
  {
    about: 'org',
    id: 'ORG805',
    name: 'user-agent-flow-allowed',
    looksAt: ['OauthOidcSettings.blockOAuthUsrAgtFlow'],
    score: 7.5,
    sources: ['Salesforce Security Health Review', 'RFC 9700, section 2.1.2'],
    needs: ['oauthSettings'],
    judge: ({ settings }) => foundIf(settings.userAgentFlowBlocked !== true, tell('ORG805.found')),
    fix: inSetup(OAUTH_PAGE),
  },
  {
    about: 'org',
    id: 'ORG806',
    name: 'api-access-control-off',
    looksAt: ['ConnectedAppSettings.enableAdminApprovedAppsOnly'],
    score: 0,
    sources: ['Salesforce Security Health Review'],
    needs: ['connectedAppSettings'],
    judge: ({ settings }) => foundIf(settings.approvedAppsOnly !== true, tell('ORG806.found')),
  },
  {
    about: 'org',
    id: 'ORG807',
    name: 'use-any-api-client',
    looksAt: ['PermissionSet.PermissionsUseAnyApiAuth'],
    score: 9,
    sources: ['Security Benchmark for Salesforce, SBS-ACS-006', 'Salesforce Security Health Review'],
    needs: ['useAnyApiClient'],
    judge: ({ holders: { useAnyApiClient: all } }) => {
      const others = all.filter(({ standardAdmin }) => !standardAdmin);
      return foundIf(others.length > 0, tell('ORG807.found', countOf(others), named(others)));
    },
    fix: inSetup('PermSets'),
  },
  {
    about: 'org',
    id: 'ORG808',
    name: 'approve-uninstalled-apps',
    looksAt: ['PermissionSet.PermissionsCanApproveUninstalledApps'],
    score: 9,
    sources: ['Security Benchmark for Salesforce, SBS-ACS-003', 'Salesforce Help, article 005132365'],
    needs: ['approveUninstalled'],
    judge: ({ holders: { approveUninstalled: all } }) => {
      const others = all.filter(({ standardAdmin }) => !standardAdmin);
      return foundIf(others.length > 0, tell('ORG808.found', countOf(others), named(others)));
    },
    fix: inSetup('PermSets'),
  },
];
