import { MockTestOrgData, TestContext } from '@salesforce/core/testSetup';
import { stubPrompter, stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCredentialsSend from '../../../../src/commands/eca/credentials/send.ts';
import { createPracticeServer, type Fault, type PracticeServer } from '../../../../src/practice/practice.ts';
import type { SfError } from '../../../../src/salesforce.ts';
import { appInOrg } from '../../../practice/oauth/appInOrg.ts';
import { asItIs, atTerminal } from '../../../ui/atTerminal.ts';
import { failure } from '../../practice.ts';

type Json = Record<string, unknown>;

const PLACE = ['--external-credential', 'Orders', '--principal', 'Sync'];

const OF_SYNC = { externalCredential: 'Orders', principalName: 'Sync', principalType: 'NamedPrincipal' };

describe('eca credentials send --to named-credential', function () {
  this.timeout(30_000);
  const $$ = new TestContext();
  let from: PracticeServer;
  let into: PracticeServer;
  let faults: Fault[];
  let ux: ReturnType<typeof stubSfCommandUx>;
  let prompter: ReturnType<typeof stubPrompter>;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    prompter = stubPrompter($$.SANDBOX);
    process.exitCode = undefined;
    faults = [];
    from = await createPracticeServer();
    into = await createPracticeServer({ faults, production: true });
    appInOrg(from.org);
    from.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess = true;
    await logInToAll();
    await makeExternalCredential();
  });

  afterEach(async () => {
    asItIs();
    await Promise.all([from.close(), into.close()]);
    process.exitCode = undefined;
  });

  const adminOf = ({ org }: PracticeServer): string => String(org.seeded.admin.Username);
  const userOf = ({ org }: PracticeServer): string => String(org.seeded.standardUser.Username);

  /** Logs `sf` in to both orgs, to the second one also as a user who manages nothing. */
  const logInToAll = async (): Promise<void> => {
    const login = (server: PracticeServer, username: string, token: string): MockTestOrgData => {
      const data = new MockTestOrgData(username, { username });
      Object.assign(data, { instanceUrl: server.url, loginUrl: server.url, accessToken: token });
      Reflect.deleteProperty(data, 'refreshToken');
      return data;
    };
    const { org } = into;
    const expiresAt = new Date(org.now().getTime() + 3_600_000);
    const limited = org.openSession({
      userId: org.seeded.standardUser.Id,
      scopes: ['full'],
      format: 'opaque',
      expiresAt,
    });
    await $$.stubAuths(
      login(from, adminOf(from), from.accessToken),
      login(into, adminOf(into), into.accessToken),
      login(into, userOf(into), limited.token),
    );
    $$.SANDBOXES.CONNECTION.restore();
  };

  const call = async (method: string, path: string, body?: Json, server = into): Promise<Json> => {
    const response = await fetch(`${server.url}/services/data/v67.0/named-credentials/${path}`, {
      method,
      headers: { authorization: `Bearer ${server.accessToken}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    return (await response.json()) as Json;
  };

  const makeExternalCredential = (more: Json = {}, server = into): Promise<Json> => {
    const body = {
      developerName: 'Orders',
      masterLabel: 'Orders',
      authenticationProtocol: 'OAuth',
      authenticationProtocolVariant: 'ClientCredentialsClientSecretBasic',
      parameters: [{ parameterType: 'AuthProviderUrl', parameterValue: `${from.url}/services/oauth2/token` }],
      principals: [{ principalName: 'Sync', principalType: 'NamedPrincipal' }],
      ...more,
    };
    return call('POST', 'external-credentials', body, server);
  };

  const inPrincipal = (): Promise<Json> => call('GET', `credential?${new URLSearchParams(OF_SYNC)}`);

  const pair = (): { key: string; secret: string } => [...from.org.consumers.values()][0]!.primary;

  const send = (...more: string[]) =>
    EcaCredentialsSend.run([
      ...['--target-org', adminOf(from), '--name', 'Order_Sync', '--no-prompt', '--to', 'named-credential'],
      ...(more.includes('--destination-org') ? more : ['--destination-org', adminOf(into), ...more]),
    ]);

  const shown = (): string => JSON.stringify([ux.log.args, ux.logToStderr.args, ux.logSuccess.args, ux.warn.args]);

  /** The secret is in the body of the request that writes it, and nowhere else. */
  const expectNoSecret = (...values: unknown[]): void => {
    const logged = [...into.requests.entries(), ...from.requests.entries()];
    expect(JSON.stringify([values, logged]) + shown()).not.to.include(pair().secret);
  };

  const expectNoSecretIn = ({ message, stack, actions, data, cause }: SfError): void =>
    expectNoSecret(message, stack, actions, data, cause);

  const writes = (): string[] =>
    into.requests
      .entries()
      .filter(({ method, path }) => method !== 'GET' && path.endsWith('/credential'))
      .map(({ method }) => method);

  it('writes both values over the API of the other org, and reads them back', async () => {
    const result = await send(...PLACE);
    expect(result).to.deep.include({
      name: 'Order_Sync',
      consumerKey: pair().key,
      target: 'named-credential',
      items: [
        { name: 'clientId', holds: 'consumerKey', replaced: false },
        { name: 'clientSecret', holds: 'consumerSecret', replaced: false },
      ],
      dryRun: false,
    });
    expect(result.destinationOrg).to.include({ username: adminOf(into), production: true });
    expect(result.destination).to.include('external credential Orders, principal Sync').and.to.include('production');
    expect(await inPrincipal()).to.deep.include({
      authenticationStatus: 'Configured',
      credentials: {
        clientId: { encrypted: false, value: pair().key },
        clientSecret: { encrypted: true, value: null },
      },
    });
    expect(writes()).to.deep.equal(['POST']);
    expect(from.requests.entries().some(({ path }) => path.includes('named-credentials'))).to.equal(false);
    expect(shown()).not.to.include('asks for its tokens at');
    expectNoSecret(result);
  });

  it('replaces values only with --replace', async () => {
    await send(...PLACE);
    const error = await failure(send(...PLACE));
    expect(error).to.include({ name: 'PrincipalConfiguredError', exitCode: 1 });
    expect(error.actions?.join()).to.include('--replace');
    const old = pair().key;
    Object.assign(pair(), { key: `${old}new` });
    const { items } = await send(...PLACE, '--replace');
    expect(items.map(({ replaced }) => replaced)).to.deep.equal([true, true]);
    expect(writes()).to.deep.equal(['POST', 'PUT']);
    expect(await inPrincipal()).to.have.nested.property('credentials.clientId.value', `${old}new`);
  });

  it('says with --dry-run what would be written, and reads no secret', async () => {
    const result = await send(...PLACE, '--dry-run');
    expect(result).to.include({ dryRun: true, consumerKey: pair().key });
    expect(shown()).to.include('clientSecret: consumer secret').and.to.include('body of one request');
    expect(writes()).to.deep.equal([]);
    const asked = from.requests.entries().map(({ query }) => query.part);
    expect(asked).not.to.include('keyandsecret');
  });

  it('asks, and names the other org and its kind', async () => {
    atTerminal(true);
    prompter.confirm.resolves(false);
    const flags = ['--to', 'named-credential', '--destination-org', adminOf(into), ...PLACE];
    const asked = EcaCredentialsSend.run(['--target-org', adminOf(from), 'order_sync', ...flags]);
    expect(await failure(asked)).to.include({ name: 'NotConfirmedError' });
    const question = JSON.stringify(prompter.confirm.args);
    expect(question)
      .to.include(`in the org ${adminOf(into)} (`)
      .and.to.include('production');
    expect(writes()).to.deep.equal([]);
  });

  it('sends into the org of the app itself', async () => {
    await makeExternalCredential({}, from);
    const { destinationOrg } = await send(...PLACE, '--destination-org', adminOf(from));
    expect(destinationOrg).to.include({ username: adminOf(from) });
    const found = await call('GET', `credential?${new URLSearchParams(OF_SYNC)}`, undefined, from);
    expect(found).to.have.property('authenticationStatus', 'Configured');
    expect(writes()).to.deep.equal([]);
  });

  it('warns of an external credential that gets its tokens elsewhere', async () => {
    const parameters = [{ parameterType: 'AuthProviderUrl', parameterValue: 'https://login.example.com/token' }];
    await makeExternalCredential({ developerName: 'Elsewhere', parameters });
    await send('--external-credential', 'Elsewhere', '--principal', 'Sync');
    expect(shown()).to.include('https://login.example.com/token').and.to.include(`${from.url}/services/oauth2/token`);
  });

  it('says why the other org takes nothing, before it reads the secret', async () => {
    await makeExternalCredential({ developerName: 'Keys', authenticationProtocol: 'Custom' });
    await makeExternalCredential({ developerName: 'Jwt', authenticationProtocolVariant: 'JwtBearer' });
    const refused: Array<[string, string[], string]> = [
      ['ExternalCredentialMissingError', ['--external-credential', 'Other', '--principal', 'Sync'], 'Other'],
      ['PrincipalMissingError', ['--external-credential', 'Orders', '--principal', 'Other'], 'It has: Sync'],
      ['OtherProtocolError', ['--external-credential', 'Keys', '--principal', 'Sync'], 'Custom'],
      ['OtherProtocolError', ['--external-credential', 'Jwt', '--principal', 'Sync'], 'JwtBearer'],
      ['NamedCredentialNotAllowedError', [...PLACE, '--destination-org', userOf(into)], userOf(into)],
    ];
    for (const [name, flags, says] of refused) {
      const error = await failure(send(...flags));
      expect(error, flags.join(' ')).to.include({ name, exitCode: 1 });
      expect(error.message).to.include(says);
      expect(error.actions).to.have.length.greaterThan(0);
    }
    expect(writes()).to.deep.equal([]);
    expect(from.requests.entries().map(({ query }) => query.part)).not.to.include('keyandsecret');
  });

  const BY_POST: Pick<Fault, 'method' | 'path'> = { method: 'POST', path: '*/named-credentials/credential' };
  const BY_GET: Pick<Fault, 'method' | 'path'> = { method: 'GET', path: '*/named-credentials/credential' };

  it('looks before it writes again after a lost answer', async () => {
    faults.push({ ...BY_POST, nth: 1, fault: 'answer-lost' });
    await send(...PLACE);
    expect(writes().at(-1)).to.equal('PUT');
    expect(await inPrincipal()).to.have.nested.property('credentials.clientId.value', pair().key);
  });

  it('says that the values are as before, when the other org refuses them', async () => {
    faults.push({ ...BY_POST, fault: 'invalid-session' });
    const error = await failure(send(...PLACE));
    expect(error).to.include({ name: 'PrincipalNotWrittenError', exitCode: 1 });
    expect(await inPrincipal()).to.have.property('authenticationStatus', 'NotConfigured');
    expectNoSecretIn(error);
  });

  it('says that the values are there, when they cannot be read back', async () => {
    faults.push({ ...BY_GET, nth: 2, fault: 'invalid-session' });
    const error = await failure(send(...PLACE));
    expect(error).to.include({ name: 'PrincipalNotReadBackError', exitCode: 1 });
    expect(error.message).to.include('took the key and secret');
    expect(await inPrincipal()).to.have.property('authenticationStatus', 'Configured');
    expectNoSecretIn(error);
  });

  it('refuses flags that do not fit, before anything is asked', async () => {
    from.requests.clear();
    into.requests.clear();
    const wrong: Array<[string, string[]]> = [
      ['FlagsMissingError', ['--external-credential', 'Orders']],
      ['FlagOfOtherTargetError', [...PLACE, '--repo', 'acme/orders']],
      ['FlagOfOtherTargetError', [...PLACE, '--key-name', 'KEY']],
      ['FlagOfOtherTargetError', [...PLACE, '--input', 'json']],
      ['ProgramNotTakenError', [...PLACE, '--', 'cat']],
      ['PlaceInvalidError', ['--external-credential', 'Or-ders', '--principal', 'Sync']],
      ['PlaceInvalidError', ['--external-credential', "Orders' OR '1", '--principal', 'Sync']],
      ['PlaceInvalidError', ['--external-credential', 'Orders', '--principal', 'Sy\u001b[2Jnc']],
    ];
    for (const [name, flags] of wrong)
      expect(await failure(send(...flags)), flags.join(' ')).to.include({ name, exitCode: 2 });
    const common = ['--target-org', adminOf(from), '--name', 'Order_Sync', '--no-prompt'];
    expect(await failure(EcaCredentialsSend.run([...common, '--to', 'named-credential', ...PLACE]))).to.include({
      name: 'FlagsMissingError',
      exitCode: 2,
    });
    for (const stray of [['--replace'], ['--principal', 'Sync']])
      expect(await failure(EcaCredentialsSend.run([...common, '--to', 'vault', '--path', 'x', ...stray]))).to.include({
        name: 'FlagOfOtherTargetError',
        exitCode: 2,
      });
    const paths = [...from.requests.entries(), ...into.requests.entries()].map(({ path }) => path);
    expect(paths.filter((path) => /named-credentials|apps\/oauth|Soap/.test(path))).to.deep.equal([]);
  });
});
