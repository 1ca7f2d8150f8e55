import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCertificateCreate from '../../../../src/commands/eca/certificate/create.ts';
import EcaOauthSet from '../../../../src/commands/eca/oauth/set.ts';
import EcaVerify from '../../../../src/commands/eca/verify.ts';
import { appInOrg, type AppOfTest } from '../../../practice/oauth/appInOrg.ts';
import { failure, type LoggedIn, logInToPractice } from '../../practice.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe('eca certificate create', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let folder: string;
  let ux: ReturnType<typeof stubSfCommandUx>;

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'eca-certificate-'));
  });

  afterEach(async () => {
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  const start = async (app: AppOfTest = {}, options: Parameters<typeof logInToPractice>[1] = {}): Promise<void> => {
    org = await logInToPractice($$, options);
    appInOrg(org.org, app);
  };
  const key = (): string => join(folder, 'app.key');
  const certificate = (): string => join(folder, 'app.crt');
  const argv = (...more: string[]): string[] => [
    ...['--target-org', org.username, '--name', 'Order_Sync', '--no-prompt'],
    ...['--key-file', key(), '--certificate-file', certificate(), ...more],
  ];
  const create = (...more: string[]) => EcaCertificateCreate.run(argv(...more));
  const settings = () => org.org.components('ExtlClntAppGlobalOauthSettings')[0]!;
  /** An org in which nobody gave the app a certificate, and which returns one. */
  const seen = { variants: { 'certificate-retrieved': 'always' } };
  /** Who may log in to the app without asking. */
  const letIn = (): AppOfTest => ({
    oauthPolicies: {
      permittedUsersPolicyType: 'AdminApprovedPreAuthorized',
      commaSeparatedProfile: 'System Administrator',
    },
  });

  it('gives the app a certificate that goes with the key, and names the login', async () => {
    await start({}, seen);
    const result = await create('--replace');
    const made = new X509Certificate(readFileSync(certificate()));
    expect(made.checkPrivateKey(createPrivateKey(readFileSync(key())))).to.equal(true);
    expect(new X509Certificate(String(settings().body.certificate)).fingerprint256).to.equal(made.fingerprint256);
    expect(result).to.include({ fingerprint: made.fingerprint256, keyFile: key(), dryRun: false });
    expect(result.org.username).to.equal(org.username);
    expect(made.subject).to.equal('CN=Order_Sync');
    expect(statSync(key()).mode & 0o777).to.equal(0o600);
    expect(result.loginCommand).to.include(`sf org login jwt --client-id ${String(result.app.consumerKey)}`);
  });

  it('makes what openssl reads', async function () {
    if (!hasOpenssl) return this.skip();
    await start({}, seen);
    await create('--replace', '--bits', '3072', '--days', '30', '--common-name', 'Orders, "nightly" é');
    const ask = (...words: string[]): string => execFileSync('openssl', words, { encoding: 'utf8' });
    expect(ask('x509', '-in', certificate(), '-noout', '-text')).to.include('sha256WithRSAEncryption');
    expect(ask('verify', '-check_ss_sig', '-CAfile', certificate(), certificate())).to.include('OK');
    expect(ask('rsa', '-in', key(), '-check', '-noout')).to.include('RSA key ok');
    expect(ask('rsa', '-in', key(), '-noout', '-modulus')).to.equal(
      ask('x509', '-in', certificate(), '-noout', '-modulus'),
    );
    expect(ask('x509', '-in', certificate(), '-noout', '-subject', '-nameopt', 'utf8')).to.include('nightly');
    const { publicKey, validToDate } = new X509Certificate(readFileSync(certificate()));
    expect(publicKey.asymmetricKeyDetails?.modulusLength).to.equal(3072);
    expect(Math.round((validToDate.getTime() - Date.now()) / 86_400_000)).to.equal(30);
  });

  it('makes a key that logs in', async () => {
    await start(letIn(), seen);
    const user = String(org.org.seeded.admin.Username);
    const { keyFile } = await create('--replace');
    const verdict = await EcaVerify.run([
      ...['--target-org', org.username, '--name', 'Order_Sync', '--no-prompt', '--flow', 'jwt-bearer'],
      ...['--jwt-key-file', keyFile, '--run-as', user, '--wait', '0'],
    ]);
    expect(verdict.flows).to.deep.equal([{ flow: 'jwt-bearer', result: 'worked' }]);
  });

  it('refuses an app that has a certificate, before it writes anything', async () => {
    await start({}, seen);
    await create('--replace');
    rmSync(key());
    rmSync(certificate());
    const deploys = org.deploys();
    expect((await failure(create())).name).to.equal('CertificateInUseError');
    expect(org.deploys()).to.equal(deploys);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('refuses an app that may have a certificate, before it writes anything', async () => {
    await start({}, { variants: { 'certificate-retrieved': 'never' } });
    const error = await failure(create());
    expect(error.name).to.equal('CertificateUnseenError');
    expect(error.actions?.join(' ')).to.include('certificate create --name Order_Sync');
    expect(org.deploys()).to.equal(0);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('refuses what is there, what git would commit, and a name that no certificate has', async () => {
    await start({}, seen);
    writeFileSync(key(), 'mine');
    expect((await failure(create('--replace'))).name).to.equal('KeyFileThereError');
    expect(readFileSync(key(), 'utf8')).to.equal('mine');
    rmSync(key());
    writeFileSync(certificate(), 'mine');
    expect((await failure(create('--replace'))).name).to.equal('KeyFileThereError');
    rmSync(certificate());
    mkdirSync(join(folder, '.git'));
    expect((await failure(create('--replace'))).name).to.equal('KeyFileTrackedError');
    rmSync(join(folder, '.git'), { recursive: true });
    for (const name of ['', 'x'.repeat(65), 'a\nb'])
      expect((await failure(create('--replace', '--common-name', name))).name).to.equal('CommonNameInvalidError');
    const twice = argv('--replace').map((word) => (word === certificate() ? key() : word));
    expect((await failure(EcaCertificateCreate.run(twice))).name).to.equal('KeyFileTwiceError');
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('writes nothing in a dry run', async () => {
    await start({}, seen);
    const result = await create('--replace', '--dry-run');
    expect(result).to.include({ dryRun: true, keyFile: key() });
    expect(result).to.not.have.any.keys('fingerprint', 'loginCommand');
    expect(readdirSync(folder)).to.deep.equal([]);
    expect(settings().body.certificate).to.equal(undefined);
  });

  it('leaves no file when the org refuses the certificate', async () => {
    await start({ global: { callbackUrl: 'http://not-allowed.example.com/cb' } }, seen);
    expect((await failure(create('--replace'))).name).to.equal('DeployFailedError');
    expect(org.deploys()).to.equal(1);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('shows the key nowhere', async () => {
    await start({}, seen);
    const result = await create('--replace', '--json');
    const lines = readFileSync(key(), 'utf8').split('\n').slice(8, 20);
    const shown = JSON.stringify([result, ...[ux.log, ux.logToStderr, ux.styledJSON, ux.warn].map(({ args }) => args)]);
    expect(lines.filter((line) => line.length > 20 && shown.includes(line))).to.deep.equal([]);
  });

  it('is the same in oauth set --new-certificate', async () => {
    await start({}, seen);
    org.org.removeComponent('ExtlClntAppGlobalOauthSettings', settings().fullName);
    org.org.removeComponent('ExtlClntAppOauthSettings', org.org.components('ExtlClntAppOauthSettings')[0]!.fullName);
    const words = ['--target-org', org.username, '--name', 'Order_Sync', '--no-prompt'];
    const more = [
      '--callback-url',
      'https://orders.example.com/cb',
      '--flow',
      'jwt-bearer',
      '--new-certificate',
      folder,
    ];
    const result = await EcaOauthSet.run([...words, ...more]);
    expect(readdirSync(folder).sort()).to.deep.equal(['Order_Sync.crt', 'Order_Sync.key']);
    expect(result.app.oauth).to.include({ certificate: result.fingerprint });
    expect(result.loginCommand).to.include('sf org login jwt');
    expect((await failure(EcaOauthSet.run([...words, ...more]))).name).to.equal('CertificateInUseError');
  });
});
