import { randomBytes } from 'node:crypto';

import { expect } from 'chai';

import { awaitDeviceToken, beginDeviceLogin } from '../../src/client/device.ts';
import { documentedEndpoints, type Endpoints } from '../../src/client/endpoints.ts';
import { createHttpClient } from '../../src/client/httpClient.ts';
import { RefusedError } from '../../src/client/salesforceOauth.ts';
import { type Answer, openWire, type Wire } from './wire.ts';

describe('the device flow', () => {
  const http = createHttpClient();
  let wire: Wire;
  let answers: Answer[];
  let clock: number;
  let pauses: number[];

  beforeEach(async () => {
    clock = 0;
    pauses = [];
    wire = await openWire({ '/services/oauth2/token': () => answers.shift() ?? { status: 500 } });
  });
  afterEach(() => wire.close());

  const endpoints = (): Endpoints => ({ server: documentedEndpoints(wire.url) });
  const time = {
    now: () => clock,
    sleep: async (ms: number): Promise<void> => {
      pauses.push(ms);
      clock += ms;
    },
  };
  const codes = () => ({
    body: {
      device_code: randomBytes(8).toString('hex'),
      user_code: 'ABCD',
      verification_uri: `${wire.url}/connect`,
      interval: 5,
    },
  });
  const refusal = (error: string): Answer => ({ status: 400, body: { error, error_description: error } });
  const token = (): Answer => ({
    body: { access_token: randomBytes(8).toString('hex'), token_type: 'Bearer', scope: 'api' },
  });

  const logIn = async () => {
    const login = await beginDeviceLogin(http, endpoints(), 'key', ['api']);
    return awaitDeviceToken(http, endpoints(), 'key', login, time);
  };

  it('asks the token endpoint for codes, and takes them without a lifetime', async () => {
    answers = [codes()];
    const login = await beginDeviceLogin(http, endpoints(), 'key', ['api', 'id']);
    expect(Object.fromEntries(wire.seen[0]!.form)).to.deep.equal({
      response_type: 'device_code',
      client_id: 'key',
      scope: 'api id',
    });
    expect(login).to.include({ url: `${wire.url}/connect`, userCode: 'ABCD', intervalMs: 5000, lifeMs: 600_000 });
  });

  it('polls at the org’s pace until somebody has let the app in', async () => {
    answers = [
      codes(),
      refusal('authorization_pending'),
      refusal('slow_down'),
      refusal('authorization_pending'),
      token(),
    ];
    expect((await logIn()).scopes).to.deep.equal(['api']);
    expect(pauses).to.deep.equal([5000, 5000, 10_000, 10_000]);
    expect(wire.seen[1]!.form.get('grant_type')).to.equal('device');
    expect(wire.seen[1]!.form.get('code')).to.be.a('string').and.not.equal('');
  });

  for (const error of ['access_denied', 'invalid_grant']) {
    it(`ends when the org says ${error}`, async () => {
      answers = [codes(), refusal(error)];
      const thrown: unknown = await logIn().catch((reason: unknown) => reason);
      expect(thrown).to.be.instanceOf(RefusedError);
      expect((thrown as RefusedError).refusal.error).to.equal(error);
    });
  }

  it('ends when the codes are no longer good', async () => {
    answers = [codes(), ...Array.from({ length: 500 }, () => refusal('authorization_pending'))];
    const thrown: unknown = await logIn().catch((reason: unknown) => reason);
    expect((thrown as RefusedError).refusal.error).to.equal('authorization_pending');
    expect(clock).to.equal(600_000);
  });

  for (const [what, given, pace, life] of [
    ['without a pause', { interval: 0.001, expires_in: 60 }, 1000, 60_000],
    ['hardly ever', { interval: 1e9, expires_in: 120 }, 60_000, 120_000],
    ['for years', { interval: 5, expires_in: 1e9 }, 5000, 1_800_000],
  ] as const) {
    it(`does not take the org's word where it is to ask ${what}`, async () => {
      const { body } = codes();
      const pending = Array.from({ length: 500 }, () => refusal('authorization_pending'));
      answers = [{ body: { ...body, ...given } }, ...pending];
      const thrown: unknown = await logIn().catch((reason: unknown) => reason);
      expect((thrown as RefusedError).refusal.error).to.equal('authorization_pending');
      expect(pauses[0]).to.equal(pace);
      expect(clock).to.equal(life);
    });
  }

  it('is refused before it begins where the app does not have it', async () => {
    answers = [refusal('unsupported_grant_type')];
    const thrown: unknown = await logIn().catch((reason: unknown) => reason);
    expect((thrown as RefusedError).refusal.error).to.equal('unsupported_grant_type');
  });
});
