/**
 * `npm run try`: the five steps on a practice org, and every other command after them, as a user would see them. Each
 * command is shown as it is typed, followed by what it prints. Everything happens in a temporary home folder, so the
 * user's own logins are not touched. The practice org is always stopped at the end. Exit code 0 only if three
 * conditions hold. Every command succeeded, a token was really given and used, and the secret was not printed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

import { type Cli, createCli } from '../test/e2e/cli.ts';

type LoggedRequest = { method: string; path: string; status: number; summary?: string };

const NAME = 'Order_Sync';

/** How wide the commands may print where there is no terminal to ask. */
const USUAL_WIDTH = 110;

const START = ['eca', 'practice', 'start', '--set-default'];

/** The steps between the start and the stop of the practice org, whose API-only user is `runAs`. */
const steps = (runAs: string): string[][] => [
  ['eca', 'create', '--name', NAME, '--label', 'Order Sync', '--contact-email', 'it@example.com'],
  [
    ...['eca', 'oauth', 'set', '--name', NAME, '--callback-url', 'https://orders.example.com/oauth/callback'],
    ...['--flow', 'web-server', '--flow', 'client-credentials', '--run-as', runAs, '--scope', 'api'],
  ],
  [
    ...['eca', 'scopes', 'set', '--name', NAME, '--scope', 'api,refresh_token'],
    ...['--refresh-token-policy', 'lifetime', '--refresh-token-validity', '30 days', '--session-timeout', '30'],
  ],
  ['eca', 'credentials', '--name', NAME],
  ['eca', 'verify', '--name', NAME, '--allow-secret-access'],
];

/** Where the rotation puts the new pair, in the temporary home folder. */
const NEW_PAIR = 'order-sync.env';

/** A Connected App for the plan of a move, in the temporary home folder. */
const OLD_APP = {
  file: 'Old_Portal.connectedApp',
  xml: `<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>it@example.com</contactEmail>
    <label>Old Portal</label>
    <oauthConfig>
        <callbackUrl>https://portal.example.com/cb</callbackUrl>
        <scopes>Api</scopes>
        <scopes>RefreshToken</scopes>
    </oauthConfig>
    <startUrl>https://portal.example.com</startUrl>
</ConnectedApp>
`,
};

/** Further commands, on the app that the five steps created. Those of one list do not depend on each other. */
const THE_REST: string[][][] = [
  [
    ['eca', 'list'],
    ['eca', 'audit'],
    ['eca', 'display', '--name', NAME],
    ['eca', 'open', '--name', NAME, '--url-only'],
    ['eca', 'doctor'],
    ['eca', 'migrate', 'plan', '--file', OLD_APP.file],
    ['eca', 'verify', 'explain', 'invalid_grant: no client credentials user enabled'],
  ],
  [['eca', 'update', '--name', NAME, '--description', 'Pulls orders every night']],
  [['eca', 'user', 'create', '--name', NAME, '--base-username', 'order-sync@example.com', '--no-prompt']],
  [
    ['eca', 'user', 'display', '--name', NAME],
    ['eca', 'export', '--output-file', 'eca.yaml'],
    ['eca', 'credentials', 'status', '--name', NAME, '--allow-secret-access'],
  ],
  [['eca', 'apply', '--file', 'eca.yaml', '--no-prompt']],
  [
    [
      ...['eca', 'credentials', 'send', '--name', NAME, '--allow-secret-access', '--no-prompt'],
      ...['--to', 'command', '--', 'node', '-e', 'process.stdin.resume()'],
    ],
  ],
  [
    [
      ...['eca', 'credentials', 'rotate', '--name', NAME, '--allow-secret-access', '--show-secret'],
      ...['--output-file', NEW_PAIR, '--no-prompt'],
    ],
  ],
  [['eca', 'credentials', 'rotate', '--name', NAME, '--finish', '--allow-secret-access', '--no-prompt']],
  [['eca', 'tokens', 'list', '--name', NAME]],
  [['eca', 'tokens', 'revoke', '--name', NAME, '--all-users', '--no-prompt']],
  [['eca', 'migrate', 'apply', '--file', OLD_APP.file, '--no-prompt']],
  [['eca', 'migrate', 'list']],
  [['eca', 'disable', '--name', NAME]],
  [['eca', 'enable', '--name', NAME]],
  [['eca', 'delete', '--name', NAME, '--no-prompt']],
];

const STOP = ['eca', 'practice', 'stop'];

/** What somebody who saw it all may do next. */
const NEXT = `
What to do next:

  npm test                          to run the tests
  node bin/dev.js eca create --help to see what a command takes
  README.md, "Install it into sf"   to use the commands with your own org
  docs/adding.md                    to add something
`;

/** Quotes what a shell would need quoted. */
const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `"${word}"`);

/** Checks the practice org's own log: a token was given, used for an API call and revoked, in this order. */
const tokenRequests = async (instanceUrl: string): Promise<LoggedRequest[]> => {
  const requests = (await (await fetch(`${instanceUrl}/__practice/requests`)).json()) as LoggedRequest[];
  const after = (index: number, wanted: (request: LoggedRequest) => boolean, missing: string): number => {
    const found = requests.findIndex((request, at) => at > index && request.status === 200 && wanted(request));
    if (found === -1) throw new Error(missing);
    return found;
  };
  const given = after(
    -1,
    ({ path, summary }) => path === '/services/oauth2/token' && summary === 'client_credentials',
    'No token was given.',
  );
  const used = after(given, ({ path }) => path.startsWith('/services/data/'), 'The token was not used.');
  const revoked = after(used, ({ path }) => path === '/services/oauth2/revoke', 'The token was not revoked.');
  return requests.filter((_request, index) => [given, used, revoked].includes(index));
};

/** The one place that the secret may be in is the result of `credentials --show-secret`, which is not shown. */
const refuseShownSecret = async (cli: Cli, shown: string): Promise<void> => {
  const { result, message } = await cli.json<{ consumerSecret?: string }>([
    ...['eca', 'credentials', '--name', NAME, '--show-secret', '--allow-secret-access'],
  ]);
  if (!result?.consumerSecret) throw new Error(message ?? 'The consumer secret could not be read.');
  if (shown.includes(result.consumerSecret)) throw new Error('The consumer secret was printed.');
};

/**
 * The demonstration: the five steps, and with `all` every other command as well.
 *
 * @param write gets all that is shown, as it comes
 * @throws Error that says what did not go as it should
 */
export const demonstrate = async (
  write: (text: string) => void,
  { colours, columns = USUAL_WIDTH, all = false }: { colours: boolean; columns?: number; all?: boolean },
): Promise<void> => {
  const cli = createCli({
    env: {
      ...(colours ? { NO_COLOR: undefined, FORCE_COLOR: '1' } : {}),
      OCLIF_COLUMNS: String(columns),
      OCLIF_TABLE_COLUMN_OVERRIDE: String(columns),
    },
  });
  let shown = '';
  const print = (text: string): void => {
    shown += text;
    write(text);
  };
  /** Runs one command in the open: the line as typed, then its output as it comes. */
  const show = async (args: string[]): Promise<void> => {
    print(`\n$ sf ${args.map(shellWord).join(' ')}\n`);
    const { code } = await cli.run(args, { onOutput: print });
    if (code !== 0) throw new Error(`That command ended with exit code ${code}.`);
  };
  /** The same for several at once. They are shown one after the other. */
  const showAll = async ([first = [], ...others]: string[][]): Promise<void> => {
    const beside = others.map(async (args) => {
      let output = '';
      const { code } = await cli.run(args, { onOutput: (text) => (output += text) });
      return { args, code, output };
    });
    await show(first);
    for (const { args, code, output } of await Promise.all(beside)) {
      print(`\n$ sf ${args.map(shellWord).join(' ')}\n${output}`);
      if (code !== 0) throw new Error(`That command ended with exit code ${code}.`);
    }
  };
  const leave = async (): Promise<void> => {
    await cli.run(STOP);
    cli.remove();
  };
  const interrupted = (): void => {
    void leave().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    await show(START);
    // Read from the screen, as the user would do. The values are the org's address, and the user as whom the app is to
    // run.
    const [instanceUrl = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(shown) ?? [];
    const [runAs = ''] = /integration@[\w.-]+\w/.exec(shown) ?? [];
    for (const step of steps(runAs)) await show(step);
    const requests = await tokenRequests(instanceUrl);
    await refuseShownSecret(cli, shown);
    if (all) {
      writeFileSync(join(cli.home, OLD_APP.file), OLD_APP.xml);
      for (const group of THE_REST) await showAll(group);
      const { SALESFORCE_CLIENT_SECRET: secret } = parseEnv(readFileSync(join(cli.home, NEW_PAIR), 'utf8'));
      if (!secret || shown.includes(secret)) throw new Error('The new secret is not in its file, or was printed.');
    }
    await show(STOP);
    const lines = requests.map(
      ({ method, path, status, summary }) =>
        `  ${status} ${method.padEnd(4)} ${path}${summary ? ` (${summary})` : ''}\n`,
    );
    print(`\nA token was given, used and revoked, says the practice org's own log:\n\n${lines.join('')}\n`);
    print('The practice org is stopped, and nothing of it is left on this machine.\n');
  } finally {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    await leave();
  }
};

if (import.meta.main) {
  try {
    await demonstrate((text) => process.stdout.write(text), {
      colours: process.stdout.isTTY,
      columns: process.stdout.columns,
      all: true,
    });
    console.log(NEXT);
  } catch (error) {
    console.error(`\nThat did not go as it should: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
