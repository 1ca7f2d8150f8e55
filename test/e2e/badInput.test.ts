import { expect } from 'chai';

import { openOrg, type TestOrg } from './org.ts';

type Case = {
  title: string;
  args: string[];
  /** What the error is called; the key of its message. */
  name: string;
  /** What the message or what to do next must say. */
  says: RegExp;
  exitCode?: number;
};

const oauthSet = (...args: string[]): string[] => ['eca', 'oauth', 'set', '--name', 'Bad_Input', ...args];
const scopesSet = (...args: string[]): string[] => ['eca', 'scopes', 'set', '--name', 'Bad_Input', ...args];
const create = (name: string, ...args: string[]): string[] => [
  ...['eca', 'create', '--name', name, '--contact-email', 'it@example.com'],
  ...args,
];
const CALLBACK = ['--callback-url', 'https://orders.example.com/cb'];

/** What can be seen to be wrong without the org: refused with exit code 2, before anything is sent. */
const WRONG_FLAGS: Case[] = [
  ...['Order Sync', 'Café', '2nd_App', 'Order__Sync', 'Order_Sync_'].map((name) => ({
    title: `the name "${name}"`,
    args: create(name),
    name: 'NameInvalidError',
    says: /letter|underscore/i,
  })),
  { title: 'a name of 5,000 characters', args: create('A'.repeat(5000)), name: 'NameTooLongError', says: /80/ },
  {
    title: 'an address that is not an e-mail',
    args: ['eca', 'create', '--name', 'Bad_Input', '--contact-email', 'it.example.com'],
    name: 'ContactEmailInvalidError',
    says: /it\.example\.com/,
  },
  {
    title: 'a missing contact e-mail',
    args: ['eca', 'create', '--name', 'Bad_Input'],
    name: 'FlagsMissingError',
    says: /--contact-email/,
  },
  {
    title: 'an http callback URL',
    args: oauthSet('--callback-url', 'http://orders.example.com/cb'),
    name: 'CallbackUrlNotHttpsError',
    says: /https/,
  },
  {
    title: 'the username-password flow',
    args: oauthSet(...CALLBACK, '--flow', 'password'),
    name: 'FlowPasswordError',
    says: /client-credentials/,
  },
  {
    title: 'a flow that does not exist',
    args: oauthSet(...CALLBACK, '--flow', 'client-credentails'),
    name: 'FlowUnknownError',
    says: /client-credentials/,
  },
  {
    title: 'a scope that does not exist, with the nearest names',
    args: oauthSet(...CALLBACK, '--scope', 'refresh_tokens'),
    name: 'ScopeUnknownError',
    says: /refresh_token\b/,
  },
];

/** What only the org can know: refused with exit code 1, and nothing is written. */
const WRONG_FOR_THE_ORG: Case[] = [
  {
    title: 'an app that is not there',
    args: ['eca', 'oauth', 'set', '--name', 'Not_There', ...CALLBACK],
    name: 'AppNotFoundError',
    says: /Not_There/,
  },
  {
    title: 'scopes set before oauth set',
    args: scopesSet('--scope', 'api'),
    name: 'OauthNotSetError',
    says: /oauth set/,
  },
  {
    title: 'a run-as user who does not exist',
    args: oauthSet(...CALLBACK, '--flow', 'client-credentials', '--run-as', 'nobody@nowhere.example'),
    name: 'RunAsNotFoundError',
    says: /nobody@nowhere\.example/,
  },
  {
    title: 'client credentials without a run-as user',
    args: oauthSet(...CALLBACK, '--flow', 'client-credentials'),
    name: 'FlagsMissingError',
    says: /--run-as/,
    exitCode: 2,
  },
  {
    title: 'an app that is there with other values',
    args: create('Bad_Input', '--description', 'Something else'),
    name: 'AppDiffersError',
    says: /Something else/,
  },
];

describe('bad input', () => {
  let org: TestOrg;
  let app: string;

  before(async () => {
    org = await openOrg();
    app = org.appName('Bad_Input');
    const { status, message } = await org.cli.json(withOrg(create('Bad_Input')));
    expect(status, message).to.equal(0);
  });

  after(() => org?.close());

  const withOrg = (args: string[]): string[] => [
    ...args.map((arg) => (arg === 'Bad_Input' ? app : arg)),
    ...['--target-org', org.alias],
  ];

  const writes = async (): Promise<number> =>
    org.real ? 0 : (await org.requests()).filter(({ path }) => path.endsWith('/metadata/deployRequest')).length;

  for (const [group, exitCode] of [
    [WRONG_FLAGS, 2],
    [WRONG_FOR_THE_ORG, 1],
  ] as const) {
    for (const bad of group) {
      it(`refuses ${bad.title}`, async () => {
        const before = await writes();
        const error = await org.cli.json(withOrg(bad.args));
        expect(error.name, error.message).to.equal(bad.name);
        expect(error.status).to.equal(bad.exitCode ?? exitCode);
        expect([error.message, ...(error.actions ?? [])].join('\n')).to.match(bad.says);
        expect(error.actions, 'what to do next').to.be.an('array').that.is.not.empty;
        expect(await writes(), 'writes').to.equal(before);
      });
    }
  }

  it('says all that is wrong at once', async () => {
    const error = await org.cli.json(withOrg(['eca', 'create', '--name', '2nd App', '--contact-email', 'nobody']));
    expect(error.message)
      .to.match(/2nd App/)
      .and.match(/nobody/);
  });

  it('keeps values with markup, quotes, line breaks and 5,000 characters as they are, or is refused by the org', async () => {
    const awkward = `<b>"Tom" & 'Jerry'</b> ]]> &amp;\nsecond line ${'x'.repeat(60)}`;
    const name = org.appName('Awkward_Values');
    const made = await org.cli.json<{ app: { description: string } }>(withOrg(create(name, '--description', awkward)));
    expect(made.status, made.message).to.equal(0);
    expect(made.result.app.description).to.equal(awkward);

    const long = await org.cli.json<{ app: { description: string } }>(
      withOrg(create(org.appName('Long_Value'), '--description', 'x'.repeat(5000))),
    );
    if (long.status === 0) expect(long.result.app.description).to.have.length(5000);
    else expect(long.name).to.equal('DeployFailedError');
  });

  it('does not let an org write to the terminal what is not text', async () => {
    const outcome = await org.cli.run(
      withOrg(create(org.appName('Escape'), '--description', 'red \u001b[31m bell \u0007')),
    );
    expect(outcome.stdout + outcome.stderr)
      .to.not.include('\u0007')
      .and.not.include('\u001b[31m');
  });
});
