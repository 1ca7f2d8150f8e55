import { expect } from 'chai';

import type { Outcome } from './cli.ts';
import type { TestOrg } from './org.ts';

/** As far as the steps look at it. */
type Written = {
  app: {
    name: string;
    id: string;
    label?: string;
    contactEmail?: string;
    consumerKey?: string;
    oauth?: { callbackUrls?: string[]; flows?: string[]; runAs?: string };
    scopes?: string[];
    policies?: Record<string, unknown>;
  };
  created: boolean;
  changes: Array<{ field: string; before?: unknown; after?: unknown }>;
  notApplied: unknown[];
  deployId?: string;
  dryRun: boolean;
};

type Credentials = {
  name: string;
  consumerKey: string;
  consumerSecret?: string;
  tokenUrl: string;
  myDomainUrl: string;
};

type Verified = {
  passed: boolean;
  checks: Array<{ id: string; flow?: string; title: string; status: string; detail: string; fix?: string }>;
};

const CALLBACK_URL = 'https://orders.example.com/oauth/callback';

/** The command lines of the how-to's five steps, each as one would type it. */
export const fiveSteps = (
  org: TestOrg,
  app: string,
): Record<'create' | 'oauth' | 'scopes' | 'credentials' | 'verify', string[]> => {
  const where = ['--name', app, '--target-org', org.alias];
  return {
    create: ['eca', 'create', ...where, '--label', app.replaceAll('_', ' '), '--contact-email', 'it@example.com'],
    oauth: [
      ...['eca', 'oauth', 'set', ...where, '--callback-url', CALLBACK_URL],
      ...['--flow', 'web-server', '--flow', 'client-credentials', '--run-as', org.runAs, '--scope', 'api'],
    ],
    scopes: [
      ...['eca', 'scopes', 'set', ...where, '--scope', 'api,refresh_token'],
      ...['--refresh-token-policy', 'lifetime', '--refresh-token-validity', '30 days', '--session-timeout', '30'],
    ],
    credentials: ['eca', 'credentials', ...where],
    verify: ['eca', 'verify', ...where, '--allow-secret-access'],
  };
};

const deploysIn = async (org: TestOrg): Promise<number> =>
  (await org.requests()).filter(({ method, path }) => method === 'POST' && path.endsWith('/metadata/deployRequest'))
    .length;

/** What a failed command said, for the message of a failed assertion. */
const said = ({ args, stdout, stderr }: Outcome): string => `sf ${args.join(' ')}\n${stdout}\n${stderr}`;

/** The five steps of the how-to, from nothing to a token that was really used. Each test needs the one before. */
export const describeFiveSteps = (getOrg: () => TestOrg): void => {
  let org: TestOrg;
  let app: string;
  let steps: ReturnType<typeof fiveSteps>;

  before(() => {
    org = getOrg();
    app = org.appName('Order_Sync');
    steps = fiveSteps(org, app);
  });

  it('creates the app', async () => {
    const { status, result, message } = await org.cli.json<Written>(steps.create);
    expect(status, message).to.equal(0);
    expect(result).to.include({ created: true, dryRun: false });
    expect(result.app).to.include({ name: app, label: app.replaceAll('_', ' '), contactEmail: 'it@example.com' });
    expect(result.app.id).to.match(/^0xI/);
    expect(result.notApplied).to.deep.equal([]);
  });

  it('turns on OAuth with two flows', async () => {
    const { status, result, message } = await org.cli.json<Written>(steps.oauth);
    expect(status, message).to.equal(0);
    expect(result.app.oauth?.callbackUrls).to.deep.equal([CALLBACK_URL]);
    expect(result.app.oauth?.flows).to.have.members(['web-server', 'client-credentials']);
    expect(result.app.oauth?.runAs).to.equal(org.runAs);
    expect(result.app.scopes).to.deep.equal(['api']);
    expect(result.app.consumerKey).to.be.a('string').and.not.equal('');
    expect(result.changes.map(({ field }) => field)).to.include.members([
      'oauth.callbackUrls',
      'oauth.flows',
      'oauth.runAs',
    ]);
    if (org.real) return;
    const deploys = await deploysIn(org);
    const again = await org.cli.run(steps.oauth);
    expect(again.code, said(again)).to.equal(0);
    expect(await deploysIn(org), 'the very same once more').to.equal(deploys);
  });

  it('sets scopes and policies', async () => {
    const { status, result, message } = await org.cli.json<Written>(steps.scopes);
    expect(status, message).to.equal(0);
    expect(result.app.scopes).to.have.members(['api', 'refresh_token']);
    expect(result.app.policies).to.include({
      refreshToken: 'lifetime',
      refreshTokenValidity: '30 days',
      sessionTimeoutMinutes: 30,
    });
    expect(result.changes.map(({ field }) => field)).to.include.members(['scopes', 'policies.refreshTokenValidity']);
    expect(result.app.oauth?.callbackUrls, 'what scopes set does not touch').to.deep.equal([CALLBACK_URL]);
  });

  it('shows the consumer key and not the secret', async () => {
    const { status, result, message } = await org.cli.json<Credentials>(steps.credentials);
    expect(status, message).to.equal(0);
    expect(result.name).to.equal(app);
    expect(result.consumerKey).to.be.a('string').and.not.equal('');
    expect(result.consumerSecret).to.equal(undefined);
    expect(new URL(result.tokenUrl).origin).to.equal(new URL(result.myDomainUrl).origin);
  });

  it('verifies the app with a token that was really got and used', async () => {
    const { status, result, message } = await org.cli.json<Verified>(steps.verify);
    expect(status, message ?? JSON.stringify(result)).to.equal(0);
    expect(result.passed).to.equal(true);
    expect(result.checks.filter((check) => check.status === 'failed')).to.deep.equal([]);
    expect(
      result.checks.filter((check) => check.flow === 'client-credentials').map((check) => check.status),
    ).to.include('passed');
    expect(result.checks.filter((check) => check.flow === 'web-server').map((check) => check.status)).to.include(
      'passed',
    );
    if (org.real) return;
    const requests = await org.requests();
    const token = requests.findIndex(({ path, status: code, summary }) => {
      return path.endsWith('/services/oauth2/token') && code === 200 && summary?.includes('client_credentials');
    });
    const after = requests.slice(token + 1);
    expect(token, 'a token was given').to.be.at.least(0);
    expect(
      after.some(({ path, status: code }) => path.startsWith('/services/data/') && code === 200),
      'it was used',
    ).to.equal(true);
    expect(
      after.some(({ path }) => path.endsWith('/services/oauth2/revoke')),
      'it was revoked',
    ).to.equal(true);
  });

  // Last, so that each step meets what the others have written since.
  for (const step of ['create', 'oauth', 'scopes'] as const) {
    it(`has nothing to deploy when ${step} is run again`, async function () {
      if (org.real) this.skip();
      const before = await deploysIn(org);
      // --scope is for an app that has no scopes yet; by now scopes set has given it others.
      const args = step === 'oauth' ? steps.oauth.filter((arg) => arg !== '--scope' && arg !== 'api') : steps[step];
      const outcome = await org.cli.run(args);
      expect(outcome.code, said(outcome)).to.equal(0);
      expect(await deploysIn(org)).to.equal(before);
    });
  }
};
