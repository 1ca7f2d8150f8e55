import type { Connection } from '@salesforce/core';
import { expect } from 'chai';

import type { Wish } from '../../../src/app/app.ts';
import { readApp, requireApp } from '../../../src/org/app/read.ts';
import type { WriteOptions } from '../../../src/org/app/send.ts';
import { writeApp } from '../../../src/org/app/write.ts';
import type { WriteResult } from '../../../src/org/app/writeResult.ts';
import { createPracticeServer, type PracticeServer } from '../../../src/practice/practice.ts';
import { connectTo } from '../../connectTo.ts';

const OPTIONS: WriteOptions = { dryRun: false, wait: 1 };
const BASICS: Wish = { name: 'Order_Sync', label: 'Order Sync', contactEmail: 'it@example.com' };

describe('writing an app', () => {
  let practice: PracticeServer;
  let connection: Connection;

  const write = async (wish: Wish, more: Partial<WriteOptions> = {}): Promise<WriteResult> =>
    writeApp(connection, await readApp(connection, wish.name), wish, { ...OPTIONS, ...more });

  const deploys = (): number =>
    practice.requests.entries().filter(({ method, path }) => method === 'POST' && path.endsWith('/deployRequest'))
      .length;

  beforeEach(async () => {
    practice = await createPracticeServer();
    connection = await connectTo(practice);
  });

  afterEach(() => practice.close());

  it('makes an app, reads it back and says what it did', async () => {
    const result = await write(BASICS);
    expect(result).to.include({ created: true, dryRun: false });
    expect(result.app).to.include({ name: 'Order_Sync', label: 'Order Sync', contactEmail: 'it@example.com' });
    expect(result.app.id).to.match(/^0xI\w{15}$/);
    expect(result.app.setupUrl).to.include(result.app.id);
    expect(result.deployId).to.match(/^0Af/);
    expect(result.notApplied).to.deep.equal([]);
    expect(result.changes).to.deep.include({ field: 'label', after: 'Order Sync' });
  });

  it('deploys nothing when nothing changes', async () => {
    await write(BASICS);
    const before = deploys();
    const again = await write(BASICS);
    expect(again).to.deep.include({ created: false, changes: [], notApplied: [] });
    expect(again.deployId).to.equal(undefined);
    expect(deploys()).to.equal(before);
  });

  it('brings values back that XML, SOQL and shells would trip over', async () => {
    const description = '<b> & "quotes" \'single\' ${HOME} $(id)\nsecond line ]]> ünï';
    const result = await write({ ...BASICS, label: "O'Brien & <Sons>", description });
    expect(result.app).to.include({ label: "O'Brien & <Sons>", description });
    expect(result.notApplied).to.deep.equal([]);
  });

  it('refuses a value that XML cannot carry before anything is sent', async () => {
    await refused(write({ ...BASICS, description: 'bell \u0007' }), 'ValueNotWritableError');
    expect(deploys()).to.equal(0);
  });

  it('switches OAuth on with both switches of client credentials in one deploy', async () => {
    await write(BASICS);
    const before = deploys();
    const { app, changes } = await write({ name: 'Order_Sync', ...oauth });
    expect(deploys()).to.equal(before + 1);
    expect(app.oauth).to.deep.include({
      callbackUrls: ['https://orders.example.com/oauth/callback'],
      flows: ['web-server', 'client-credentials'],
      runAs: String(practice.org.seeded.integrationUser.Username),
    });
    expect(app.scopes).to.deep.equal(['api', 'refresh_token']);
    expect(app.consumerKey).to.be.a('string').and.not.equal('');
    expect(changes.map(({ field }) => field)).to.include.members([
      'oauth.callbackUrls',
      'oauth.flows',
      'oauth.runAs',
      'scopes',
    ]);
  });

  it('touches only the component that changes, and leaves the others as they are', async () => {
    await write({ ...BASICS, ...oauth });
    const key = (await requireApp(connection, 'Order_Sync')).consumerKey;
    const before = await requireApp(connection, 'Order_Sync');
    await write({ name: 'Order_Sync', scopes: ['api', 'refresh_token', 'openid'] });
    const after = await requireApp(connection, 'Order_Sync');
    expect(after.app).to.deep.equal({ ...before.app, scopes: ['api', 'refresh_token', 'openid'] });
    expect(after.consumerKey).to.equal(key);
    expect(after.components.oauthPolicies).to.deep.equal(before.components.oauthPolicies);
  });

  it('needs the word on the certificate before it changes settings that somebody else changed last', async () => {
    await practice.close();
    practice = await createPracticeServer({ variants: { 'certificate-retrieved': 'never' } });
    connection = await connectTo(practice);
    await write({ ...BASICS, ...oauth });
    const [settings] = practice.org.components('ExtlClntAppGlobalOauthSettings');
    practice.org.putComponent({ ...settings!, lastModifiedDate: new Date(practice.org.now().getTime() + 60_000) });
    const change: Wish = { name: 'Order_Sync', oauth: { callbackUrls: ['https://new.example.com/cb'] } };
    const before = deploys();
    await refused(write(change), 'CertificateNeededError');
    expect(deploys()).to.equal(before);
    const { app } = await write({ ...change, oauth: { ...change.oauth, certificateFile: 'none' } });
    expect(app.oauth?.callbackUrls).to.deep.equal(['https://new.example.com/cb']);
  });

  it('has the org validate and write nothing with a dry run', async () => {
    const { app, deployId } = await write(BASICS, { dryRun: true });
    expect(app).to.deep.equal(BASICS);
    expect(deployId).to.be.a('string');
    expect(await readApp(connection, 'Order_Sync')).to.equal(undefined);
  });

  it('says what the org refused, and leaves the org as it was', async () => {
    const error = await refused(
      write({ ...BASICS, ...oauth, oauth: { ...oauth.oauth, runAs: 'nobody@example.com' } }),
      'DeployFailedError',
    );
    expect(error.message).to.include('valid execution user');
    expect(error.actions).to.have.length.greaterThan(0);
    expect(await readApp(connection, 'Order_Sync')).to.equal(undefined);
  });

  for (const version of [67, 68]) {
    it(`says before it writes that SOAP refuses a login with a JWT (API version ${version}.0)`, async () => {
      await practice.close();
      practice = await createPracticeServer({ apiVersion: version });
      connection = await connectTo(practice);
      await write(BASICS);
      const before = deploys();
      const session = practice.org.openSession({
        userId: practice.org.seeded.admin.Id,
        scopes: ['full'],
        format: 'jwt',
        expiresAt: new Date(Date.now() + 60_000),
        token: ['eyJhbGciOiJSUzI1NiJ9', 'eyJzdWIiOiJ4In0', 'c2lnbmF0dXJl'].join('.'),
      });
      connection = await connectTo({ url: practice.url, accessToken: session.token });
      const error = await refused(write({ ...BASICS, description: 'x' }), 'JwtLoginError');
      expect(error.actions?.join()).to.include('sf org login web');
      expect(error.message).not.to.include(session.token);
      expect(deploys()).to.equal(before);
    });
  }

  it('refuses a lower API version for an app that is there', async () => {
    await write(BASICS);
    await refused(write({ ...BASICS, description: 'x' }, { apiVersion: '62.0' }), 'ApiVersionTooLowError');
  });

  it('names the field that an API version lacks', async () => {
    const wish: Wish = { ...BASICS, ...oauth, policies: { profiles: ['System Administrator'] } };
    const error = await refused(write(wish, { apiVersion: '61.0' }), 'FieldNeedsVersionError');
    expect(error.message).to.include('policies.profiles').and.include('62.0').and.include('61.0');
    expect(deploys()).to.equal(0);
  });

  it('names the version that a value needs, where it is newer than its field', async () => {
    const wish: Wish = {
      ...BASICS,
      oauth: { callbackUrls: ['https://orders.example.com/cb'], flows: ['web-server'] },
      scopes: ['api'],
    };
    const stepUp = write({ ...wish, policies: { sessionLevelAction: 'step-up-mfa' } }, { apiVersion: '66.0' });
    expect((await refused(stepUp, 'FieldNeedsVersionError')).message)
      .to.include('step-up-mfa')
      .and.include('67.0');
    const minutes = write({ ...wish, policies: { jwtTimeoutMinutes: 60 } }, { apiVersion: '64.0' });
    expect((await refused(minutes, 'FieldNeedsVersionError')).message)
      .to.include('60')
      .and.include('65.0');
    const short = await write({ ...wish, policies: { jwtTimeoutMinutes: 30 } }, { apiVersion: '64.0' });
    expect(short.app.policies?.jwtTimeoutMinutes).to.equal(30);
  });

  const oauth = {
    get oauth(): NonNullable<Wish['oauth']> {
      return {
        callbackUrls: ['https://orders.example.com/oauth/callback'],
        flows: ['web-server', 'client-credentials'],
        runAs: String(practice.org.seeded.integrationUser.Username),
      };
    },
    scopes: ['api', 'refresh_token'],
  } satisfies Partial<Wish>;
});

const refused = async (promise: Promise<unknown>, name: string): Promise<Error & { actions?: string[] }> => {
  const error = await promise.then(
    () => undefined,
    (reason: Error) => reason,
  );
  expect(error?.name, error?.message).to.equal(name);
  return error!;
};
