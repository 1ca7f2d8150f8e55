import { expect } from 'chai';

import { app, oauthApp, packageOf, type Piece, zipOf } from '../appFiles.ts';
import { openPractice, type Practice } from '../client.ts';
describe('deploys that the practice org keeps', () => {
  let practice: Practice;

  const opened = async (options: Parameters<typeof openPractice>[0] = {}): Promise<void> => {
    practice = await openPractice(options);
  };
  afterEach(() => practice.close());

  const apps = (): string[] =>
    practice.server.org.components('ExternalClientApplication').map(({ fullName }) => fullName);

  /** Sends a deploy and gives its id, whether or not it is done. */
  const send = async (pieces: Piece[], checkOnly = false): Promise<string> => {
    const options = { singlePackage: true, rollbackOnError: true, checkOnly };
    const { id } = await practice.connection.metadata.deploy(zipOf(packageOf(pieces)), options);
    return String(id);
  };

  const status = (id: string): Promise<Record<string, unknown>> => practice.connection.metadata.checkDeployStatus(id);

  const refusal = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'not refused',
      (error: Error) => error.message,
    );

  for (const rest of [false, true]) {
    it(`deploys what was validated, over ${rest ? 'REST' : 'SOAP'}`, async () => {
      await opened();
      const validated = await send(oauthApp('A'), true);
      expect(apps()).to.deep.equal([]);
      const id = await practice.connection.metadata.deployRecentValidation({ id: validated, rest });
      expect(id).to.match(/^0Af/).and.not.equal(validated);
      expect(await status(id)).to.include({ status: 'Succeeded', checkOnly: false });
      expect(apps()).to.deep.equal(['A']);
    });
  }

  it('deploys nothing that was not validated, went wrong, or was validated too long ago', async () => {
    await opened();
    const quick = (id: string): Promise<string> =>
      refusal(practice.connection.metadata.deployRecentValidation({ id, rest: true }));
    for (const id of [await send([app('A')]), await send([app('B', '')], true), '0Af000000000000AAA']) {
      expect(await quick(id)).to.match(/invalid or no longer valid/);
    }
    const old = await send([app('C')], true);
    practice.server.org.advance(11 * 24 * 3600 * 1000);
    expect(await quick(old)).to.match(/invalid or no longer valid/);
    expect(apps()).to.deep.equal(['A']);
  });

  it('stops one that is waiting, which then changes nothing', async () => {
    await opened({ faults: [{ fault: 'slow-deploy', seconds: 0.2 }] });
    const id = await send([app('A')]);
    expect(await status(id)).to.include({ status: 'Pending', done: false });
    await practice.connection.metadata.cancelDeploy(id);
    expect(await status(id)).to.include({
      status: 'Canceled',
      done: true,
      success: false,
      canceledByName: 'Ada Admin',
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await status(id)).to.include({ status: 'Canceled' });
    expect(apps()).to.deep.equal([]);
    const { records } = await practice.connection.tooling.query('SELECT Status FROM DeployRequest');
    expect(records[0]).to.include({ Status: 'Canceled' });
  });

  it('stops none that is done', async () => {
    await opened();
    const id = await send([app('A')]);
    expect(await refusal(practice.connection.metadata.cancelDeploy(id))).to.contain('Deployment already completed');
    expect(apps()).to.deep.equal(['A']);
  });
});
