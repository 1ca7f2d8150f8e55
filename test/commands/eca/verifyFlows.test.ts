import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import timers from 'node:timers/promises';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import type { Flow } from '../../../src/app/app.ts';
import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaOauthSet from '../../../src/commands/eca/oauth/set.ts';
import EcaScopesSet from '../../../src/commands/eca/scopes/set.ts';
import EcaVerify, { type EcaVerifyResult } from '../../../src/commands/eca/verify.ts';
import { stateFile } from '../../../src/local/stateFiles.ts';
import { grantsOf } from '../../../src/practice/oauth/grants.ts';
import type { EcaVerifyCheck } from '../../../src/ui/verification.ts';
import { selfSigned } from '../../client/selfSigned.ts';
import { asItIs, atTerminal } from '../../ui/atTerminal.ts';
import { type LoggedIn, logInToPractice } from '../practice.ts';

/** An app with nothing wrong: each flow alone, then all of them. Also the parts of a flow that cannot be tried. */
describe('eca verify, flow by flow,', function () {
  this.timeout(30_000);
  const $$ = new TestContext();
  let org: LoggedIn;
  let folder: string;
  let ux: ReturnType<typeof stubSfCommandUx>;
  const pair = selfSigned();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-flows-'));
    writeFileSync(join(folder, 'app.crt'), pair.certificate);
    const key = pair.key.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(join(folder, 'app.pem'), `${String(key)}${pair.certificate}`);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });
  afterEach(async () => {
    asItIs();
    await org.close();
    process.exitCode = undefined;
  });

  const app = () => ['--target-org', org.username, '--name', 'Order_Sync'];
  const integrationUser = () => String(org.org.seeded.integrationUser.Username);

  /** An app as it should be, with these flows, for the integration user and nobody else. */
  const start = async (flows: Flow[], ...more: string[]): Promise<void> => {
    org = await logInToPractice($$);
    await EcaCreate.run([...app(), '--contact-email', 'it@example.com']);
    await EcaOauthSet.run([
      ...app(),
      ...[
        '--callback-url',
        'https://orders.example.com/oauth/callback',
        ...(flows.includes('device') ? ['--callback-url', 'http://localhost:1717/cb'] : []),
        '--scope',
        'api',
        '--pkce',
      ],
      ...flows.flatMap((flow) => ['--flow', flow]),
      ...(flows.includes('client-credentials') ? ['--run-as', integrationUser()] : []),
      ...(flows.includes('jwt-bearer') ? ['--certificate-file', join(folder, 'app.crt')] : []),
      ...more,
    ]);
    await EcaScopesSet.run([
      ...app(),
      ...['--scope', 'api,refresh_token', '--refresh-token-policy', 'lifetime', '--refresh-token-validity', '30 days'],
      ...['--session-timeout', '30', '--permitted-users', 'admin-approved'],
      ...['--profile', 'Minimum Access - API Only Integrations', '--profile', 'Standard User'],
    ]);
  };

  const verify = async (...flags: string[]): Promise<EcaVerifyResult> =>
    EcaVerify.run([...app(), '--wait', '0', ...flags]);

  /** Somebody types in the code that the command shows, and lets the app in. */
  const letDeviceIn = (): void => {
    atTerminal(true);
    ux.logToStderr.callsFake((text = '') => {
      const [code] = /(?<=enter )\S+/.exec(text) ?? [];
      const waiting = code && grantsOf(org.org).waitingDevice(code);
      if (waiting) waiting.answer = { userId: org.org.seeded.standardUser.Id };
    });
  };

  const body = (type: string): Record<string, unknown> => org.org.components(type)[0]!.body;
  const globalSettings = () => body('ExtlClntAppGlobalOauthSettings');
  const oauthPolicies = () => body('ExtlClntAppOauthConfigurablePolicies');

  const notPassed = ({ checks }: EcaVerifyResult): EcaVerifyCheck[] =>
    checks.filter(({ status }) => status !== 'passed');
  const statuses = ({ checks }: EcaVerifyResult, flow: Flow): Record<string, string> =>
    Object.fromEntries(checks.filter((check) => check.flow === flow).map(({ id, status }) => [id, status]));
  const checkOf = ({ checks }: EcaVerifyResult, id: string): EcaVerifyCheck => {
    const check = checks.find((one) => one.id === id);
    if (!check) throw new Error(`no check ${id} among ${checks.map((one) => one.id).join(', ')}`);
    return check;
  };
  const living = () => [...org.org.sessions.values()].filter(({ appId }) => appId !== undefined);
  const said = (): string => ux.log.args.flat().join('\n');

  const withKey = () => ['--jwt-key-file', join(folder, 'app.pem'), '--run-as', integrationUser()];

  const healthy: { flows: Flow[]; flags?: () => string[]; before?: () => void }[] = [
    { flows: ['web-server'] },
    { flows: ['client-credentials'], flags: () => ['--allow-secret-access'] },
    { flows: ['jwt-bearer'], flags: withKey },
    { flows: ['device'], before: letDeviceIn },
    {
      flows: ['web-server', 'client-credentials', 'jwt-bearer', 'device'],
      flags: () => ['--allow-secret-access', ...withKey()],
      before: letDeviceIn,
    },
  ];
  for (const { flows, flags = () => [], before: prepare } of healthy) {
    it(`passes an app with ${flows.join(', ')} without a warning, and leaves nothing behind`, async () => {
      await start(flows);
      prepare?.();
      const result = await verify('--strict', ...flags());
      expect(notPassed(result)).to.deep.equal([]);
      expect(result.passed).to.equal(true);
      for (const flow of flows) expect(Object.keys(statuses(result, flow)), flow).not.to.deep.equal([]);
      const reached = { 'web-server': 'accepted' } as Partial<Record<Flow, string>>;
      for (const flow of flows) expect(result.flows).to.deep.include({ flow, result: reached[flow] ?? 'worked' });
      expect(living()).to.deep.equal([]);
    });
  }

  it('says of which flows it knows nothing, and does not pass the app', async () => {
    await start(['client-credentials', 'device']);
    const result = await verify();
    expect([result.result, result.passed, process.exitCode]).to.deep.equal(['unfinished', false, 68]);
    expect(result.flows).to.deep.equal([
      { flow: 'web-server', result: 'accepted' },
      { flow: 'client-credentials', result: 'notTried' },
      { flow: 'device', result: 'accepted' },
    ]);
    expect(said()).to.match(/\nclient-credentials: not tried /);
    expect(checkOf(result, 'client-credentials.secret').fix).to.include(`--target-org ${org.username}`);
  });

  it('warns of a certificate beside the key that ends soon, has ended, or is another’s, and tries the key all the same', async () => {
    await start(['jwt-bearer']);
    const pem = ({ key }: Pick<typeof pair, 'key'>): string => String(key.export({ type: 'pkcs8', format: 'pem' }));
    const [soon, over] = [selfSigned({ days: 10 }), selfSigned({ days: -1 })];
    for (const [content, detail] of [
      [soon.certificate + pem(soon), /expires on \d{4}-\d\d-\d\d/],
      [over.certificate + pem(over), /expired on/],
      [pem(pair) + soon.certificate, /does not belong to the key/],
    ] as const) {
      const file = join(folder, 'other.pem');
      writeFileSync(file, content);
      const result = await verify('--flow', 'jwt-bearer', '--jwt-key-file', file, '--run-as', integrationUser());
      const check = checkOf(result, 'jwt-bearer.certificate');
      expect(check.status).to.equal('warning');
      expect(check.detail).to.match(detail);
      expect(check.fix).to.include('sf eca certificate create --name Order_Sync --replace');
      expect(checkOf(result, 'jwt-bearer.token').status).to.equal(content.startsWith(pem(pair)) ? 'passed' : 'failed');
    }
  });

  describe('while a change spreads', () => {
    const pauses: number[] = [];

    /** No pause takes time here. After so many of them, all servers of the org know the app. */
    const spreadAfter = (count: number): void => {
      pauses.length = 0;
      Reflect.set(org.org, 'propagationSeconds', 3600);
      $$.SANDBOX.stub(timers, 'setTimeout').callsFake(async (milliseconds) => {
        pauses.push(milliseconds ?? 0);
        if (pauses.length === count) Reflect.set(org.org, 'propagationSeconds', 0);
        return Promise.resolve(undefined as never);
      });
      syncBuiltinESMExports();
    };
    afterEach(() => {
      $$.SANDBOX.restore();
      syncBuiltinESMExports();
    });

    const news = (): string[] =>
      ux.logToStderr.args.flat().filter((line) => line?.includes('invalid_client_id')) as string[];

    it('says in a log that it waits, and for each long pause that it still does', async () => {
      await start(['client-credentials']);
      atTerminal(false);
      spreadAfter(8);
      const result = await EcaVerify.run([...app(), '--flow', 'client-credentials', '--allow-secret-access']);
      expect(result.result).to.equal('passed');
      expect(pauses).to.deep.equal([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
      expect(news(), 'for the first pause, and the four of more than 15 seconds').to.have.length(5);
      for (const line of news()) expect(line).to.match(/\d+ (s|min)/);
      expect(new Set(news().slice(0, 2)).size, 'the later ones say how long it has been').to.equal(2);
    });

    it('says so where the line that is under way is, at a terminal', async () => {
      await start(['client-credentials']);
      atTerminal(true);
      spreadAfter(6);
      const flags = ['--flow', 'client-credentials', '--allow-secret-access', '--no-prompt'];
      expect((await EcaVerify.run([...app(), ...flags])).result).to.equal('passed');
      expect(pauses).to.have.length(6);
      expect(news()).to.deep.equal([]);
    });
  });

  describe('where the org keeps the certificate back', () => {
    const forgetNotes = (): void => {
      const folderOfNotes = stateFile('.');
      for (const file of readdirSync(folderOfNotes).filter((name) => name.startsWith('certificates-')))
        rmSync(join(folderOfNotes, file));
    };
    const begin = async (): Promise<void> => {
      await start(['jwt-bearer']);
      org.org.variants['certificate-retrieved'] = 'never';
    };
    const jwt = { flow: 'jwt-bearer' as const };

    it('logs in with the key, changes the app, and logs in with the key again', async () => {
      await begin();
      const before = String(globalSettings().certificate);
      const first = await verify('--strict', ...withKey());
      expect([first.result, first.flows]).to.deep.include('passed');
      expect(first.flows).to.deep.include({ ...jwt, result: 'worked' });
      forgetNotes();
      await EcaOauthSet.run([...app(), '--introspect-all-tokens', '--certificate-file', join(folder, 'app.crt')]);
      expect(globalSettings().isIntrospectAllTokens).to.equal(true);
      expect(String(globalSettings().certificate).replace(/\s/g, '')).to.equal(before.replace(/\s/g, ''));
      forgetNotes();
      const second = await verify('--strict', ...withKey());
      expect([second.result, process.exitCode]).to.deep.equal(['passed', undefined]);
      expect(second.flows).to.deep.include({ ...jwt, result: 'worked' });
      expect(living()).to.deep.equal([]);
    });

    it('counts the flow when it is named, or when this machine gave the certificate, and else not', async () => {
      await begin();
      expect((await verify()).flows).to.deep.include({ ...jwt, result: 'notTried' });
      expect(process.exitCode).to.equal(68);
      forgetNotes();
      process.exitCode = undefined;
      const unseen = await verify();
      expect([unseen.result, process.exitCode]).to.deep.equal(['passed', undefined]);
      expect(unseen.flows).to.deep.equal([{ flow: 'web-server', result: 'accepted' }]);
      expect(said()).to.include('jwt-bearer');
      const named = await verify('--flow', 'jwt-bearer');
      expect([named.result, process.exitCode]).to.deep.equal(['unfinished', 68]);
      expect(named.flows).to.deep.equal([{ ...jwt, result: 'notTried' }]);
    });
  });

  describe('token exchange', () => {
    type Handler = { isEnabled?: boolean; isDefault?: boolean; tokenHandlerApex?: string };

    /** As an administrator sets it up for the app. */
    const setUp = ({ isEnabled = true, isDefault = true, ...more }: Handler = {}): void => {
      const by = { id: org.org.seeded.admin.Id, at: org.org.now() };
      org.org.putComponent({
        id: org.org.newId('OauthTokenExchangeHandler'),
        type: 'OauthTokenExchangeHandler',
        fullName: 'Orders_Idp',
        body: {
          developerName: 'Orders_Idp',
          masterLabel: 'Orders Idp',
          tokenHandlerApex: 'PracticeTokenExchangeHandler',
          enablements: [{ apexExecutionUser: integrationUser(), externalClientApp: 'Order_Sync', isDefault }],
          isEnabled,
          isAccessTokenSupported: true,
          ...more,
        },
        ...{ createdById: by.id, createdDate: by.at, lastModifiedById: by.id, lastModifiedDate: by.at },
      });
    };
    const exchange = (...flags: string[]) => verify('--flow', 'token-exchange', ...flags);

    it('is judged as far as it goes without a token of the identity provider, and not taken for tested', async () => {
      await start(['token-exchange']);
      setUp();
      const result = await exchange();
      expect(statuses(result, 'token-exchange')).to.deep.equal({
        'token-exchange.configured': 'passed',
        'token-exchange.handler': 'passed',
        'token-exchange.request': 'passed',
        'token-exchange.token': 'skipped',
      });
      expect(checkOf(result, 'token-exchange.request').detail).to.include('refused its made-up token ("invalid_grant:');
      expect(checkOf(result, 'token-exchange.token').detail).to.include('a token of your identity provider');
      expect([result.result, process.exitCode]).to.deep.equal(['unfinished', 68]);
      expect(result.flows).to.deep.equal([{ flow: 'token-exchange', result: 'notTried' }]);
      expect((await verify()).result, 'beside a flow that can be tested').to.equal('unfinished');
    });

    const broken: [what: string, breakIt: () => void, id: string, detail: RegExp, mend: () => void][] = [
      [
        'the developer’s switch off',
        () => (globalSettings().isTokenExchangeEnabled = false),
        'token-exchange.configured',
        /off in its settings/,
        () => (globalSettings().isTokenExchangeEnabled = true),
      ],
      [
        'the admin’s switch off',
        () => (oauthPolicies().isTokenExchangeFlowEnabled = false),
        'token-exchange.configured',
        /off in its policies/,
        () => (oauthPolicies().isTokenExchangeFlowEnabled = true),
      ],
      [
        'no handler',
        () => org.org.removeComponent('OauthTokenExchangeHandler', 'Orders_Idp'),
        'token-exchange.handler',
        /No token exchange handler/,
        setUp,
      ],
      [
        'the handler off',
        () => setUp({ isEnabled: false }),
        'token-exchange.handler',
        /Orders_Idp .*is not enabled/,
        setUp,
      ],
      [
        'no handler that is the default',
        () => setUp({ isDefault: false }),
        'token-exchange.handler',
        /none is its default/,
        setUp,
      ],
    ];
    for (const [what, breakIt, id, detail, mend] of broken) {
      it(`names ${what}, and what mends it`, async () => {
        await start(['token-exchange']);
        setUp();
        breakIt();
        const result = await exchange();
        const complaints = result.checks.filter(({ status }) => status === 'failed' || status === 'warning');
        expect(complaints.map((check) => check.id)).to.deep.equal([id]);
        expect(checkOf(result, id).detail).to.match(detail);
        expect(checkOf(result, id).fix).to.match(/--flow token-exchange|Token Exchange Handlers/);
        mend();
        expect(notPassed(await exchange()).map((check) => check.id)).to.deep.equal(['token-exchange.token']);
      });
    }

    it('takes the secret along where the app asks for it, and says so when it is wrong', async () => {
      await start(['token-exchange'], '--secret-for-token-exchange');
      setUp();
      expect(checkOf(await exchange(), 'token-exchange.request').status).to.equal('skipped');
      expect(checkOf(await exchange('--allow-secret-access'), 'token-exchange.request').status).to.equal('passed');
      const file = join(folder, 'wrong.env');
      writeFileSync(file, 'CLIENT_SECRET=wrong\n');
      const wrong = checkOf(await exchange('--credentials-file', file), 'token-exchange.request');
      expect([wrong.status, wrong.detail.includes('invalid client credentials')]).to.deep.equal(['failed', true]);
    });
  });

  describe('code and credentials', () => {
    const allow = (allowed: boolean) => (org.org.settings.OauthOidcSettings!.oAuthCdCrdtFlowEnable = allowed);
    const codeAndCredentials = () => verify('--flow', 'code-and-credentials');

    it('is judged as far as it goes without anybody’s password, and not taken for tested', async () => {
      await start(['code-and-credentials']);
      allow(true);
      const result = await codeAndCredentials();
      expect(statuses(result, 'code-and-credentials')).to.deep.equal({
        'code-and-credentials.configured': 'passed',
        'code-and-credentials.allowed': 'passed',
        'code-and-credentials.token': 'skipped',
      });
      expect(checkOf(result, 'code-and-credentials.token').detail).to.include('never asks for a password');
      expect(result.result).to.equal('unfinished');
      expect((await verify()).result, 'beside a flow that can be tested').to.equal('unfinished');
    });

    it('names the org’s switch and the app’s', async () => {
      await start(['code-and-credentials']);
      const closed = checkOf(await codeAndCredentials(), 'code-and-credentials.allowed');
      expect([closed.status, closed.detail.includes('oAuthCdCrdtFlowEnable')]).to.deep.equal(['failed', true]);
      expect(closed.fix).to.include('"Allow Authorization Code and Credentials Flows"');
      globalSettings().isCodeCredFlowEnabled = false;
      const off = checkOf(await codeAndCredentials(), 'code-and-credentials.configured');
      expect([off.status, off.fix?.includes('--flow code-and-credentials')]).to.deep.equal(['failed', true]);
    });
  });
});
