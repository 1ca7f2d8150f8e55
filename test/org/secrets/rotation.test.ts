import type { Connection } from '@salesforce/core';
import { expect } from 'chai';

import type { Finding } from '../../../src/app/checks.ts';
import { Secret } from '../../../src/app/secret.ts';
import { findEndpoints } from '../../../src/client/endpoints.ts';
import { createHttpClient } from '../../../src/client/httpClient.ts';
import { pairTrial } from '../../../src/client/pairTrial.ts';
import { requestClientCredentialsToken } from '../../../src/client/token.ts';
import { readFacts } from '../../../src/org/app/facts.ts';
import { requireApp, type StoredApp } from '../../../src/org/app/read.ts';
import { writeApp } from '../../../src/org/app/write.ts';
import { finishRotation, rotate, type RotationOptions, UnverifiedPair } from '../../../src/org/secrets/rotation.ts';
import { type KeyPair, readRotation } from '../../../src/org/secrets/stagedSlot.ts';
import {
  createPracticeServer,
  type PracticeServer,
  type PracticeServerOptions,
} from '../../../src/practice/practice.ts';
import { connectTo } from '../../connectTo.ts';
import { type Fault, type FaultyWire, openFaultyWire } from '../../faultyWire.ts';
import { withShortPauses } from '../../shortPauses.ts';

const quiet = (): void => undefined;
const PASSED: Finding = { status: 'passed', detail: { code: 'detail.token', values: [] } };
const FAILED: Finding = { status: 'failed', detail: { code: 'detail.refused', values: [] } };

describe('rotating credentials', () => {
  withShortPauses();
  let practice: PracticeServer;
  let connection: Connection;
  let stored: StoredApp;
  let app: { id: string; name: string };

  const start = async (options: PracticeServerOptions = {}, clientCredentials = true): Promise<void> => {
    practice = await createPracticeServer(options);
    connection = await connectTo(practice);
    await writeApp(
      connection,
      undefined,
      {
        name: 'Order_Sync',
        label: 'Order Sync',
        contactEmail: 'it@example.com',
        oauth: {
          callbackUrls: ['https://orders.example.com/cb'],
          flows: clientCredentials ? ['web-server', 'client-credentials'] : ['web-server'],
          ...(clientCredentials ? { runAs: String(practice.org.seeded.integrationUser.Username) } : {}),
        },
        scopes: ['api'],
      },
      { dryRun: false, wait: 1 },
    );
    stored = await requireApp(connection, 'Order_Sync');
    app = { id: stored.id, name: 'Order_Sync' };
    practice.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess = true;
  };

  afterEach(() => practice.close());

  const consumer = () => practice.org.consumers.get(stored.id)!;
  const primary = (): KeyPair => ({
    consumerKey: consumer().primary.key,
    consumerSecret: new Secret(consumer().primary.secret),
  });

  const works = async (pair: KeyPair): Promise<boolean> => {
    const http = createHttpClient();
    const endpoints = await findEndpoints(http, practice.org.instanceUrl);
    return requestClientCredentialsToken(http, endpoints, pair).then(
      () => true,
      () => false,
    );
  };

  const options = async (more: Partial<RotationOptions> = {}, login = connection): Promise<RotationOptions> => {
    const known = await readFacts(login, stored, undefined, true);
    const propagation = { waitMs: 0, now: () => Date.now(), sleep: () => Promise.resolve(), onWait: quiet };
    return {
      tryPair: pairTrial(createHttpClient(), known, propagation),
      promoteUnverified: false,
      sendLine: (words) => words.join(' '),
      signal: new AbortController().signal,
      onProgress: quiet,
      ...more,
    };
  };

  /** As a run that was cut off would leave it. */
  const stageOnly = async (): Promise<void> => {
    const url = `/services/data/v67.0/apps/oauth/credentials/${app.id}/${consumer().id}/staged`;
    await connection.request({ method: 'POST', url, body: '{}' });
  };

  const reasonOf = async (run: Promise<unknown>): Promise<Error> =>
    run.then(
      () => expect.fail('It went well.'),
      (error: Error) => error,
    );

  it('stages, tries, promotes and tries again, and the old pair goes on working', async () => {
    await start({ variants: { 'staged-pair': 'works' } });
    const old = primary();
    practice.requests.clear();
    const { outcome, pair, trial, previous } = await rotate(connection, app, await options());
    expect({ outcome, pair, trial: trial.status }).to.deep.equal({
      outcome: 'promoted',
      pair: primary(),
      trial: 'passed',
    });
    expect(pair.consumerKey).not.to.equal(old.consumerKey);
    expect(pair.consumerSecret.reveal()).to.equal(consumer().primary.secret);
    expect(pair.consumerSecret.reveal()).not.to.equal(old.consumerSecret.reveal());
    expect(previous).to.include({ consumerKey: old.consumerKey, state: 'Rotated' });
    expect(await works(old)).to.equal(true);
    const steps = practice.requests
      .entries()
      .flatMap(({ method, path, summary }) =>
        /\/staged(\/\w+)?$/.test(path) && method !== 'GET'
          ? [method]
          : summary === 'client_credentials'
            ? ['token']
            : [],
      );
    expect(steps).to.deep.equal(['POST', 'token', 'PATCH', 'token', 'token']);
    expect([...practice.org.sessions.values()].filter(({ appId }) => appId)).to.have.length(1);
  });

  it('takes a pair that gets no token away again, and says why', async () => {
    await start({ variants: { 'staged-pair': 'unknown' } });
    const old = primary();
    const error = await reasonOf(rotate(connection, app, await options()));
    expect(error).to.be.instanceOf(UnverifiedPair);
    expect(JSON.stringify((error as UnverifiedPair).trial)).to.include('invalid_client_id');
    expect(primary()).to.deep.equal(old);
    expect(consumer().staged).to.equal(undefined);
  });

  it('waits for the org to know the pair', async () => {
    await start({ variants: { 'staged-pair': 'unknown' } });
    let asked = 0;
    const propagation = {
      waitMs: 60_000,
      now: () => Date.now(),
      sleep: () => {
        if (++asked === 2) practice.org.variants['staged-pair'] = 'works';
        return Promise.resolve();
      },
      onWait: quiet,
    };
    const known = await readFacts(connection, stored, undefined, true);
    const waiting = { tryPair: pairTrial(createHttpClient(), known, propagation) };
    const { outcome } = await rotate(connection, app, await options(waiting));
    expect({ outcome, asked }).to.deep.equal({ outcome: 'promoted', asked: 2 });
  });

  it('promotes a pair that was not seen to work only when told so', async () => {
    await start();
    const old = primary();
    const { trial } = await rotate(connection, app, await options({ promoteUnverified: true }));
    expect(trial.status).to.equal('passed');
    expect(primary().consumerKey).not.to.equal(old.consumerKey);
    expect(await works(old)).to.equal(true);
  });

  it('does not take an app without the client-credentials flow for one that was tried', async () => {
    await start({}, false);
    const old = primary();
    const error = await reasonOf(rotate(connection, app, await options()));
    expect((error as UnverifiedPair).trial).to.deep.equal({
      status: 'skipped',
      detail: { code: 'detail.notTriable', values: [] },
    });
    expect(primary()).to.deep.equal(old);
    expect(consumer().staged).to.equal(undefined);
    const { trial } = await rotate(connection, app, await options({ promoteUnverified: true }));
    expect(trial.status).to.equal('skipped');
    expect(primary()).not.to.deep.equal(old);
  });

  it('goes on with a pair that an earlier run staged', async () => {
    await start({ variants: { 'staged-pair': 'works' } });
    await stageOnly();
    const { key } = consumer().staged!;
    const { pair } = await rotate(connection, app, await options());
    expect(pair.consumerKey).to.equal(key);
  });

  it('hands a promoted pair over again until the old one is revoked', async () => {
    await start();
    const first = await rotate(connection, app, await options({ promoteUnverified: true }));
    const again = await rotate(connection, app, await options());
    expect(again).to.deep.include({ outcome: 'already-promoted', pair: first.pair, previous: first.previous });
    expect(again.trial.status).to.equal('passed');
  });

  it('stages a new pair in the place of one that has expired', async () => {
    await start({ variants: { 'staged-pair': 'works' } });
    const first = await rotate(connection, app, await options());
    consumer().staged!.expirationDate = new Date(Date.now() - 1000);
    const second = await rotate(connection, app, await options());
    expect(second.outcome).to.equal('promoted');
    expect(second.previous?.consumerKey).to.equal(first.pair.consumerKey);
  });

  it('revokes the old pair at the end, and not twice', async () => {
    await start();
    const old = primary();
    await rotate(connection, app, await options({ promoteUnverified: true }));
    const finished = await finishRotation(connection, app, await options());
    expect(finished).to.deep.include({ outcome: 'finished', consumerKey: primary().consumerKey });
    expect(finished.previous?.consumerKey).to.equal(old.consumerKey);
    expect([await works(old), await works(primary())]).to.deep.equal([false, true]);
    expect((await finishRotation(connection, app, await options())).outcome).to.equal('nothing-to-finish');
  });

  it('does not revoke the old pair while the new one gets no token', async () => {
    await start();
    const old = primary();
    await rotate(connection, app, await options({ promoteUnverified: true }));
    const error = await reasonOf(
      finishRotation(connection, app, await options({ tryPair: () => Promise.resolve(FAILED) })),
    );
    expect(error).to.be.instanceOf(UnverifiedPair);
    expect(await works(old)).to.equal(true);
  });

  it('has nothing to finish while the new pair is not promoted', async () => {
    await start();
    await stageOnly();
    expect((await reasonOf(finishRotation(connection, app, await options()))).name).to.equal('NotPromotedError');
    expect(consumer().staged?.state).to.equal('Active');
  });

  it('leaves the app alone that sf itself is logged in through', async () => {
    await start();
    const old = primary();
    connection.getAuthInfo().update({ clientId: old.consumerKey });
    expect((await reasonOf(rotate(connection, app, await options()))).name).to.equal('OwnLoginError');
    expect(consumer().staged).to.equal(undefined);
    connection.getAuthInfo().update({ clientId: 'PlatformCLI' });
    await rotate(connection, app, await options({ promoteUnverified: true }));
    connection.getAuthInfo().update({ clientId: old.consumerKey });
    expect((await reasonOf(finishRotation(connection, app, await options()))).name).to.equal('OwnLoginError');
    expect(await works(old)).to.equal(true);
  });

  it('says since when Salesforce has staged credentials', async () => {
    await start();
    connection.setApiVersion('64.0');
    for (const run of [rotate(connection, app, await options()), readRotation(connection, app)]) {
      expect((await reasonOf(run)).message)
        .to.include('65.0')
        .and.to.include('64.0');
    }
  });

  it('says how things stand, and no secret', async () => {
    await start();
    expect(await readRotation(connection, app)).to.deep.equal([
      { consumer: { id: consumer().id, name: consumer().name, consumerKey: primary().consumerKey }, staged: undefined },
    ]);
    const { pair } = await rotate(connection, app, await options({ promoteUnverified: true }));
    const state = JSON.stringify(await readRotation(connection, app));
    expect(state).to.include('Rotated').and.to.include(pair.consumerKey);
    for (const { secret } of [consumer().primary, consumer().staged!]) expect(state).not.to.include(secret);
  });

  describe('when the process is told to end', () => {
    it('takes the pair away before it is promoted', async () => {
      await start({ variants: { 'staged-pair': 'works' } });
      const old = primary();
      const stop = new AbortController();
      const stopping = async (): Promise<Finding> => {
        stop.abort(new Error('told to end'));
        return Promise.resolve(PASSED);
      };
      const run = rotate(connection, app, await options({ tryPair: stopping, signal: stop.signal }));
      expect((await reasonOf(run)).message).to.equal('told to end');
      expect(primary()).to.deep.equal(old);
      expect(consumer().staged).to.equal(undefined);
    });

    it('hands the pair over once it is promoted', async () => {
      await start();
      const stop = new AbortController();
      let tries = 0;
      const stopping = async (): Promise<Finding> => {
        if (++tries === 1) return Promise.resolve(PASSED);
        stop.abort(new Error('told to end'));
        return Promise.reject(stop.signal.reason as Error);
      };
      const { pair, trial } = await rotate(connection, app, await options({ tryPair: stopping, signal: stop.signal }));
      expect(pair).to.deep.equal(primary());
      expect(trial.status).to.equal('skipped');
    });
  });

  describe('when a request goes wrong', function () {
    this.timeout(60_000);
    let wire: FaultyWire;
    let fault: { kind: Fault; at: number } | undefined;

    afterEach(() => wire.close());

    const startOnWire = async (): Promise<void> => {
      await start({ variants: { 'staged-pair': 'works' } });
      fault = undefined;
      wire = await openFaultyWire(practice, (_request, index) => (index === fault?.at ? fault.kind : undefined));
      connection = await connectTo({ url: wire.url, accessToken: practice.accessToken });
    };

    /** One run with one request gone wrong; `clean` when there were not so many requests. */
    const runWith = async (
      kind: Fault,
      wrong: number,
      work: () => Promise<unknown>,
    ): Promise<{ clean: boolean; asked?: string }> => {
      const at = wire.seen.length + wrong;
      fault = { kind, at };
      await work().catch(() => undefined);
      fault = undefined;
      const asked = wire.seen[at];
      return { clean: !asked, asked: asked && `${asked.method} ${asked.path}` };
    };

    // The others of faultyWire.ts differ in what the user is told, not in what the org has done.
    for (const kind of ['unheard', 'lost'] as const) {
      it(`the old pair is revoked by a second run, and the new one works throughout (${kind})`, async () => {
        await startOnWire();
        for (let wrong = 0; ; wrong++) {
          await rotate(connection, app, await options());
          const { clean, asked } = await runWith(kind, wrong, async () =>
            finishRotation(connection, app, await options()),
          );
          const when = `request ${wrong}: ${asked}`;
          expect(await works(primary()), when).to.equal(true);
          await finishRotation(connection, app, await options());
          expect(consumer().staged, when).to.equal(undefined);
          expect(await works(primary()), when).to.equal(true);
          if (clean) {
            expect(wrong).to.be.greaterThan(9);
            return;
          }
        }
      });
    }
  });
});
