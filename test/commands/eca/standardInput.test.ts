import { type SfError, StateAggregator } from '@salesforce/core';
import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaApply from '../../../src/commands/eca/apply.ts';
import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaCredentials from '../../../src/commands/eca/credentials.ts';
import EcaExport from '../../../src/commands/eca/export.ts';
import EcaOauthSet from '../../../src/commands/eca/oauth/set.ts';
import EcaVerify from '../../../src/commands/eca/verify.ts';
import EcaVerifyExplain from '../../../src/commands/eca/verify/explain.ts';
import { selfSigned } from '../../client/selfSigned.ts';
import { onStandardInput } from '../../ui/standardInput.ts';
import { type LoggedIn, logInToPractice } from '../practice.ts';

describe('"-", which is standard input and standard output,', function () {
  this.timeout(30_000);
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$);
  });
  afterEach(async () => {
    await org.close();
    StateAggregator.clearInstance();
    process.exitCode = undefined;
  });

  const app = (): string[] => ['--target-org', org.username, '--name', 'Order_Sync'];
  const give = (text: string): void => onStandardInput($$.SANDBOX, text);
  const failure = async (run: Promise<unknown>): Promise<SfError> =>
    (await run.catch((thrown: unknown) => thrown)) as SfError;
  const yaml = 'apps:\n  - name: Order_Sync\n    label: Order Sync\n    contactEmail: it@example.com\n';

  it('gives apply its file, and is named where the file is wrong', async () => {
    give(yaml);
    const result = await EcaApply.run(['--target-org', org.username, '--file', '-', '--no-prompt']);
    expect(result.apps.map(({ action }) => action)).to.deep.equal(['create']);
    give(`${yaml}    colour: red\n`);
    const { message } = await failure(EcaApply.run(['--target-org', org.username, '--file', '-', '--no-prompt']));
    expect(message).to.include('standard input:5:5: ');
  });

  it('gives a certificate, a key and credentials', async () => {
    const pair = selfSigned();
    await EcaCreate.run([...app(), '--contact-email', 'it@example.com']);
    give(pair.certificate.replaceAll('\n', '\\n'));
    await EcaOauthSet.run([
      ...app(),
      ...['--callback-url', 'https://orders.example.com/cb', '--scope', 'api,refresh_token', '--certificate-file', '-'],
    ]);
    const [settings] = org.org.components('ExtlClntAppGlobalOauthSettings');
    expect(String(settings?.body.certificate)).to.include(pair.certificate.split('\n')[1]);

    give('no key');
    const keyError = await failure(
      EcaVerify.run([...app(), '--wait', '0', '--jwt-key-file', '-', '--run-as', 'a@b.example']),
    );
    expect(keyError.message).to.equal('The key file standard input has no private key.');
    give('');
    const { message } = await failure(EcaVerify.run([...app(), '--wait', '0', '--credentials-file', '-']));
    expect(message).to.equal('The credentials file standard input has no consumer secret.');
  });

  it('gives explain an answer', async () => {
    give(
      '12:00 INFO started\n12:01 ERROR {"error":"invalid_client_id","error_description":"client identifier invalid"}\n',
    );
    expect((await EcaVerifyExplain.run(['-'])).causes.map(({ id }) => id)).to.deep.equal(['keyUnknown']);
  });

  it('can be used once', async () => {
    for (const run of [
      EcaApply.run(['--target-org', org.username, '--file', '-', '--file', '-']),
      EcaVerify.run([...app(), '--credentials-file', '-', '--jwt-key-file', '-', '--run-as', 'a@b.example']),
    ]) {
      const { name, exitCode } = await failure(run);
      expect([name, exitCode]).to.deep.equal(['StandardInputTwiceError', 2]);
    }
  });

  it('is where export and credentials write, and a secret only when it was asked for', async () => {
    await EcaCreate.run([...app(), '--contact-email', 'it@example.com']);
    await EcaOauthSet.run([...app(), '--callback-url', 'https://orders.example.com/cb', '--scope', 'api']);
    ux.log.resetHistory();
    const exported = await EcaExport.run(['--target-org', org.username, '--output-file', '-']);
    expect(exported.files).to.deep.equal([]);
    expect(ux.log.args.flat().join('\n')).to.equal(exported.yaml.trimEnd());
    ux.log.resetHistory();
    await EcaCredentials.run([...app(), '--output-file', '-']);
    const shown = ux.log.args.flat().join('\n');
    const { key, secret } = [...org.org.consumers.values()][0]!.primary;
    expect(shown).to.include(`SALESFORCE_CLIENT_ID=${key}`).and.not.to.include(secret);
  });

  it('says that there is nothing to explain, where nobody can be asked', async () => {
    const { name, exitCode } = await failure(EcaVerifyExplain.run([]));
    expect([name, exitCode]).to.deep.equal(['AnswerMissingError', 2]);
  });
});
