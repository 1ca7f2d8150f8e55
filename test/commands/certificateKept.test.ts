import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaApply from '../../src/commands/eca/apply.ts';
import EcaCreate from '../../src/commands/eca/create.ts';
import EcaCredentialsRotate from '../../src/commands/eca/credentials/rotate.ts';
import EcaDisable from '../../src/commands/eca/disable.ts';
import EcaDisplay from '../../src/commands/eca/display.ts';
import EcaEnable from '../../src/commands/eca/enable.ts';
import EcaExport from '../../src/commands/eca/export.ts';
import EcaList from '../../src/commands/eca/list.ts';
import EcaOauthSet from '../../src/commands/eca/oauth/set.ts';
import EcaScopesSet from '../../src/commands/eca/scopes/set.ts';
import EcaUserCreate from '../../src/commands/eca/user/create.ts';
import EcaVerify from '../../src/commands/eca/verify.ts';
import { stateFile } from '../../src/local/stateFiles.ts';
import { PROMPTS } from '../../src/ui/prompts.ts';
import { selfSigned } from '../client/selfSigned.ts';
import { asItIs, atTerminal } from '../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from './practice.ts';

describe('a certificate', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let folder: string;
  let ux: ReturnType<typeof stubSfCommandUx>;
  const { certificate } = selfSigned();
  const callback = 'https://orders.example.com/cb';

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    // Other tests of this process have left notes of their orgs.
    rmSync(notesFolder(), { recursive: true, force: true });
    folder = mkdtempSync(join(tmpdir(), 'eca-kept-'));
    writeFileSync(join(folder, 'app.crt'), certificate);
  });

  afterEach(async () => {
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    rmSync(notesFolder(), { recursive: true, force: true });
    process.exitCode = undefined;
  });

  const notesFolder = (): string => stateFile('.');
  const notes = (): string[] => readdirSync(notesFolder()).filter((name) => name.startsWith('certificates-'));
  const bare = (pem: unknown): string =>
    String(pem)
      .replace(/-----[^-]*-----/g, '')
      .replace(/\s/g, '');
  const settings = () => org.org.components('ExtlClntAppGlobalOauthSettings')[0]!;
  const kept = (): boolean => bare(settings().body.certificate) === bare(certificate);
  const app = (): string[] => ['--target-org', org.username, '--name', 'Order_Sync'];

  const start = async (answer: string): Promise<void> => {
    org = await logInToPractice($$, { variants: { 'certificate-retrieved': answer } });
    await EcaCreate.run([...app(), '--contact-email', 'it@example.com']);
    const flags = ['--scope', 'api,refresh_token', '--certificate-file', join(folder, 'app.crt')];
    await EcaOauthSet.run([...app(), '--callback-url', callback, ...flags]);
  };

  /** Every command that could write the settings in which the certificate is kept; none says anything of a certificate. */
  const writes: Record<string, () => Promise<unknown>> = {
    'oauth set of a switch': () => EcaOauthSet.run([...app(), '--rotate-refresh-tokens']),
    'oauth set of callback URLs': () => EcaOauthSet.run([...app(), '--callback-url', 'https://new.example.com/cb']),
    'oauth set of flows': () => EcaOauthSet.run([...app(), '--flow', 'device']),
    'oauth set of client credentials': () =>
      EcaOauthSet.run([
        ...app(),
        ...['--flow', 'client-credentials', '--run-as', String(org.org.seeded.integrationUser.Username)],
      ]),
    'oauth set of an ID token': () => EcaOauthSet.run([...app(), '--id-token-audience', 'x']),
    'oauth set of what is kept elsewhere': () => EcaOauthSet.run([...app(), '--trusted-ip-range', '203.0.113.1']),
    'scopes set': () => EcaScopesSet.run([...app(), '--add', 'openid', '--session-timeout', '30']),
    disable: () => EcaDisable.run(app()),
    enable: async () => {
      await EcaDisable.run(app());
      await EcaEnable.run(app());
    },
    'user create': () => EcaUserCreate.run([...app(), '--base-username', 'sync@example.com', '--no-prompt']),
    'credentials rotate': () => EcaCredentialsRotate.run([...app(), '--allow-secret-access', '--no-prompt']),
    apply: () => {
      const file = join(folder, 'eca.yaml');
      const oauth = `{ callbackUrls: ['https://new.example.com/cb'], pkceRequired: true }`;
      writeFileSync(file, `apps: [{ name: Order_Sync, label: New, oauth: ${oauth}, scopes: [api] }]`);
      return EcaApply.run(['--target-org', org.username, '--file', file, '--no-prompt', '--send-certificates']);
    },
  };

  const changedElsewhere = (): void =>
    org.org.putComponent({ ...settings(), lastModifiedDate: new Date(org.org.now().getTime() + 60_000) });
  const inNotes = (change: (path: string) => void): void =>
    notes().forEach((name) => change(join(notesFolder(), name)));
  const without = (key: string) => (path: string) =>
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(`"${key}"`, '"lost"'));

  /** What this machine may know. In none of these does the org return the certificate. */
  const memories: Record<string, () => void> = {
    'a note': () => undefined,
    'no note, as on another machine': () => inNotes((path) => rmSync(path)),
    'a note of another date': changedElsewhere,
    'half a note': () => inNotes((path) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 60))),
    'a note without its fingerprint': () => inNotes(without('fingerprint')),
    'a note without its date': () => inNotes(without('lastModified')),
    'a note of another org': () => inNotes(without('orgId')),
    'a note that nobody can read': () =>
      inNotes((path) => {
        // The rights of a file do not stop every user.
        chmodSync(path, 0);
        rmSync(path);
        writeFileSync(path, Buffer.from([0xff, 0xfe, 0x00]));
      }),
  };

  it('is there to begin with', async () => {
    await start('never');
    expect(kept()).to.equal(true);
    expect(notes()).to.have.length(1);
    inNotes((path) => {
      const text = readFileSync(path, 'utf8');
      expect(text)
        .to.match(/[0-9A-F]{2}:[0-9A-F]{2}/)
        .and.not.include('BEGIN');
      expect(text).not.to.include(bare(certificate).slice(0, 40));
    });
  });

  for (const [memory, forget] of Object.entries(memories)) {
    it(`that an org does not return is never lost, with ${memory}`, async () => {
      await start('never');
      const before = settings();
      forget();
      for (const [command, write] of Object.entries(writes)) {
        const name = await write().then(
          () => 'done',
          (error: Error) => error.name,
        );
        expect(kept(), `${command}: ${name}`).to.equal(true);
        expect(name, command).to.match(
          /^(done|Certificate(File)?NeededError|FilesWrongError|StagedPairUntestedError)$/,
        );
        org.org.putComponent(memory === 'a note of another date' ? { ...settings(), body: before.body } : before);
        if (memory === 'a note of another date') changedElsewhere();
      }
    }).timeout(120_000);
  }

  it('that an org returns is kept by every command, and nobody is asked for it', async () => {
    await start('always');
    inNotes((path) => rmSync(path));
    for (const [command, write] of Object.entries(writes)) {
      const ending = await write().then(
        () => 'done',
        (error: Error) => `${error.name}: ${error.message}`,
      );
      expect(ending, command).to.equal('done');
      expect(kept(), command).to.equal(true);
    }
  }).timeout(120_000);

  it('that an org does not return is never lost where the home folder takes no note', async () => {
    // A file in the folder's place. Whatever is written below it fails, also for a user whom rights do not stop.
    mkdirSync(dirname(notesFolder()), { recursive: true });
    writeFileSync(notesFolder(), '');
    await start('never');
    const before = settings();
    for (const [command, write] of Object.entries(writes)) {
      const name = await write().then(
        () => 'done',
        (error: Error) => error.name,
      );
      expect(kept(), `${command}: ${name}`).to.equal(true);
      org.org.putComponent(before);
    }
    const error = (await EcaOauthSet.run([...app(), '--rotate-refresh-tokens']).catch(
      (thrown: unknown) => thrown,
    )) as Error;
    expect(error.name).to.equal('CertificateNeededError');
  }).timeout(120_000);

  for (const answer of ['never', 'always']) {
    it(`keeps the JWT bearer flow on where eca.yaml leaves it out, with a warning (certificate-retrieved=${answer})`, async () => {
      await start(answer);
      const file = join(folder, 'eca.yaml');
      const apply = (flows: string, ...flags: string[]) => {
        writeFileSync(file, `apps: [{ name: Order_Sync, oauth: { flows: [${flows}] } }]`);
        ux.warn.resetHistory();
        return EcaApply.run(['--target-org', org.username, '--file', file, '--no-prompt', ...flags]);
      };
      const { apps } = await apply('web-server');
      expect(apps[0]).to.deep.include({ action: 'none', changes: [] });
      expect(JSON.stringify(ux.warn.args)).to.include('JwtBearerStaysWarning').and.include('certificateFile: none');
      await apply('web-server, jwt-bearer');
      expect(JSON.stringify(ux.warn.args)).not.to.include('JwtBearerStays');
      await apply('', '--dry-run');
      expect(JSON.stringify(ux.warn.args)).not.to.include('JwtBearerStays');
      expect(kept()).to.equal(true);
    });

    it(`leads from user create to a test of its flow where it is known (certificate-retrieved=${answer})`, async () => {
      await start(answer);
      const hint = async (): Promise<string> => {
        ux.logToStderr.resetHistory();
        await EcaUserCreate.run([...app(), '--base-username', 'sync@example.com', '--no-prompt']);
        return ux.logToStderr.args.flat().join('\n');
      };
      const known = await hint();
      const line = `eca verify --name Order_Sync --target-org ${org.username} --flow jwt-bearer --jwt-key-file Order_Sync.key`;
      expect(known).to.include(line).and.not.include('client-credentials');
      inNotes((path) => rmSync(path));
      const unknown = await hint();
      if (answer === 'always') expect(unknown).to.equal(known);
      else expect(unknown).to.include('--no-certificate if the app has no certificate');
    });
  }

  describe('in a fix of verify', () => {
    /** The flow that the app lacks: to add it writes the settings with the certificate. */
    const fixOf = async (): Promise<{ fix: string; words: string[] }> => {
      const { checks } = await EcaVerify.run([...app(), '--flow', 'device', '--wait', '0', '--no-prompt']);
      const { fix = '', commands = [] } = checks.find(({ id }) => id === 'device.configured') ?? {};
      expect(commands).to.have.length(1);
      const words = commands[0]!.split(' ');
      expect(words.slice(0, 4)).to.deep.equal(['sf', 'eca', 'oauth', 'set']);
      return { fix, words: words.slice(4) };
    };
    const without = (): void => {
      org.org.putComponent({ ...settings(), body: { ...settings().body, certificate: undefined } });
      changedElsewhere();
    };
    const isOn = (): void => {
      expect(settings().body.isDeviceFlowEnabled).to.equal(true);
      expect(kept()).to.equal(true);
    };
    const crt = (): string[] => ['--certificate-file', join(folder, 'app.crt')];

    afterEach(asItIs);

    it('needs no word where it came back', async () => {
      await start('always');
      const { fix, words } = await fixOf();
      expect(fix).not.to.include('certificate');
      await EcaOauthSet.run([...words, '--no-prompt']);
      isOn();
    });

    it('is asked for at a terminal, and named elsewhere, where only the note of this machine knows it', async () => {
      await start('never');
      const { fix, words } = await fixOf();
      expect(fix).to.match(/which this machine gave to the app.*add --certificate-file and the file\.$/);
      expect((await failure(EcaOauthSet.run([...words, '--no-prompt']))).name).to.equal('CertificateFileNeededError');
      atTerminal(true);
      const text = $$.SANDBOX.stub(PROMPTS, 'text').resolves(join(folder, 'app.crt'));
      await EcaOauthSet.run(words);
      isOn();
      expect(text.callCount).to.equal(1);
    });

    it('is asked about at a terminal, and spoken of elsewhere, where nobody knows', async () => {
      await start('never');
      inNotes((path) => rmSync(path));
      const { fix, words } = await fixOf();
      expect(words).not.to.include('--no-certificate');
      expect(fix).to.match(/add --certificate-file and the file, or --no-certificate if the app has no certificate\.$/);
      expect((await failure(EcaOauthSet.run([...words, '--no-prompt']))).name).to.equal('CertificateNeededError');
      const before = settings();
      await EcaOauthSet.run([...words, ...crt(), '--no-prompt']);
      isOn();
      org.org.putComponent(before);
      inNotes((path) => rmSync(path));
      atTerminal(true);
      $$.SANDBOX.stub(PROMPTS, 'choice').resolves('file');
      $$.SANDBOX.stub(PROMPTS, 'text').resolves(join(folder, 'app.crt'));
      await EcaOauthSet.run(words);
      isOn();
    });

    it('may be said to be none where nobody knows', async () => {
      await start('never');
      without();
      const { words } = await fixOf();
      await EcaOauthSet.run([...words, '--no-certificate', '--no-prompt']);
      expect(settings().body).to.include({ isDeviceFlowEnabled: true }).and.not.have.property('certificate');
    });
  });

  it('that another machine gave the app is asked for here', async () => {
    await start('never');
    const [own = ''] = notes();
    const mine = readFileSync(join(notesFolder(), own), 'utf8');
    // An org's dates are to the second: two writes in one second would have the same.
    org.org.advance(2000);
    await EcaOauthSet.run([...app(), '--remove-certificate']);
    org.org.advance(2000);
    const removed = readFileSync(join(notesFolder(), own), 'utf8');
    const pem = join(folder, 'app.crt');
    await EcaOauthSet.run([...app(), '--certificate-file', pem]);
    for (const old of [mine, removed]) {
      writeFileSync(join(notesFolder(), own), old);
      const error = (await EcaOauthSet.run([...app(), '--rotate-refresh-tokens']).catch(
        (thrown: unknown) => thrown,
      )) as Error;
      expect(error.name).to.equal('CertificateNeededError');
      expect(kept()).to.equal(true);
    }
  });

  for (const answer of ['never', 'always']) {
    it(`is shown where it is known (certificate-retrieved=${answer})`, async () => {
      await start(answer);
      const [listed] = await EcaList.run(['--target-org', org.username]);
      expect(listed?.oauth?.flows).to.deep.equal(['web-server', 'jwt-bearer']);
      expect(listed?.oauth?.certificate).to.match(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
      inNotes((path) => rmSync(path));
      ux.log.resetHistory();
      const displayed = await EcaDisplay.run(app());
      const shown = ux.log.args.flat().join('\n');
      if (answer === 'always') {
        expect(displayed.oauth?.flows).to.include('jwt-bearer');
        expect(shown).to.include('jwt-bearer').and.not.include('jwt-bearer?');
      } else {
        expect(displayed.oauth).to.deep.include({ flows: ['web-server'], certificate: 'unknown' });
        expect(shown).to.include('jwt-bearer?');
      }
    });
  }

  it('is exported beside the file where it came back, and applied again as no change', async () => {
    await start('always');
    const out = join(folder, 'out', 'eca.yaml');
    const exported = await EcaExport.run(['--target-org', org.username, '--output-file', out]);
    const beside = join(folder, 'out', 'Order_Sync.crt');
    expect(exported.files).to.deep.equal([out, beside]);
    expect(bare(readFileSync(beside, 'utf8'))).to.equal(bare(certificate));
    expect(exported.yaml).to.include('certificateFile: Order_Sync.crt');
    const deploys = org.deploys();
    const applied = await EcaApply.run(['--target-org', org.username, '--file', out]);
    expect(applied.apps[0]).to.deep.include({ action: 'none', notCompared: [], changes: [] });
    expect(org.deploys()).to.equal(deploys);
    // The same certificate is left as it is; another one is not overwritten unasked.
    const again = ['--target-org', org.username, '--output-file'];
    expect((await EcaExport.run([...again, join(folder, 'out', 'b.yaml')])).files).to.have.length(1);
    writeFileSync(beside, selfSigned().certificate);
    const refused = (await EcaExport.run([...again, join(folder, 'out', 'c.yaml')]).catch((e: unknown) => e)) as Error;
    expect(refused.name).to.equal('ConfirmationNeededError');
    expect(readdirSync(join(folder, 'out'))).not.to.include('c.yaml');
  });

  it('is named where the export is not a file', async () => {
    await start('always');
    const { yaml } = await EcaExport.run(['--target-org', org.username]);
    expect(yaml).to.include('This app has a certificate, which is not in this file');
    expect(JSON.stringify(ux.warn.args)).to.include('CertificatesLeftOutWarning').and.include('Order_Sync');
  });
});
