import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import type { Connection } from '@salesforce/core';
import { expect } from 'chai';

import { takeLock } from '../../../src/local/lock.ts';
import {
  closeSecretAccess,
  isSecretAccessOpen,
  openSecretAccess,
  restoreSecretAccess,
  withSecretAccess,
} from '../../../src/org/secrets/secretAccess.ts';
import { createPracticeServer, type PracticeServer } from '../../../src/practice/practice.ts';
import type { SfError } from '../../../src/salesforce.ts';
import { connectTo } from '../../connectTo.ts';
import { type Fault, FAULTS, type FaultyWire, type OnWire, openFaultyWire } from '../../faultyWire.ts';
import { withShortPauses } from '../../shortPauses.ts';

const quiet = (): void => undefined;
const refuseUpdates = ({ body }: OnWire): Fault | undefined =>
  body.includes('<updateMetadata>') ? 'refused' : undefined;
const root = join(import.meta.dirname, '..', '..', '..');
const folder = join(homedir(), '.sf', 'sf-plugin-eca');

describe("the org's switch for consumer secrets", () => {
  withShortPauses({ limits: 'short' });

  let practice: PracticeServer;
  let connection: Connection;

  const settings = () => practice.org.settings.ExternalClientAppSettings as Record<string, boolean>;
  const isOpen = () => settings().enableClientSecretInRestApiAccess;
  const journal = () => join(folder, `secret-access-${practice.org.orgId.slice(0, 15)}.json`);
  const deploys = () =>
    practice.requests.entries().filter(({ method, path }) => method === 'POST' && path.endsWith('/deployRequest'))
      .length;
  const updates = () =>
    practice.requests.entries().filter(({ summary }) => summary === 'updateMetadata ExternalClientAppSettings').length;
  /** How often the switch was turned, by a call or by a deploy. */
  const turns = () => deploys() + updates();

  /** A login that knows its org's Id, as those of `sf` do: the journal goes by it. */
  const logIn = async (url = practice.url): Promise<Connection> => {
    const login = await connectTo({ url, accessToken: practice.accessToken });
    login.getAuthInfo().update({ orgId: practice.org.orgId });
    return login;
  };

  beforeEach(async () => {
    practice = await createPracticeServer();
    connection = await logIn();
  });

  afterEach(() => practice.close());

  it('is open during the work, closed after it, and what else is set stays', async () => {
    settings().enablePackageEcaOauthFromDevOrg = true;
    const steps: string[] = [];
    const during = await withSecretAccess(
      connection,
      (step) => steps.push(step),
      () => Promise.resolve(isOpen()),
    );
    expect(during).to.equal(true);
    expect(steps).to.deep.equal(['opening', 'closing']);
    expect(settings()).to.deep.equal({
      enableClientSecretInRestApiAccess: false,
      enableConsumerSecretApiAccess: false,
      enablePackageEcaOauthFromDevOrg: true,
    });
    expect(existsSync(journal())).to.equal(false);
    expect([updates(), deploys()]).to.deep.equal([2, 0]);
  });

  it('is turned by a deploy where the org does not take the call', async () => {
    const wire = await openFaultyWire(practice, refuseUpdates);
    try {
      expect(await withSecretAccess(await logIn(wire.url), quiet, () => Promise.resolve(isOpen()))).to.equal(true);
      expect(isOpen()).to.equal(false);
      expect([updates(), deploys()]).to.deep.equal([0, 2]);
    } finally {
      await wire.close();
    }
  });

  it('is closed after work that fails', async () => {
    const failing = withSecretAccess(connection, quiet, () => Promise.reject(new Error('no')));
    expect(await failing.catch(String)).to.equal('Error: no');
    expect(isOpen()).to.equal(false);
  });

  it('is left open where the org has it open', async () => {
    settings().enableClientSecretInRestApiAccess = true;
    await withSecretAccess(connection, quiet, () => Promise.resolve());
    expect(isOpen()).to.equal(true);
    expect(turns()).to.equal(0);
  });

  it('is written down before it is turned, without a secret, for its user alone', async () => {
    const { close } = await openSecretAccess(connection, (step) => {
      if (step === 'opening') expect(existsSync(journal())).to.equal(true);
    });
    const entry = JSON.parse(readFileSync(journal(), 'utf8'));
    expect(entry).to.have.all.keys('orgId', 'before', 'holders');
    expect(entry).to.include({ orgId: practice.org.orgId.slice(0, 15), before: false });
    expect(entry.holders[0]).to.include({ pid: process.pid });
    const started = process.platform === 'linux' ? ['started'] : [];
    expect(entry.holders[0]).to.have.all.keys('id', 'pid', 'machine', 'since', ...started);
    await close();
  });

  it('is put back by the last of those who need it at the same time', async () => {
    const first = await openSecretAccess(connection, quiet);
    const [second, third] = await Promise.all([
      openSecretAccess(connection, quiet),
      openSecretAccess(await logIn(), quiet),
    ]);
    expect(turns()).to.equal(1);
    await first.close();
    expect(isOpen()).to.equal(true);
    await Promise.all([second.close(), third.close()]);
    expect(isOpen()).to.equal(false);
    expect(turns()).to.equal(2);
    expect(readdirSync(folder).filter((file) => file.startsWith('secret-access-'))).to.deep.equal([]);
  });

  it('is put back by the next run when the process that opened it was killed', async () => {
    await killed();
    expect(isOpen()).to.equal(true);
    await restoreSecretAccess(connection, quiet);
    expect(isOpen()).to.equal(false);
    expect(existsSync(journal())).to.equal(false);
  });

  it('is put back by the next run that needs it, too, which does not take it for the org’s own choice', async () => {
    await killed();
    await withSecretAccess(connection, quiet, () => Promise.resolve());
    expect(isOpen()).to.equal(false);
  });

  it('is left alone by a run that finds another at work', async () => {
    const { close } = await openSecretAccess(connection, quiet);
    await restoreSecretAccess(connection, quiet);
    expect(isOpen()).to.equal(true);
    await close();
  });

  it('costs no request to look whether there is something to put back', async () => {
    const before = practice.requests.entries().length;
    await restoreSecretAccess(connection, quiet);
    expect(practice.requests.entries()).to.have.length(before);
  });

  it('is put back after two hours, whoever has the number of the process by then', async () => {
    const { close } = await openSecretAccess(connection, quiet);
    const entry = JSON.parse(readFileSync(journal(), 'utf8'));
    entry.holders[0].since = new Date(Date.now() - 2.1 * 3_600_000).toISOString();
    writeFileSync(journal(), JSON.stringify(entry));
    await restoreSecretAccess(connection, quiet);
    expect(isOpen()).to.equal(false);
    await close();
    expect(turns()).to.equal(2);
  });

  /** Changes what is written down of the run that has the switch open. */
  const rewrite = (change: (holder: { pid: number; machine: string; started?: string }) => void): void => {
    const entry = JSON.parse(readFileSync(journal(), 'utf8'));
    change(entry.holders[0]);
    writeFileSync(journal(), JSON.stringify(entry));
  };

  const locks = (): string[] => readdirSync(folder).filter((name) => name.startsWith('secret-access-holder-'));

  it('is left alone while a run in another container is at work, whatever has its number here', async () => {
    const { close } = await openSecretAccess(connection, quiet);
    rewrite((holder) => Object.assign(holder, { machine: 'another', pid: 999_999_999 }));
    await restoreSecretAccess(connection, quiet);
    expect(isOpen()).to.equal(true);
    await close();
    expect(isOpen()).to.equal(false);
    expect(locks()).to.deep.equal([]);
  });

  it('is put back a minute after a run in another container was killed', async () => {
    await killed();
    // Its number is that of a process that lives here.
    rewrite((holder) => Object.assign(holder, { machine: 'another', pid: process.pid }));
    const [lock = ''] = locks();
    const secondsAgo = (seconds: number): Date => new Date(Date.now() - seconds * 1000);
    utimesSync(join(folder, lock), secondsAgo(30), secondsAgo(30));
    await restoreSecretAccess(connection, quiet);
    expect(isOpen()).to.equal(true);
    utimesSync(join(folder, lock), secondsAgo(61), secondsAgo(61));
    await restoreSecretAccess(connection, quiet);
    expect(isOpen()).to.equal(false);
    expect(locks()).to.deep.equal([]);
  });

  it('is put back when another process has got the number of the one that was killed', async function () {
    if (process.platform !== 'linux') this.skip();
    await killed();
    rewrite((holder) => Object.assign(holder, { pid: process.pid }));
    await restoreSecretAccess(connection, quiet);
    expect(isOpen()).to.equal(false);
  });

  it('is not opened where another user has a hand in what is written down', async () => {
    const elsewhere = join(folder, '..', 'elsewhere');
    const cases: Array<[string, () => void]> = [
      ['a folder that others can write in', () => chmodSync(folder, 0o777)],
      ['a folder that is a link', () => [renameSync(folder, elsewhere), symlinkSync(elsewhere, folder)]],
      ['a folder of another user', () => chownSync(folder, 54_321, 54_321)],
    ];
    await withSecretAccess(connection, quiet, () => Promise.resolve());
    const before = turns();
    for (const [what, plant] of cases) {
      if (what.endsWith('user') && process.getuid?.() !== 0) continue;
      plant();
      try {
        const error = await withSecretAccess(connection, quiet, () => expect.fail(what)).catch(
          (reason: SfError) => reason,
        );
        expect(error, what).to.include({ name: 'StateNotOwnError' });
        expect([isOpen(), turns()], what).to.deep.equal([false, before]);
      } finally {
        for (const path of [folder, elsewhere]) rmSync(path, { recursive: true, force: true });
        mkdirSync(folder, { mode: 0o700 });
      }
    }
  });

  it('takes no word of an entry that is a link, or another user’s', async () => {
    await withSecretAccess(connection, quiet, () => Promise.resolve());
    const planted = join(folder, 'planted.json');
    for (const own of [true, false]) {
      if (!own && process.getuid?.() !== 0) continue;
      writeFileSync(planted, JSON.stringify({ before: true, holders: [] }));
      if (own) symlinkSync(planted, journal());
      else {
        writeFileSync(journal(), readFileSync(planted));
        chownSync(journal(), 54_321, 54_321);
      }
      try {
        await withSecretAccess(connection, quiet, () => Promise.resolve()).catch(() => undefined);
        expect(isOpen()).to.equal(false);
      } finally {
        rmSync(journal(), { force: true });
      }
    }
  });

  it('is not opened where nothing can be written down, and the error says where', async () => {
    rmSync(folder, { recursive: true, force: true });
    // Something in the way stands in for a disk that is full, or that may not be written.
    writeFileSync(folder, '');
    try {
      const error = await withSecretAccess(connection, quiet, () => expect.fail('the work was done')).catch(
        (reason: SfError) => reason,
      );
      expect(error).to.include({ name: 'JournalUnwritableError' });
      expect((error as SfError).actions?.join()).to.include(folder);
      expect([isOpen(), turns()]).to.deep.equal([false, 0]);
    } finally {
      rmSync(folder);
    }
  });

  it('is closed on demand, whoever opened it', async () => {
    expect(await closeSecretAccess(connection)).to.equal(false);
    settings().enableClientSecretInRestApiAccess = true;
    expect(await closeSecretAccess(connection)).to.equal(true);
    expect(isOpen()).to.equal(false);
  });

  it('can be read', async () => {
    expect(await isSecretAccessOpen(connection)).to.equal(false);
    settings().enableClientSecretInRestApiAccess = true;
    expect(await isSecretAccessOpen(connection)).to.equal(true);
  });

  describe('when the process is told to end', () => {
    // A twentieth of a second, as short as pauses are here.
    const endSoon = () => setTimeout(() => process.emit('SIGTERM', 'SIGTERM'), 5_000);
    const nameOf = async (run: Promise<unknown>): Promise<string> =>
      run.then(
        () => 'went well',
        (error: Error) => error.name,
      );

    it('does not wait any more for another run on this machine', async () => {
      const letGo = await takeLock(journal(), 0);
      try {
        for (const run of [
          () => closeSecretAccess(connection),
          () => withSecretAccess(connection, quiet, () => Promise.resolve()),
        ]) {
          endSoon();
          expect(await nameOf(run())).to.equal('InterruptedError');
        }
        expect(turns()).to.equal(0);
      } finally {
        await letGo();
      }
    });

    // What is never answered: the first query for the settings. Where no call can open the switch, also the state of
    // the deploy that opens it.
    for (const [what, path, sent] of [
      ['the settings', '/tooling/query', 0],
      ['the deploy', '/deployRequest/', 2],
    ] as const) {
      it(`does not wait any more for ${what}, and closes what it may have opened`, async () => {
        let silent: string | undefined;
        const wire = await openFaultyWire(practice, async (request) => {
          const { path: asked } = request;
          if (asked.includes(path)) silent ??= asked;
          if (asked !== silent) return refuseUpdates(request);
          process.emit('SIGTERM', 'SIGTERM');
          return new Promise<undefined>(() => {});
        });
        try {
          const login = await logIn(wire.url);
          expect(await nameOf(withSecretAccess(login, quiet, () => Promise.resolve()))).to.equal('InterruptedError');
          expect(isOpen()).to.equal(false);
          expect(turns()).to.equal(sent);
          expect(existsSync(journal())).to.equal(false);
        } finally {
          await wire.close();
        }
      });
    }

    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      it(`is closed before it ends (${signal})`, async () => {
        const child = atWork();
        await child.open;
        expect(isOpen()).to.equal(true);
        process.kill(child.pid, signal);
        expect(await child.ended).to.equal({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
        expect(isOpen()).to.equal(false);
        expect(existsSync(journal())).to.equal(false);
      });
    }
  });

  describe('when a request goes wrong', function () {
    this.timeout(60_000);
    let wire: FaultyWire;

    afterEach(() => wire.close());

    for (const [fault, refuse, requests] of FAULTS.flatMap(
      (one) =>
        [
          [one, () => undefined, 5],
          [one, refuseUpdates, 9],
        ] as const,
    )) {
      const how = refuse === refuseUpdates ? 'by a deploy' : 'by a call';
      it(`is as it was in the end, whichever request it is (${fault}, turned ${how})`, async () => {
        for (let wrong = 0; ; wrong++) {
          const clean = await run(fault, wrong, refuse);
          expect(isOpen(), `request ${wrong}`).to.equal(false);
          await restoreSecretAccess(connection, quiet);
          expect(existsSync(journal()), `request ${wrong}`).to.equal(false);
          await wire.close();
          if (clean) {
            expect(wrong).to.equal(requests);
            return;
          }
        }
      });
    }

    it('says that it is open when it cannot be closed, and the next run closes it', async () => {
      let opened = false;
      wire = await openFaultyWire(practice, ({ method }) => (opened && method === 'POST' ? 'error' : undefined));
      connection = await logIn(wire.url);
      const error = await withSecretAccess(connection, quiet, () => {
        opened = true;
        return Promise.resolve();
      }).catch((reason: Error) => reason);
      expect(error).to.include({ name: 'SecretAccessLeftOpenError' });
      expect(isOpen()).to.equal(true);
      opened = false;
      await restoreSecretAccess(connection, quiet);
      expect(isOpen()).to.equal(false);
    });

    /** One run with one request gone wrong; true when there were not so many requests. */
    const run = async (
      fault: Fault,
      wrong: number,
      refuse: (request: OnWire) => Fault | undefined,
    ): Promise<boolean> => {
      wire = await openFaultyWire(practice, (request, index) => (index === wrong ? fault : refuse(request)));
      connection = await logIn(wire.url);
      await withSecretAccess(connection, quiet, () => Promise.resolve()).catch(() => undefined);
      return wire.seen.length <= wrong;
    };
  });

  /** A process of its own that has opened the switch and does not end by itself. */
  const atWork = () => {
    const script = `
      import { connectTo } from ${JSON.stringify(join(root, 'test', 'connectTo.ts'))};
      import { withSecretAccess } from ${JSON.stringify(join(root, 'src', 'org', 'secrets', 'secretAccess.ts'))};
      // As SfCommand does: it ends the process before anything can be tidied up.
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
      const connection = await connectTo({ url: process.argv[1], accessToken: process.env.TEST_ACCESS });
      connection.getAuthInfo().update({ orgId: ${JSON.stringify(practice.org.orgId)} });
      setInterval(() => {}, 1000);
      await withSecretAccess(connection, () => {}, () => new Promise(() => process.stdout.write('open')))
        .catch((error) => process.exit(error.exitCode));`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script, practice.url], {
      env: { ...process.env, TEST_ACCESS: practice.accessToken },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return {
      pid: child.pid ?? 0,
      open: new Promise((resolve) => child.stdout.once('data', resolve)),
      ended: new Promise((resolve) => child.once('exit', (code) => resolve(code))),
    };
  };

  const killed = async (): Promise<void> => {
    const child = atWork();
    await child.open;
    process.kill(child.pid, 'SIGKILL');
    await child.ended;
  };
});
