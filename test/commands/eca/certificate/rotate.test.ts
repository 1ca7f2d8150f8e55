import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCertificateRotate from '../../../../src/commands/eca/certificate/rotate.ts';
import EcaOauthSet from '../../../../src/commands/eca/oauth/set.ts';
import { createPracticeServer, type PracticeServer } from '../../../../src/practice/practice.ts';
import { selfSigned } from '../../../client/selfSigned.ts';
import { type FaultyWire, openFaultyWire } from '../../../faultyWire.ts';
import { appInOrg } from '../../../practice/oauth/appInOrg.ts';
import { withShortPauses } from '../../../shortPauses.ts';
import { failure, logIn } from '../../practice.ts';

describe('eca certificate rotate', function () {
  withShortPauses();
  this.timeout(600_000);
  const $$ = new TestContext();
  let practice: PracticeServer;
  let wire: FaultyWire;
  let folder: string;
  let username: string;
  /** After so many writes, nothing reaches the org: the process is gone. */
  let goneFrom: number;
  let writes: number;

  beforeEach(() => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'eca-rotate-'));
    [goneFrom, writes] = [Infinity, 0];
  });

  afterEach(async () => {
    await wire.close();
    await practice.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  const old = selfSigned();
  const path = (name: string): string => join(folder, name);
  const app = (): string[] => ['--target-org', username, '--name', 'Order_Sync', '--no-prompt'];

  const start = async (answer: string, propagation = 0): Promise<void> => {
    practice = await createPracticeServer({ variants: { 'certificate-retrieved': answer }, propagation });
    wire = await openFaultyWire(practice, ({ method }) => {
      if (method !== 'GET') writes += 1;
      return writes > goneFrom ? 'unheard' : undefined;
    });
    username = String(practice.org.seeded.admin.Username);
    await logIn($$, username, wire.url, practice.accessToken);
    const approved = { permittedUsersPolicyType: 'AdminApprovedPreAuthorized' };
    const profile = { commaSeparatedProfile: 'System Administrator', clientCredentialsFlowUser: username };
    appInOrg(practice.org, { oauthPolicies: { ...approved, ...profile } });
    writeFileSync(path('old.crt'), old.certificate);
    writeFileSync(path('old.key'), String(old.key.export({ type: 'pkcs8', format: 'pem' })));
    await EcaOauthSet.run([...app(), '--certificate-file', path('old.crt')]);
    writes = 0;
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

  it('goes on after it was stopped at any write, and a key that somebody has always works', async () => {
    await start('always');
    await newKey();
    const all = writes;
    expect(all).to.be.greaterThan(2);
    for (let at = 0; at < all; at += 1) {
      [goneFrom, writes] = [at, 0];
      const file = `k${at}.key`;
      const key = ['--new-key', '--key-file', path(file)];
      const stopped = await rotate(...key).catch(() => undefined);
      [goneFrom, writes] = [Infinity, 0];
      const keys = readdirSync(folder).filter((name) => name.endsWith('.key'));
      const fitting = keys.filter((name) => inOrg().checkPrivateKey(createPrivateKey(readFileSync(path(name)))));
      expect(fitting, `stopped after ${at} writes`).to.have.length(1);
      if (stopped) continue;
      const { fingerprint: given } = await rotate(...key);
      expect(inOrg().fingerprint256, `again after ${at} writes`).to.equal(given);
      expect(inOrg().checkPrivateKey(createPrivateKey(readFileSync(path(file))))).to.equal(true);
    }
  });
});
