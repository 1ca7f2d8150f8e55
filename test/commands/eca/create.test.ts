import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate, { type EcaCreateResult } from '../../../src/commands/eca/create.ts';
import { PROMPTS } from '../../../src/ui/prompts.ts';
import { withShortPauses } from '../../shortPauses.ts';
import { asItIs, atTerminal } from '../../ui/atTerminal.ts';
import { failure, type LoggedIn, logIn, logInToPractice } from '../practice.ts';

describe('eca create', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;

  const start = async (
    ...options: Parameters<typeof logInToPractice> extends [unknown, ...infer Rest] ? Rest : never
  ) => {
    org = await logInToPractice($$, ...options);
  };

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });

  afterEach(async () => {
    asItIs();
    await org?.close();
    process.exitCode = undefined;
  });

  const create = async (...flags: string[]): Promise<EcaCreateResult> =>
    EcaCreate.run(['--target-org', org.username, ...flags]);
  const basics = ['--name', 'Order_Sync', '--contact-email', 'it@example.com'];

  const apps = (): string[] => org.org.components('ExternalClientApplication').map(({ fullName }) => fullName);

  it('makes the app, with the label from the name and for this org only', async () => {
    await start();
    const result = await create(...basics);
    expect(result).to.include({ created: true, dryRun: false });
    expect(result.app).to.include({
      name: 'Order_Sync',
      label: 'Order Sync',
      contactEmail: 'it@example.com',
      distributionState: 'local',
    });
    expect(result.app.id).to.match(/^0xI/);
    expect(result.deployId).to.match(/^0Af/);
    expect(result.changes).to.deep.include({ field: 'contactEmail', after: 'it@example.com' });
    expect(apps()).to.deep.equal(['Order_Sync']);
  });

  it('takes every basic detail', async () => {
    await start();
    const { app } = await create(
      ...basics,
      ...['--label', 'Orders', '--description', 'Pulls orders', '--contact-phone', '+44 20 7946 0000'],
      ...['--info-url', 'https://example.com/i', '--logo-url', 'https://example.com/l.png'],
      ...['--icon-url', 'https://example.com/i.png', '--distribution-state', 'packaged'],
    );
    expect(app).to.include({
      label: 'Orders',
      description: 'Pulls orders',
      contactPhone: '+44 20 7946 0000',
      infoUrl: 'https://example.com/i',
      logoUrl: 'https://example.com/l.png',
      iconUrl: 'https://example.com/i.png',
      distributionState: 'packaged',
    });
  });

  it('suggests the next step, with the org that was given', async () => {
    await start();
    await create(...basics);
    expect(ux.logToStderr.args.flat().join()).to.include(
      `eca oauth set --name Order_Sync --target-org ${org.username}`,
    );
  });

  it('deploys nothing the second time', async () => {
    await start();
    await create(...basics);
    const again = await create(...basics);
    expect(again).to.deep.include({ created: false, changes: [], notApplied: [] });
    expect(org.deploys()).to.equal(1);
    expect(process.exitCode).to.equal(undefined);
    expect(ux.logSuccess.args.flat().at(-1)).to.include('nothing to do');
  });

  it('shows the difference to an app that is there, and changes nothing', async () => {
    await start();
    await create(...basics);
    const error = await failure(create(...basics, '--label', 'Other', '--description', 'New'));
    expect(error).to.include({ name: 'AppDiffersError', exitCode: 1 });
    expect(error.message).to.include('label: the org has Order Sync, you asked for Other');
    expect(error.data).to.deep.equal({
      changes: [
        { field: 'label', before: 'Order Sync', after: 'Other' },
        { field: 'description', after: 'New' },
      ],
    });
    expect(error.actions?.join()).to.include(
      `eca update --name Order_Sync --target-org ${org.username} --label Other --contact-email`,
    );
    expect(error.actions?.join()).to.include('--description New');
    expect(org.deploys()).to.equal(1);
  });

  it('has the org check it and writes nothing with --dry-run', async () => {
    await start();
    const result = await create(...basics, '--dry-run');
    expect(result).to.include({ created: true, dryRun: true });
    expect(apps()).to.deep.equal([]);
    expect(ux.logSuccess.args.flat().join()).to.include('nothing was written');
  });

  it('brings values through that XML and shells would trip over', async () => {
    await start();
    const description = '<b> & "quotes" \'single\' $(id)\nsecond line ]]>';
    const { app, notApplied } = await create(...basics, '--description', description, '--label', "O'Brien & <Sons>");
    expect(app).to.include({ description, label: "O'Brien & <Sons>" });
    expect(notApplied).to.deep.equal([]);
  });

  it('takes a long description whole or says what the org has against it', async () => {
    await start();
    const description = 'x'.repeat(5000);
    const outcome = await create(...basics, '--description', description).catch((error: Error) => error);
    if (outcome instanceof Error) {
      expect(outcome.name).to.equal('DeployFailedError');
      expect(apps()).to.deep.equal([]);
    } else expect(outcome.app.description).to.equal(description);
  });

  it('names all flags that are missing, and sends nothing', async () => {
    await start();
    const error = await failure(create('--no-prompt'));
    expect(error).to.include({ name: 'FlagsMissingError', exitCode: 2 });
    expect(error.message).to.include('--name, --contact-email');
    expect(org.asked()).to.deep.equal([]);
  });

  for (const name of [
    'Order Sync',
    'Café',
    '1Sync',
    'Order__Sync',
    'Order_',
    '_Order',
    '',
    'x'.repeat(5000),
    '<a>&"',
    'a\nb',
  ]) {
    it(`refuses the name ${JSON.stringify(name.slice(0, 20))} before anything is sent`, async () => {
      await start();
      const error = await failure(create('--name', name, '--contact-email', 'it@example.com'));
      expect(error.exitCode).to.equal(2);
      expect(error.name).to.be.oneOf(['NameInvalidError', 'NameTooLongError']);
      expect(error.actions).to.have.length.greaterThan(0);
      expect(error.message.length).to.be.lessThan(500);
      expect(org.asked()).to.deep.equal([]);
    });
  }

  it('refuses what is no email address, together with the rest', async () => {
    await start();
    const error = await failure(create('--name', '1', '--contact-email', 'nobody', '--logo-url', 'logo.png'));
    expect(error).to.include({ name: 'SeveralProblemsError', exitCode: 2 });
    expect(error.data).to.have.property('problems').with.lengthOf(3);
    expect(org.asked()).to.deep.equal([]);
  });

  it('says that an org does not have external client apps', async () => {
    await start({ externalClientApps: false });
    const error = await failure(create(...basics));
    expect(error.name).to.equal('NoExternalClientAppsError');
    expect(error.actions?.join()).to.include('ExternalClientApps');
    expect(org.deploys()).to.equal(0);
  });

  it('names the permission that a user lacks', async () => {
    await start({}, (practice) => practice.org.seeded.standardUser);
    const error = await failure(create(...basics));
    expect(error.name).to.equal('PermissionMissingError');
    expect(error.message).to.include('ExternalClientAppDeveloper').and.include(org.username);
    expect(org.deploys()).to.equal(0);
  });

  it('notices a connected app of the same name', async () => {
    await start();
    org.org.insert('ConnectedApplication', { Name: 'Order Sync' });
    await create(...basics).catch(() => undefined);
    expect(ux.warn.args.flat()).to.have.nested.property('[0].name', 'ConnectedAppWarning');
  });

  describe('at a terminal', () => {
    it('asks for what is missing, with good defaults', async () => {
      await start();
      atTerminal(true);
      const asked = $$.SANDBOX.stub(PROMPTS, 'text').callsFake((question) => Promise.resolve(question.default ?? ''));
      const { app } = await create('--label', 'Café Sync');
      expect(app).to.include({ name: 'Cafe_Sync', label: 'Café Sync' });
      expect(app.contactEmail).to.equal(org.org.seeded.admin.Email);
      expect(asked.callCount).to.equal(2);
      expect(asked.firstCall.args[0].problem?.('a b')).to.include('"a b"');
      expect(asked.secondCall.args[0].problem?.('nobody')).to.include('"nobody"');
    });

    it('asks for the label first, as Setup does, and offers the name that comes of it', async () => {
      await start();
      atTerminal(true);
      const answers = ['Bestell Übertragung', undefined, 'it@example.com'];
      const asked = $$.SANDBOX.stub(PROMPTS, 'text').callsFake((question) =>
        Promise.resolve(answers[asked.callCount - 1] ?? question.default ?? ''),
      );
      const { app } = await create();
      expect(app).to.include({ name: 'Bestell_Ubertragung', label: 'Bestell Übertragung' });
      expect(asked.callCount).to.equal(3);
    });

    it('does not ask for the label of an app whose name is given', async () => {
      await start();
      atTerminal(true);
      const asked = $$.SANDBOX.stub(PROMPTS, 'text').resolves('it@example.com');
      expect((await create('--name', 'Order_Sync')).app.label).to.equal('Order Sync');
      expect(asked.callCount).to.equal(1);
    });

    it('asks for nothing under --no-prompt', async () => {
      await start();
      atTerminal(true);
      const asked = $$.SANDBOX.stub(PROMPTS, 'text');
      expect(await failure(create('--no-prompt'))).to.include({ name: 'FlagsMissingError' });
      expect(asked.called).to.equal(false);
    });
  });
});

describe('eca create on an org that answers badly', () => {
  const $$ = new TestContext();

  const answers: Record<string, [RequestListener, RegExp]> = {
    '401': [
      (_request, response) => {
        response.writeHead(401, { 'content-type': 'application/json' });
        response.end('[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]');
      },
      /SessionInvalidError|RefreshTokenAuthError/,
    ],
    HTML: [
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('<html><body>We are down for maintenance</body></html>');
      },
      /OrgAnsweredHtmlError/,
    ],
    nothing: [(request) => void request.socket.destroy(), /OrgUnreachableError/],
  };

  for (const [kind, [answer, name]] of Object.entries(answers)) {
    describe(`with ${kind}`, () => {
      // The request is sent again, after pauses that would take most of the time of these tests.
      if (kind === 'nothing') withShortPauses();

      it('says what to do', async () => {
        const server = createServer(answer).listen(0, '127.0.0.1');
        await new Promise((resolve) => server.once('listening', resolve));
        const { port } = server.address() as AddressInfo;
        stubSfCommandUx($$.SANDBOX);
        stubSpinner($$.SANDBOX);
        await logIn($$, 'admin@example.com', `http://127.0.0.1:${port}`, crypto.randomUUID());
        try {
          const run = EcaCreate.run([
            ...['--target-org', 'admin@example.com', '--name', 'Order_Sync', '--contact-email', 'it@example.com'],
          ]);
          const error = await failure(run);
          expect(error.name, error.message).to.match(name);
          expect(error.exitCode).to.equal(1);
          expect(error.actions, error.message).to.have.length.greaterThan(0);
        } finally {
          server.closeAllConnections();
          server.close();
          process.exitCode = undefined;
        }
      });
    });
  }
});
