import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../src/commands/eca/create.ts';
import EcaDisplay from '../../src/commands/eca/display.ts';
import { PROMPTS } from '../../src/ui/prompts.ts';
import { failure, type LoggedIn, logInToPractice } from '../commands/practice.ts';
import { asItIs, atTerminal } from './atTerminal.ts';

describe('the name of the app', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;

  const to = (): string[] => ['--target-org', org.username];
  const create = (name: string) => EcaCreate.run([...to(), name, '--contact-email', 'it@example.com']);

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$);
  });

  afterEach(async () => {
    asItIs();
    await org.close();
    process.exitCode = undefined;
  });

  it('may come as an argument, with blanks around it, and beside the same name as a flag', async () => {
    await create(' Order_Sync ');
    expect((await EcaDisplay.run([...to(), 'Order_Sync'])).name).to.equal('Order_Sync');
    expect((await EcaDisplay.run([...to(), 'order_sync', '--name', 'Order_Sync'])).name).to.equal('Order_Sync');
  });

  it('is refused when the argument and the flag differ', async () => {
    const error = await failure(EcaDisplay.run([...to(), 'Order_Sync', '--name', 'Other']));
    expect(error).to.include({ name: 'NameTwiceError', exitCode: 2 });
    expect(error.message).to.include('Order_Sync').and.include('Other');
  });

  it('is asked for nowhere but at a terminal', async () => {
    await create('Order_Sync');
    const error = await failure(EcaDisplay.run(to()));
    expect(error).to.include({ name: 'FlagsMissingError', exitCode: 2 });
  });

  it('is the only one that the org has, or is picked from a list', async () => {
    atTerminal(true);
    const choice = $$.SANDBOX.stub(PROMPTS, 'choice').resolves('Returns');
    expect((await failure(EcaDisplay.run(to()))).name).to.equal('NoAppsError');
    await create('Order_Sync');
    expect((await EcaDisplay.run(to())).name).to.equal('Order_Sync');
    expect(ux.logToStderr.args.flat().join('\n')).to.include('one external client app: Order_Sync');
    expect(choice.called).to.equal(false);
    await create('Returns');
    expect((await EcaDisplay.run(to())).name).to.equal('Returns');
    expect(choice.firstCall.args[0].choices.map(({ value }) => value)).to.deep.equal(['Order_Sync', 'Returns']);
  });
});
