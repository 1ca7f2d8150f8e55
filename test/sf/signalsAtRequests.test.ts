import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import EcaApply from '../../src/commands/eca/apply.ts';
import { type Logins, openLogins } from '../e2e/login.ts';
import { type CommandOfCampaign, COMMANDS } from '../faults/commands.ts';
import { judgeState } from '../faults/judge.ts';
import { packedPlugin } from './packed.ts';
import { type Ended, EXIT_CODES, runWithSignals, type Signal, writesMetadata } from './runWithSignals.ts';
import { CLI_VERSIONS } from './sfCli.ts';
import { sideBySide } from './sideBySide.ts';

const byTitle = (title: string): CommandOfCampaign => {
  const command = COMMANDS.find((one) => one.title === title);
  if (!command) throw new Error(`There is no command ${title}.`);
  return command;
};

const setsPolicies = byTitle('scopes set, where access goes');

/**
 * Those that leave something in the org for a while: an open switch, a staged pair, a token. Also access that a deploy
 * took away.
 */
const TRIED: CommandOfCampaign[] = [
  ...['verify', 'credentials --show-secret', 'credentials rotate'].map(byTitle),
  setsPolicies,
  {
    ...setsPolicies,
    title: 'apply, where access goes',
    words: 'apply',
    command: EcaApply,
    prepare: (scene) => {
      setsPolicies.prepare?.(scene);
      const yaml = 'apps:\n  - name: Order_Sync\n    policies: { sessionTimeoutMinutes: 30 }\n';
      writeFileSync(join(scene.folder, 'eca.yaml'), yaml);
    },
    flags: ({ folder }) => ['--file', join(folder, 'eca.yaml'), '--no-prompt'],
  },
];

const signals = Object.keys(EXIT_CODES) as Signal[];

/** How long the answer waits for the signal to be heard, in milliseconds. */
const HEARD_WITHIN = 150;

for (const [index, version] of Object.values(CLI_VERSIONS).entries()) {
  describe(`a signal at each request in sf ${version} with the packed plugin`, function () {
    this.timeout(900_000);
    let logins: Logins;

    before(async () => {
      logins = openLogins((await packedPlugin()).home);
    });

    after(() => logins.close());

    for (const command of TRIED) {
      it(`while ${command.title} is at work leaves the org as before, or as wanted`, async () => {
        const cli = await (await packedPlugin()).cli(version);
        const run = (nth: number, send: Parameters<typeof runWithSignals>[3]['send']): Promise<Ended> =>
          runWithSignals(cli, logins, command, { moment: nth, send, holdMs: HEARD_WITHIN });
        const undisturbed = await run(Infinity, () => {});
        expect(undisturbed.code, undisturbed.stderr).to.equal(0);

        const complaints: string[] = [];
        let interrupted = 0;
        const trial = async (nth: number, again = true): Promise<void> => {
          // Each signal in turn.
          const signal = signals[(nth >> 1) % signals.length] as Signal;
          const ended = await run(nth, (child) => void child.kill(signal));
          if (ended.signalled) interrupted += 1;
          // A run that reads while a second begins asks once more: others have fewer requests, and end before this one.
          const endedBefore = !ended.signalled && ended.requests.length < nth && ended.code === 0;
          const found = [
            ...(ended.signalled || endedBefore ? [] : ['the run never got so far']),
            ...(ended.code === EXIT_CODES[signal] || endedBefore ? [] : [`exit code ${ended.code}: ${ended.stderr}`]),
            ...(ended.switchIsOpen ? ['the switch is open'] : []),
            ...ended.journal.map((file) => `the journal has ${file}`),
            ...judgeState(command, ended.after, ended.before, undisturbed.after),
            ...(ended.secrets.some((secret) => `${ended.stdout}${ended.stderr}`.includes(secret))
              ? ['a secret is shown']
              : []),
          ];
          complaints.push(...found.map((complaint) => `request ${nth}, ${signal}: ${complaint}`));
          // How often a run asks for a job's state depends on the machine. The last request of this run is tried instead.
          if (endedBefore && again) await trial(ended.requests.length, false);
        };
        // Before the last look at the org that comes before its first write, there is nothing to put back.
        const first = undisturbed.requests.findIndex(writesMetadata);
        const places = undisturbed.requests.map((_request, before) => before + 1).slice(first - 1);
        expect(places.length, 'requests from there on').to.be.greaterThan(3);
        // Each place in one of the two releases, since a trial takes seconds.
        const here = places.filter((nth) => nth % 2 === index);
        for (const done of sideBySide(here.map((nth) => () => trial(nth)))) await done();
        expect(complaints).to.deep.equal([]);
        expect(interrupted, 'runs that a signal met').to.be.greaterThan(here.length / 2);
      });
    }
  });
}
