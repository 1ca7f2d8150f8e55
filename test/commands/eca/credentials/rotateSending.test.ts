import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

import { TestContext } from '@salesforce/core/testSetup';
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
import { newKeyPair } from '../../../../src/practice/keyPairs.ts';
import { createPracticeServer, type PracticeServer } from '../../../../src/practice/practice.ts';
import type { SfError } from '../../../../src/salesforce.ts';
import { type Fault, type FaultyWire, type OnWire, openFaultyWire } from '../../../faultyWire.ts';
import { type Run, type StandIn, type StandIns, standIns } from '../../../local/standInProgram.ts';
import { appInOrg } from '../../../practice/oauth/appInOrg.ts';
import { withShortPauses } from '../../../shortPauses.ts';
import { asItIs, atTerminal } from '../../../ui/atTerminal.ts';
import { failure, logIn } from '../../practice.ts';

/** A pair as a program got it. */
type Held = { key?: string; secret?: string };

const fromDotenv = ({ input }: Run): Held => {
  const { SALESFORCE_CLIENT_ID: key, SALESFORCE_CLIENT_SECRET: secret } = parseEnv(input);
  return { key, secret };
};

/** A kind of target: its program, the flags that name it, and what a writing run of the program leaves. */
type Kind = {
  program: string;
  flags: string[];
  /** Words of each call that writes, where there is nothing yet. */
  calls: string[];
  /** Words of all calls that write, where there is nothing yet. */
  writes: string;
  /** Words of another call that writes. */
  updates?: string;
  held: (run: Run) => Held;
};

const KINDS: Record<string, Kind> = {
  github: {
    program: 'gh',
    flags: ['--send-to', 'github', '--repo', 'acme/orders', '--environment', 'prod "1"'],
    calls: ['secret set'],
    writes: 'secret set',
    held: fromDotenv,
  },
  gitlab: {
    program: 'glab',
    flags: ['--send-to', 'gitlab', '--project', 'acme/orders'],
    calls: ['variable set SALESFORCE_CLIENT_ID', 'variable set SALESFORCE_CLIENT_SECRET'],
    writes: 'variable set',
    updates: 'variable update',
    held: ({ argv, input }) => (argv[2] === 'SALESFORCE_CLIENT_ID' ? { key: input } : { secret: input }),
  },
  vault: {
    program: 'vault',
    flags: ['--send-to', 'vault', '--path', 'apps/orders'],
    calls: ['kv patch'],
    writes: 'kv patch',
    held: ({ input }) => {
      const values = JSON.parse(input) as Record<string, string>;
      return { key: values.SALESFORCE_CLIENT_ID, secret: values.SALESFORCE_CLIENT_SECRET };
    },
  },
  command: {
    program: 'my-store',
    flags: ['--send-to', 'command', '--', 'my-store', 'add', '$(id)'],
    calls: ['add'],
    writes: 'add',
    held: fromDotenv,
  },
};

/** The texts of all files under a folder, by their paths. */
const filesUnder = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [path, readFileSync(path, 'latin1')]),
  );

describe('eca credentials rotate --send-to', function () {
  this.timeout(300_000);
  const $$ = new TestContext();
  let practice: PracticeServer;
  let wire: FaultyWire;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let prompter: ReturnType<typeof stubPrompter>;
  let programs: StandIns;
  let username: string;
  /** What happens to a request on the wire. */
  let faultOf: (request: OnWire) => Fault | undefined;

  const start = async (staged: 'works' | 'unknown' = 'works'): Promise<void> => {
    practice = await createPracticeServer({ variants: { 'staged-pair': staged } });
    wire = await openFaultyWire(practice, (request) => faultOf(request));
    username = String(practice.org.seeded.admin.Username);
    await logIn($$, username, wire.url, practice.accessToken);
    appInOrg(practice.org);
    practice.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess = true;
  };

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    prompter = stubPrompter($$.SANDBOX);
    programs = standIns();
    faultOf = () => undefined;
  });

  afterEach(async () => {
    asItIs();
    programs.remove();
    await wire?.close();
    await practice?.close();
    process.exitCode = undefined;
  });

  const consumer = () => [...practice.org.consumers.values()][0]!;
  const primary = (): Held => ({ key: consumer().primary.key, secret: consumer().primary.secret });

  const works = async ({ key = '', secret = '' }: Held): Promise<boolean> => {
    const http = createHttpClient();
    const pair = { consumerKey: key, consumerSecret: new Secret(secret) };
    return requestClientCredentialsToken(http, await findEndpoints(http, wire.url), pair).then(
      () => true,
      () => false,
    );
  };

  const run = async (...flags: string[]): Promise<EcaCredentialsRotateResult> =>
    EcaCredentialsRotate.run([
      ...['--target-org', username, '--name', 'Order_Sync', '--wait', '0', '--no-prompt'],
      ...flags,
    ]);

  /** The program of a kind of target. What it was once given, it has. */
  const target = ({ program, calls, writes, updates, held }: Kind): StandIn & { held: () => Held } => {
    const standIn = programs.program(program);
    if (program === 'glab') {
      standIn.answers({ words: 'api', exitCode: 1, stdout: '{"message":"404 Variable Not Found"}' });
      // GitLab's own words, when a variable is made for the second time.
      standIn.answers(...calls.map((words) => ({ words, again: '{key: [(NAME) has already been taken]}' })));
    }
    const all = (): Held[] =>
      standIn
        .runs()
        .filter(({ argv, refused }) => {
          const words = argv.join(' ');
          return !refused && (words.includes(writes) || (updates !== undefined && words.includes(updates)));
        })
        .map(held);
    return { ...standIn, held: () => all().reduce<Held>((before, now) => ({ ...before, ...now }), {}) };
  };

  const told = (): string => JSON.stringify([ux.log, ux.logToStderr, ux.logSuccess, ux.warn].map(({ args }) => args));

  /** Types a line that was printed. */
  const type = async (line: string): Promise<void> => {
    const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    expect(words.slice(1, 4)).to.deep.equal(['eca', 'credentials', 'send']);
    await EcaCredentialsSend.run([...words.slice(4, 6), '--no-prompt', ...words.slice(6)]);
  };

  const lineIn = (text: string): string => /\S+ eca credentials send --name .*/.exec(text)?.[0] ?? '';

  const textOf = ({ message, actions = [] }: SfError): string => [message, ...actions].join('\n');

  for (const [to, kind] of Object.entries(KINDS)) {
    describe(to, () => {
      it('sends the pair before it promotes it, and finishes', async () => {
        await start();
        const store = target(kind);
        const old = primary();
        let heldAtPromotion: Held = {};
        faultOf = ({ method }) => {
          if (method === 'PATCH') heldAtPromotion = store.held();
          return undefined;
        };
        const result = await run(...kind.flags);
        expect(result).to.deep.include({ outcome: 'promoted', verified: true });
        expect(result.sentTo).to.include({ target: to, isSent: true });
        expect(store.held()).to.deep.equal(primary()).and.to.deep.equal(heldAtPromotion);
        expect([await works(old), await works(store.held())]).to.deep.equal([true, true]);
        const { secret } = consumer().primary;
        for (const { argv, env } of store.runs()) expect(JSON.stringify([argv, env])).not.to.include(secret);
        expect(told() + JSON.stringify(result)).not.to.include(secret);
        expect((await run('--finish')).outcome).to.equal('finished');
        expect([await works(old), await works(store.held())]).to.deep.equal([false, true]);
      });

      it('gives the target the pair in use again when the org does not promote', async () => {
        await start();
        const store = target(kind);
        const old = primary();
        $$.SANDBOX.stub(practice.org, 'hasPropagated').returns(true);
        faultOf = ({ method }) => (method === 'PATCH' ? 'hidden' : undefined);
        const error = await failure(run(...kind.flags));
        expect(error, error.message).to.include({ name: 'SentBackError', exitCode: 1 });
        expect([primary(), store.held()]).to.deep.equal([old, old]);
        expect(consumer().staged).to.equal(undefined);
        faultOf = () => undefined;
        expect((await run(...kind.flags)).outcome).to.equal('promoted');
        expect(store.held()).to.deep.equal(primary()).and.not.to.deep.equal(old);
      });

      it('gives the target the pair in use again, whichever call fails', async () => {
        await start();
        const store = target(kind);
        const old = primary();
        for (const words of kind.calls) {
          // Fails after half: the target may have the new value.
          const before = store.runs().filter(({ argv }) => argv.join(' ').includes(words)).length;
          store.answers({ words, exitCode: 1, stderr: 'HTTP 500', echoes: true, times: before + 1 });
          const error = await failure(run(...kind.flags));
          expect(error, words).to.include({ name: 'SentBackError', exitCode: 1 });
          expect(error.message).to.include('HTTP 500');
          expect([primary(), store.held(), consumer().staged], words).to.deep.equal([old, old, undefined]);
        }
        expect((await run(...kind.flags)).outcome).to.equal('promoted');
        expect(store.held()).to.deep.equal(primary()).and.not.to.deep.equal(old);
      });

      it('keeps the new pair where the target may have it and does not take the old one', async () => {
        await start();
        const store = target(kind);
        const old = primary();
        store.answers({ words: kind.writes, exitCode: 1, stderr: 'HTTP 500', echoes: true });
        const error = await failure(run(...kind.flags));
        expect(error).to.include({ name: 'StagedPairKeptError', exitCode: 68 });
        expect(error.message).to.include('HTTP 500').and.not.include(store.held().secret!);
        expect(primary()).to.deep.equal(old);
        expect(await works(old)).to.equal(true);
        expect(consumer().staged?.state).to.equal('Active');
        store.answers({ words: kind.writes });
        await type(lineIn(textOf(error)));
        expect(store.held()).to.deep.equal(old);
        expect(await run(...kind.flags)).to.include({ outcome: 'promoted' });
        expect(store.held()).to.deep.equal(primary()).and.not.to.deep.equal(old);
      });

      it('ends the program with the run, and the target has a pair that works', async () => {
        await start();
        const store = target(kind);
        const old = primary();
        store.answers({ words: kind.calls.at(-1)!, hangs: true, times: 1 });
        const sending = failure(run(...kind.flags));
        while (store.held().secret === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
        process.emit('SIGTERM', 'SIGTERM');
        const error = await sending;
        // On a busy machine, the program may not end in time: then the new pair stays.
        expect(error.name).to.match(/^(SentBack|StagedPairKept|Interrupted)Error$/);
        expect(error.exitCode).to.equal(143);
        expect(primary()).to.deep.equal(old);
        if (error.name === 'StagedPairKeptError') await type(lineIn(textOf(error)));
        expect(await works(store.held())).to.equal(true);
      });

      it('sends a pair that was not known before only once it is promoted, and not at all without a word', async () => {
        await start('unknown');
        const store = target(kind);
        const old = primary();
        expect((await failure(run(...kind.flags))).name).to.equal('StagedPairUnverifiedError');
        expect(store.held()).to.deep.equal({});
        let heldAtPromotion: Held = {};
        faultOf = ({ method }) => {
          if (method === 'PATCH') heldAtPromotion = store.held();
          return undefined;
        };
        const at = kind.flags.includes('--') ? kind.flags.indexOf('--') : kind.flags.length;
        await run(...kind.flags.toSpliced(at, 0, '--promote-unverified'));
        expect(heldAtPromotion).to.deep.equal({});
        expect(store.held()).to.deep.equal(primary());
        expect(await works(old)).to.equal(true);
      });

      it('says how to try a target again that did not take the promoted pair, and does not finish before', async () => {
        await start('unknown');
        const store = target(kind);
        const old = primary();
        store.answers({ words: kind.writes, exitCode: 1, stderr: 'HTTP 500' });
        const at = kind.flags.includes('--') ? kind.flags.indexOf('--') : kind.flags.length;
        const error = await failure(run(...kind.flags.toSpliced(at, 0, '--promote-unverified')));
        expect(error).to.include({ name: 'NotSentError', exitCode: 68 });
        expect([await works(old), await works(primary())]).to.deep.equal([true, true]);
        const refused = await failure(run('--finish'));
        expect(refused).to.include({ name: 'TargetsWithoutPairError', exitCode: 1 });
        expect(await works(old)).to.equal(true);
        const line = lineIn(textOf(error));
        // What a user typed after `--` is not kept on this machine.
        expect(lineIn(textOf(refused))).to.equal(to === 'command' ? line.replace(/ add .*/, ' ...') : line);
        store.answers({ words: kind.writes });
        await type(line);
        expect(store.held()).to.deep.equal(primary());
        expect((await run('--finish')).outcome).to.equal('finished');
        // The next rotation has targets of its own.
        await run('--promote-unverified');
        expect((await run('--finish')).outcome).to.equal('finished');
      });
    });
  }

  const github = KINDS.github!;

  it('says with --dry-run what would be written and where, and stages nothing', async () => {
    await start();
    const store = target(github);
    store.answers({ words: 'secret list', stdout: 'SALESFORCE_CLIENT_SECRET\t2026-01-01\n' });
    const result = await run('--dry-run', ...github.flags);
    expect(result).to.include({ outcome: 'dry-run', consumerKey: consumer().primary.key });
    expect(result.sentTo?.items.map(({ name, replaced }) => [name, replaced])).to.deep.equal([
      ['SALESFORCE_CLIENT_ID', false],
      ['SALESFORCE_CLIENT_SECRET', true],
    ]);
    expect(told()).to.include('secret set -f -').and.include('credentials rotate --target-org');
    expect(store.held()).to.deep.equal({});
    expect(wire.seen.filter(({ path }) => /staged|keyandsecret/.test(path))).to.deep.equal([]);
  });

  it('asks before it stages, and takes a no', async () => {
    await start();
    const store = target(github);
    atTerminal(true);
    prompter.confirm.resolves(false);
    const asked = EcaCredentialsRotate.run(['--target-org', username, '--name', 'Order_Sync', ...github.flags]);
    expect((await failure(asked)).name).to.equal('NotConfirmedError');
    expect(JSON.stringify(prompter.confirm.args)).to.include('acme/orders');
    expect([store.held(), consumer().staged]).to.deep.equal([{}, undefined]);
  });

  it('refuses flags that do not fit, before it asks the org', async () => {
    await start();
    const store = target(github);
    for (const flags of [
      ['--repo', 'acme/orders'],
      ['--dry-run'],
      [...github.flags, '--finish'],
      ['--send-to', 'github'],
      ['--send-to', 'github', '--repo', 'orders'],
      [...github.flags, '--scope', 'x'],
      ['--send-to', 'command'],
    ])
      expect((await failure(run(...flags))).exitCode, flags.join(' ')).to.equal(2);
    expect(store.runs()).to.deep.equal([]);
    expect(wire.seen.filter(({ path }) => /staged|keyandsecret/.test(path))).to.deep.equal([]);
  });

  it('stages nothing for a target that cannot be written to', async () => {
    await start();
    const store = target(github);
    store.answers({ words: 'secret list', exitCode: 4, stderr: 'gh auth login' });
    expect((await failure(run(...github.flags))).name).to.equal('LookFailedError');
    expect([store.held(), consumer().staged]).to.deep.equal([{}, undefined]);
  });

  it('stages nothing for a program that is missing or too old', async () => {
    await start();
    const path = process.env.PATH;
    process.env.PATH = programs.folder;
    try {
      expect(await failure(run(...github.flags))).to.include({ name: 'ProgramNotFoundError', exitCode: 1 });
      programs.program('gh', '2.3.1');
      expect(await failure(run(...github.flags))).to.include({ name: 'ProgramTooOldError', exitCode: 1 });
    } finally {
      process.env.PATH = path;
    }
    expect(consumer().staged).to.equal(undefined);
  });

  it('finishes only when each of two targets has the pair', async () => {
    await start();
    const [one, other] = [target(github), target(KINDS.vault!)];
    await run(...github.flags);
    other.answers({ words: 'kv patch', exitCode: 1 });
    const { message } = await failure(run(...KINDS.vault!.flags));
    expect(message).to.include('vault');
    const refused = textOf(await failure(run('--finish')));
    expect(refused).to.include('--to vault').and.not.include('--to github');
    other.answers({ words: 'kv patch' });
    expect((await run(...KINDS.vault!.flags)).outcome).to.equal('already-promoted');
    expect([one.held(), other.held()]).to.deep.equal([primary(), primary()]);
    expect((await run('--finish')).outcome).to.equal('finished');
  });

  it('removes no staged pair that an earlier run sent, though this run sends nothing', async () => {
    await start();
    const store = target(github);
    store.answers({ words: 'secret set', exitCode: 1 });
    await failure(run(...github.flags));
    const staged = consumer().staged!.key;
    faultOf = ({ method }) => (method === 'PATCH' ? 'hidden' : undefined);
    const error = await failure(run());
    expect(error.name).to.equal('StagedPairKeptError');
    expect(lineIn(textOf(error))).to.include('--to github');
    expect(consumer().staged?.key).to.equal(staged);
  });

  it('keeps of the own command only its program, which may have a token among its words', async () => {
    await start('unknown');
    const store = target(KINDS.command!);
    const token = newKeyPair(practice.org).secret;
    const flags = ['--send-to', 'command', '--', 'my-store', 'add', `--token=${token}`];
    store.answers({ words: 'add', exitCode: 1 });
    const error = await failure(run('--promote-unverified', ...flags));
    // The user who typed it gets the whole line.
    expect(lineIn(textOf(error))).to.include(token);
    const refused = await failure(run('--finish'));
    expect(lineIn(textOf(refused))).to.match(/ -- my-store \.\.\.$/);
    expect(refused.actions?.[0]).to.include('put the words of your own command');
    expect(JSON.stringify(filesUnder(join(homedir(), '.sf'))))
      .to.include('my-store')
      .and.not.include(token);
    store.answers({ words: 'add' });
    await type(lineIn(textOf(error)));
    expect((await run('--finish')).outcome).to.equal('finished');
  });

  describe('with a connection that is gone from a write on', () => {
    const own = KINDS.command!;
    withShortPauses();

    for (const kind of ['unheard', 'lost'] as const) {
      it(`leaves pairs that work, and the next run goes on (${kind})`, async () => {
        await start();
        const store = target(own);
        for (let from = 0; ; from++) {
          const old = primary();
          let writes = 0;
          faultOf = ({ method, path }) => {
            const isWrite = method !== 'GET' && !path.startsWith('/services/Soap/');
            return isWrite && writes++ >= from ? kind : undefined;
          };
          const outcome = await run(...own.flags).then(
            () => 'went well',
            (error: SfError) => textOf(error),
          );
          const isOver = writes <= from;
          faultOf = () => undefined;
          process.exitCode = undefined;
          const when = `from write ${from}: ${outcome}`;
          expect([await works(old), await works(primary())], when).to.deep.equal([true, true]);
          if (store.held().key !== undefined) expect(await works(store.held()), when).to.equal(true);
          await run(...own.flags);
          expect(store.held(), when).to.deep.equal(primary()).and.not.to.deep.equal(old);
          expect((await run('--finish')).outcome, when).to.equal('finished');
          expect([await works(old), await works(store.held())], when).to.deep.equal([false, true]);
          if (isOver) {
            expect(from).to.be.greaterThan(3);
            return;
          }
        }
      });
    }
  });
});
