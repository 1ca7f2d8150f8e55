import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaMigrateList, { type EcaMigrateListResult } from '../../../../src/commands/eca/migrate/list.ts';
import { noteLogin, SUCCESS } from '../../../../src/practice/loginHistory.ts';
import type { PracticeServerOptions } from '../../../../src/practice/practice.ts';
import { type LoggedIn, logInToPractice } from '../../practice.ts';
import { connectedAppXml } from './inventoryOfTest.ts';

describe('migrate list', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;

  const started = async (
    options: PracticeServerOptions = {},
    user?: Parameters<typeof logInToPractice>[2],
  ): Promise<void> => {
    org = await logInToPractice(
      $$,
      { connectedApps: [{ name: 'Old_Portal', xml: connectedAppXml('=Old "Portal"') }], ...options },
      user,
    );
  };

  const list = async (...flags: string[]): Promise<EcaMigrateListResult> =>
    EcaMigrateList.run(['--target-org', org.username, ...flags]);

  const seenOf = ({ sources }: EcaMigrateListResult): Record<string, string> =>
    Object.fromEntries(sources.map(({ source, seen }) => [source, seen]));

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'eca-inventory-'));
  });

  afterEach(async () => {
    await org.close();
    rmSync(folder, { recursive: true });
    process.exitCode = undefined;
  });

  it('shows an app with its flows, users and dates, and writes a table that runs no formula', async () => {
    await started();
    const { admin } = org.org.seeded;
    const attempt = { userId: admin.Id, way: 'username-password', application: '=Old "Portal"' } as const;
    noteLogin(org.org, { ...attempt, sourceIp: '10.1.2.3' }, SUCCESS);
    const file = join(folder, 'apps.csv');
    const { apps, sources } = await list('--output-file', file);
    expect(sources.filter(({ seen }) => seen !== 'all')).to.deep.equal([]);
    expect(apps).to.have.lengthOf(1);
    expect(apps[0]).to.deep.include({
      name: 'Old_Portal',
      label: '=Old "Portal"',
      owner: 'local',
      users: [admin.Username],
      addresses: ['10.1.2.3'],
      road: 'in-place',
    });
    expect(apps[0]?.changes.map(({ day }) => day)).to.include('2027-02-20');
    const [heading, line] = readFileSync(file, 'utf8').split('\r\n');
    expect(heading).to.contain('"API name","Label"');
    expect(line).to.contain(`"Old_Portal","'=Old ""Portal""","this org's"`);
    expect(org.asked().join('\n')).to.not.match(/DeleteToken|AccessToken|deployRequest/);
    expect(ux.log.args.flat().join('\n')).to.contain('Logins: all seen (1)');
  });

  for (const answer of ['label', 'name', 'client'])
    it(`understands the org's name for logins by OAuth: ${answer}`, async () => {
      await started({ variants: { 'login-type': answer, 'vendor-connected-app': 'load-failed' } });
      const { admin } = org.org.seeded;
      noteLogin(org.org, { userId: admin.Id, way: 'jwt-bearer', application: 'Tool' }, SUCCESS);
      const { apps } = await list();
      expect(apps.map(({ label, owner, flows }) => [label, owner, flows[0]?.flow])).to.deep.equal([
        ['=Old "Portal"', 'local', undefined],
        ['Tool', 'not-installed', 'unnamed'],
      ]);
    });

  it('says for each place what a user may not see, and which permission shows it', async () => {
    await started({}, ({ org: { seeded } }) => seeded.standardUser);
    noteLogin(org.org, { userId: org.org.seeded.admin.Id, way: 'refresh', application: '=Old "Portal"' }, SUCCESS);
    const result = await list();
    expect(seenOf(result)).to.include({ list: 'none', metadata: 'none', tokens: 'part', logins: 'part' });
    const reasons = result.sources.flatMap((one) => one.reasons).join('\n');
    expect(reasons).to.contain('"Customize Application" (CustomizeApplication)');
    expect(reasons).to.contain('(ManageUsers) or "Monitor Login History" (MonitorLoginHistory)');
    expect(reasons).to.contain('ModifyMetadata');
    const [app] = result.apps;
    expect(app).to.deep.include({ label: '=Old "Portal"', owner: 'unknown', road: 'unknown' });
    expect(app?.notes.join()).to.contain('The app may be in use');
    expect(process.exitCode).to.equal(68);
  });

  it('gives what a login with a JWT-based token sees, and says which login sees the rest', async () => {
    await started();
    for (const session of org.org.sessions.values()) session.format = 'jwt';
    noteLogin(org.org, { userId: org.org.seeded.admin.Id, way: 'refresh', application: '=Old "Portal"' }, SUCCESS);
    const result = await list();
    const seen = seenOf(result);
    expect(seen).to.include({ list: 'none', metadata: 'none', applications: 'all', tokens: 'all', logins: 'all' });
    expect(seen).to.include({ settings: 'all', names: 'all' });
    const [{ reasons = [] } = {}] = result.sources.filter(({ source }) => source === 'list');
    expect(reasons.join(' ')).to.match(/JWT-based access token.*sf org login web/);
    expect(result.apps.map(({ label, owner, flows }) => [label, owner, flows[0]?.flow])).to.deep.equal([
      ['=Old "Portal"', 'unknown', 'refresh'],
    ]);
    expect(process.exitCode).to.equal(68);
  });

  it('says which of the flows that end the org blocks', async () => {
    await started();
    const shown = async (): Promise<unknown[]> => {
      ux.log.resetHistory();
      const { flowSwitches } = await list();
      const lines = ux.log.args.flat().filter((line) => /username-password/.test(String(line)));
      return [flowSwitches, ...lines];
    };
    org.org.settings.OauthOidcSettings = { blockOAuthUnPwFlow: true };
    expect(await shown()).to.deep.equal([
      { passwordFlowBlocked: true, userAgentFlowBlocked: false },
      'The org blocks the username-password flow, and allows the user-agent flow.',
    ]);
    org.org.settings.OauthOidcSettings = {};
    expect(await shown()).to.deep.equal([
      { passwordFlowBlocked: false, userAgentFlowBlocked: false },
      'The org allows the username-password and user-agent flows today.',
    ]);
  });

  it('reads all tokens where one answer has too few, and says when it cannot', async () => {
    await started();
    const { admin } = org.org.seeded;
    const add = (count: number, CreatedDate?: string): void => {
      for (let nth = 0; nth < count; nth++) {
        org.org.insert('OauthToken', {
          AppName: 'Tool',
          AppMenuItemId: null,
          UserId: admin.Id,
          UseCount: 1,
          ...(CreatedDate !== undefined && { CreatedDate: new Date(Date.parse(CreatedDate) + nth).toISOString() }),
        });
      }
    };
    add(2600, '2026-01-01T00:00:00.000Z');
    const whole = await list();
    expect(whole.apps.map(({ label, tokens }) => [label, tokens.count])).to.deep.include(['Tool', 2600]);
    expect(seenOf(whole).tokens).to.equal('all');

    for (const token of org.org.records('OauthToken')) token.CreatedDate = '2026-01-01T00:00:00.000Z';
    const part = await list();
    expect(seenOf(part).tokens).to.equal('part');
    expect(part.sources.flatMap(({ reasons }) => reasons).join()).to.contain('in the same moment');
  });
});
