import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../src/commands/eca/create.ts';
import EcaDisplay from '../../src/commands/eca/display.ts';
import EcaExport from '../../src/commands/eca/export.ts';
import { PracticeOrg } from '../../src/practice/org.ts';
import { connectedAppFlag } from '../../src/ui/flags.ts';
import { type CommandOfCampaign, COMMANDS } from '../faults/commands.ts';
import { appInOrg } from '../practice/oauth/appInOrg.ts';
import { failure, type LoggedIn, logInToPractice } from './practice.ts';

const NAME = 'Order_Sync';

const takesName = ({ words, flags }: CommandOfCampaign): boolean => {
  const given = flags({ org: new PracticeOrg(), folder: '' });
  return words === 'apply' || given[given.indexOf('--name') + 1] === NAME;
};

const EXPORT: CommandOfCampaign = {
  title: 'export --name',
  words: 'export',
  command: EcaExport,
  prepare: ({ org }) => void appInOrg(org),
  flags: () => ['--name', NAME],
};

/** Each command that takes the name of an app that is there, once. */
const NAMED = [EXPORT, ...COMMANDS]
  .filter((one) => takesName(one) && one.words !== 'create' && !one.title.includes('where access'))
  .filter(({ words }, index, all) => all.findIndex((other) => other.words === words) === index);

/** Takes names of several apps, of no app that is there, or of a Connected App beside a file. */
const OTHERS = ['audit', 'create', 'migrate plan', 'migrate apply'];

/** A Connected App has a flag of its own. */
const takesConnectedApp = ({ command: { flags } }: CommandOfCampaign): boolean =>
  'name' in flags && flags.name === connectedAppFlag;

describe('the name of an app in another case', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;

  const to = (): string[] => ['--target-org', org.username];
  const named = (name = 'order_sync'): string[] => [...to(), '--name', name];
  const apps = (): string[] => org.org.components('ExternalClientApplication').map(({ fullName }) => fullName);

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'eca-spelling-'));
    org = await logInToPractice($$);
  });

  afterEach(async () => {
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  /** Runs a command as the fault campaign does, but with the name in small letters. */
  const run = async ({ command, prepare, flags }: CommandOfCampaign, ...more: string[]): Promise<unknown> => {
    const inSmallLetters = (text: string): string => text.replaceAll(NAME, 'order_sync');
    const scene = { org: org.org, folder };
    prepare?.(scene);
    const words = flags(scene);
    const file = words[words.indexOf('--file') + 1];
    if (words.includes('--file') && file) writeFileSync(file, inSmallLetters(readFileSync(file, 'utf8')));
    return command.run([...to(), ...more, ...words.map(inSmallLetters)]);
  };

  it('is tried with every command that takes one', () => {
    const tried = new Set([...NAMED.map(({ words }) => words), ...OTHERS]);
    const missing = COMMANDS.filter(
      (one) => 'name' in one.command.flags && !takesConnectedApp(one) && !tried.has(one.words),
    );
    expect(missing.map(({ title }) => title)).to.deep.equal([]);
  });

  for (const command of NAMED) {
    it(`is the same app for ${command.title}, which says and uses the org's spelling`, async () => {
      const result = await run(command);
      const said = ux.logToStderr.args.flat().filter((line) => String(line).includes('The org spells'));
      expect(said).to.deep.equal(['The org spells order_sync as Order_Sync: the command uses that app.']);
      expect(JSON.stringify(result) ?? '').to.not.include('order_sync');
      const rest = ux.logToStderr.args.flat().filter((line) => !String(line).includes('The org spells'));
      expect(rest.join('\n')).to.not.include('--name order_sync');
      expect(apps().filter((name) => name.toLowerCase() === 'order_sync')).to.deep.equal(
        command.words === 'delete' ? [] : [NAME],
      );
    });

    it(`leaves the standard output of ${command.title} --json to the result`, async () => {
      // The stub of logJson takes the place of the standard output.
      await run(command, '--json');
      const out = [...ux.log.args, ...ux.logSuccess.args, ...ux.info.args].flat().join('\n');
      expect(out).to.not.include('The org spells');
    });
  }

  for (const name of ['order_sync', 'ORDER_SYNC']) {
    it(`is refused by create, which names the app that is there (${name})`, async () => {
      appInOrg(org.org);
      const before = org.deploys();
      const error = await failure(EcaCreate.run([...named(name), '--contact-email', 'other@example.com']));
      expect(error.name).to.equal('NameSpelledError');
      expect(error.message).to.include('Order_Sync').and.include(name);
      expect(error.data).to.deep.equal({ name: 'Order_Sync' });
      expect(error.actions?.join('\n')).to.include('--name Order_Sync');
      expect(org.deploys()).to.equal(before);
    });
  }

  it('is another name where more than the case differs', async () => {
    appInOrg(org.org);
    for (const name of ['ordersync', 'order__sync', 'order_sync_']) {
      expect((await failure(EcaDisplay.run(named(name)))).name, name).to.equal('AppNotFoundError');
    }
  });
});
