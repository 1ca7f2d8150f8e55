import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Org } from '@salesforce/core';
import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaOauthSet from '../../../src/commands/eca/oauth/set.ts';
import EcaVerify, { type EcaVerifyResult } from '../../../src/commands/eca/verify.ts';
import { selfSigned } from '../../client/selfSigned.ts';
import { failure, type LoggedIn, logInToPractice } from '../practice.ts';

/** A client that has key and secret, and no login to the org. */
describe('eca verify, without an org,', function () {
  this.timeout(30_000);
  const $$ = new TestContext();
  let org: LoggedIn;
  let folder: string;
  let ux: ReturnType<typeof stubSfCommandUx>;
  const pair = selfSigned();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-client-'));
    writeFileSync(join(folder, 'app.crt'), pair.certificate);
    writeFileSync(join(folder, 'app.key'), pair.key.export({ type: 'pkcs8', format: 'pem' }));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$);
    const app = ['--target-org', org.username, '--name', 'Order_Sync'];
    await EcaCreate.run([...app, '--contact-email', 'it@example.com']);
    await EcaOauthSet.run([
      ...app,
      ...['--callback-url', 'https://orders.example.com/cb', '--scope', 'api,refresh_token', '--flow', 'jwt-bearer'],
      ...['--flow', 'client-credentials', '--run-as', String(org.org.seeded.integrationUser.Username)],
      ...['--certificate-file', join(folder, 'app.crt')],
    ]);
    ux.log.resetHistory();
    // From here on nobody may look up an org.
    $$.SANDBOX.stub(Org, 'create').rejects(new Error('A login was read.'));
  });
  afterEach(async () => {
    await org.close();
    process.exitCode = undefined;
  });

  const consumer = () => [...org.org.consumers.values()][0]!.primary;
  const policies = () => org.org.components('ExtlClntAppOauthConfigurablePolicies')[0]!.body;
  const file = (): string => join(folder, 'app.env');
  const write = (others: Record<string, string> = {}): void => {
    const entries = {
      SF_CLIENT_ID: consumer().key,
      SF_CLIENT_SECRET: consumer().secret,
      SF_TOKEN_URL: `${org.url}/services/oauth2/token`,
      ...others,
    };
    writeFileSync(
      file(),
      Object.entries(entries)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
  };
  const verify = async (...flags: string[]): Promise<EcaVerifyResult> =>
    EcaVerify.run(['--credentials-file', file(), ...flags]);
  const checkOf = ({ checks }: EcaVerifyResult, id: string) => checks.find((check) => check.id === id);
  const living = () => [...org.org.sessions.values()].filter(({ appId }) => appId !== undefined);

  it('gets a token with what is in the file, uses it and gives it back', async () => {
    write();
    const result = await verify('--strict');
    expect(result).to.deep.include({ name: file(), result: 'passed', passed: true });
    expect(result.flows).to.deep.equal([{ flow: 'client-credentials', result: 'worked' }]);
    expect(result.checks.map(({ id, status }) => `${id} ${status}`)).to.deep.equal([
      'endpoints passed',
      'client-credentials.token passed',
      'client-credentials.scopes passed',
      'client-credentials.api passed',
      'client-credentials.revoked passed',
      'token-format passed',
    ]);
    expect(String(ux.log.args[0]?.[0])).to.include('without an org');
    expect(living()).to.deep.equal([]);
  });

  it('takes name, scopes and flows from a file that says them', async () => {
    write({ SF_APP_NAME: 'Order_Sync', SF_SCOPES: '"api mcp_api"', SF_FLOWS: '"web-server client-credentials"' });
    const result = await verify();
    expect(result.name).to.equal('Order_Sync');
    expect(checkOf(result, 'client-credentials.scopes')).to.include({ status: 'failed' });
    expect(result.flows.map(({ flow }) => flow)).to.deep.equal(['client-credentials']);
  });

  it('tells the format of the tokens that it saw, and of no others', async () => {
    const formatOf = async (scopes: string) => {
      write({ SF_SCOPES: `"${scopes}"` });
      return checkOf(await verify(), 'token-format');
    };
    expect((await formatOf('api'))?.detail).to.include('opaque');
    expect(await formatOf('api mcp_api')).to.include({ status: 'warning' });
    write({ SF_CLIENT_SECRET: randomBytes(16).toString('hex') });
    expect(checkOf(await verify(), 'token-format')).to.equal(undefined);
  });

  it('signs JWTs, for which the file needs no secret', async () => {
    Object.assign(policies(), {
      permittedUsersPolicyType: 'AdminApprovedPreAuthorized',
      commaSeparatedProfile: 'Minimum Access - API Only Integrations',
    });
    write({ SF_CLIENT_SECRET: '' });
    const username = String(org.org.seeded.integrationUser.Username);
    const result = await verify('--jwt-key-file', join(folder, 'app.key'), '--run-as', username);
    expect(result.flows).to.deep.equal([{ flow: 'jwt-bearer', result: 'worked' }]);
    expect([result.result, living().length]).to.deep.equal(['passed', 0]);
  });

  it('tries an authorize request where the file names a callback URL', async () => {
    write({ SF_REDIRECT_URI: 'https://orders.example.com/cb' });
    expect((await verify()).flows).to.deep.equal([
      { flow: 'web-server', result: 'accepted' },
      { flow: 'client-credentials', result: 'worked' },
    ]);
    write({ SF_REDIRECT_URI: 'https://orders.example.com/cb/' });
    expect(checkOf(await verify(), 'web-server.authorize')?.fix).to.include('letter for letter');
  });

  it('says what the client can do, and what to send to the administrator, without the secret', async () => {
    delete policies().clientCredentialsFlowUser;
    write();
    const result = await verify();
    const token = checkOf(result, 'client-credentials.token');
    expect(token?.detail).to.include('no client credentials user');
    expect(token?.fix).to.match(
      /^Send this to the org's administrator:\n {2}"We test the external client app whose consumer key begins with 3MVG9/,
    );
    expect(token?.commands).to.deep.equal([]);
    expect([result.result, process.exitCode]).to.deep.equal(['failed', 1]);
    expect(JSON.stringify([result, ux.log.args, ux.logToStderr.args])).not.to.include(consumer().secret);
  });

  it('tells a wrong secret and an unknown key', async () => {
    write({ SF_CLIENT_SECRET: randomBytes(16).toString('hex') });
    expect(checkOf(await verify(), 'client-credentials.token')?.fix).to.include('Compare the consumer secret');
    write({ SF_CLIENT_ID: randomBytes(16).toString('hex') });
    expect(checkOf(await verify(), 'client-credentials.token')?.fix).to.include('Compare the consumer key');
  });

  it('waits for an unknown key only as long as it is told to', async () => {
    org.org.advance(0);
    write({ SF_CLIENT_ID: randomBytes(16).toString('hex') });
    const begun = Date.now();
    await verify();
    expect(Date.now() - begun).to.be.below(8000);
  });

  it('waits for a key until the org knows it, and says so', async () => {
    write();
    const { primary } = [...org.org.consumers.values()][0]!;
    const { key } = primary;
    primary.key = `${key}x`;
    // Not after a time: a slow machine may not have asked by then.
    const known = setInterval(() => {
      if (org.requests.entries().some(({ path, status }) => path.endsWith('/token') && status >= 400))
        primary.key = key;
    }, 20);
    try {
      const result = await verify('--wait', '1');
      expect(result.flows).to.deep.equal([{ flow: 'client-credentials', result: 'worked' }]);
      expect([result.result, living().length]).to.deep.equal(['passed', 0]);
    } finally {
      clearInterval(known);
    }
    expect(ux.logToStderr.args.flat().join('\n')).to.include('trying again for up to');
  });

  it('writes a JUnit report', async () => {
    write();
    await verify('--result-format', 'junit');
    expect(ux.log.args.flat()).to.have.length(1);
    expect(ux.log.args.flat().join()).to.match(/^<\?xml[^]*failures="0" skipped="0" errors="0"/);
    expect(ux.logToStderr.args.flat().join('\n')).to.include('without an org');
  });

  const unusable: [what: string, others: Record<string, string>, error: string][] = [
    ['no secret', { SF_CLIENT_SECRET: '' }, 'CredentialsFileEmptyError'],
    ['no key', { SF_CLIENT_ID: '' }, 'CredentialsFileNoKeyError'],
    ['no host', { SF_TOKEN_URL: '' }, 'CredentialsFileNoHostError'],
    ['http', { SF_TOKEN_URL: 'http://acme.my.salesforce.com/services/oauth2/token' }, 'CredentialsFileHttpError'],
  ];
  for (const [what, others, name] of unusable) {
    it(`refuses a file with ${what}, before anything is sent`, async () => {
      write(others);
      const before = org.requests.entries().length;
      const error = await failure(verify());
      expect(error.name).to.equal(name);
      expect(JSON.stringify(error.toObject())).not.to.include(consumer().secret);
      expect(org.requests.entries().length).to.equal(before);
    });
  }

  it('is no way around an org that was named', async () => {
    write();
    expect((await failure(verify('--name', 'Order_Sync'))).message).to.include('No default environment');
  });
});
