import type { Wish } from '../app.ts';
import { isLoopback } from '../host.ts';
import { sameName, splitNamespace } from '../name.ts';
import { allowsRefreshToken } from '../scopes.ts';
import { elementsAt, hadSecret, hasGroup, textsAt } from './connectedApp.ts';
import type { ConnectedAppContext, FlowSwitches } from './context.ts';
import { type MigrationText, tell } from './migrationText.ts';

/** What to know before the move. For example, the same settings do not always do the same. */
export type MigrationFinding = { id: string; text: MigrationText; fix: MigrationText };

type Rule = {
  id: string;
  applies: (context: ConnectedAppContext, wish: Wish) => boolean;
  text: MigrationText | ((context: ConnectedAppContext) => MigrationText);
  fix: MigrationText;
};

const has = ({ app }: ConnectedAppContext, path: string): boolean => elementsAt(app, path).length > 0;

const flow = (wish: Wish, name: string): boolean => (wish.oauth?.flows ?? []).some((one) => one === name);

/** Does the refresh token of the wish live for more than the 30 idle days that Salesforce allows? */
const outlivesIdleLimit = ({ policies, scopes = [] }: Wish): boolean => {
  if (!allowsRefreshToken(scopes)) return false;
  if (policies?.refreshToken === 'infinite') return true;
  const [, period, unit] = /^(\d+) (hour|day|month)s?$/.exec(policies?.refreshTokenValidity ?? '') ?? [];
  const days = { hour: 1 / 24, day: 1, month: 30 }[unit ?? ''] ?? 0;
  return policies?.refreshToken === 'inactivity' && Number(period) * days > 30;
};

/** What the org does with the two flows that end. */
export const orgFlows = (
  switches: FlowSwitches | undefined,
): `finding.orgFlows.${'unseen' | 'both' | 'password' | 'userAgent' | 'none'}` => {
  if (!switches) return 'finding.orgFlows.unseen';
  const { passwordFlowBlocked, userAgentFlowBlocked } = switches;
  if (passwordFlowBlocked) return userAgentFlowBlocked ? 'finding.orgFlows.both' : 'finding.orgFlows.password';
  return userAgentFlowBlocked ? 'finding.orgFlows.userAgent' : 'finding.orgFlows.none';
};

/** The callback URL of the CLI's own login, and of no other client. */
const ofCli = (url: string): boolean => /^http:\/\/localhost:1717\/OauthRedirect$/i.test(url);

/** The page of the app "SalesforceDX Namespace Registry", which a Dev Hub makes by itself (seen in files of real orgs). */
const ofDevHub = (url: string): boolean =>
  /^https:\/\/[^/]+\.salesforce\.com\/environmenthub\/soma-callback\.apexp$/i.test(url);

const RULES: readonly Rule[] = [
  {
    id: 'vendor-app',
    applies: ({ app }) => splitNamespace(app.name).namespace !== undefined,
    text: ({ app }) => tell('finding.vendor', app.name),
    fix: tell('finding.vendor.fix'),
  },
  {
    id: 'name-taken',
    applies: ({ name, options: { org } }) => org?.apps?.some((one) => sameName(one, name)) === true,
    text: ({ name }) => tell('finding.nameTaken', name),
    fix: tell('finding.nameTaken.fix'),
  },
  {
    id: 'secret-in-file',
    applies: ({ app }) => hadSecret(app),
    text: tell('finding.secretInFile'),
    fix: tell('finding.secretInFile.fix'),
  },
  {
    id: 'no-login',
    applies: ({ app }) => !hasGroup(app, 'oauthConfig') && !hasGroup(app, 'samlConfig'),
    text: tell('finding.bookmark'),
    fix: tell('finding.bookmark.fix'),
  },
  {
    id: 'pkce',
    applies: (_context, wish) => wish.oauth?.pkceRequired === false,
    text: tell('finding.pkce'),
    fix: tell('finding.pkce.fix'),
  },
  {
    id: 'password-flows',
    applies: ({ hasOauth }) => hasOauth,
    text: tell('finding.passwordFlows'),
    fix: tell('finding.passwordFlows.fix'),
  },
  {
    id: 'org-flows',
    applies: ({ hasOauth, options: { org } }) => hasOauth && org !== undefined,
    text: ({ options: { org } }) => tell(orgFlows(org?.flowSwitches)),
    fix: tell('finding.orgFlows.fix'),
  },
  {
    id: 'open-to-all',
    applies: (_context, wish) => wish.policies?.permittedUsers === 'all-users',
    text: tell('finding.openToAll'),
    fix: tell('finding.openToAll.fix'),
  },
  {
    id: 'nobody-approved',
    applies: (_context, { policies = {} }) =>
      policies.permittedUsers === 'admin-approved' &&
      policies.permissionSets === undefined &&
      policies.profiles === undefined,
    text: tell('finding.nobodyApproved'),
    fix: tell('finding.nobodyApproved.fix'),
  },
  {
    id: 'refresh-token-idle',
    applies: (_context, wish) => outlivesIdleLimit(wish),
    text: tell('finding.idle'),
    fix: tell('finding.idle.fix'),
  },
  {
    id: 'refresh-token-assumed',
    applies: (context) => context.hasOauth && !has(context, 'oauthPolicy.refreshTokenPolicy'),
    text: tell('finding.refreshAssumed'),
    fix: tell('finding.refreshAssumed.fix'),
  },
  {
    id: 'scope-full',
    applies: (_context, { scopes = [] }) => scopes.includes('full'),
    text: tell('finding.scopeFull'),
    fix: tell('finding.scopeFull.fix'),
  },
  {
    id: 'scope-sfap',
    applies: ({ app }) => textsAt(app, 'oauthConfig.scopes').some((scope) => scope.toLowerCase() === 'sfap'),
    text: tell('finding.sfap'),
    fix: tell('finding.sfap.fix'),
  },
  {
    id: 'jwt-scope',
    applies: (_context, wish) => flow(wish, 'jwt-bearer') && !allowsRefreshToken(wish.scopes ?? []),
    text: tell('finding.jwtScope'),
    fix: tell('finding.jwtScope.fix'),
  },
  {
    id: 'certificate-expired',
    applies: ({ options: { certificate } }) =>
      certificate !== undefined && 'expires' in certificate && certificate.expires.getTime() <= Date.now(),
    text: tell('finding.certificateExpired'),
    fix: tell('finding.certificateExpired.fix'),
  },
  {
    id: 'run-as-missing',
    applies: ({ isOn }, wish) => isOn('oauthConfig.isClientCredentialEnabled') && wish.oauth?.runAs === undefined,
    text: tell('finding.runAs'),
    fix: tell('finding.runAs.fix'),
  },
  {
    id: 'localhost',
    applies: ({ callbackUrls }) => callbackUrls.some((url) => url.startsWith('http:') && isLoopback(url)),
    text: tell('finding.localhost'),
    fix: tell('finding.localhost.fix'),
  },
  {
    id: 'cli-login',
    applies: ({ callbackUrls }) => callbackUrls.some(ofCli),
    text: tell('finding.cli'),
    fix: tell('finding.cli.fix'),
  },
  {
    id: 'dev-hub',
    applies: ({ callbackUrls }) => callbackUrls.some(ofDevHub),
    text: tell('finding.devHub'),
    fix: tell('finding.devHub.fix'),
  },
  {
    id: 'device-flow',
    applies: ({ callbackUrls }, wish) =>
      flow(wish, 'device') || callbackUrls.some((url) => /\/services\/oauth2\/success$/i.test(url)),
    text: tell('finding.device'),
    fix: tell('finding.device.fix'),
  },
  {
    id: 'token-exchange-handler',
    applies: (_context, wish) => flow(wish, 'token-exchange'),
    text: tell('finding.tokenExchange'),
    fix: tell('finding.tokenExchange.fix'),
  },
  {
    id: 'permission-set-labels',
    applies: (context) => has(context, 'permissionSetName'),
    text: tell('finding.permissionSets'),
    fix: tell('finding.permissionSets.fix'),
  },
  {
    id: 'apex-handler',
    applies: (context) => has(context, 'plugin'),
    text: tell('finding.handler'),
    fix: tell('finding.handler.fix'),
  },
  {
    id: 'canvas',
    applies: (context) => has(context, 'canvas') || has(context, 'canvasConfig'),
    text: tell('finding.canvas'),
    fix: tell('finding.canvas.fix'),
  },
  {
    id: 'mobile',
    applies: (context) => has(context, 'mobileAppConfig') || has(context, 'mobileStartUrl'),
    text: tell('finding.mobile'),
    fix: tell('finding.mobile.fix'),
  },
  {
    id: 'saml',
    applies: ({ app }) => hasGroup(app, 'samlConfig'),
    text: tell('finding.saml'),
    fix: tell('finding.saml.fix'),
  },
  {
    id: 'triple-des',
    applies: ({ text }) => text('samlConfig.encryptionType')?.toLowerCase() === 'triple_des',
    text: tell('finding.tripleDes'),
    fix: tell('finding.tripleDes.fix'),
  },
  {
    id: 'not-in-metadata',
    applies: () => true,
    text: tell('finding.elsewhere'),
    fix: tell('finding.elsewhere.fix'),
  },
];

/** The findings about a Connected App and the app that is planned for it. */
export const judgeMigration = (context: ConnectedAppContext, wish: Wish): MigrationFinding[] =>
  RULES.filter(({ applies }) => applies(context, wish)).map(({ id, text, fix }) => ({
    id,
    text: typeof text === 'function' ? text(context) : text,
    fix,
  }));
