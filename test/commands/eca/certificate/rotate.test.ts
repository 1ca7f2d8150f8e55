import { createPrivateKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubPrompter, stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCertificateRotate from '../../../../src/commands/eca/certificate/rotate.ts';
import EcaOauthSet from '../../../../src/commands/eca/oauth/set.ts';
import { createPracticeServer, type PracticeServer } from '../../../../src/practice/practice.ts';
import { type SelfSigned, selfSigned } from '../../../client/selfSigned.ts';
import { type Fault, type FaultyWire, type OnWire, openFaultyWire } from '../../../faultyWire.ts';
import { appInOrg } from '../../../practice/oauth/appInOrg.ts';
import { withShortPauses } from '../../../shortPauses.ts';
import { asItIs, atTerminal } from '../../../ui/atTerminal.ts';
import { failure, logIn } from '../../practice.ts';

describe('eca certificate rotate', function () {
  withShortPauses();
  this.timeout(600_000);
  const $$ = new TestContext();
  let practice: PracticeServer;
  let wire: FaultyWire;
  let folder: string;
  let username: string;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let prompter: ReturnType<typeof stubPrompter>;
  /** What happens to a request. */
  let faultOf: (request: OnWire) => Fault | undefined;

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    prompter = stubPrompter($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'eca-rotate-'));
    faultOf = () => undefined;
  });

  afterEach(async () => {
    asItIs();
    await wire.close();
    await practice.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  const old = selfSigned();
  const path = (name: string): string => join(folder, name);
  const app = (): string[] => ['--target-org', username, '--name', 'Order_Sync', '--no-prompt'];

  const start = async (answer: string, propagation = 0, { key, certificate }: SelfSigned = old): Promise<void> => {
    practice = await createPracticeServer({ variants: { 'certificate-retrieved': answer }, propagation });
    wire = await openFaultyWire(practice, (request) => faultOf(request));
    username = String(practice.org.seeded.admin.Username);
    await logIn($$, username, wire.url, practice.accessToken);
    const approved = { permittedUsersPolicyType: 'AdminApprovedPreAuthorized' };
    const profile = { commaSeparatedProfile: 'System Administrator', clientCredentialsFlowUser: username };
    appInOrg(practice.org, { oauthPolicies: { ...approved, ...profile } });
    writeFileSync(path('old.crt'), certificate);
    writeFileSync(path('old.key'), String(key.export({ type: 'pkcs8', format: 'pem' })));
    await EcaOauthSet.run([...app(), '--certificate-file', path('old.crt')]);
  };
  const rotate = (...more: string[]) => EcaCertificateRotate.run([...app(), '--wait', '0', ...more]);
  const sameKey = (...more: string[]) => rotate('--same-key', '--key-file', path('old.key'), ...more);
  const newKey = (...more: string[]) => rotate('--new-key', '--key-file', path('new.key'), ...more);
  const inOrg = (): X509Certificate =>
    new X509Certificate(String(practice.org.components('ExtlClntAppGlobalOauthSettings')[0]!.body.certificate));
  const fingerprint = new X509Certificate(old.certificate).fingerprint256;

  it('renews the certificate for the same key, and writes it', async () => {
    await start('always');
    const result = await sameKey('--days', '30');
    expect(inOrg().fingerprint256).to.equal(result.fingerprint).and.not.equal(fingerprint);
    expect(inOrg().checkPrivateKey(old.key)).to.equal(true);
    expect(new X509Certificate(readFileSync(path('old.crt'))).fingerprint256).to.equal(result.fingerprint);
    expect(result.loginCommand).to.include('sf org login jwt');
  });

  it('takes a key for the one of an unseen certificate when it logs in, and refuses any other', async () => {
    await start('never');
    expect((await sameKey()).fingerprint).to.equal(inOrg().fingerprint256);
    const other = selfSigned();
    writeFileSync(path('old.key'), String(other.key.export({ type: 'pkcs8', format: 'pem' })));
    const before = inOrg().fingerprint256;
    expect((await failure(sameKey())).name).to.equal('KeyUnprovenError');
    expect((await failure(sameKey('--old-certificate-file', path('old.crt')))).name).to.equal('KeyOtherError');
    expect(inOrg().fingerprint256).to.equal(before);
  });

  it('refuses a new key before any change, when the old certificate is not known, or is another', async () => {
    await start('never');
    expect((await failure(newKey())).name).to.equal('OldCertificateNeededError');
    writeFileSync(path('other.crt'), selfSigned().certificate);
    const error = await failure(newKey('--old-certificate-file', path('other.crt')));
    expect(error.name).to.equal('OldCertificateOtherError');
    expect(inOrg().fingerprint256).to.equal(fingerprint);
    expect(readdirSync(folder).filter((name) => name.startsWith('new'))).to.deep.equal([]);
  });

  it('gives the app a new key that logs in', async () => {
    await start('never');
    const result = await newKey('--old-certificate-file', path('old.crt'));
    expect(inOrg().fingerprint256).to.equal(result.fingerprint);
    expect(inOrg().checkPrivateKey(createPrivateKey(readFileSync(path('new.key'))))).to.equal(true);
    expect((await failure(newKey())).name).to.equal('OldCertificateNeededError');
  });

  it('waits until the new certificate has spread', async () => {
    await start('always', 3);
    expect((await failure(newKey())).name).to.equal('PutBackError');
    expect(inOrg().fingerprint256).to.equal(fingerprint);
    const result = await EcaCertificateRotate.run([
      ...app(),
      '--wait',
      '1',
      '--new-key',
      '--key-file',
      path('new.key'),
    ]);
    expect(inOrg().fingerprint256).to.equal(result.fingerprint);
  });

  it('puts the old certificate back when no login works, and keeps no new key', async () => {
    await start('always');
    const user = String(practice.org.seeded.standardUser.Username);
    const error = await failure(newKey('--run-as', user));
    expect([error.name, error.exitCode]).to.deep.equal(['PutBackError', 1]);
    expect(inOrg().fingerprint256).to.equal(fingerprint);
    expect(readdirSync(folder).sort()).to.deep.equal(['old.crt', 'old.key']);
  });

  /** The key files of the folder that go with the certificate of the app. */
  const fitting = (): string[] =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.key'))
      .filter((name) => inOrg().checkPrivateKey(createPrivateKey(readFileSync(path(name)))));

  const isWrite = ({ method, path: asked }: OnWire): boolean =>
    method !== 'GET' && !asked.startsWith('/services/Soap/');

  /** Rotates, with something else wrong each time, until nothing was wrong any more. A run that failed is begun again. */
  const throughAll = async (
    wrongOnce: () => () => Fault | undefined,
    counts = (_: OnWire): boolean => true,
  ): Promise<number> => {
    for (let at = 0; ; at += 1) {
      let asked = 0;
      const wrong = wrongOnce();
      // Before there is a key, nothing can be lost.
      faultOf = (request) => {
        if (readdirSync(folder).includes(`k${at}.key`) && counts(request)) asked += 1;
        return asked > at ? wrong() : undefined;
      };
      const key = ['--new-key', '--key-file', path(`k${at}.key`)];
      const stopped = await rotate(...key).then(
        () => false,
        () => true,
      );
      faultOf = () => undefined;
      process.exitCode = undefined;
      expect(fitting(), `wrong from request ${at} on`).to.have.length(1);
      if (stopped) {
        const { fingerprint: given } = await rotate(...key);
        expect(inOrg().fingerprint256, `again after request ${at}`).to.equal(given);
        expect(fitting(), `again after request ${at}`).to.deep.equal([`k${at}.key`]);
      }
      if (asked <= at) return at;
    }
  };

  it('goes on after it was cut off at any request, and a key that somebody has always works', async () => {
    await start('always');
    expect(await throughAll(() => () => 'unheard')).to.be.greaterThan(5);
  });

  it('does so when answers are lost', async () => {
    await start('always');
    expect(await throughAll(() => () => 'lost', isWrite)).to.be.greaterThan(1);
  });

  it('has the old certificate again, or the new one, after a signal at any write', async () => {
    await start('always');
    const all = await throughAll(() => {
      let isSent = false;
      return () => {
        if (!isSent) process.emit('SIGINT', 'SIGINT');
        isSent = true;
        return undefined;
      };
    }, isWrite);
    expect(all).to.be.greaterThan(1);
  });

  it('renews for the same key, and the key works after each request that nothing came through', async () => {
    await start('always');
    for (let at = 0, isOver = false; !isOver; at += 1) {
      let [asked, isUnderWay] = [0, false];
      faultOf = ({ path: to }) => {
        // Before the app gets another certificate, nothing can be lost.
        isUnderWay ||= to.endsWith('/deployRequest');
        return isUnderWay && asked++ >= at ? 'unheard' : undefined;
      };
      await sameKey().catch(() => undefined);
      isOver = asked <= at;
      faultOf = () => undefined;
      expect(inOrg().checkPrivateKey(old.key), `after request ${at}`).to.equal(true);
      expect((await sameKey()).fingerprint).to.equal(inOrg().fingerprint256);
    }
  });

  for (const lost of [['new.key'], ['new.crt'], ['new.key', 'new.crt']])
    it(`puts the old certificate back when a killed run left no ${lost.join(' and no ')}`, async () => {
      await start('always');
      // From the trial of the new certificate on, nothing comes through.
      let isTrial = false;
      faultOf = ({ path: asked }) => {
        isTrial ||= /openid-configuration|oauth2\/token/.test(asked);
        return isTrial ? 'unheard' : undefined;
      };
      await failure(newKey());
      faultOf = () => undefined;
      expect(inOrg().fingerprint256).not.to.equal(fingerprint);
      for (const name of lost) rmSync(path(name));
      const error = await failure(newKey());
      expect(error).to.include({ name: 'EarlierPutBackError' });
      expect(inOrg().fingerprint256).to.equal(fingerprint);
      const other = await rotate('--new-key', '--key-file', path('other.key'));
      expect(inOrg().fingerprint256).to.equal(other.fingerprint);
    });

  it('leaves neither file, and the app as it was, when the disk takes the key and not the certificate', async () => {
    await start('always');
    const files = ['--key-file', path('new.key'), '--certificate-file', path('gone/new.crt')];
    mkdirSync(path('gone'));
    atTerminal(true);
    // Between the look at the folder and the writing.
    prompter.confirm.callsFake(() => {
      rmSync(path('gone'), { recursive: true });
      return Promise.resolve(true);
    });
    const words = app().filter((word) => word !== '--no-prompt');
    const error = await failure(EcaCertificateRotate.run([...words, '--wait', '0', '--new-key', ...files]));
    expect(error).to.include({ name: 'OutputFileUnwritableError', exitCode: 1 });
    expect(readdirSync(folder).sort()).to.deep.equal(['old.crt', 'old.key']);
    expect(inOrg().fingerprint256).to.equal(fingerprint);
    asItIs();
    expect((await newKey()).fingerprint).to.equal(inOrg().fingerprint256);
  });

  it('gives an old certificate back though it has ended', async () => {
    const ended = selfSigned({ days: -1 });
    await start('never', 0, ended);
    const user = String(practice.org.seeded.standardUser.Username);
    const error = await failure(newKey('--old-certificate-file', path('old.crt'), '--run-as', user));
    expect(error.name).to.equal('PutBackError');
    expect(inOrg().fingerprint256).to.equal(new X509Certificate(ended.certificate).fingerprint256);
  });

  it('refuses keys that no certificate is for, before any change', async () => {
    await start('always');
    const { privateKey: ec } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const passphrase = randomBytes(9).toString('hex');
    const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const;
    for (const [text, name] of [
      [old.key.export(locked), 'KeyFileEncryptedError'],
      [ec.export({ type: 'pkcs8', format: 'pem' }), 'KeyFileNotRsaError'],
      [old.certificate, 'KeyFileCertificateError'],
      [selfSigned().key.export({ type: 'pkcs1', format: 'pem' }), 'KeyOtherError'],
    ] as const) {
      writeFileSync(path('old.key'), text);
      expect((await failure(sameKey())).name).to.equal(name);
    }
    expect(inOrg().fingerprint256).to.equal(fingerprint);
  });

  it('shows the new key nowhere, and keeps it in its file alone', async () => {
    await start('always');
    const result = await newKey();
    const lines = readFileSync(path('new.key'), 'utf8')
      .split('\n')
      .filter((line) => line.length === 64)
      // The first lines have the modulus, which is public.
      .slice(8);
    expect(lines.length).to.be.greaterThan(10);
    const said = [ux.log, ux.logToStderr, ux.logSuccess, ux.warn].map(({ args }) => args);
    const state = join(homedir(), '.sf');
    const kept = readdirSync(state, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'));
    const sent = wire.seen.map(({ path: asked, body }) => asked + body);
    const all = JSON.stringify([result, said, kept, sent]);
    expect(lines.filter((line) => all.includes(line))).to.deep.equal([]);
  });
});
