import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv } from 'ajv';
import { expect } from 'chai';

import { createPracticeServer } from '../../src/practice/practice.ts';
import type { Outcome } from '../e2e/cli.ts';
import { type Logins, openLogins } from '../e2e/login.ts';
import { type CommandOfCampaign, COMMANDS } from '../faults/commands.ts';
import { packedPlugin } from './packed.ts';
import { CLI_VERSIONS, readFrom } from './sfCli.ts';
import { sideBySide } from './sideBySide.ts';

const schemas = join(import.meta.dirname, '..', '..', 'schemas', 'results');

/** What is wrong with a result, by the schema of its command. The file's name has two lines for a dash of the command's. */
const faultsOf = (words: string, result: unknown): unknown => {
  const name = `eca-${words.replaceAll('-', '__').replaceAll(' ', '-')}.json`;
  const schema = JSON.parse(readFileSync(join(schemas, name), 'utf8')) as object;
  const validate = new Ajv({ allErrors: true, strict: false }).compile(schema);
  return validate(result) ? [] : validate.errors;
};

type Trial = Pick<CommandOfCampaign, 'title' | 'words' | 'prepare' | 'flags'>;

/** Those of the campaign, and those that need no org. */
const TRIALS: Trial[] = [
  ...COMMANDS,
  { title: 'audit explain', words: 'audit explain', flags: () => ['ECA102'] },
  { title: 'verify explain', words: 'verify explain', flags: () => ['invalid_grant'] },
  { title: 'practice start', words: 'practice start', flags: () => ['--alias', 'every'] },
  { title: 'practice stop', words: 'practice stop', flags: () => ['--alias', 'every'] },
];

const WITHOUT_ORG = new Set(['audit explain', 'verify explain', 'practice start', 'practice stop']);

for (const version of Object.values(CLI_VERSIONS)) {
  describe(`every command in sf ${version} with the packed plugin`, function () {
    let logins: Logins;

    before(async function () {
      this.timeout(600_000);
      logins = openLogins((await packedPlugin()).home);
    });

    after(() => logins.close());

    const run = async ({ words, prepare, flags }: Trial, more: string[]): Promise<Outcome> => {
      const cli = await (await packedPlugin()).cli(version);
      const args = ['eca', ...words.split(' ')];
      if (WITHOUT_ORG.has(words)) return cli.run([...args, ...flags({} as never), ...more]);
      const practice = await createPracticeServer({ variants: { 'staged-pair': 'works' } });
      const { org, url, accessToken } = practice;
      const folder = mkdtempSync(join(cli.home, 'trial-'));
      try {
        prepare?.({ org, folder });
        const username = String(org.seeded.admin.Username);
        await logins.logIn({ username, instanceUrl: url, accessToken });
        return await cli.run([...args, '--target-org', username, ...more, ...flags({ org, folder })]);
      } finally {
        await practice.close();
        rmSync(folder, { recursive: true, force: true });
      }
    };

    // One at a time where one command needs what another has done.
    const human = TRIALS.filter(({ words }) => !words.startsWith('practice'));
    const outcomes = sideBySide(human.map((trial) => () => run(trial, [])));
    const results = sideBySide(human.map((trial) => () => run(trial, ['--json'])));

    for (const [index, { title, words }] of human.entries()) {
      // What the oldest release shows in words comes from the same libraries. The results alone are compared there.
      if (version === CLI_VERSIONS.newest)
        it(title, async () => {
          const { code, stdout, stderr } = (await outcomes[index]?.()) as Outcome;
          expect(code, stderr).to.equal(0);
          expect(stdout + stderr).to.not.match(
            /undefined|\[object|TypeError|Warning: The input format|Missing message/,
          );
          expect((stdout + stderr).trim()).to.not.equal('');
        });

      it(`${title} --json`, async () => {
        const { code, stdout, stderr } = (await results[index]?.()) as Outcome;
        expect(code, stdout + stderr).to.equal(0);
        const { status, result, warnings } = JSON.parse(stdout) as {
          status: number;
          result: unknown;
          warnings: unknown[];
        };
        expect(status).to.equal(0);
        expect(faultsOf(words, result)).to.deep.equal([]);
        // sf adds warnings of its own as bare text: there is to be no reason for one.
        expect((warnings ?? []).filter((warning) => typeof warning === 'string')).to.deep.equal([]);
      });
    }

    for (const more of [[], ['--json']]) {
      it(`practice start and stop ${more.join('')}`, async () => {
        for (const trial of TRIALS.filter(({ words }) => words.startsWith('practice'))) {
          const { code, stdout, stderr } = await run(trial, more);
          expect(code, stdout + stderr).to.equal(0);
          if (more.length > 0) {
            expect(faultsOf(trial.words, (JSON.parse(stdout) as { result: unknown }).result)).to.deep.equal([]);
          }
        }
      });
    }

    it('is all of them', async () => {
      const { tarball } = await packedPlugin();
      const manifest = JSON.parse(readFrom(tarball, 'oclif.manifest.json')) as { commands: Record<string, unknown> };
      const tried = new Set(TRIALS.map(({ words }) => `eca:${words.replaceAll(' ', ':')}`));
      expect(Object.keys(manifest.commands).filter((id) => !tried.has(id))).to.deep.equal([]);
    });
  });
}
