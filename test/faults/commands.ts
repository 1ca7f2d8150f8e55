import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import EcaApply from '../../src/commands/eca/apply.ts';
import EcaAudit from '../../src/commands/eca/audit.ts';
import EcaCertificateCreate from '../../src/commands/eca/certificate/create.ts';
import EcaCertificateRotate from '../../src/commands/eca/certificate/rotate.ts';
import EcaCertificateStatus from '../../src/commands/eca/certificate/status.ts';
import EcaCreate from '../../src/commands/eca/create.ts';
import EcaCredentials from '../../src/commands/eca/credentials.ts';
import EcaCredentialsCloseAccess from '../../src/commands/eca/credentials/close-access.ts';
import EcaCredentialsRotate from '../../src/commands/eca/credentials/rotate.ts';
import EcaCredentialsSend from '../../src/commands/eca/credentials/send.ts';
import EcaCredentialsStatus from '../../src/commands/eca/credentials/status.ts';
import EcaDelete from '../../src/commands/eca/delete.ts';
import EcaDisable from '../../src/commands/eca/disable.ts';
import EcaDisplay from '../../src/commands/eca/display.ts';
import EcaDoctor from '../../src/commands/eca/doctor.ts';
import EcaEnable from '../../src/commands/eca/enable.ts';
import EcaExport from '../../src/commands/eca/export.ts';
import EcaList from '../../src/commands/eca/list.ts';
import EcaMigrateApply from '../../src/commands/eca/migrate/apply.ts';
import EcaMigrateBlock from '../../src/commands/eca/migrate/block.ts';
import EcaMigrateFinish from '../../src/commands/eca/migrate/finish.ts';
import EcaMigrateList from '../../src/commands/eca/migrate/list.ts';
import EcaMigratePlan from '../../src/commands/eca/migrate/plan.ts';
import EcaMigrateStatus from '../../src/commands/eca/migrate/status.ts';
import EcaMigrateUnblock from '../../src/commands/eca/migrate/unblock.ts';
import EcaOauthSet from '../../src/commands/eca/oauth/set.ts';
import EcaOpen from '../../src/commands/eca/open.ts';
import EcaScopesSet from '../../src/commands/eca/scopes/set.ts';
import EcaTokensList from '../../src/commands/eca/tokens/list.ts';
import EcaTokensRevoke from '../../src/commands/eca/tokens/revoke.ts';
import EcaUpdate from '../../src/commands/eca/update.ts';
import EcaUserCreate from '../../src/commands/eca/user/create.ts';
import EcaUserDisplay from '../../src/commands/eca/user/display.ts';
import EcaVerify from '../../src/commands/eca/verify.ts';
import { setBlocked } from '../../src/practice/blockedConsumers.ts';
import { newConsumer, newKeyPair } from '../../src/practice/keyPairs.ts';
import { pressButton } from '../../src/practice/migrateButton.ts';
import { grantsOf } from '../../src/practice/oauth/grants.ts';
import { appById } from '../../src/practice/oauth/oauthApp.ts';
import type { PracticeOrg } from '../../src/practice/org.ts';
import { selfSigned } from '../client/selfSigned.ts';
import { connectedAppInOrg } from '../practice/connectedAppInOrg.ts';
import { externalCredentialInOrg } from '../practice/externalCredentialInOrg.ts';
import { appInOrg, type AppOfTest } from '../practice/oauth/appInOrg.ts';

/** Where a command runs: an org, and a folder for its files. */
export type Scene = { org: PracticeOrg; folder: string };

/** A command as somebody would really call it, and what has to be there for it. */
export type CommandOfCampaign = {
  /** As the table of the report names it. */
  title: string;
  /** The words of the command line, such as `oauth set`. */
  words: string;
  command: { flags: object; run(args: string[]): Promise<unknown> };
  /** Puts into the org and the folder what is there before. */
  prepare?: (scene: Scene) => void;
  /** Less the org, which is the same for all. They come last, since after `--` all is another program's. */
  flags: (scene: Scene) => string[];
  /** It changes the org, and so it is also killed, interrupted, and run twice at once. */
  writes?: boolean;
  /** Answers of the org to open questions, by the names of its variants. */
  variants?: Record<string, string>;
  /** It may take grants of the org away for a moment, and writes that down on this machine. */
  putsGrantsBack?: boolean;
  /** It makes several records one after the other, so it may stop between them. The next run goes on from there. */
  goesStepByStep?: boolean;
  /** It turns a switch of the org for a while, and writes that down on this machine. */
  turnsSwitch?: boolean;
  /** What it writes into the folder: a file, or a folder with files. */
  file?: string;
  /** Whether all is well is its result, and not an error: exit code 1 comes without one. */
  reports?: boolean;
  /**
   * Makes a private key, which is another one in each run, and which no second run replaces. So the campaign cannot compare
   * its runs. The tests of the command break it off by themselves.
   */
  makesKey?: boolean;
};

const APP = ['--name', 'Order_Sync', '--no-prompt'];

const orders = ({ org }: Scene, wanted: AppOfTest = {}): void => {
  appInOrg(org, wanted);
};

const withoutOauth = (scene: Scene): void => {
  orders(scene);
  const { org } = scene;
  for (const { type, fullName } of org.componentsOfApp('Order_Sync').slice(1)) org.removeComponent(type, fullName);
  org.consumers.clear();
};

const withSecretAccess = (scene: Scene): void => {
  orders(scene);
  Object.assign(scene.org.settings.ExternalClientAppSettings ?? {}, { enableClientSecretInRestApiAccess: true });
};

const rotated = (scene: Scene): void => {
  const { org } = scene;
  const { consumer } = appInOrg(org);
  const expirationDate = new Date(org.now().getTime() + 30 * 24 * 3_600_000);
  consumer.staged = { ...newKeyPair(org), state: 'Rotated', expirationDate };
};

const withTokens = (scene: Scene): void => {
  const { org } = scene;
  const { app: component } = appInOrg(org);
  const oauthApp = appById(org, component.id);
  if (!oauthApp) throw new Error('The app that was put into the org is not there.');
  for (const { Id } of [org.seeded.admin, org.seeded.standardUser])
    grantsOf(org).newRefreshGrant(oauthApp, Id, ['api']);
};

const portalWithKey = ({ org }: Scene): void => {
  connectedAppInOrg(org, 'Portal');
  const app = org.component('ConnectedApp', 'Portal');
  const { primary } = newConsumer(org, app!);
  // The same in each org: after the app is deleted, nothing says whose key it was.
  primary.key = 'key-of-portal';
  Object.assign(app?.body.oauthConfig ?? {}, { consumerKey: primary.key });
};

/** A Connected App that was blocked two months ago. */
const blockedPortal = (scene: Scene): void => {
  portalWithKey(scene);
  setBlocked(scene.org, 'Portal', true);
  for (const block of scene.org.components('BlacklistedConsumer')) {
    const then = new Date(block.createdDate.getTime() - 60 * 24 * 3_600_000);
    Object.assign(block, { createdDate: then, lastModifiedDate: then });
  }
};

const SEVERAL_APPS = `apps:
  - name: Order_Sync
    description: Pulls orders every night
    scopes: [api, refresh_token]
    policies: { refreshToken: lifetime, refreshTokenValidity: 30 days }
  - name: Billing
    contactEmail: it@example.com
    oauth: { callbackUrls: ['https://billing.example.com/cb'] }
    scopes: [api]
  - name: Old_Import
    absent: true
`;

const APP_WITH_USER = `apps:
  - name: Order_Sync
    integrationUser: { username: order-sync@example.com }
`;

/** An app for approved users. One is approved in a list's way, and one is a user whom no list can hold. */
const withGrants = (scene: Scene): void => {
  const { org } = scene;
  const { app: component } = appInOrg(org, {
    oauthPolicies: { permittedUsersPolicyType: 'AdminApprovedPreAuthorized' },
  });
  for (const fields of [{ Name: 'Sales' }, { Name: 'Packaged', NamespacePrefix: 'acme' }]) {
    const shape = { Label: fields.Name, Type: 'Regular', IsOwnedByProfile: false, HasActivationRequired: false };
    const { Id } = org.insert('PermissionSet', { ...shape, ...fields });
    org.insert('SetupEntityAccess', {
      ParentId: Id,
      SetupEntityId: component.id,
      SetupEntityType: 'ExternalClientApplication',
    });
  }
};

const fileOfApps =
  (yaml: string, prepare: (scene: Scene) => void) =>
  (scene: Scene): void => {
    prepare(scene);
    writeFileSync(join(scene.folder, 'eca.yaml'), yaml);
  };

const twoApps = (scene: Scene): void => {
  orders(scene);
  appInOrg(scene.org, { name: 'Old_Import' });
};

const apply = ({ folder }: Scene): string[] => ['--file', join(folder, 'eca.yaml'), '--no-prompt'];

const into = (scene: Scene, file: string): string[] => ['--output-file', join(scene.folder, file)];

/** An app with a certificate, whose key logs the administrator in. */
const withCertificate = (scene: Scene): void =>
  orders(scene, {
    global: { certificate: selfSigned().certificate },
    oauthPolicies: {
      permittedUsersPolicyType: 'AdminApprovedPreAuthorized',
      commaSeparatedProfile: 'System Administrator',
    },
  });

const asAdmin = ({ org }: Scene): string[] => ['--run-as', String(org.seeded.admin.Username)];

const newKeyIn = ({ folder }: Scene): string[] => [
  ...['--key-file', join(folder, 'app.key')],
  ...['--certificate-file', join(folder, 'app.crt')],
];

/**
 * Commands that write the policies of an app to which permission sets have access. In one org the access stays, in
 * another it goes.
 */
const withAccess = (['survives', 'goes'] as const).flatMap((answer): CommandOfCampaign[] => {
  const common = { prepare: withGrants, writes: true, variants: { 'setup-entity-access': answer } };
  return [
    {
      ...common,
      title: `scopes set, where access ${answer}`,
      words: 'scopes set',
      command: EcaScopesSet,
      flags: () => [...APP, '--session-timeout', '30'],
      putsGrantsBack: true,
    },
    {
      ...common,
      title: `user create, where access ${answer}`,
      words: 'user create',
      command: EcaUserCreate,
      flags: () => [...APP, '--base-username', 'order-sync@example.com'],
      goesStepByStep: true,
      putsGrantsBack: true,
    },
  ];
});

/** An org can call itself: it has the app, and the principal that gets the app's pair. */
const withPrincipal = (scene: Scene): void => {
  orders(scene);
  externalCredentialInOrg(scene.org, 'Orders', 'Sync');
};

const toPrincipal = ({ org }: Scene): string[] => [
  ...['named-credential', '--replace', '--destination-org', String(org.seeded.admin.Username)],
  ...['--external-credential', 'Orders', '--principal', 'Sync'],
];

/** Commands in an org that refuses to read apps by calls: there a retrieve reads them. */
const withRetrieve: CommandOfCampaign[] = (
  [
    ['scopes set', EcaScopesSet, ['--session-timeout', '30']],
    ['disable', EcaDisable, []],
  ] as const
).map(([words, command, flags]) => ({
  title: `${words}, read by a job`,
  words,
  command,
  prepare: orders,
  flags: () => [...APP, ...flags],
  writes: true,
  variants: { 'read-metadata': 'refused' },
}));

export const COMMANDS: CommandOfCampaign[] = [
  ...withAccess,
  ...withRetrieve,
  {
    title: 'create',
    words: 'create',
    command: EcaCreate,
    flags: () => [...APP, '--contact-email', 'it@example.com'],
    writes: true,
  },
  {
    title: 'oauth set',
    words: 'oauth set',
    command: EcaOauthSet,
    prepare: withoutOauth,
    flags: ({ org }) => [
      ...[...APP, '--callback-url', 'https://orders.example.com/cb', '--scope', 'api'],
      ...['--flow', 'client-credentials', '--run-as', String(org.seeded.integrationUser.Username)],
    ],
    writes: true,
  },
  {
    title: 'certificate create',
    words: 'certificate create',
    command: EcaCertificateCreate,
    prepare: orders,
    flags: (scene) => [...APP, '--replace', ...newKeyIn(scene)],
    writes: true,
    file: 'app.crt',
    makesKey: true,
  },
  {
    title: 'certificate rotate --new-key',
    words: 'certificate rotate',
    command: EcaCertificateRotate,
    prepare: withCertificate,
    flags: (scene) => [...APP, '--new-key', '--wait', '0', ...newKeyIn(scene), ...asAdmin(scene)],
    writes: true,
    variants: { 'certificate-retrieved': 'always' },
    file: 'app.crt',
    goesStepByStep: true,
    makesKey: true,
  },
  {
    title: 'certificate status',
    words: 'certificate status',
    command: EcaCertificateStatus,
    prepare: orders,
    flags: () => APP,
  },
  {
    title: 'scopes set',
    words: 'scopes set',
    command: EcaScopesSet,
    prepare: orders,
    flags: () => [
      ...[...APP, '--scope', 'api,refresh_token', '--session-timeout', '30'],
      ...['--refresh-token-policy', 'lifetime', '--refresh-token-validity', '30 days'],
    ],
    writes: true,
  },
  {
    title: 'credentials',
    words: 'credentials',
    command: EcaCredentials,
    prepare: orders,
    flags: (scene) => [...APP, ...into(scene, '.env')],
    file: '.env',
  },
  {
    title: 'credentials --show-secret',
    words: 'credentials',
    command: EcaCredentials,
    prepare: orders,
    flags: (scene) => [...APP, '--show-secret', '--allow-secret-access', ...into(scene, '.env')],
    writes: true,
    turnsSwitch: true,
    file: '.env',
  },
  {
    title: 'credentials close-access',
    words: 'credentials close-access',
    command: EcaCredentialsCloseAccess,
    prepare: withSecretAccess,
    flags: () => ['--no-prompt'],
    writes: true,
  },
  {
    title: 'credentials send',
    words: 'credentials send',
    command: EcaCredentialsSend,
    prepare: orders,
    flags: () => [
      ...[...APP, '--allow-secret-access', '--to', 'command'],
      ...['--', process.execPath, '-e', 'process.stdin.resume()'],
    ],
    writes: true,
    turnsSwitch: true,
  },
  {
    title: 'credentials send --to named-credential',
    words: 'credentials send',
    command: EcaCredentialsSend,
    prepare: withPrincipal,
    flags: (scene) => [...APP, '--allow-secret-access', '--to', ...toPrincipal(scene)],
    writes: true,
    turnsSwitch: true,
  },
  {
    title: 'credentials status',
    words: 'credentials status',
    command: EcaCredentialsStatus,
    prepare: rotated,
    flags: () => [...APP, '--allow-secret-access'],
    writes: true,
    turnsSwitch: true,
  },
  {
    title: 'credentials status --all',
    words: 'credentials status',
    command: EcaCredentialsStatus,
    prepare: (scene) => {
      rotated(scene);
      appInOrg(scene.org, { name: 'Old_Import' });
    },
    flags: () => ['--all', '--warn-days', '7', '--allow-secret-access'],
    writes: true,
    turnsSwitch: true,
  },
  {
    title: 'credentials rotate',
    words: 'credentials rotate',
    command: EcaCredentialsRotate,
    prepare: orders,
    flags: (scene) => [...APP, '--wait', '0', '--show-secret', '--allow-secret-access', ...into(scene, '.env')],
    writes: true,
    turnsSwitch: true,
    file: '.env',
  },
  {
    title: 'credentials rotate --send-to',
    words: 'credentials rotate',
    command: EcaCredentialsRotate,
    prepare: orders,
    flags: () => [
      ...[...APP, '--wait', '0', '--allow-secret-access', '--send-to', 'command'],
      ...['--', process.execPath, '-e', 'process.stdin.resume()'],
    ],
    writes: true,
    turnsSwitch: true,
  },
  {
    title: 'credentials rotate --send-to named-credential',
    words: 'credentials rotate',
    command: EcaCredentialsRotate,
    prepare: withPrincipal,
    flags: (scene) => [...APP, '--wait', '0', '--allow-secret-access', '--send-to', ...toPrincipal(scene)],
    writes: true,
    turnsSwitch: true,
  },
  {
    title: 'credentials rotate --finish',
    words: 'credentials rotate',
    command: EcaCredentialsRotate,
    prepare: rotated,
    flags: () => [...APP, '--wait', '0', '--finish', '--allow-secret-access'],
    writes: true,
    turnsSwitch: true,
  },
  {
    title: 'verify',
    words: 'verify',
    command: EcaVerify,
    prepare: orders,
    flags: () => [...APP, '--wait', '0', '--allow-secret-access'],
    writes: true,
    turnsSwitch: true,
    reports: true,
  },
  { title: 'list', words: 'list', command: EcaList, prepare: twoApps, flags: () => [] },
  {
    title: 'audit with all that it can read',
    words: 'audit',
    command: EcaAudit,
    prepare: twoApps,
    flags: () => ['tokens', 'connected-apps', 'installed', 'key-pairs'].flatMap((one) => ['--include', one]),
  },
  { title: 'display', words: 'display', command: EcaDisplay, prepare: orders, flags: () => APP },
  {
    title: 'open',
    words: 'open',
    command: EcaOpen,
    prepare: orders,
    flags: () => ['--name', 'Order_Sync', '--url-only'],
  },
  {
    title: 'update',
    words: 'update',
    command: EcaUpdate,
    prepare: orders,
    flags: () => [...APP, '--label', 'New label'],
    writes: true,
  },
  { title: 'disable', words: 'disable', command: EcaDisable, prepare: orders, flags: () => APP, writes: true },
  {
    title: 'enable',
    words: 'enable',
    command: EcaEnable,
    prepare: (scene) => orders(scene, { policies: { isEnabled: false } }),
    flags: () => APP,
    writes: true,
  },
  {
    title: 'delete',
    words: 'delete',
    command: EcaDelete,
    prepare: orders,
    flags: () => APP,
    writes: true,
  },
  {
    title: 'apply',
    words: 'apply',
    command: EcaApply,
    prepare: fileOfApps(SEVERAL_APPS, twoApps),
    flags: apply,
    writes: true,
  },
  {
    title: 'apply --dry-run',
    words: 'apply',
    command: EcaApply,
    prepare: fileOfApps(SEVERAL_APPS, twoApps),
    flags: (scene) => [...apply(scene), '--dry-run'],
  },
  {
    title: 'apply, with a user',
    words: 'apply',
    command: EcaApply,
    prepare: fileOfApps(APP_WITH_USER, orders),
    flags: apply,
    writes: true,
    goesStepByStep: true,
  },
  {
    title: 'export',
    words: 'export',
    command: EcaExport,
    prepare: twoApps,
    flags: (scene) => [...into(scene, 'apps.yaml'), '--no-prompt'],
    file: 'apps.yaml',
  },
  {
    title: 'export --metadata',
    words: 'export',
    command: EcaExport,
    prepare: orders,
    flags: ({ folder }) => ['--metadata', join(folder, 'metadata'), '--no-prompt'],
    file: 'metadata',
  },
  {
    title: 'tokens list',
    words: 'tokens list',
    command: EcaTokensList,
    prepare: withTokens,
    flags: () => APP,
  },
  {
    title: 'tokens revoke',
    words: 'tokens revoke',
    command: EcaTokensRevoke,
    prepare: withTokens,
    flags: () => [...APP, '--all-users'],
    writes: true,
    goesStepByStep: true,
  },
  {
    title: 'user create',
    words: 'user create',
    command: EcaUserCreate,
    prepare: orders,
    flags: () => [...APP, '--base-username', 'order-sync@example.com'],
    writes: true,
    goesStepByStep: true,
  },
  { title: 'user display', words: 'user display', command: EcaUserDisplay, prepare: orders, flags: () => APP },
  {
    title: 'migrate list',
    words: 'migrate list',
    command: EcaMigrateList,
    prepare: ({ org }) => connectedAppInOrg(org, 'Portal'),
    flags: (scene) => [...into(scene, 'inventory.csv'), '--no-prompt'],
    file: 'inventory.csv',
  },
  {
    title: 'migrate plan',
    words: 'migrate plan',
    command: EcaMigratePlan,
    prepare: ({ org }) => connectedAppInOrg(org, 'Portal'),
    flags: (scene) => ['--name', 'Portal', ...into(scene, 'planned.yaml'), '--no-prompt'],
    file: 'planned.yaml',
  },
  {
    title: 'migrate apply',
    words: 'migrate apply',
    command: EcaMigrateApply,
    prepare: ({ org }) => connectedAppInOrg(org, 'Portal'),
    flags: () => ['--name', 'Portal', '--no-prompt'],
    writes: true,
  },
  {
    title: 'migrate apply --in-place',
    words: 'migrate apply',
    command: EcaMigrateApply,
    // Somebody pressed the button before. Nobody can press it while the command waits.
    prepare: (scene) => {
      portalWithKey(scene);
      Object.assign(scene.org.component('ConnectedApp', 'Portal')?.body.oauthConfig ?? {}, { isPkceRequired: true });
      pressButton(scene.org, 'Portal', scene.org.seeded.admin.Id);
    },
    flags: () => ['--name', 'Portal', '--in-place', '--no-prompt'],
  },
  {
    title: 'migrate status',
    words: 'migrate status',
    command: EcaMigrateStatus,
    prepare: (scene) => {
      orders(scene, { name: 'Portal_ECA' });
      connectedAppInOrg(scene.org, 'Portal');
    },
    flags: () => ['--name', 'Portal', '--as', 'Portal_ECA', '--no-prompt'],
  },
  {
    title: 'migrate block',
    words: 'migrate block',
    command: EcaMigrateBlock,
    prepare: portalWithKey,
    flags: () => ['--name', 'Portal', '--no-prompt'],
    writes: true,
  },
  {
    title: 'migrate unblock',
    words: 'migrate unblock',
    command: EcaMigrateUnblock,
    prepare: blockedPortal,
    flags: () => ['--name', 'Portal', '--no-prompt'],
    writes: true,
  },
  {
    title: 'migrate finish',
    words: 'migrate finish',
    command: EcaMigrateFinish,
    prepare: blockedPortal,
    flags: (scene) => [
      ...['--name', 'Portal', '--confirm-name', 'Portal', '--no-prompt'],
      ...into(scene, 'Portal.connectedApp-meta.xml'),
    ],
    writes: true,
    file: 'Portal.connectedApp-meta.xml',
  },
  { title: 'doctor', words: 'doctor', command: EcaDoctor, prepare: orders, flags: () => [], reports: true },
];
