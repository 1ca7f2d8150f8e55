import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { expect } from 'chai';

import EcaApply from '../../src/commands/eca/apply.ts';
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
import EcaDisplay from '../../src/commands/eca/display.ts';
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
import EcaScopesSet from '../../src/commands/eca/scopes/set.ts';
import EcaTokensRevoke from '../../src/commands/eca/tokens/revoke.ts';
import EcaUpdate from '../../src/commands/eca/update.ts';
import EcaUserCreate from '../../src/commands/eca/user/create.ts';
import EcaVerify from '../../src/commands/eca/verify.ts';
import { parseEcaFile } from '../../src/file/parse.ts';
import { createPracticeServer, type PracticeServer } from '../../src/practice/practice.ts';
import { COMMANDS as OF_CAMPAIGN } from '../faults/commands.ts';
import { begunByOrg, hostileText, type HostileWire, OBEYED, openHostileWire } from '../hostileWire.ts';
import { connectedAppInOrg } from '../practice/connectedAppInOrg.ts';
import { appInOrg, type AppOfTest } from '../practice/oauth/appInOrg.ts';
import { logIn } from './practice.ts';

type Command = { run(argv: string[]): Promise<unknown> };

const NAME = ['--name', 'Order_Sync'];

/**
 * Commands that take other words here than in the campaign. All that writes goes as far as it goes without. FILE, USER: see
 * below.
 */
const OWN_WORDS: Record<string, [Command, ...string[]]> = {
  display: [EcaDisplay, ...NAME],
  export: [EcaExport],
  credentials: [EcaCredentials, ...NAME],
  'credentials --format dotenv': [EcaCredentials, ...NAME, '--show-secret', '--no-prompt', '--format', 'dotenv'],
  'credentials --format shell': [EcaCredentials, ...NAME, '--show-secret', '--no-prompt', '--format', 'shell'],
  'credentials --format json': [EcaCredentials, ...NAME, '--show-secret', '--no-prompt', '--format', 'json'],
  'credentials status': [EcaCredentialsStatus, ...NAME],
  'user create': [EcaUserCreate, ...NAME, '--base-username', 'other@example.com', '--dry-run'],
  'migrate apply': [EcaMigrateApply, '--name', 'Portal', '--no-prompt'],
  'migrate block': [EcaMigrateBlock, '--name', 'Portal', '--dry-run'],
  'migrate finish': [EcaMigrateFinish, '--name', 'Portal', '--dry-run'],
  'migrate list': [EcaMigrateList],
  'migrate unblock': [EcaMigrateUnblock, '--name', 'Portal', '--dry-run'],
  'migrate status': [EcaMigrateStatus, '--name', 'Portal', '--as', 'Order_Sync'],
  'migrate plan': [EcaMigratePlan, '--name', 'Portal'],
  'migrate plan --result-format markdown': [EcaMigratePlan, '--name', 'Portal', '--result-format', 'markdown'],
  verify: [EcaVerify, ...NAME, '--wait', '0'],
  'verify --result-format junit': [EcaVerify, ...NAME, '--wait', '0', '--result-format', 'junit'],
  create: [EcaCreate, ...NAME, '--contact-email', 'other@example.com'],
  update: [EcaUpdate, ...NAME, '--label', 'New'],
  'oauth set': [
    EcaOauthSet,
    ...NAME,
    '--run-as',
    'USER',
    '--flow',
    'client-credentials',
    '--no-certificate',
    '--dry-run',
  ],
  'scopes set': [EcaScopesSet, ...NAME, '--scope', 'full', '--permitted-users', 'admin-approved', '--dry-run'],
  'scopes set that is refused': [EcaScopesSet, ...NAME, '--scope', 'api', '--permission-set', 'Nobody_Has_It'],
  delete: [EcaDelete, ...NAME, '--dry-run'],
  apply: [EcaApply, '--file', 'FILE', '--dry-run'],
  'certificate create': [EcaCertificateCreate, ...NAME, '--dry-run'],
  'certificate rotate': [EcaCertificateRotate, ...NAME, '--new-key', '--dry-run'],
  'certificate status': [EcaCertificateStatus, '--all'],
  'credentials send': [EcaCredentialsSend, ...NAME, '--to', 'command', '--dry-run', '--', process.execPath],
  'credentials rotate --finish': [EcaCredentialsRotate, ...NAME, '--finish', '--no-prompt'],
  'tokens revoke': [EcaTokensRevoke, ...NAME, '--all-users', '--no-prompt'],
  // The last one, since others read secrets.
  'credentials close-access': [EcaCredentialsCloseAccess, '--no-prompt'],
};

/** All other commands. They come first, since some of the above read secrets, and the last one closes access to them. */
const OTHERS = OF_CAMPAIGN.filter(({ command }) => !Object.values(OWN_WORDS).some(([other]) => other === command));

const IDS = [...OTHERS.map(({ title }) => title), ...Object.keys(OWN_WORDS)];

/** Keys of answers that commands show, and do not need to find their way by. */
const SHOWN_KEYS = [
  ...['Name', 'Label', 'MasterLabel', 'Email', 'LastName', 'InstanceName', 'OrganizationType', 'username', 'problem'],
  ...['componentType', 'state', 'createdDate', 'expirationDate', 'initialConnectionAt', 'lastUsedAt', 'key', 'secret'],
  ...['error', 'error_description', 'message', 'errorCode', 'errorMessage', 'errorStatusCode', 'scope'],
];

/** Keys that commands find their way by: poisoned one by one, each way ends somewhere else. */
const LEADING_KEYS = [
  ...['DeveloperName', 'version', 'Username', 'Id', 'id', 'status', 'fileName', 'fullName', 'type', 'manageableState'],
  ...['ManageableState', 'NamespacePrefix', 'ParentId', 'url', 'token_endpoint', 'issuer', 'currentPageUrl'],
];

/** Commands that take most of the roads on which an org can refuse. */
const REFUSED = ['display', 'credentials', 'user create', 'verify', 'apply'];

/** An app with hostile text wherever a command shows some. */
const HOSTILE_APP: AppOfTest = {
  app: {
    label: hostileText,
    contactEmail: `it@example.com${hostileText}`,
    description: `Two\nlines${hostileText}`,
    contactPhone: hostileText,
    infoUrl: `https://a.example/${hostileText}`,
    logoUrl: `https://a.example/${hostileText}`,
  },
  settings: { commaSeparatedOauthScopes: `Api, ${hostileText}`, commaSeparatedCustomScopes: hostileText },
  global: { callbackUrl: `https://a.example/cb\nhttps://b.example/${hostileText}` },
  oauthPolicies: {
    clientCredentialsFlowUser: `it@example.com${hostileText}`,
    permittedUsersPolicyType: 'AdminApprovedPreAuthorized',
    commaSeparatedPermissionSet: `Some_Set${hostileText}`,
    commaSeparatedProfile: `Some Profile${hostileText}`,
    ipRelaxationPolicyType: `Enforce${hostileText}`,
    requiredSessionLevel: `HIGH${hostileText}`,
  },
};

describe('an org that wants to reach the terminal', function () {
  this.timeout(120_000);

  const $$ = new TestContext();
  let practice: PracticeServer;
  let wire: HostileWire;
  let folder: string;

  const open = async (app: AppOfTest): Promise<void> => {
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-hostile-'));
    practice = await createPracticeServer();
    wire = await openHostileWire(practice);
    practice.org.settings.ExternalClientAppSettings = { enableClientSecretInRestApiAccess: true };
    appInOrg(practice.org, app);
    connectedAppInOrg(practice.org, 'Portal', { label: hostileText, startUrl: hostileText, future: hostileText });
    writeFileSync(
      join(folder, 'eca.yaml'),
      `apps:
  - { name: Order_Sync, description: Changed, scopes: [full], policies: { permittedUsers: all-users } }
  - name: New_One
    contactEmail: it@example.com
    oauth: { callbackUrls: [https://new.example.com/cb], flows: [client-credentials] }
    scopes: [api]
    integrationUser: { username: new-one@example.com }
  - { name: "Gone\\e[2J\\u202E", absent: true }
`,
    );
  };

  const close = async (): Promise<void> => {
    await wire.close();
    await practice.close();
    rmSync(folder, { recursive: true, force: true });
  };

  beforeEach(() => logIn($$, String(practice.org.seeded.admin.Username), wire.url, practice.accessToken));
  afterEach(() => {
    wire.set({});
    process.exitCode = undefined;
  });

  /** Runs a command, and gives all that it wrote to stdout and stderr. How it ends does not matter. */
  const run = async (command: Command, ...argv: string[]): Promise<string> => {
    const words: Record<string, string> = {
      FILE: join(folder, 'eca.yaml'),
      USER: String(practice.org.seeded.integrationUser.Username),
    };
    let written = '';
    const streams = [process.stdout, process.stderr];
    const tap = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      written += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      const done = rest.find((one) => typeof one === 'function') as (() => void) | undefined;
      done?.();
      return true;
    };
    for (const stream of streams) stream.write = tap;
    try {
      const target = ['--target-org', String(practice.org.seeded.admin.Username)];
      await command.run([...target, ...argv.map((word) => words[word] ?? word)]);
    } catch {
      // It was written, too.
    } finally {
      // What is left is the streams' own.
      for (const stream of streams) Reflect.deleteProperty(stream, 'write');
    }
    return written;
  };

  /** The first line that a terminal would obey, or that the org's words begin, to be shown in an assertion. */
  const obeyedIn = (text: string): string | undefined => {
    const line = begunByOrg(text) ?? text.split('\n').find((one) => OBEYED.test(one));
    return line && JSON.stringify(line);
  };

  const inCampaign = (id: string): [Command, ...string[]] => {
    const other = OTHERS.find(({ title }) => title === id);
    if (!other) throw new Error(`No command ${id}`);
    const dry = 'dry-run' in other.command.flags ? ['--dry-run'] : [];
    return [other.command, ...dry, ...other.flags({ org: practice.org, folder })];
  };

  const runNamed = (id: string): Promise<string> => {
    const [command, ...argv] = OWN_WORDS[id] ?? inCampaign(id);
    return run(command, ...argv);
  };

  describe('does not, by the texts of an app', () => {
    before(() => open(HOSTILE_APP));
    after(close);

    for (const id of IDS) {
      it(id, async () => {
        const said = await runNamed(id);
        expect(obeyedIn(said), said).to.equal(undefined);
      });
    }

    it('which would be noticed', () => {
      expect(obeyedIn(`fine\n${hostileText.split('\n')[0]}`)).to.include('evil.example');
      for (const end of ['\n', '\r', '\u0085', '\u2028'])
        expect(obeyedIn(`fine${end}  Forged: fine`)).to.include('Forged');
      expect(obeyedIn('fine\tin all\nlines: <U+001B> ✔ 日本 🙂')).to.equal(undefined);
    });

    it('which are shown for what they are', async () => {
      expect(await run(EcaList)).to.include('<U+001B>]8;;https://evil.example<U+0007>click');
    });

    it('and handed to programs as they are', async () => {
      const { result } = JSON.parse(await run(EcaList, '--json')) as { result: Array<{ label: string }> };
      expect(result[0]?.label).to.equal(hostileText);
      const file = join(folder, 'exported.yaml');
      await run(EcaExport, '--output-file', file);
      const { apps } = parseEcaFile(readFileSync(file, 'utf8'), file, {});
      expect(apps[0]?.wish.label).to.equal(hostileText);
    });
  });

  describe('does not, by what it says of users, tokens and itself', () => {
    before(() => open({}));
    after(close);

    for (const id of IDS) {
      it(id, async () => {
        wire.set({ keys: SHOWN_KEYS });
        expect(obeyedIn(await runNamed(id))).to.equal(undefined);
      });
    }

    for (const key of LEADING_KEYS) {
      it(`by ${key}`, async () => {
        for (const id of [
          'display',
          'open',
          'credentials',
          'verify',
          'create',
          'user create',
          'apply',
          'scopes set that is refused',
        ]) {
          wire.set({ keys: [key] });
          expect([id, obeyedIn(await runNamed(id))]).to.deep.equal([id, undefined]);
        }
      });
    }

    it('credentials rotate', async () => {
      practice.org.settings.ExternalClientAppSettings = { enableClientSecretInRestApiAccess: true };
      wire.set({ keys: ['expirationDate', 'createdDate'] });
      const said = await run(EcaCredentialsRotate, ...NAME, '--promote-unverified', '--wait', '0', '--no-prompt');
      expect(said).to.include('<U+001B>');
      expect(obeyedIn(said)).to.equal(undefined);
    });
  });

  describe('does not, by its refusals', () => {
    before(() => open({}));
    after(close);

    for (const id of REFUSED) {
      it(id, async () => {
        wire.set({});
        await runNamed(id);
        const requests = wire.count();
        expect(requests).to.be.greaterThan(5);
        for (let refusal = 0; refusal < requests; refusal++) {
          wire.set({ refusal });
          expect([refusal, obeyedIn(await runNamed(id))]).to.deep.equal([refusal, undefined]);
        }
      });
    }

    it('which are shown for what they are', async () => {
      wire.set({ refusal: 4 });
      expect(await runNamed('display')).to.include('said <U+001B>');
    });
  });
});
