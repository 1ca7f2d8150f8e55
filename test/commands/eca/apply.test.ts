import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaApply, { type EcaApplyResult } from '../../../src/commands/eca/apply.ts';
import EcaExport from '../../../src/commands/eca/export.ts';
import { selfSigned } from '../../client/selfSigned.ts';
import { asItIs, atTerminal } from '../../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from '../practice.ts';

describe('eca apply', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;
  let file: string;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$, { variants: { 'certificate-retrieved': 'never' } });
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-apply-'));
    file = join(folder, 'eca.yaml');
  });

  afterEach(async () => {
    asItIs();
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  const write = (...apps: string[]): void => writeFileSync(file, `apps:\n${apps.join('')}`);
  const apply = async (...flags: string[]): Promise<EcaApplyResult> =>
    EcaApply.run(['--target-org', org.username, '--file', file, ...flags]);
  const actions = ({ apps }: EcaApplyResult): Record<string, string> =>
    Object.fromEntries(apps.map(({ app, action }) => [app.name, action]));
  const printed = (): string => ux.log.args.flat().join('\n');

  const billing = '- { name: Billing, contactEmail: it@example.com }\n';
  const orders = (more = ''): string => `- name: Order_Sync
  contactEmail: it@example.com
  oauth:
    callbackUrls: [https://orders.example.com/cb]
    flows: [client-credentials]
    runAs: ${String(org.org.seeded.integrationUser.Username)}
${more}  scopes: [api, RefreshToken]
  policies: { refreshToken: lifetime, refreshTokenValidity: 30 days }
`;

  it('makes all apps in one deploy, and has nothing to do when it is run again', async () => {
    write(orders(), billing);
    const result = await apply();
    expect(actions(result)).to.deep.equal({ Order_Sync: 'create', Billing: 'create' });
    expect(result.deployId).to.match(/^0Af/);
    expect(result.apps[0]).to.deep.include({ created: true, notApplied: [], deployId: result.deployId });
    expect(result.apps[0]?.app).to.deep.include({ label: 'Order Sync', scopes: ['api', 'refresh_token'] });
    expect(result.apps[0]?.app.oauth?.flows).to.deep.equal(['web-server', 'client-credentials']);
    expect(org.deploys()).to.equal(1);

    const again = await apply('--detailed-exitcode');
    expect(actions(again)).to.deep.equal({ Order_Sync: 'none', Billing: 'none' });
    expect(again.deployId).to.equal(undefined);
    expect(org.deploys()).to.equal(1);
    expect(process.exitCode).to.equal(undefined);
  });

  it('shows the plan, app by app and field by field', async () => {
    write(orders(), billing);
    await apply();
    write(
      orders().replace('30 days', '12 hours'),
      '- { name: Billing, absent: true }\n',
      '- { name: Gone, absent: true }\n',
    );
    ux.log.resetHistory();
    const result = await apply('--dry-run');
    expect(actions(result)).to.deep.equal({ Order_Sync: 'change', Billing: 'delete', Gone: 'none' });
    expect(printed().split('\n')).to.deep.equal([
      '~ Order_Sync (change)',
      '    policies.refreshTokenValidity: 30 days => 12 hours',
      '- Billing (delete)',
      '  Gone (unchanged)',
      '',
      'Plan: 0 to create, 1 to change, 1 to delete, 1 unchanged.',
    ]);
  });

  it('changes, makes and deletes in one deploy', async () => {
    write(orders(), billing);
    await apply();
    write(
      orders().replace('RefreshToken', 'openid'),
      '- { name: Billing, absent: true, label: "" }\n',
      billing.replace('Billing', 'Reports'),
    );
    const result = await apply('--no-prompt');
    expect(actions(result)).to.deep.equal({ Order_Sync: 'change', Billing: 'delete', Reports: 'create' });
    expect(org.deploys()).to.equal(2);
    expect(result.apps[0]?.changes).to.deep.equal([
      { field: 'scopes', before: ['api', 'refresh_token'], after: ['api', 'openid'] },
    ]);
    expect(org.org.component('ExternalClientApplication', 'Billing')).to.equal(undefined);
    const left = await EcaExport.run(['--target-org', org.username]);
    expect(left.apps.map(({ name }) => name)).to.deep.equal(['Order_Sync', 'Reports']);
  });

  it('leaves what the file does not say, and apps that it does not name, as they are', async () => {
    write(orders(), billing);
    await apply();
    write('- { name: Billing, description: Sends invoices }\n');
    const { apps } = await apply();
    expect(apps[0]?.app).to.include({
      contactEmail: 'it@example.com',
      label: 'Billing',
      description: 'Sends invoices',
    });
    const { apps: all } = await EcaExport.run(['--target-org', org.username]);
    expect(all.map(({ name }) => name)).to.deep.equal(['Billing', 'Order_Sync']);
  });

  it('is all or nothing', async () => {
    write(billing, orders().replace('30 days', '30 days, permissionSets: [No_Such_Set]'));
    const error = await failure(apply());
    expect(error.name).to.equal('DeployFailedError');
    expect(error.message).to.include('No_Such_Set');
    expect(org.org.components('ExternalClientApplication')).to.deep.equal([]);
  });

  it('has the org validate with a dry run, and writes nothing', async () => {
    write(billing);
    const result = await apply('--dry-run', '--detailed-exitcode');
    expect(result).to.include({ dryRun: true });
    expect(result.deployId).to.match(/^0Af/);
    expect(process.exitCode).to.equal(3);
    expect(org.org.components('ExternalClientApplication')).to.deep.equal([]);
    expect(ux.logToStderr.args.flat().join())
      .to.include(`eca apply --file ${file} --target-org`)
      .and.not.include('--dry-run');
  });

  it('says by exit code 3 that something was changed, if that is asked for', async () => {
    write(billing);
    await apply('--dry-run');
    expect(process.exitCode).to.equal(undefined);
    await apply('--detailed-exitcode');
    expect(process.exitCode).to.equal(3);
  });

  it('does not ask where nobody can answer, but wants --no-prompt to delete', async () => {
    write(billing);
    await apply();
    write('- { name: Billing, absent: true }\n');
    const error = await failure(apply());
    expect(error).to.include({ name: 'ConfirmationNeededError', exitCode: 2 });
    expect(org.deploys()).to.equal(1);
    await apply('--no-prompt');
    expect(org.deploys()).to.equal(2);
  });

  it('asks at a terminal, and does nothing after a no', async () => {
    atTerminal(true);
    write(billing);
    const confirm = $$.SANDBOX.stub(EcaApply.prototype, 'confirm').resolves(false);
    expect((await failure(apply())).name).to.equal('NotConfirmedError');
    expect(org.deploys()).to.equal(0);
    confirm.resolves(true);
    await apply();
    expect(org.deploys()).to.equal(1);
    write('- { name: Billing, absent: true }\n');
    await apply();
    expect(confirm.lastCall.args[0].message).to.include('Deleted').and.include('Billing');
    await apply();
    expect(confirm.callCount, 'nothing to do, nothing to ask').to.equal(3);
  });

  describe('certificates', () => {
    const certificates = { first: selfSigned(), second: selfSigned() };
    type Which = keyof typeof certificates;
    /** Writes the certificate's file, with its private key before it. */
    const certificate = (which: Which): void => {
      const { key, certificate: pem } = certificates[which];
      writeFileSync(join(folder, 'app.crt'), `${String(key.export({ type: 'pkcs8', format: 'pem' }))}${pem}`);
    };
    /** A line of the signature: no two certificates share it. */
    const lineOf = (which: Which): string => certificates[which].certificate.trim().split('\n').at(-2) ?? '';
    const jwt = (url = 'https://orders.example.com/cb'): string => `- name: Order_Sync
  contactEmail: it@example.com
  oauth: { callbackUrls: ['${url}'], flows: [jwt-bearer], certificateFile: app.crt }
  scopes: [api, refresh_token]
`;
    const sent = (): unknown => org.org.component('ExtlClntAppGlobalOauthSettings', 'Order_Sync_glbloauth')?.body;

    beforeEach(async () => {
      certificate('first');
      write(jwt());
      await apply();
    });

    it('are sent with a new app, from beside the file, without a private key that lies there too', () => {
      expect(JSON.stringify(sent())).to.include(lineOf('first')).and.not.include('PRIVATE');
    });

    /** As after a write by another machine: what this machine noted no longer holds. */
    const changedElsewhere = (): void => {
      const [component] = org.org.components('ExtlClntAppGlobalOauthSettings');
      org.org.putComponent({ ...component!, lastModifiedDate: new Date(org.org.now().getTime() + 60_000) });
    };

    it('are no reason to deploy where they cannot be compared, and the plan says so', async () => {
      changedElsewhere();
      certificate('second');
      const { apps } = await apply('--detailed-exitcode');
      expect(apps[0]).to.deep.include({ action: 'none', notCompared: ['oauth.certificateFile'], changes: [] });
      expect(org.deploys()).to.equal(1);
      expect(process.exitCode).to.equal(undefined);
      expect(printed()).to.include('oauth.certificateFile: not compared');
    });

    it('are compared where this machine wrote them last', async () => {
      const { apps } = await apply('--detailed-exitcode');
      expect(apps[0]).to.deep.include({ action: 'none', notCompared: [], changes: [] });
      certificate('second');
      const replaced = await apply();
      const { fingerprint256: before } = new X509Certificate(certificates.first.certificate);
      expect(replaced.apps[0]?.changes).to.deep.equal([
        { field: 'oauth.certificateFile', before, after: join(folder, 'app.crt') },
      ]);
      expect(JSON.stringify(sent())).to.include(lineOf('second'));
    });

    it('go along with other changes of the OAuth settings', async () => {
      changedElsewhere();
      certificate('second');
      write(jwt('https://new.example.com/cb'));
      const { apps } = await apply();
      expect(apps[0]?.changes.map(({ field }) => field)).to.deep.equal(['oauth.callbackUrls', 'oauth.certificateFile']);
      expect(apps[0]?.notCompared).to.deep.equal([]);
      expect(JSON.stringify(sent())).to.include(lineOf('second'));
    });

    it('stay where they are when only policies change', async () => {
      write(`${jwt()}  policies: { sessionTimeoutMinutes: 30 }\n`);
      const { apps } = await apply();
      expect(apps[0]?.changes.map(({ field }) => field)).to.deep.equal(['policies.sessionTimeoutMinutes']);
      expect(JSON.stringify(sent())).to.include(lineOf('first'));
    });

    it('are sent alone when that is asked for', async () => {
      changedElsewhere();
      certificate('second');
      const { apps } = await apply('--send-certificates');
      expect(apps[0]?.action).to.equal('change');
      expect(JSON.stringify(sent())).to.include(lineOf('second'));
    });

    describe('that the file wants gone', () => {
      const none = (url?: string): string =>
        jwt(url).replace('flows: [jwt-bearer], certificateFile: app.crt', 'certificateFile: none');

      it('go when somebody says yes', async () => {
        write(none());
        expect((await failure(apply())).name).to.equal('ConfirmationNeededError');
        expect(JSON.stringify(sent())).to.include(lineOf('first'));
        const dry = await apply('--dry-run');
        const { apps } = await apply('--no-prompt');
        expect(apps[0]?.changes.map(({ after }) => after)).to.deep.equal(['none']);
        expect(dry.apps[0]?.changes).to.deep.equal(apps[0]?.changes);
        expect(apps[0]?.app.oauth?.flows).to.deep.equal(['web-server']);
        expect(JSON.stringify(sent())).to.not.include('CERTIFICATE');
        expect((await apply()).apps[0]?.action).to.equal('none');
      });

      it('stay where nobody can see them and nothing else changes', async () => {
        changedElsewhere();
        write(none());
        expect((await apply()).apps[0]?.action).to.equal('none');
        expect(JSON.stringify(sent())).to.include(lineOf('first'));
        await apply('--send-certificates');
        expect(JSON.stringify(sent())).to.not.include('CERTIFICATE');
      });
    });

    it('are warned of when they end soon, or are out of date, also where they are not sent', async () => {
      changedElsewhere();
      for (const [days, text] of [
        [20, /app\.crt.* expires on \d{4}-\d\d-\d\d.*No Salesforce document/],
        [-1, /app\.crt.* expired on \d{4}-\d\d-\d\d.*No Salesforce document/],
      ] as const) {
        writeFileSync(join(folder, 'app.crt'), selfSigned({ days }).certificate);
        ux.warn.resetHistory();
        const { apps } = await apply();
        expect(apps[0]?.action).to.equal('none');
        expect(JSON.stringify(ux.warn.args))
          .to.match(text)
          .and.not.match(/before that day.*-1/);
      }
      certificate('first');
      ux.warn.resetHistory();
      await apply();
      expect(JSON.stringify(ux.warn.args)).not.to.match(/expires on|expired on/);
    });

    it('that are out of date do not stand in the way of other changes', async () => {
      writeFileSync(join(folder, 'app.crt'), selfSigned({ days: -1 }).certificate);
      write(jwt('https://new.example.com/cb'));
      expect((await apply()).apps[0]?.action).to.equal('change');
    });

    it('need a word before settings are changed that somebody else wrote', async () => {
      changedElsewhere();
      write(jwt('https://new.example.com/cb').replace(', certificateFile: app.crt', ''));
      const error = await failure(apply());
      expect(error.message).to.include(`${file}:4:26: The file must say which certificate "Order_Sync" has`);
      expect(org.deploys()).to.equal(1);
    });

    it('are needed again where this machine knows of them and the org does not return them', async () => {
      write(jwt('https://new.example.com/cb').replace(', certificateFile: app.crt', ''));
      const { fingerprint256 } = new X509Certificate(certificates.first.certificate);
      expect((await failure(apply())).message).to.include(fingerprint256);
      expect(org.deploys()).to.equal(1);
    });

    it('need a file', async () => {
      rmSync(join(folder, 'app.crt'));
      write(jwt('https://new.example.com/cb'));
      const error = await failure(apply());
      expect(error.name).to.equal('CertificateNotFoundError');
      expect(org.deploys()).to.equal(1);
    });
  });

  it('names everything that is wrong at once, each with its place', async () => {
    const other = join(folder, 'other.yaml');
    write(billing.replace('it@example.com', 'nobody'), orders('    flavour: sweet\n'));
    writeFileSync(other, 'apps:\n- name: Billing\n- label: x\n');
    const error = await failure(apply('--file', other));
    expect(error.name).to.equal('FilesWrongError');
    expect(error.exitCode).to.equal(1);
    const { problems } = error.data as { problems: Array<{ file: string; line: number; column: number }> };
    expect(
      problems.map((problem) => `${problem.file === file ? 1 : 2}:${problem.line}:${problem.column}`),
    ).to.deep.equal(['1:2:34', '1:9:5', '2:2:9', '2:3:3']);
    expect(org.asked(), 'nothing was asked of the org').to.deep.equal([]);
  });

  it('names what only the org makes wrong, with its place, before anything is sent', async () => {
    write(
      orders().replace(String(org.org.seeded.integrationUser.Username), 'nobody@example.com'),
      '- { name: No Blanks, contactEmail: it@example.com }\n',
      '- { name: No_Email }\n',
      '- { name: Scopes_Alone, contactEmail: it@example.com, scopes: [api, apo] }\n',
      '- { name: Odd, contactEmail: it@example.com, policies: { refreshToken: forever } }\n',
    );
    const error = await failure(apply());
    const lines = error.message
      .split('\n')
      .slice(1)
      .map((line) => line.slice(file.length + 1));
    for (const [at, text] of [
      ['7:12:', 'run-as user "nobody@example.com" does not exist'],
      ['10:11:', 'No_Blanks'],
      ['11:11:', 'contact email'],
      ['12:69:', 'scope "apo" does not exist'],
      ['12:63:', 'no OAuth settings yet'],
      ['13:72:', 'forever'],
    ] as const) {
      expect(
        lines.some((line) => line.startsWith(at) && line.includes(text)),
        `${at} ${text}\n${lines.join('\n')}`,
      ).to.equal(true);
    }
    expect(org.deploys()).to.equal(0);
  });

  it('keeps oddities that an app has already, though it would refuse them anew', async () => {
    write(billing);
    await apply();
    const app = org.org.component('ExternalClientApplication', 'Billing')!;
    org.org.putComponent({ ...app, body: { ...app.body, contactEmail: 'not quite an address', label: '${x} $${y}' } });
    const { yaml } = await EcaExport.run(['--target-org', org.username]);
    writeFileSync(file, yaml);
    expect(actions(await apply())).to.deep.equal({ Billing: 'none' });
  });

  it('does not take a name in other letters for another app', async () => {
    write(billing);
    await apply();
    write(billing.replace('Billing', 'BILLING'));
    const { apps } = await apply();
    expect(apps[0]).to.deep.include({ action: 'none' });
    expect(apps[0]?.app.name).to.equal('Billing');
    expect(ux.logToStderr.args.flat().join('\n')).to.include('The org spells BILLING as Billing');
    expect(org.deploys()).to.equal(1);
    write('- { name: BILLING, absent: true }\n');
    expect((await apply('--no-prompt')).apps[0]).to.deep.include({ action: 'delete' });
    expect(org.org.components('ExternalClientApplication')).to.deep.equal([]);
  });

  describe('with variables', () => {
    const names = ['ECA_TEST_HOST', 'ECA_TEST_NAME', 'eca_test_token', 'ECA_TEST_MINUTES'];

    afterEach(() => names.forEach((name) => delete process.env[name]));

    /** All that was shown: lines, warnings and what stands in the tables. */
    const shown = (): string => JSON.stringify(Object.values(ux).map(({ args }) => args as unknown[]));

    it('takes them from the environment, sends their values and shows their names', async () => {
      Object.assign(process.env, { ECA_TEST_HOST: 'orders.example.org', ECA_TEST_MINUTES: '30' });
      write(
        '- { name: Billing, contactEmail: "it@${ECA_TEST_HOST}", oauth: { callbackUrls: ["https://a.example/x"] }, policies: { sessionTimeoutMinutes: "${ECA_TEST_MINUTES}" } }\n',
      );
      for (const words of [['--dry-run'], []]) {
        const result = await apply(...words);
        expect(JSON.stringify(result)).to.include('it@${ECA_TEST_HOST}').and.not.include('orders.example.org');
        expect(result.apps[0]?.changes).to.deep.include({
          field: 'policies.sessionTimeoutMinutes',
          after: '${ECA_TEST_MINUTES}',
        });
      }
      expect(shown()).to.include('it@${ECA_TEST_HOST}').and.not.include('orders.example.org');
      // What the org gives back is what the variable says, so there is nothing to do.
      const again = await apply();
      expect(again.apps[0]).to.include({ action: 'none' });
      process.env.ECA_TEST_HOST = 'other.example.org';
      expect((await apply('--dry-run')).apps[0]?.changes).to.deep.equal([
        { field: 'contactEmail', before: 'it@orders.example.org', after: 'it@${ECA_TEST_HOST}' },
      ]);
    });

    it('says which is missing', async () => {
      write('- { name: Billing, contactEmail: "it@${ECA_TEST_HOST}" }\n');
      const error = await failure(apply());
      expect(error.message).to.include(`${file}:2:38: The environment variable ECA_TEST_HOST is not set`);
    });

    it('refuses one that looks like a secret, unless it is allowed by its name', async () => {
      process.env.eca_test_token = randomBytes(12).toString('hex');
      write('- { name: Billing, contactEmail: it@example.com, label: "x ${eca_test_token}" }\n');
      for (const words of [[], ['--variable', 'ECA_TEST'], ['--variable', 'ECA_TEST_TOKEN'], ['--dry-run']]) {
        const error = await failure(apply(...words));
        expect(error.message).to.include(`${file}:2:60: The variable eca_test_token is not replaced`);
        expect(JSON.stringify([error, error.stack])).to.not.include(process.env.eca_test_token);
      }
      expect(org.asked()).to.deep.equal([]);
      const result = await apply('--variable', 'eca_test_token');
      expect(JSON.stringify(result)).to.not.include(process.env.eca_test_token);
      expect(result.apps[0]).to.include({ action: 'create' });
    });

    it('does not show their values in errors, whoever finds the fault', async () => {
      for (const [value, entry] of [
        ['no-address-at-all', 'contactEmail: "${ECA_TEST_NAME}"'],
        [`not an address ${'long '.repeat(60)}`, 'contactEmail: "${ECA_TEST_NAME}"'],
        ['magic-flow', 'contactEmail: it@example.com, oauth: { flows: ["${ECA_TEST_NAME}"] }'],
        ['http://intern.example.org', 'contactEmail: it@example.com, oauth: { callbackUrls: ["${ECA_TEST_NAME}/x"] }'],
        [
          'nobody@intern.example',
          'contactEmail: it@example.com, oauth: { callbackUrls: ["https://a.example/x"], runAs: "${ECA_TEST_NAME}" }',
        ],
        [
          'No_Such_Set',
          'contactEmail: it@example.com, policies: { permittedUsers: admin-approved, permissionSets: ["${ECA_TEST_NAME}"] }',
        ],
        ['no_such_scope', 'contactEmail: it@example.com, scopes: ["${ECA_TEST_NAME}"]'],
        ['maybe-so', 'contactEmail: it@example.com, enabled: "${ECA_TEST_NAME}"'],
        [
          'no-such.crt',
          'contactEmail: it@example.com, oauth: { callbackUrls: ["https://a.example/x"], certificateFile: "${ECA_TEST_NAME}" }',
        ],
      ] as const) {
        process.env.ECA_TEST_NAME = value;
        write(`- { name: Billing, ${entry} }\n`);
        const error = await failure(apply());
        const text = JSON.stringify([error, error.message, error.stack, error.data]);
        expect(text, entry).to.not.include(value.slice(0, 40));
      }
    });
  });

  it('warns once of what is unwise about an app, and only about apps that it writes', async () => {
    write(orders());
    await apply();
    const about = (): unknown[] =>
      ux.warn.args.flat().filter((warning) => (warning as { name?: string }).name === 'UnwiseWarning');
    expect(about()).to.have.length(1);
    await apply();
    expect(about()).to.have.length(1);
  });

  it('asks the org as often for one app as for many', async () => {
    const asking = async (...apps: string[]): Promise<number> => {
      write(...apps);
      org.requests.clear();
      await apply();
      return org.asked().length;
    };
    const many = Array.from({ length: 120 }, (_, index) => billing.replace('Billing', `App_${index}`));
    const first = await asking(billing);
    const all = await asking(...many);
    // A deploy or a retrieve that takes longer is asked after more often.
    const polls = (): number => org.asked().filter((request) => /deployRequest\/|Soap\/m/.test(request)).length;
    expect(all - polls()).to.be.at.most(first);
  });

  it('refuses to delete an installed app, or to change more than its policies', async () => {
    write(billing);
    await apply();
    const app = org.org.component('ExternalClientApplication', 'Billing')!;
    org.org.removeComponent('ExternalClientApplication', 'Billing');
    org.org.putComponent({ ...app, namespace: 'acme' });
    write('- { name: acme__Billing, absent: true }\n');
    expect((await failure(apply('--no-prompt'))).message).to.include(':2:11: "acme__Billing" is an installed app');
    write('- { name: acme__Billing, label: Mine }\n');
    expect((await failure(apply())).message)
      .to.include(':2:33: "acme__Billing" is an installed app')
      .and.include('label');
    expect(org.deploys()).to.equal(1);
  });
});

describe('eca apply, as a user who may not', () => {
  const $$ = new TestContext();

  it('names the permission that is missing', async () => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    const org = await logInToPractice($$, {}, ({ org: { seeded } }) => seeded.standardUser);
    const folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-apply-'));
    const file = join(folder, 'eca.yaml');
    writeFileSync(file, 'apps:\n- { name: Billing, contactEmail: it@example.com }\n');
    try {
      const error = await failure(EcaApply.run(['--target-org', org.username, '--file', file]));
      expect(error.name).to.equal('PermissionMissingError');
      expect(error.message).to.include('ExternalClientAppDeveloper');
      expect(org.deploys()).to.equal(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
      await org.close();
    }
  });
});
