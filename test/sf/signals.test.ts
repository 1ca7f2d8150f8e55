import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { openLogins, type Logins } from '../e2e/login.ts';
import { commands } from '../faults/commands.ts';
import { packedPlugin } from './packed.ts';
import { moments, runWithSignals, type Ended, type Moment } from './runWithSignals.ts';
import { cliVersions } from './sfCli.ts';
import { sideBySide } from './sideBySide.ts';

const exitCodes = { SIGINT: 130, SIGQUIT: 131, SIGTERM: 143, SIGHUP: 129 } as const;

type Signal = keyof typeof exitCodes;

const allSignals = Object.keys(exitCodes) as Signal[];

/** The signals to try with each command that opens the org's switch for secrets: all with those that people use most. */
const signalsFor = (title: string, version: string): readonly Signal[] => {
  const most = ['credentials --show-secret', 'credentials rotate', 'verify'].includes(title);
  if (version !== cliVersions.newest) return most ? ['SIGINT'] : [];
  return most ? allSignals : ['SIGTERM'];
};

/** What changes the keys ends between two steps; a pair that is the app's by then is handed over all the same. */
const goesByStep = (words: string): boolean => words === 'credentials rotate';

const words: Record<Moment, string> = {
  opening: 'opening the switch',
  reading: 'reading',
  closing: 'closing the switch',
};

const byTitle = (title: string) => {
  const command = commands.find((one) => one.title === title);
  if (!command) throw new Error(`There is no command ${title}.`);
  return command;
};

for (const version of Object.values(cliVersions)) {
  describe(`one signal in sf ${version} with the packed plugin`, function () {
    let logins: Logins;

    before(async function () {
      this.timeout(600_000);
      logins = openLogins((await packedPlugin()).home);
    });

    after(() => logins.close());

    const trial = async (title: string, how: Parameters<typeof runWithSignals>[3]): Promise<Ended> =>
      runWithSignals(await (await packedPlugin()).cli(version), logins, byTitle(title), how);

    const places = commands
      .filter(({ turnsSwitch }) => turnsSwitch)
      .flatMap((command) =>
        moments.flatMap((moment) => signalsFor(command.title, version).map((signal) => ({ command, moment, signal }))),
      );
    const trials = sideBySide(
      places.map(({ command, moment, signal }) => () => {
        // Long enough for the command to act on the signal, if it is going to.
        const holdMs = moment === 'reading' && !goesByStep(command.words) ? undefined : 500;
        return trial(command.title, { moment, send: (child) => void child.kill(signal), holdMs });
      }),
    );

    for (const [index, { command, moment, signal }] of places.entries()) {
      it(`${signal} while ${command.title} is ${words[moment]}`, async () => {
        const ended = (await trials[index]?.()) as Ended;
        expect(ended.signalled, `it never got so far:\n${ended.stderr}`).to.equal(true);
        expect(ended.switchIsOpen, `the switch is open:\n${ended.stderr}`).to.equal(false);
        expect(ended.journal).to.deep.equal([]);
        const codes = goesByStep(command.words) ? [0, exitCodes[signal]] : [exitCodes[signal]];
        expect(ended.code, ended.stderr).to.be.oneOf(codes);
        if (ended.code !== 0) {
          expect(ended.stderr).to.include(`stopped by ${signal}`);
          for (const secret of ended.secrets) expect(ended.stdout + ended.stderr).to.not.include(secret);
        }
      });
    }

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
      expect(impatient.stderr).to.include('Ended at once');
      expect(impatient.tookMs).to.be.lessThan(3_000);
      expect(impatient.journal).to.have.length(1);
      expect(impatient.again).to.deep.include({ code: 0, switchIsOpen: false, journal: [] });
    });
  });
}
