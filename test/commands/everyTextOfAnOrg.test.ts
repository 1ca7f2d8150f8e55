import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { expect } from 'chai';
import { XMLValidator } from 'fast-xml-parser';

import { createPracticeServer } from '../../src/practice/practice.ts';
import { type CommandOfCampaign, COMMANDS } from '../faults/commands.ts';
import { begunByOrg, type HostileWire, OBEYED, openHostileWire } from '../hostileWire.ts';
import { logIn } from './practice.ts';

/** What a command is run with, beside what it needs: each way of showing its result. */
type Way = 'in words' | '--json' | '--result-format junit';

type Said = { stdout: string; stderr: string };

/** What a run said, the keys of all texts that the org sent, and how many requests there were. */
type Tried = Said & { keysSeen: string[]; requests: number };

/** Keys by whose texts most commands find their way: hostileOrg.test.ts poisons them one by one. */
const LEADING = [
  ...['DeveloperName', 'version', 'Username', 'Id', 'id', 'status', 'state', 'url', 'zipFile', 'fileName', 'fullName'],
  ...['type', 'ParentId', 'SetupEntityId', 'NamespacePrefix', 'ManageableState', 'manageableState', 'Status', 'Type'],
  ...['ExternalClientApplicationId', 'currentPageUrl', 'stagedCredentialsUrl', 'revocationUrl', 'access_token', 'key'],
  ...['secret', 'token_endpoint', 'instance_url', 'issuer'],
];

/** Commands that show no text of an org: they ask none. */
const WITHOUT_ORG = ['audit explain', 'practice start', 'practice stop', 'verify explain'];

const waysOf = ({ words }: CommandOfCampaign): Way[] => [
  'in words',
  '--json',
  ...(words === 'verify' ? (['--result-format junit'] as const) : []),
];

const sources = join(import.meta.dirname, '..', '..', 'src', 'commands', 'eca');

const allCommands = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace(/\.ts$/, '').split(/[/\\]/).join(' '));

describe('every text that an org sends', function () {
  this.timeout(240_000);

  const $$ = new TestContext();

  afterEach(() => {
    process.exitCode = undefined;
  });

  /** All that a command writes while it runs. How it ends does not matter. */
  const said = async (run: () => Promise<unknown>): Promise<Said> => {
    const all: Said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      process[name].write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
        all[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
        (rest.find((one) => typeof one === 'function') as (() => void) | undefined)?.();
        return true;
      };
    }
    try {
      await run();
    } catch {
      // It was written, too.
    } finally {
      for (const name of ['stdout', 'stderr'] as const) Reflect.deleteProperty(process[name], 'write');
    }
    return all;
  };

  /** Runs a command in an org of its own that poisons the texts of some keys. */
  const tryOne = async (
    { command, prepare, flags, variants }: CommandOfCampaign,
    way: Way,
    keys: string[],
  ): Promise<Tried> => {
    const practice = await createPracticeServer({ variants: { 'staged-pair': 'works', ...variants } });
    const folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-texts-'));
    let wire: HostileWire | undefined;
    try {
      const { org } = practice;
      wire = await openHostileWire(practice);
      prepare?.({ org, folder });
      const username = String(org.seeded.admin.Username);
      await logIn($$, username, wire.url, practice.accessToken);
      wire.set({ keys });
      const argv = ['--target-org', username, ...(way === 'in words' ? [] : way.split(' ')), ...flags({ org, folder })];
      return { ...(await said(() => command.run(argv))), keysSeen: wire.keysSeen(), requests: wire.count() };
    } finally {
      await wire?.close();
      await practice.close();
      rmSync(folder, { recursive: true, force: true });
      $$.SANDBOX.restore();
    }
  };

  /** What is wrong with an output, in a word. */
  const wrongWith = (way: Way, { stdout, stderr }: Said): string | undefined => {
    const line = begunByOrg(stdout + stderr) ?? (stdout + stderr).split('\n').find((one) => OBEYED.test(one));
    if (line !== undefined) return JSON.stringify(line);
    if (way === '--json') {
      try {
        JSON.parse(stdout);
      } catch {
        return `no JSON: ${JSON.stringify(stdout)}`;
      }
    }
    const report = way === '--result-format junit' && stdout.trim() !== '' ? XMLValidator.validate(stdout) : true;
    return report === true ? undefined : `no XML: ${report.err.msg}`;
  };

  // What becomes of access, or a read by a job, does not change what is said. A move in place waits for minutes for a key that
  // another text hides.
  for (const command of COMMANDS.filter(({ title }) => !/where access|by a job|--in-place/.test(title))) {
    let clean: Tried | undefined;
    for (const way of waysOf(command)) {
      it(`${command.title} ${way}`, async () => {
        const { keysSeen, requests } = (clean ??= await tryOne(command, way, []));
        const tryKeys = async (keys: string[]): Promise<void> => {
          const poisoned = await tryOne(command, way, keys);
          expect(wrongWith(way, poisoned), keys.join(', ')).to.equal(undefined);
          // Where a text leads a command elsewhere, others are not come by: then each half is tried alone. JSON and JUnit have
          // one place each where all texts pass.
          if (poisoned.requests >= requests || keys.length === 1 || way !== 'in words') return;
          const half = Math.ceil(keys.length / 2);
          await tryKeys(keys.slice(0, half));
          await tryKeys(keys.slice(half));
        };
        await tryKeys(keysSeen.filter((key) => !LEADING.includes(key)));
      });
    }
  }

  it('is tried in every command', () => {
    const tried = new Set([...COMMANDS.map(({ words }) => words), ...WITHOUT_ORG]);
    expect(allCommands.filter((words) => !tried.has(words))).to.deep.equal([]);
    expect(allCommands.length).to.be.greaterThan(20);
  });
});
