import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import { Secret } from '../../../../src/app/secret.ts';
import { findEndpoints } from '../../../../src/client/endpoints.ts';
import { createHttpClient } from '../../../../src/client/httpClient.ts';
import { type ClientCredentials, requestClientCredentialsToken } from '../../../../src/client/token.ts';
import EcaCreate from '../../../../src/commands/eca/create.ts';
import EcaCredentialsRotate, {
  type EcaCredentialsRotateResult,
} from '../../../../src/commands/eca/credentials/rotate.ts';
import EcaOauthSet from '../../../../src/commands/eca/oauth/set.ts';
import { createPracticeServer, type PracticeServer } from '../../../../src/practice/practice.ts';
import type { SfError } from '../../../../src/salesforce.ts';
import { type Fault, type FaultyWire, type OnWire, openFaultyWire } from '../../../faultyWire.ts';
import { withShortPauses } from '../../../shortPauses.ts';
import { logIn } from '../../practice.ts';

describe('eca credentials rotate, when a request goes wrong', function () {
  withShortPauses();

  this.timeout(60_000);
  const $$ = new TestContext();
  let practice: PracticeServer;
  let wire: FaultyWire;
  let app: string[];
  /** What goes wrong with which of the next writes. */
  let fault: { kind: Fault; at: number } | undefined;
  let writes: OnWire[];
  /** At which write the process is told to end, and what becomes of the write then. */
  let signalled: { at: (request: OnWire) => boolean; then: () => undefined | Promise<never> } | undefined;

  beforeEach(async () => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    practice = await createPracticeServer({ variants: { 'staged-pair': 'works' } });
    fault = undefined;
    signalled = undefined;
    writes = [];
    wire = await openFaultyWire(practice, (request) => {
      if (!isWrite(request)) return undefined;
      const at = writes.push(request) - 1;
      if (signalled?.at(request)) {
        const { then } = signalled;
        signalled = undefined;
        process.emit('SIGTERM', 'SIGTERM');
        return then();
      }
      return at === fault?.at ? fault.kind : undefined;
    });
    const username = String(practice.org.seeded.admin.Username);
    await logIn($$, username, wire.url, practice.accessToken);
    app = ['--target-org', username, '--name', 'Order_Sync'];
    await EcaCreate.run([...app, '--contact-email', 'it@example.com']);
    const flow = ['--flow', 'client-credentials', '--run-as', String(practice.org.seeded.integrationUser.Username)];
    await EcaOauthSet.run([...app, '--callback-url', 'https://orders.example.com/cb', '--scope', 'api', ...flow]);
  });

  afterEach(async () => {
    await wire.close();
    await practice.close();
    process.exitCode = undefined;
  });

  const rotate = async (...flags: string[]): Promise<EcaCredentialsRotateResult> =>
    EcaCredentialsRotate.run([...app, '--wait', '0', '--allow-secret-access', '--no-prompt', ...flags]);

  const consumer = () => [...practice.org.consumers.values()][0]!;
  const inUse = (): ClientCredentials => ({
    consumerKey: consumer().primary.key,
    consumerSecret: new Secret(consumer().primary.secret),
  });
  const isOpen = () => practice.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess;

  const works = async (pair: ClientCredentials): Promise<boolean> => {
    const http = createHttpClient();
    const endpoints = await findEndpoints(http, wire.url);
    return requestClientCredentialsToken(http, endpoints, pair).then(
      () => true,
      () => false,
    );
  };

  // Reading is done again, whatever it is that is read; that has tests of its own.
  const isWrite = (request: OnWire): boolean =>
    isOfSwitch(request) || (request.method !== 'GET' && !request.path.startsWith('/services/Soap/'));

  /** Turns the org's switch: a call of the Metadata API over SOAP. */
  const isOfSwitch = ({ body }: OnWire): boolean => body.includes('updateMetadata');

  // The other kinds of faultyWire.ts differ from these in what the user is told. What the org has done is the same.
  for (const kind of ['unheard', 'lost'] as const) {
    it(`leaves a working pair and the switch as it was, and a second run finishes the job (${kind})`, async () => {
      for (let wrong = 0; ; wrong++) {
        const old = inUse();
        writes = [];
        fault = { kind, at: wrong };
        const outcome = await rotate().then(
          () => 'went well',
          (error: Error) => error.name,
        );
        const asked = writes[wrong];
        fault = undefined;
        const when = `request ${wrong}, ${asked?.method} ${asked?.path}: ${outcome}`;
        expect(isOpen(), when).to.equal(false);
        expect([await works(old), await works(inUse())], when).to.deep.equal([true, true]);
        const promoted = inUse().consumerKey !== old.consumerKey;
        expect(consumer().staged?.state, when).to.equal(promoted ? 'Rotated' : undefined);

        const again = await rotate();
        expect(again.outcome, when).to.equal(promoted ? 'already-promoted' : 'promoted');
        expect(again.consumerKey, when).to.equal(inUse().consumerKey).and.not.to.equal(old.consumerKey);
        expect([isOpen(), await works(old), await works(inUse())], when).to.deep.equal([false, true, true]);
        expect((await rotate('--finish')).outcome, when).to.equal('finished');
        expect([isOpen(), await works(old), await works(inUse())], when).to.deep.equal([false, false, true]);
        if (!asked) {
          expect(wrong).to.be.greaterThan(6);
          return;
        }
      }
    });
  }

  it('closes the switch after a signal, also when a request is never answered', async () => {
    signalled = { at: ({ path }) => path.endsWith('/staged'), then: () => new Promise<never>(() => {}) };
    const error = (await rotate().catch((thrown: unknown) => thrown)) as SfError;
    expect(error).to.include({ name: 'InterruptedError', exitCode: 143 });
    // It did not wait until the request was given up. Otherwise it would know that nothing is left of the pair.
    expect(error.message).to.include('did not answer in time');
    expect(isOpen()).to.equal(false);
  });

  it('gives its result when the signal comes while it closes the switch, with the signal’s exit code', async () => {
    let turns = 0;
    signalled = { at: (request) => isOfSwitch(request) && ++turns === 2, then: () => undefined };
    const { outcome, consumerKey } = await rotate();
    expect(outcome).to.equal('promoted');
    expect(consumerKey).to.equal(inUse().consumerKey);
    expect(process.exitCode).to.equal(143);
    expect(isOpen()).to.equal(false);
  });
});
