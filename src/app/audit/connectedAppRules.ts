import { sameName } from '../name.ts';
import { tell } from './auditText.ts';
import type { AuditFacts } from './facts.ts';
import { postureOf } from './posture.ts';
import type { ConnectedAppRule, OrgRule } from './rule.ts';

/** Apps with tokens that the org has not installed, by name: nobody can set their policies. */
const uninstalledIn = ({ tokens, apps }: AuditFacts): string[] => [
  ...new Set(
    tokens
      .filter(({ installed }) => !installed)
      .map(({ appName }) => appName)
      .filter((name) => !apps.some(({ app }) => sameName(app.label ?? '', name) || sameName(app.name, name))),
  ),
];

/** Names of apps with tokens that are neither installed nor apps of the org. */
export const UNINSTALLED_RULE: OrgRule = {
  about: 'org',
  id: 'CA901',
  name: 'uninstalled-app-in-use',
  looksAt: ['OauthToken.AppMenuItemId'],
  score: 9,
  sources: ['Security Benchmark for Salesforce, SBS-OAUTH-001'],
  needs: ['tokens'],
  judge: (facts) => {
    const names = uninstalledIn(facts);
    return names.length > 0 ? { text: tell('CA901.found', String(names.length), names.join(', ')) } : undefined;
  },
  fix: () => ({ commands: [['sf', 'org', 'open', '--path', '/lightning/setup/ConnectedAppsUsage/home']] }),
};

/** Rules about Connected Apps, as far as a query and their metadata show them. */
export const CONNECTED_APP_RULES: readonly ConnectedAppRule[] = [
  {
    about: 'connectedApp',
    id: 'CA902',
    name: 'connected-app-for-anybody',
    looksAt: ['ConnectedApplication.OptionsAllowAdminApprovedUsersOnly'],
    score: 7.3,
    sources: ['Security Benchmark for Salesforce, SBS-OAUTH-002'],
    needs: ['connectedApps'],
    // An own app without OAuth is a link or a SAML app: nobody authorizes it.
    applies: ({ local, app }) => !local || app !== undefined,
    judge: ({ allowAdminApprovedUsersOnly }) =>
      allowAdminApprovedUsersOnly ? undefined : { text: tell('CA902.found') },
    fix: () => ({ commands: [['sf', 'org', 'open', '--path', '/lightning/setup/ConnectedApplication/home']] }),
  },
  {
    about: 'connectedApp',
    id: 'CA903',
    name: 'connected-app-unsafe',
    looksAt: ['ConnectedApp.oauthConfig', 'ConnectedApp.oauthPolicy'],
    score: 5,
    sources: ['Salesforce Security Health Review', 'RFC 9700'],
    needs: ['connectedApps', 'connectedAppMetadata'],
    judge: ({ app }, facts, limits) => {
      const failed = app ? postureOf(app, facts, limits) : [];
      if (failed.length === 0) return undefined;
      const names = failed.map(({ rule }) => `${rule.id} (${rule.name})`).join(', ');
      return { text: tell('CA903.found', names), score: Math.max(...failed.map(({ score }) => score)) };
    },
    fix: () => ({ commands: [['sf', 'org', 'open', '--path', '/lightning/setup/NavigationMenus/home']] }),
  },
  {
    about: 'connectedApp',
    id: 'CA904',
    name: 'connected-app-to-replace',
    looksAt: ['ConnectedApplication.Name'],
    score: 0,
    sources: ["Winter '27 release notes, page 950, as others quote it"],
    needs: ['connectedApps'],
    // Salesforce's button gives the new app the name of the old one, and leaves the old one there to read.
    applies: ({ local, apiName = '' }, { apps }) => local && !apps.some(({ app }) => sameName(app.name, apiName)),
    judge: () => ({ text: tell('CA904.found') }),
    fix: ({ apiName, name }) => ({ commands: [['sf', 'eca', 'migrate', 'plan', '--name', apiName ?? name]] }),
  },
];
