import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCertificateStatus from '../../../../src/commands/eca/certificate/status.ts';
import EcaOauthSet from '../../../../src/commands/eca/oauth/set.ts';
import { selfSigned } from '../../../client/selfSigned.ts';
import { appInOrg } from '../../../practice/oauth/appInOrg.ts';
import { failure, type LoggedIn, logInToPractice } from '../../practice.ts';

describe('eca certificate status', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let folder: string;
  let ux: ReturnType<typeof stubSfCommandUx>;

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'eca-status-'));
  });

  afterEach(async () => {
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  const start = async (answer: string): Promise<void> => {
    org = await logInToPractice($$, { variants: { 'certificate-retrieved': answer } });
    const user = String(org.org.seeded.admin.Username);
    const profile = {
      permittedUsersPolicyType: 'AdminApprovedPreAuthorized',
      commaSeparatedProfile: 'System Administrator',
    };
    appInOrg(org.org, { oauthPolicies: { ...profile, clientCredentialsFlowUser: user } });
  };
  const inFolder = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const status = (...more: string[]) =>
    EcaCertificateStatus.run(['--target-org', org.username, '--no-prompt', '--name', 'Order_Sync', ...more]);
  const give = (certificate: string) => {
    const words = ['--target-org', org.username, '--name', 'Order_Sync', '--no-prompt', '--certificate-file'];
    return EcaOauthSet.run([...words, inFolder('app.crt', certificate)]);
  };

  for (const [answer, source] of [
    ['always', 'org'],
    ['never', 'note'],
  ] as const) {
    it(`tells what ${source} knows, and whether key and login work`, async () => {
      await start(answer);
      const { key, certificate } = selfSigned({ days: 40 });
      await give(certificate);
      const pem = inFolder('app.key', String(key.export({ type: 'pkcs8', format: 'pem' })));
      const result = await status('--key-file', pem, '--certificate-file', join(folder, 'app.crt'));
      expect(result).to.deep.include({ keyFits: true, loginWorks: true });
      expect(result.certificates).to.have.length(1);
      expect(result.certificates[0]).to.include({ certificate: 'yes', source, daysLeft: 39 });
      expect(process.exitCode).to.equal(undefined);
    });
  }

  it('ends with code 3 when a certificate of any app ends soon, and only when it is asked', async () => {
    await start('never');
    await give(selfSigned({ days: 20 }).certificate);
    const all = ['--target-org', org.username, '--all'];
    const codes: unknown[] = [];
    for (const more of [[], ['--warn-days', '10'], ['--warn-days', '30']]) {
      process.exitCode = undefined;
      await EcaCertificateStatus.run([...all, ...more]);
      codes.push(process.exitCode);
    }
    expect(codes).to.deep.equal([undefined, undefined, 3]);
  });

  it('says that the org does not tell', async () => {
    await start('never');
    const { certificates } = await status('--warn-days', '30');
    expect(certificates).to.deep.equal([{ app: 'Order_Sync', certificate: 'unknown' }]);
    expect(JSON.stringify(ux.warn.args)).to.include('Nobody tells when');
    const file = inFolder('other.crt', selfSigned({ days: 5 }).certificate);
    const told = await status('--warn-days', '30', '--certificate-file', file);
    expect(told.certificates[0]).to.include({ certificate: 'unknown', source: 'file', daysLeft: 4 });
    expect(process.exitCode).to.equal(3);
  });

  it('finds a key of another certificate, and another certificate', async () => {
    await start('always');
    await give(selfSigned().certificate);
    const other = selfSigned();
    const pem = inFolder('other.key', String(other.key.export({ type: 'pkcs1', format: 'pem' })));
    const file = inFolder('other.crt', other.certificate);
    const result = await status('--key-file', pem, '--certificate-file', file);
    expect(result).to.deep.include({ keyFits: false, loginWorks: false });
    expect(process.exitCode).to.equal(1);
    expect(JSON.stringify(ux.warn.args)).to.include('is not the certificate of');
  });

  it('refuses keys that sign nothing', async () => {
    await start('always');
    const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
    const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { privateKey: ec } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (const [text, name] of [
      [String(rsa.export(locked)), 'KeyFileEncryptedError'],
      [String(ec.export({ type: 'pkcs8', format: 'pem' })), 'KeyFileNotRsaError'],
    ] as const)
      expect((await failure(status('--key-file', inFolder('bad.key', text)))).name).to.equal(name);
  });
});
