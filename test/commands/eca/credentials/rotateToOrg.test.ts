import { MockTestOrgData, TestContext } from '@salesforce/core/testSetup';
import { stubPrompter, stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import { Secret } from '../../../../src/app/secret.ts';
import { findEndpoints } from '../../../../src/client/endpoints.ts';
import { createHttpClient } from '../../../../src/client/httpClient.ts';
import { requestClientCredentialsToken } from '../../../../src/client/token.ts';
import EcaCredentialsRotate, {
  type EcaCredentialsRotateResult,
} from '../../../../src/commands/eca/credentials/rotate.ts';
import EcaCredentialsSend from '../../../../src/commands/eca/credentials/send.ts';
import { createPracticeServer, type PracticeServer } from '../../../../src/practice/practice.ts';
import type { SfError } from '../../../../src/salesforce.ts';
import { PROMPTS } from '../../../../src/ui/prompts.ts';
import { type Fault, type FaultyWire, type OnWire, openFaultyWire } from '../../../faultyWire.ts';
import { externalCredentialInOrg } from '../../../practice/externalCredentialInOrg.ts';
import { appInOrg } from '../../../practice/oauth/appInOrg.ts';
import { withShortPauses } from '../../../shortPauses.ts';
import { asItIs, atTerminal } from '../../../ui/atTerminal.ts';
import { failure } from '../../practice.ts';

type Pair = { key: string; secret: string };

describe('eca credentials rotate --send-to named-credential', function () {
  this.timeout(300_000);
  const $$ = new TestContext();
  /** The org of the app, and the org that calls it. */
  let from: PracticeServer;
  let into: PracticeServer;
  let wires: FaultyWire[];
  let held: () => Pair | undefined;
  let hold: (pair: Pair | undefined) => void;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let prompter: ReturnType<typeof stubPrompter>;
  /** What happens to a request to either org. */
  let faultOf: (request: OnWire & { to: 'from' | 'into' }) => Fault | undefined;

  const start = async (staged: 'works' | 'unknown' = 'works'): Promise<void> => {
    from = await createPracticeServer({ variants: { 'staged-pair': staged } });
    into = await createPracticeServer();
    wires = [
      await openFaultyWire(from, (request) => faultOf({ ...request, to: 'from' })),
      await openFaultyWire(into, (request) => faultOf({ ...request, to: 'into' })),
    ];
    appInOrg(from.org);
    from.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess = true;
    const login = ({ org, accessToken }: PracticeServer): MockTestOrgData => {
      const username = String(org.seeded.admin.Username);
      const data = new MockTestOrgData(username, { username });
      Object.assign(data, { instanceUrl: org.instanceUrl, loginUrl: org.instanceUrl, accessToken });
      Reflect.deleteProperty(data, 'refreshToken');
      return data;
    };
    await $$.stubAuths(login(from), login(into));
    $$.SANDBOXES.CONNECTION.restore();
    ({ held, hold } = externalCredentialInOrg(into.org, 'Orders', 'Sync'));
  };

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    prompter = stubPrompter($$.SANDBOX);
    faultOf = () => undefined;
    wires = [];
  });

  afterEach(async () => {
    asItIs();
    for (const wire of wires) await wire.close();
    await from?.close();
    await into?.close();
    process.exitCode = undefined;
  });

  const adminOf = ({ org }: PracticeServer): string => String(org.seeded.admin.Username);
  const consumer = () => [...from.org.consumers.values()][0]!;
  const primary = (): Pair => ({ key: consumer().primary.key, secret: consumer().primary.secret });

  const works = async (pair: Pair | undefined): Promise<boolean> => {
    const http = createHttpClient();
    const credentials = { consumerKey: pair?.key ?? '', consumerSecret: new Secret(pair?.secret ?? '') };
    return requestClientCredentialsToken(http, await findEndpoints(http, from.org.instanceUrl), credentials).then(
      () => true,
      () => false,
    );
  };

  const common = (): string[] => ['--target-org', adminOf(from), '--name', 'Order_Sync', '--no-prompt'];
  const place = (org = into): string[] => [
    ...['--destination-org', adminOf(org), '--external-credential', 'Orders', '--principal', 'Sync'],
  ];
  const run = async (...flags: string[]): Promise<EcaCredentialsRotateResult> =>
    EcaCredentialsRotate.run([...common(), '--wait', '0', ...flags]);
  const rotate = (...more: string[]) => run('--send-to', 'named-credential', ...place(), ...more);

  const textOf = ({ message, actions = [] }: SfError): string => [message, ...actions].join('\n');
  const lineIn = (text: string): string => /\S+ eca credentials send --name .*/.exec(text)?.[0] ?? '';
  const type = (line: string) => EcaCredentialsSend.run(['--no-prompt', ...line.split(' ').slice(4)]);

  const isWriteThere = ({ method, path, to }: OnWire & { to: string }): boolean =>
    to === 'into' && method !== 'GET' && path.endsWith('/credential');

  it('writes the pair before it promotes it, and the secret is nowhere else', async () => {
    await start();
    const old = primary();
    let heldAtPromotion: Pair | undefined;
    faultOf = ({ method }) => {
      if (method === 'PATCH') heldAtPromotion = held();
      return undefined;
    };
    const result = await rotate();
    expect(result).to.deep.include({ outcome: 'promoted', verified: true });
    expect(result.sentTo).to.deep.include({ target: 'named-credential', isSent: true });
    expect(result.sentTo?.destinationOrg).to.include({ username: adminOf(into) });
    expect(held()).to.deep.equal(primary()).and.to.deep.equal(heldAtPromotion);
    const { secret } = primary();
    expect(JSON.stringify([ux.log.args, ux.logToStderr.args, ux.logSuccess.args, result])).not.to.include(secret);
    const withSecret = wires.flatMap(({ seen }, index) =>
      seen.filter(({ body, path }) => (path + body).includes(secret)).map(({ path }) => [index, path]),
    );
    // A token is asked for with it: that goes to the app's own org.
    expect(withSecret.filter(([index]) => index === 1)).to.have.length(1);
    expect((await run('--finish')).outcome).to.equal('finished');
    expect([await works(old), await works(held())]).to.deep.equal([false, true]);
    // The principal has this app's pair now, so the next rotation needs no --replace.
    expect((await rotate()).outcome).to.equal('promoted');
    expect(held()).to.deep.equal(primary());
  });

  it('replaces a pair of another app only with --replace', async () => {
    await start();
    const others = { key: 'of-another-app', secret: consumer().primary.secret };
    hold(others);
    const error = await failure(rotate());
    expect(error).to.include({ name: 'PrincipalConfiguredError', exitCode: 1 });
    expect([held(), consumer().staged]).to.deep.equal([others, undefined]);
    expect((await rotate('--replace')).sentTo?.isSent).to.equal(true);
    expect(held()).to.deep.equal(primary());
  });

  it('says with --dry-run what would be written, and stages nothing', async () => {
    await start();
    const result = await rotate('--dry-run');
    expect(result).to.include({ outcome: 'dry-run', consumerKey: primary().key });
    expect(JSON.stringify(ux.log.args)).to.include('clientSecret');
    expect([held(), consumer().staged]).to.deep.equal([undefined, undefined]);
  });

  it('writes into the org of the app itself', async () => {
    await start();
    const own = externalCredentialInOrg(from.org, 'Orders', 'Sync');
    await run('--send-to', 'named-credential', ...place(from));
    expect(own.held()).to.deep.equal(primary());
    expect(held()).to.equal(undefined);
  });

  it('refuses flags that do not fit, before it asks an org', async () => {
    await start();
    for (const flags of [
      place(),
      ['--replace'],
      ['--send-to', 'named-credential', ...place().slice(2), '--repo', 'acme/orders'],
      ['--send-to', 'named-credential', '--external-credential', 'Orders', '--principal', 'Sync'],
      ['--send-to', 'named-credential', ...place(), '--', 'cat'],
      ['--send-to', 'named-credential', ...place().with(-1, 'Sy\u001b[2Jnc')],
      ['--send-to', 'github', '--repo', 'acme/orders', ...place()],
      ['--finish', '--send-to', 'named-credential', ...place()],
    ])
      expect((await failure(run(...flags))).exitCode, flags.join(' ')).to.equal(2);
    expect(consumer().staged).to.equal(undefined);
  });

  it('is among the targets that a user at a terminal chooses from, who is asked for the org as well', async () => {
    await start();
    atTerminal(true);
    const choice = $$.SANDBOX.stub(PROMPTS, 'choice').resolves('named-credential');
    const answers = [adminOf(into), 'Orders', 'Sync'];
    const text = $$.SANDBOX.stub(PROMPTS, 'text').callsFake(async () => answers.shift() ?? '');
    prompter.confirm.resolves(true);
    await EcaCredentialsSend.run(['--target-org', adminOf(from), '--name', 'Order_Sync']);
    expect(JSON.stringify(choice.args)).to.include('External credential of an org');
    expect(text.args.map(([{ message }]) => message)).to.have.length(3);
    expect(held()).to.deep.equal(primary());
  });

  it('gives the principal the pair in use again when the org does not promote', async () => {
    await start();
    const old = primary();
    hold(old);
    $$.SANDBOX.stub(from.org, 'hasPropagated').returns(true);
    faultOf = ({ method }) => (method === 'PATCH' ? 'hidden' : undefined);
    expect(await failure(rotate())).to.include({ name: 'SentBackError', exitCode: 1 });
    expect([primary(), held(), consumer().staged]).to.deep.equal([old, old, undefined]);
  });

  it('does not finish before the principal has the promoted pair', async () => {
    await start('unknown');
    faultOf = (request) => (isWriteThere(request) ? 'hidden' : undefined);
    expect(await failure(rotate('--promote-unverified'))).to.include({
      name: 'PrincipalNotWrittenError',
      exitCode: 68,
    });
    const refused = await failure(run('--finish'));
    expect(refused).to.include({ name: 'TargetsWithoutPairError', exitCode: 1 });
    faultOf = () => undefined;
    await type(lineIn(textOf(refused)));
    expect(held()).to.deep.equal(primary());
    expect((await run('--finish')).outcome).to.equal('finished');
  });

  /** Rotates, with something else wrong each time, until nothing was wrong any more. A run that failed is begun again. */
  const throughAll = async (
    faultFrom: () => typeof faultOf,
    counts = (_: OnWire): boolean => true,
  ): Promise<number> => {
    for (let at = 0; ; at += 1) {
      const old = primary();
      hold(old);
      let [asked, isStaged] = [0, false];
      const fault = faultFrom();
      faultOf = (request) => {
        // Before a pair is staged, nothing can be lost.
        isStaged ||= request.method === 'POST' && request.path.endsWith('/staged');
        if (isStaged && counts(request)) asked += 1;
        return asked > at ? fault(request) : undefined;
      };
      const outcome = await rotate().then(
        ({ sentTo }) => (sentTo?.isSent ? 'sent' : 'not sent'),
        (error: SfError) => textOf(error),
      );
      faultOf = () => undefined;
      process.exitCode = undefined;
      const when = `from request ${at}: ${outcome}`;
      expect([await works(old), await works(primary()), await works(held())], when).to.deep.equal([true, true, true]);
      if (outcome !== 'sent') await rotate();
      expect(held(), when).to.deep.equal(primary()).and.not.to.deep.equal(old);
      // As after --finish.
      consumer().staged = undefined;
      if (asked <= at) return at;
    }
  };

  const isWrite = ({ method, path }: OnWire): boolean => method !== 'GET' && !path.startsWith('/services/Soap/');

  describe('when a connection breaks', () => {
    withShortPauses();

    it('keeps the new pair where the principal may have it, and names the line that gives it the pair in use', async () => {
      await start();
      const old = primary();
      let wrote = false;
      // The first write is carried out, and then the org is gone.
      faultOf = (request) => {
        if (request.to === 'from') return undefined;
        if (wrote) return 'unheard';
        wrote = isWriteThere(request);
        return wrote ? 'lost' : undefined;
      };
      const error = await failure(rotate());
      expect(error).to.include({ name: 'StagedPairKeptError', exitCode: 68 });
      expect(error.message).not.to.include(held()!.secret);
      expect([primary(), await works(held())]).to.deep.equal([old, true]);
      faultOf = () => undefined;
      await type(lineIn(textOf(error)));
      expect(held()).to.deep.equal(old);
      expect((await rotate()).outcome).to.equal('promoted');
      expect(held()).to.deep.equal(primary()).and.not.to.deep.equal(old);
    });

    for (const kind of ['unheard', 'lost'] as const) {
      it(`leaves pairs that work, from whichever request on (${kind})`, async () => {
        await start();
        // A read whose answer is lost is like one that was not heard.
        const counts = kind === 'lost' ? isWrite : undefined;
        expect(await throughAll(() => () => kind, counts)).to.be.greaterThan(3);
      });
    }
  });

  it('leaves pairs that work when a signal comes at whichever write', async () => {
    await start();
    const all = await throughAll(() => {
      let isSent = false;
      return () => {
        if (!isSent) process.emit('SIGINT', 'SIGINT');
        isSent = true;
        return undefined;
      };
    }, isWrite);
    expect(all).to.be.greaterThan(3);
  });
});
