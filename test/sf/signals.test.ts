import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

import { expect } from 'chai';

import { type Logins, openLogins } from '../e2e/login.ts';
import { COMMANDS, type Scene } from '../faults/commands.ts';
import { packedPlugin } from './packed.ts';
import {
  AT_TERMINAL,
  type Ended,
  EXIT_CODES,
  lastOf,
  type Moment,
  MOMENTS,
  runWithSignals,
  type Signal,
  writesMetadata,
} from './runWithSignals.ts';
import { CLI_VERSIONS } from './sfCli.ts';
import { sideBySide } from './sideBySide.ts';

const allSignals = Object.keys(EXIT_CODES) as Signal[];

/**
 * The signals to try with each command that opens the org's switch for secrets. The commands that people use most get
 * all of them.
 */
const signalsFor = (title: string): readonly Signal[] =>
  ['credentials --show-secret', 'credentials rotate', 'verify'].includes(title) ? allSignals : ['SIGTERM'];

/** What changes the keys ends between two steps. A pair that is the app's by then is handed over all the same. */
const goesByStep = (words: string): boolean => words === 'credentials rotate';

const WORDS: Record<Moment, string> = {
  opening: 'opening the switch',
  reading: 'reading',
  closing: 'closing the switch',
};

const byTitle = (title: string) => {
  const command = COMMANDS.find((one) => one.title === title);
  if (!command) throw new Error(`There is no command ${title}.`);
  return command;
};

/** The org names the key of an app that its login servers do not know for ten minutes. */
const verifyOfNewApp = {
  words: 'verify',
  propagation: 600,
  prepare: (scene: Scene) => {
    byTitle('verify').prepare?.(scene);
    const { org } = scene;
    const [consumer] = org.consumers.values();
    const settings = org.component('ExtlClntAppGlobalOauthSettings', 'Order_Sync_glbloauth');
    if (settings) settings.body.consumerKey = consumer?.primary.key;
  },
  flags: () => ['--name', 'Order_Sync', '--no-prompt', '--allow-secret-access', '--wait', '10'],
};

for (const version of Object.values(CLI_VERSIONS)) {
  describe(`one signal in sf ${version} with the packed plugin`, function () {
    let logins: Logins;

    before(async function () {
      this.timeout(600_000);
      logins = openLogins((await packedPlugin()).home);
    });

    after(() => logins.close());

    const trial = async (title: string, how: Parameters<typeof runWithSignals>[3]): Promise<Ended> =>
      runWithSignals(await (await packedPlugin()).cli(version), logins, byTitle(title), how);

    const trialAtTerminal = async (send: (child: ChildProcess) => void): Promise<Ended> => {
      const { words, prepare, flags } = byTitle('credentials --show-secret');
      const asked = { words, prepare, flags: (scene: Scene) => [...flags(scene), '--no-prompt'] };
      const cli = await (await packedPlugin()).cli(version, {}, AT_TERMINAL);
      return runWithSignals(cli, logins, asked, { moment: 'reading', send, holdMs: 1_000, atTerminal: true });
    };

    const places = COMMANDS.filter(({ turnsSwitch }) => turnsSwitch).flatMap((command) =>
      MOMENTS.flatMap((moment) => signalsFor(command.title).map((signal) => ({ command, moment, signal }))),
    );
    const trials = sideBySide(
      places.map(({ command, moment, signal }) => () => {
        // Long enough for the command to act on the signal, if it is going to.
        const holdMs = moment === 'reading' && !goesByStep(command.words) ? undefined : 500;
        return trial(command.title, { moment, send: (child) => void child.kill(signal), holdMs });
      }),
    );

    for (const [index, { command, moment, signal }] of places.entries()) {
      it(`${signal} while ${command.title} is ${WORDS[moment]}`, async () => {
        const ended = (await trials[index]?.()) as Ended;
        expect(ended.signalled, `it never got so far:\n${ended.stderr}`).to.equal(true);
        expect(ended.switchIsOpen, `the switch is open:\n${ended.stderr}`).to.equal(false);
        expect(ended.journal).to.deep.equal([]);
        expect(ended.code, ended.stderr).to.equal(EXIT_CODES[signal]);
        // verify says in words of its own how far it came.
        expect(ended.stderr).to.match(new RegExp(`was stopped by ${signal}|was stopped after \\d+ checks`));
        for (const secret of ended.secrets) expect(ended.stdout + ended.stderr).to.not.include(secret);
      });
    }

    const asPressed = { 'Ctrl-C': ['\u0003', 130], 'Ctrl-\\': ['\u001c', 131] } as const;
    for (const [key, [typed, code]] of Object.entries(asPressed)) {
      it(`${key} at a terminal`, async () => {
        const ended = await trialAtTerminal((child) => void child.stdin?.write(typed));
        expect(ended).to.deep.include({ signalled: true, code, switchIsOpen: false, journal: [] }, ended.stdout);
      });
    }

    it('that says that the terminal was closed, which takes no more output', async () => {
      const ended = await trialAtTerminal((child) => void child.kill('SIGKILL'));
      expect(ended).to.deep.include({ signalled: true, switchIsOpen: false, journal: [] }, ended.stdout);
    });

    for (const signal of allSignals) {
      it(`${signal} while verify offers to open the switch`, async () => {
        const cli = await (await packedPlugin()).cli(version, {}, AT_TERMINAL);
        const { words, prepare } = byTitle('verify');
        const asked = { words, prepare, flags: () => ['--name', 'Order_Sync'] };
        const send = (child: ChildProcess): void => void process.kill(lastOf(Number(child.pid)), signal);
        const ended = await runWithSignals(cli, logins, asked, {
          moment: /REST API does not return/,
          send,
          atTerminal: true,
        });
        expect(ended.signalled, ended.stdout).to.equal(true);
        expect(ended.code, ended.stdout).to.equal(EXIT_CODES[signal]);
        expect(ended.requests.filter(writesMetadata)).to.deep.equal([]);
        expect(ended).to.deep.include({ switchIsOpen: false, journal: [] });
      });

      it(`${signal} while verify waits until the org knows the app`, async () => {
        const cli = await (await packedPlugin()).cli(version);
        const send = (child: ChildProcess): void => void child.kill(signal);
        const ended = await runWithSignals(cli, logins, verifyOfNewApp, { moment: /trying again for up to/, send });
        const expected = { signalled: true, code: EXIT_CODES[signal], switchIsOpen: false, journal: [] };
        expect(ended).to.deep.include(expected, ended.stderr);
        expect(ended.tookMs).to.be.lessThan(10_000);
      });
    }

    it('that a second copy of signal-exit would send again, on a machine that is busy', async () => {
      const busy = `data:text/javascript,const emit=process.emit;process.emit=function(name,...rest){const done=emit.call(this,name,...rest);if(name==='SIGTERM')Atomics.wait(new Int32Array(new SharedArrayBuffer(4)),0,0,400);return done;};`;
      const cli = await (await packedPlugin()).cli(version, { NODE_OPTIONS: `--import=${encodeURI(busy)}` });
      const how = { moment: 'reading', send: (child: ChildProcess) => void child.kill('SIGTERM') } as const;
      const ended = await runWithSignals(cli, logins, byTitle('credentials --show-secret'), how);
      expect(ended).to.deep.include({ signalled: true, code: 143, switchIsOpen: false, journal: [] }, ended.stderr);
    });

    it('that comes twice at once counts as one', async () => {
      const twice = await trial('credentials --show-secret', {
        moment: 'opening',
        send: (child) => {
          child.kill('SIGHUP');
          child.kill('SIGINT');
        },
        holdMs: 500,
      });
      // Which of the two is delivered first is up to the system.
      expect(twice.code, twice.stderr).to.be.oneOf([129, 130]);
      expect(twice).to.deep.include({ signalled: true, switchIsOpen: false, journal: [] });
    });

    it('then another kind from a program goes on closing, as when a CI job is cancelled', async () => {
      const cancelled = await trial('verify', {
        moment: 'closing',
        send: async (child) => {
          child.kill('SIGINT');
          await pause(400);
          child.kill('SIGTERM');
        },
        holdMs: 500,
      });
      expect(cancelled).to.deep.include({ code: 130, signalled: true, switchIsOpen: false, journal: [] });
    });

    it('then a second Ctrl-C ends at once, and the next run closes the switch', async () => {
      const impatient = await trial('credentials --show-secret', {
        moment: 'closing',
        send: async (child) => {
          child.kill('SIGTERM');
          await pause(400);
          child.kill('SIGINT');
        },
        again: true,
      });
      expect(impatient.code, impatient.stderr).to.equal(130);
      expect(impatient.stderr).to.include('The command ended immediately');
      expect(impatient.tookMs).to.be.lessThan(3_000);
      expect(impatient.journal).to.have.length(1);
      expect(impatient.again).to.deep.include({ code: 0, switchIsOpen: false, journal: [] });
    });
  });
}
