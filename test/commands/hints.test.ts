import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import { fixes, type Known, NOTHING_KNOWN } from '../../src/app/fixes.ts';
import type { Text } from '../../src/app/text.ts';
import { inWords } from '../../src/texts.ts';
import { type CommandOfCampaign, COMMANDS } from '../faults/commands.ts';
import { type CommandsOfHints, hintOf, hintsIn, loadCommands, textsIn, wrongWith } from '../hints.ts';
import { type LoggedIn, logInToPractice } from './practice.ts';

/** The lines among these that do not run, each with the reason. */
const wrongAmong = async (lines: string[], commands: CommandsOfHints): Promise<string[]> => {
  const found = await Promise.all(
    [...new Set(lines)].map(async (line) => {
      const wrong = await wrongWith(line, commands);
      return wrong === undefined ? [] : [`${line}: ${wrong}`];
    }),
  );
  return found.flat();
};

const MESSAGES = join(import.meta.dirname, '..', '..', 'messages');

/** Stand for what a text leaves open: a name, a list of flags, a file. */
const filledIn = (text: string): string => text.replaceAll(/%s|<app>/g, 'X');

describe('the commands that texts suggest', () => {
  let commands: CommandsOfHints;

  before(async () => {
    commands = await loadCommands();
  });

  it('are taken by the command, with every flag and value, in all messages', async () => {
    const lines = readdirSync(MESSAGES).flatMap((file) =>
      hintsIn(filledIn(readFileSync(join(MESSAGES, file), 'utf8'))),
    );
    expect(lines).to.have.length.greaterThan(100);
    expect(await wrongAmong(lines, commands)).to.deep.equal([]);
  });

  it('would be found with a flag, a value or a command that is not there, or with flags that contradict', async () => {
    const wrong = [
      'sf eca nothing',
      'sf eca list --nothing x',
      'sf eca scopes set --add',
      'sf eca oauth set --flow --name X',
      'sf eca oauth set --run-as a --create-user b',
      'sf eca verify --run-as a',
      'sf eca verify --flow nothing',
      'sf eca apply --dry-run',
      'sf eca display One Two',
    ];
    for (const line of wrong) {
      expect(hintsIn(`To do so, run: ${line}`)).to.deep.equal([line]);
      expect(await wrongWith(line, commands), line).to.be.a('string');
    }
    const right = ['sf eca list', 'sf eca display --name X', 'sf eca oauth set --name X --new-certificate .'];
    const [first, second, third] = right;
    expect(hintsIn(`See "${first}". Run: ${second}. Then\n  $ ${third}\n- sf eca list, sf eca apply`)).to.deep.equal([
      ...right,
      'sf eca list',
    ]);
    expect(await wrongAmong(right, commands)).to.deep.equal([]);
  });

  /** Fixes that take a text, and nothing that is known. */
  const OF_TEXT: readonly string[] = ['activate', 'thisAudience'] satisfies Array<keyof typeof fixes>;
  const user = { username: "o'neil@example.com", isActive: true } as never;
  const REST: Partial<Record<keyof typeof fixes, unknown[]>> = {
    addFlow: ['device'],
    switchOauthOn: [['device', 'token-exchange']],
    letIn: [user],
    preapprove: [user],
    addScope: ['api', 'refresh_token'],
    removeScope: ['full'],
    callbackUrls: ['https://a.example.com/cb?x=1&y=2'],
    policies: ['--ip-relaxation', 'relax'],
    freePort: ['http://localhost:1717'],
    noAnswer: ['host.example.com', 'TIMEOUT'],
    announcedChange: ['device-flow'],
    useMyDomain: ['https://a.my.salesforce.com'],
  };
  const KNOWN: Record<string, Known> = {
    nothing: NOTHING_KNOWN,
    'an app and its org': {
      app: {
        name: 'Order_Sync',
        label: "Bob's app",
        oauth: { callbackUrls: ['https://a.example.com/cb'], flows: ['web-server'], runAs: "o'neil@example.com" },
        scopes: ['api'],
        policies: { permissionSets: ['Orders'] },
      },
      ...{ certificate: 'no', targetOrg: "Bob's org", username: 'admin@example.com', consumerKey: '3MVG9' },
      client: { callbackUrl: 'https://client.example.com/cb', hosts: [] },
      flags: [['--flow', 'web-server'], ['--browser'], ['--allow-secret-access'], ['--api-path', '/services/data']],
    },
    'a client without an org': {
      app: { name: 'Order_Sync' },
      fileOnly: { path: 'a b.env' } as never,
      flags: [
        ['--credentials-file', 'a b.env'],
        ['--jwt-key-file', 'k.pem'],
        ['--run-as', 'a@example.com'],
      ],
    },
  };

  for (const [what, known] of Object.entries(KNOWN)) {
    it(`are taken in every fix that knows ${what}`, async () => {
      const lines = Object.entries(fixes).flatMap(([name, fix]) => {
        const make = fix as (...values: unknown[]) => Text;
        const rest = REST[name as keyof typeof fixes] ?? [];
        return hintsIn(inWords(OF_TEXT.includes(name) ? make('x@example.com') : make(known, ...rest)));
      });
      expect(lines).to.have.length.greaterThan(20);
      expect(await wrongAmong(lines, commands)).to.deep.equal([]);
    });
  }
});

describe('the next step that a command suggests', function () {
  this.timeout(30_000);
  const $$ = new TestContext();
  const home = process.cwd();
  let commands: CommandsOfHints;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;
  let org: LoggedIn;

  before(async () => {
    commands = await loadCommands();
    // The CLI names each command when it loads it. The line without --dry-run needs the name.
    for (const [words, command] of commands) command.id = words.replaceAll(' ', ':');
  });
  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'eca-hints-'));
    process.chdir(folder);
  });
  afterEach(async () => {
    process.chdir(home);
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  /** What a command printed, and what it gave, since the last time. */
  const said = (): string => {
    const stubs = [ux.log, ux.logSuccess, ux.logToStderr, ux.warn, ux.info];
    const all = stubs.flatMap((stub) => stub.args.flatMap(textsIn)).join('\n');
    for (const stub of stubs) stub.resetHistory();
    return all;
  };

  /** The lines that a user copies: those with a prompt of the shell before them. */
  const nextIn = (text: string): string[] => [...text.matchAll(/^ {2}\$ (sf eca .*)$/gm)].map(([, line = '']) => line);

  /** At a terminal, these errors are a question. */
  const ASKED = new Set(['FlagsMissingError', 'SecretAccessOffError']);

  /** Runs a line as it stands. Nobody waits for anything here, nobody is asked, and no browser opens. */
  const run = async (line: string): Promise<void> => {
    const { words, command, argv } = hintOf(line, commands)!;
    const has = (flag: string): boolean => flag in command.flags && !argv.includes(`--${flag}`);
    const more = [
      ...(has('no-prompt') ? ['--no-prompt'] : []),
      ...(has('wait') && ['eca verify', 'eca credentials rotate'].includes(words) ? ['--wait', '0'] : []),
      ...(has('url-only') ? ['--url-only'] : []),
    ];
    await command.run([...more, ...argv]).catch((error: Error) => {
      if (!ASKED.has(error.name)) throw error;
    });
  };

  const start = async ({ words, prepare, flags, variants }: CommandOfCampaign, more: string[]): Promise<unknown> => {
    org = await logInToPractice($$, variants ? { variants } : {});
    const scene = { org: org.org, folder };
    prepare?.(scene);
    const { command } = hintOf(`sf eca ${words}`, commands)!;
    return command.run(['--target-org', org.username, ...more, ...flags(scene)]);
  };

  const cases = COMMANDS.flatMap((one) => [
    { one, more: [] as string[] },
    ...('dry-run' in one.command.flags && one.writes && !one.words.startsWith('credentials rotate')
      ? [{ one, more: ['--dry-run'] }]
      : []),
  ]);
  for (const { one, more } of cases) {
    it(`${one.title} ${more.join('')}`, async () => {
      const result = await start(one, more);
      const text = said();
      const lines = [...hintsIn(text), ...textsIn(result).flatMap(hintsIn)];
      expect(await wrongAmong(lines, commands)).to.deep.equal([]);
      for (const line of nextIn(text)) await run(line);
    });
  }
});
