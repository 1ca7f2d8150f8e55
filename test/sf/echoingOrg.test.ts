import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { createPracticeServer } from '../../src/practice/practice.ts';
import { createCli, type Outcome } from '../e2e/cli.ts';
import { openLogins } from '../e2e/login.ts';
import { type Echo, ENVELOPES, openEchoWire, secretsSaid, spellings } from '../echoWire.ts';
import { appInOrg } from '../practice/oauth/appInOrg.ts';
import { packedPlugin } from './packed.ts';
import { CLI_VERSIONS, installSalesforceCli, waysToTheRegistry } from './sfCli.ts';
import { sideBySide } from './sideBySide.ts';

const NAME = ['--name', 'Order_Sync'];

/**
 * FOLDER: see below. The secret that was asked for goes into a file. So no secret is on the screen for a good reason.
 */
const COMMANDS: Record<string, string[]> = {
  doctor: ['doctor'],
  verify: ['verify', ...NAME, '--wait', '0', '--no-prompt'],
  'verify --json': ['verify', ...NAME, '--wait', '0', '--json'],
  'verify --result-format junit': ['verify', ...NAME, '--wait', '0', '--result-format', 'junit'],
  credentials: ['credentials', ...NAME, '--show-secret', '--no-prompt', '--output-file', 'FOLDER/app.env'],
  'credentials rotate': ['credentials', 'rotate', ...NAME, '--wait', '0', '--no-prompt', '--promote-unverified'],
};

/** Requests of each command at which the org echoes: the first, the last, and some between. */
const PLACES_PER_COMMAND = 4;

/** The folder that Salesforce's libraries log to, and what `sf` knows of logins: with what is in it besides. */
const filesBelow = (folder: string): Array<[string, string]> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [file, readFileSync(file, 'utf8')]);

type Trial = {
  /** All that was said and left behind, by where it was. */
  said: Array<[string, string]>;
  secrets: Set<string>;
  requests: number;
};

for (const version of Object.values(CLI_VERSIONS)) {
  describe(`sf ${version} with the packed plugin, before an org that answers with what it was sent`, function () {
    this.timeout(600_000);
    let run: (home: string, args: string[]) => Promise<Outcome>;

    before(async () => {
      const packed = await packedPlugin();
      const sf = await installSalesforceCli(version);
      // Each trial has a home of its own, so all that is left there is of that run. The plugin is where it was
      // installed.
      const shared = Object.entries({ DATA: '.local/share', CONFIG: '.config', CACHE: '.cache' }).map(
        ([word, folder]) => [`XDG_${word}_HOME`, join(packed.home, folder)],
      );
      const env = {
        ...waysToTheRegistry,
        ...(Object.fromEntries(shared) as NodeJS.ProcessEnv),
        SF_LOG_LEVEL: 'trace',
        SF_DISABLE_LOG_FILE: 'false',
      };
      run = (home, args) => createCli({ command: [process.execPath, sf], home, env }).run(args);
    });

    /** Runs a command in an org of its own. */
    const trial = async (id: string, echo: Echo | undefined): Promise<Trial> => {
      const practice = await createPracticeServer({ variants: { 'staged-pair': 'works' } });
      Object.assign(practice.org.settings.ExternalClientAppSettings ?? {}, { enableClientSecretInRestApiAccess: true });
      appInOrg(practice.org);
      const wire = await openEchoWire(practice);
      const home = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-echo-'));
      const logins = openLogins(home);
      const folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-echo-file-'));
      try {
        const alias = `org-${new URL(wire.url).port}`;
        const username = String(practice.org.seeded.admin.Username);
        await logins.logIn({ username, alias, instanceUrl: wire.url, accessToken: practice.accessToken });
        wire.set(echo);
        const words = (COMMANDS[id] ?? []).map((word) => word.replace('FOLDER', folder));
        const { stdout, stderr } = await run(home, ['eca', ...words, '--target-org', alias]);
        const secrets = [...practice.org.consumers.values()].flatMap(({ primary, staged }) =>
          [primary, staged].flatMap((pair) => (pair ? [pair.secret] : [])),
        );
        return {
          said: [['stdout', stdout], ['stderr', stderr], ...filesBelow(home)],
          secrets: new Set([...wire.secrets, ...secrets]),
          requests: wire.count(),
        };
      } finally {
        await logins.close();
        await wire.close();
        rmSync(home, { recursive: true, force: true });
        await practice.close();
        rmSync(folder, { recursive: true, force: true });
      }
    };

    const tried = version === CLI_VERSIONS.newest ? Object.keys(COMMANDS) : ['verify'];

    for (const [turn, id] of tried.entries()) {
      it(`says nothing of it in ${id}, in no file, and not in the log at trace`, async () => {
        const clean = await trial(id, undefined);
        expect(clean.requests).to.be.greaterThan(2);
        const indexes = new Set(
          Array.from({ length: PLACES_PER_COMMAND }, (_, place) =>
            Math.round((place * (clean.requests - 1)) / (PLACES_PER_COMMAND - 1)),
          ),
        );
        const names = Object.keys(spellings);
        const look = async (index?: number): Promise<void> => {
          const envelope = ENVELOPES[((index ?? 0) + turn) % ENVELOPES.length] ?? 'error';
          const spelling = names[((index ?? 0) + turn) % names.length] ?? '';
          const { said, secrets } = index === undefined ? clean : await trial(id, { index, envelope, spelling });
          expect(said.map(([place]) => place).join('\n')).to.match(/\.log$/m);
          const found = said.filter(([, text]) => secretsSaid(secrets, text).length > 0);
          const places = found.map(([place, text]) => `${place}: ${lineWith(secrets, text)}`);
          expect(places, `request ${index}, ${envelope}, ${spelling}`).to.deep.equal([]);
        };
        for (const done of sideBySide([undefined, ...indexes].map((index) => () => look(index)))) await done();
      });
    }
  });
}

/** The beginning of the first line that says a secret. */
const lineWith = (secrets: Set<string>, text: string): string =>
  text
    .split('\n')
    .find((line) => secretsSaid(secrets, line).length > 0)
    ?.slice(0, 300) ?? '(in several lines)';
