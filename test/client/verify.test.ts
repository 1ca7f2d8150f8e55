import { randomBytes } from 'node:crypto';

import { expect } from 'chai';

import type { AppFacts, Check, TrialStatus } from '../../src/app/checks.ts';
import { Secret } from '../../src/app/secret.ts';
import type { UserFacts } from '../../src/app/user.ts';
import { createHttpClient } from '../../src/client/httpClient.ts';
import { verify, type VerifyOptions } from '../../src/client/verify.ts';
import { inWords } from '../../src/texts.ts';
import { type Answers, openWire, type Seen, type Wire } from './wire.ts';

const INTEGRATION_USER: UserFacts = {
  id: '005xx000001SwiUAAS',
  username: 'order-sync@example.com',
  active: true,
  locked: false,
  profileName: 'Minimum Access - API Only Integrations',
  isAdmin: false,
  modifyAllData: false,
  viewAllData: false,
  apiEnabled: true,
  apiOnly: true,
  permissionSets: ['Order_Sync'],
};

/** As much of an org as an app's client meets. It gives out tokens of its own and takes them until they are revoked. */
const org = (secret: string) => {
  const living = new Set<string>();
  const answers: Answers = {
    '/services/oauth2/token': ({ form }) => {
      if (form.get('grant_type') !== 'client_credentials')
        return refusal('unsupported_grant_type', 'grant type not supported');
      if (form.get('client_id') !== 'key') return refusal('invalid_client_id', 'client identifier invalid');
      if (form.get('client_secret') !== secret) return refusal('invalid_client', 'invalid client credentials');
      const accessToken = `00D${randomBytes(30).toString('hex')}`;
      living.add(accessToken);
      const id = `https://login.salesforce.com/id/00Dxx0000001gEREAY/${INTEGRATION_USER.id}`;
      return { body: { access_token: accessToken, token_type: 'Bearer', scope: 'api', id } };
    },
    '/services/oauth2/revoke': ({ form }) => ({ status: living.delete(form.get('token') ?? '') ? 200 : 400 }),
    '/services/oauth2/authorize': ({ query }) =>
      query.has('code_challenge')
        ? { status: 302, headers: { location: '/login' } }
        : {
            status: 302,
            headers: {
              location: `${query.get('redirect_uri')}?error=invalid_request&error_description=missing%20required%20code%20challenge`,
            },
          },
    '/services/data/v67.0/': (seen) =>
      living.has(bearer(seen)) ? { body: {} } : restRefusal(401, 'INVALID_SESSION_ID', 'Session expired or invalid'),
  };
  return { answers, living };
};

const refusal = (error: string, description: string) => ({
  status: 400,
  body: { error, error_description: description },
});
const restRefusal = (status: number, errorCode: string, message: string) => ({
  status,
  body: [{ errorCode, message }],
});
const bearer = ({ headers }: Seen): string => (headers.authorization ?? '').replace('Bearer ', '');

describe('verify', () => {
  let wire: Wire;
  let answers: Answers;
  let living: Set<string>;
  let facts: AppFacts;
  let clock: number;
  let waits: number[];

  beforeEach(async () => {
    const secret = randomBytes(24).toString('hex');
    ({ answers, living } = org(secret));
    wire = await openWire(answers);
    clock = Date.parse('2026-11-20T12:00:00Z');
    waits = [];
    facts = {
      app: {
        name: 'Order_Sync',
        enabled: true,
        oauth: {
          callbackUrls: ['https://orders.example.com/oauth/callback'],
          flows: ['web-server', 'client-credentials'],
          runAs: INTEGRATION_USER.username,
          pkceRequired: true,
        },
        scopes: ['api', 'refresh_token'],
        policies: {
          permittedUsers: 'admin-approved',
          permissionSets: ['Order_Sync'],
          refreshToken: 'lifetime',
          refreshTokenValidity: '30 days',
          sessionTimeoutMinutes: 30,
        },
      },
      targetOrg: 'dev',
      setupUrl: 'https://example.my.salesforce.com/setup',
      orgKind: 'sandbox',
      myDomainUrl: wire.url,
      apiVersion: '67.0',
      changedAt: new Date('2026-11-01T00:00:00Z'),
      oauthPluginOn: true,
      clientCredentials: { global: true, policy: true },
      tokenExchange: { global: false, policy: false },
      allowedPermissionSets: ['Order_Sync'],
      runAs: INTEGRATION_USER,
      orgConsumerKey: 'key',
      consumerKey: 'key',
      secret: { from: 'org', secret: new Secret(secret) },
      secretAccessOpen: false,
    };
    answers['/.well-known/openid-configuration'] = () => ({
      body: {
        issuer: wire.url,
        ...Object.fromEntries(
          [
            'authorization:authorize',
            'token:token',
            'revocation:revoke',
            'introspection:introspect',
            'userinfo:userinfo',
          ].map((pair) => {
            const [name, path] = pair.split(':');
            return [`${name}_endpoint`, `${wire.url}/services/oauth2/${path}`];
          }),
        ),
      },
    });
  });
  afterEach(() => wire.close());

  const run = (options: VerifyOptions = {}, users: UserFacts[] = []) =>
    verify(
      facts,
      {
        http: createHttpClient(),
        userById: async (id) => users.find((user) => user.id === id),
        now: () => clock,
        sleep: async (ms) => {
          waits.push(ms);
          clock += ms;
        },
      },
      options,
    );

  const find = (checks: Check[], id: string): Check => {
    const check = checks.find((one) => one.id === id);
    if (!check) throw new Error(`no check ${id} among ${checks.map((one) => one.id).join(', ')}`);
    return check;
  };

  const tokenRequests = () => wire.seen.filter(({ path }) => path === '/services/oauth2/token');

  it('passes without a warning when nothing is wrong, and leaves no token behind', async () => {
    const { result, flows, checks } = await run({ strict: true });
    expect(checks.filter(({ status }) => status !== 'passed')).to.deep.equal([]);
    expect(result).to.equal('passed');
    expect(flows).to.deep.equal([
      { flow: 'web-server', result: 'accepted' },
      { flow: 'client-credentials', result: 'worked' },
    ]);
    expect(living.size).to.equal(0);
    expect(checks.map(({ id }) => id)).to.include.members([
      'client-credentials.api',
      'web-server.pkce',
      'probe.password',
    ]);
  });

  it('tells about each check as it goes', async () => {
    const told: string[] = [];
    const { checks } = await run({
      onStart: ({ id }) => told.push(`> ${id}`),
      onDone: ({ id, status }) => told.push(`${status} ${id}`),
    });
    expect(told).to.deep.equal(checks.flatMap(({ id, status }) => [`> ${id}`, `${status} ${id}`]));
  });

  it('provokes failed logins on a production org only when told to', async () => {
    facts.orgKind = 'production';
    const { checks } = await run();
    expect(checks.some(({ id }) => id.startsWith('probe'))).to.equal(false);
    expect(tokenRequests()).to.have.length(1);
    expect((await run({ probe: true })).checks.filter(({ id }) => id.startsWith('probe'))).to.have.length(2);
  });

  const broken: [string, () => void, string, TrialStatus, string][] = [
    ['no OAuth', () => delete facts.app.oauth, 'app', 'failed', 'detail.noOauth'],
    ['the app disabled', () => (facts.app.enabled = false), 'app', 'failed', 'detail.appDisabled'],
    ['the OAuth plugin off', () => (facts.oauthPluginOn = false), 'app', 'failed', 'detail.oauthPluginOff'],
    ['another key in the file', () => (facts.consumerKey = 'other'), 'consumer-key', 'failed', 'detail.otherKey'],
    ['no key', () => (facts.consumerKey = undefined), 'consumer-key', 'failed', 'detail.noKey'],
    [
      'the general login host',
      () => (facts.myDomainUrl = 'https://login.salesforce.com'),
      'endpoints',
      'failed',
      'detail.notMyDomain',
    ],
    [
      'the global switch off',
      () => (facts.clientCredentials.global = false),
      'client-credentials.configured',
      'failed',
      'detail.globalSwitchOff',
    ],
    [
      'the policy switch off',
      () => (facts.clientCredentials.policy = false),
      'client-credentials.configured',
      'failed',
      'detail.policySwitchOff',
    ],
    ['no run-as user', () => delete facts.app.oauth?.runAs, 'client-credentials.run-as', 'failed', 'detail.noRunAs'],
    [
      'a run-as user who is not there',
      () => delete facts.runAs,
      'client-credentials.run-as',
      'failed',
      'detail.runAsNotFound',
    ],
    [
      'an inactive run-as user',
      () => (facts.runAs = { ...INTEGRATION_USER, active: false }),
      'client-credentials.run-as',
      'failed',
      'detail.runAsInactive',
    ],
    [
      'a locked run-as user',
      () => (facts.runAs = { ...INTEGRATION_USER, locked: true }),
      'client-credentials.run-as',
      'failed',
      'detail.runAsLocked',
    ],
    [
      'a run-as user without API access',
      () => (facts.runAs = { ...INTEGRATION_USER, apiEnabled: false }),
      'client-credentials.run-as',
      'failed',
      'detail.runAsNoApi',
    ],
    [
      'a run-as user without the permission set',
      () => (facts.runAs = { ...INTEGRATION_USER, permissionSets: [] }),
      'client-credentials.access',
      'failed',
      'detail.notApproved',
    ],
    [
      'a run-as user who is an admin',
      () => (facts.runAs = { ...INTEGRATION_USER, isAdmin: true, modifyAllData: true }),
      'client-credentials.running-user',
      'warning',
      'detail.runningUserPowerful',
    ],
    [
      'no secret to be had',
      () =>
        (facts.secret = {
          from: 'nowhere',
          detail: { code: 'detail.secretUnreadable', values: ['x'] },
          fix: { code: 'fix.run', values: ['x'] },
        }),
      'client-credentials.secret',
      'skipped',
      'detail.secretUnreadable',
    ],
    [
      'a scope that the token lacks',
      () => (facts.app.scopes = ['api', 'id']),
      'client-credentials.scopes',
      'warning',
      'detail.scopesMissing',
    ],
    [
      'a scope that the app lacks',
      () => (facts.app = { ...facts.app, scopes: [], customScopes: ['Order'] }),
      'client-credentials.scopes',
      'warning',
      'detail.scopesExtra',
    ],
    ['the scope full', () => (facts.app.scopes = ['api', 'full']), 'scope-width', 'warning', 'detail.scopeFull'],
    [
      'no callback URL',
      () => (facts.app.oauth!.callbackUrls = []),
      'web-server.callback-url',
      'failed',
      'detail.noCallbackUrl',
    ],
    [
      'a callback URL over http',
      () => (facts.app.oauth!.callbackUrls = ['http://orders.example.com/cb']),
      'web-server.callback-url',
      'warning',
      'detail.callbackUrlInsecure',
    ],
    ['PKCE off', () => (facts.app.oauth!.pkceRequired = false), 'web-server.pkce', 'warning', 'detail.pkceOff'],
    [
      'PKCE not enforced',
      () => (answers['/services/oauth2/authorize'] = () => ({ status: 302, headers: { location: '/login' } })),
      'web-server.pkce',
      'warning',
      'detail.pkceNotEnforced',
    ],
    [
      'JWT access tokens',
      () => (facts.app.oauth!.jwtAccessTokens = true),
      'token-format',
      'warning',
      'detail.jwtTokens',
    ],
    ['DPoP', () => (facts.app.oauth!.dpop = true), 'client-binding', 'skipped', 'detail.bindingNotTried'],
    ['policies at their defaults', () => (facts.app.policies = {}), 'policies', 'warning', 'detail.policiesDefault'],
    [
      'secret access left open',
      () => (facts.secretAccessOpen = true),
      'secret-access',
      'warning',
      'detail.secretAccessOpen',
    ],
    [
      'the API limit reached',
      () =>
        (answers['/services/data/v67.0/'] = () =>
          restRefusal(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')),
      'client-credentials.api',
      'failed',
      'detail.refused',
    ],
    [
      'a token that any secret gets',
      () =>
        (answers['/services/oauth2/token'] = () => ({
          body: { access_token: 'x', token_type: 'Bearer', scope: 'api' },
        })),
      'probe.wrong-secret',
      'failed',
      'detail.notRefused',
    ],
    [
      'a path that is not there',
      () => delete answers['/services/data/v67.0/'],
      'client-credentials.api',
      'failed',
      'detail.refused',
    ],
  ];
  for (const [what, breakIt, id, status, code] of broken) {
    it(`finds ${what}`, async () => {
      breakIt();
      const { result, checks } = await run({ waitMs: 0 });
      const check = find(checks, id);
      expect([check.status, check.detail.code]).to.deep.equal([status, code]);
      expect(check.fix, 'a fix').to.have.property('code');
      const others = checks.filter((one) => one.id !== id && (one.status === 'failed' || one.fix));
      if (status === 'failed') expect(result).to.equal('failed');
      // One thing is broken, so one check says so; a token that stands for nobody is an odd one out.
      if (code !== 'detail.notRefused') expect(others.map((one) => one.id)).to.deep.equal([]);
      expect(living.size).to.equal(0);
    });
  }

  const refused: [string, string, string, string][] = [
    ['invalid_grant', 'no client credentials user enabled', 'cause.noRunAs', 'sf eca oauth set'],
    [
      'invalid_app_access',
      'user is not admin approved to access this app',
      'cause.notApproved',
      'sf org assign permset',
    ],
    ['invalid_grant', 'request not supported on this domain', 'cause.notMyDomain', 'Order_Sync'],
    ['invalid_client', 'invalid client credentials', 'cause.secretRefused', 'sf eca credentials status'],
  ];
  for (const [error, description, cause, fix] of refused) {
    it(`explains "${error}: ${description}"`, async () => {
      answers['/services/oauth2/token'] = () => refusal(error, description);
      const { result, checks } = await run();
      const { status, detail, fix: mend } = find(checks, 'client-credentials.token');
      expect(status).to.equal('failed');
      expect(detail.values).to.deep.equal([`${error}: ${description}`, { code: cause, values: [] }]);
      expect(JSON.stringify(mend)).to.include(fix);
      expect(result).to.equal('failed');
      expect(waits).to.deep.equal([]);
      expect(find(checks, 'client-credentials.api').status).to.equal('skipped');
    });
  }

  it('names whom the token stands for when it is somebody else', async () => {
    facts.runAs = { ...INTEGRATION_USER, id: '005xx000009ZZZZZZZ' };
    const { checks } = await run({}, [{ ...INTEGRATION_USER, username: 'other@example.com' }]);
    const { status, detail } = find(checks, 'client-credentials.running-user');
    expect([status, detail.code]).to.deep.equal(['warning', 'detail.runningUserOther']);
    expect(detail.values).to.include('other@example.com');
  });

  describe('while a change spreads', () => {
    const unknownUntil = (attempt: number) => {
      const give = answers['/services/oauth2/token']!;
      let attempts = 0;
      answers['/services/oauth2/token'] = (seen) =>
        ++attempts < attempt ? refusal('invalid_client_id', 'client identifier invalid') : give(seen);
    };

    it('tries again with growing pauses, and says why', async () => {
      facts.changedAt = new Date(clock - 60_000);
      unknownUntil(9);
      const reasons: unknown[] = [];
      const { result } = await run({ onWait: (why) => reasons.push(why) });
      expect(waits).to.deep.equal([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
      const first = { code: 'waiting.changed', values: ['invalid_client_id', '60 s', '10 min'] };
      expect(reasons[0]).to.deep.equal(first);
      // How long it has been, and what is left.
      expect(reasons[6]).to.deep.equal({
        code: 'waiting.still',
        values: [{ ...first, values: ['invalid_client_id', '2 min 1 s', '8 min 59 s'] }, '61 s'],
      });
      expect(result).to.equal('passed');
    });

    for (const [what, changed, options, limit] of [
      ['ten minutes for an app that changed lately', 60_000, {}, 600_000],
      ['half a minute for one that did not', 3_600_000, {}, 30_000],
      ['as long as it is told', 60_000, { waitMs: 5000 }, 5000],
      ['not at all when it is told so', 60_000, { waitMs: 0 }, 0],
    ] as [string, number, VerifyOptions, number][]) {
      it(`waits ${what}`, async () => {
        facts.changedAt = new Date(clock - changed);
        unknownUntil(1000);
        const { result, flows, checks } = await run({ flows: ['client-credentials'], ...options });
        // Of an app that changed lately nothing is known yet; one that did not should be known by now.
        const lately = changed < 1_800_000;
        const { status, detail } = find(checks, 'client-credentials.token');
        expect(status).to.equal(lately ? 'unfinished' : 'failed');
        expect(inWords(detail)).to.match(lately ? /do not know the app.* yet/ : /refuse the key.*over 30 minutes ago/);
        expect(flows).to.deep.equal([{ flow: 'client-credentials', result: lately ? 'notTried' : 'failed' }]);
        expect(result).to.equal(lately ? 'unfinished' : 'failed');
        expect(waits.reduce((sum, one) => sum + one, 0)).to.equal(
          // A key that the org itself named is waited for; with an app long unchanged, too, but not as long.
          limit,
        );
      });
    }

    for (const [what, changed, then] of [
      ['changed long ago', 3_600_000, /Waiting does not help.*\n +sf eca credentials status --name Order_Sync/],
      ['changed just now', 60_000, /up to 15 minutes/],
    ] as const) {
      it(`says of the org’s own secret, refused for an app that ${what}, whether to wait`, async () => {
        facts.changedAt = new Date(clock - changed);
        facts.secret = { from: 'org', secret: new Secret(randomBytes(8).toString('hex')) };
        answers['/services/oauth2/token'] = () => refusal('invalid_client', 'invalid client credentials');
        const { checks } = await run({ flows: ['client-credentials'], waitMs: 0 });
        const { status, fix } = find(checks, 'client-credentials.token');
        expect(status).to.equal(changed > 1_800_000 ? 'failed' : 'unfinished');
        expect(fix && inWords(fix)).to.match(then);
      });
    }

    it('no longer speaks of waiting when the change got old while it waited', async () => {
      facts.changedAt = new Date(clock - 1_700_000);
      unknownUntil(1000);
      const { checks } = await run({ flows: ['client-credentials'] });
      const { status, fix } = find(checks, 'client-credentials.token');
      expect([status, fix?.code]).to.deep.equal(['failed', 'fix.pairRefused']);
    });

    it('does not say to wait for scopes that a token lacks, where the app did not change lately', async () => {
      facts.changedAt = new Date(clock - 3_600_000);
      facts.app.scopes = ['api', 'mcp_api'];
      const { checks } = await run();
      expect(find(checks, 'client-credentials.scopes').fix?.code).to.equal('fix.notByWaiting');
    });

    it('does not wait for a wrong secret from a file', async () => {
      facts.changedAt = new Date(clock - 60_000);
      facts.secret = { from: 'file', secret: new Secret(randomBytes(8).toString('hex')) };
      const { checks } = await run();
      expect(find(checks, 'client-credentials.token').status).to.equal('failed');
      expect(waits).to.deep.equal([]);
    });
  });

  describe('its result', () => {
    it('is unfinished where a flow that the app has could not be tried', async () => {
      facts.app.oauth?.flows?.push('code-and-credentials');
      expect((await run()).result).to.equal('unfinished');
      expect((await run({ strict: true })).result).to.equal('unfinished');
      expect((await run({ flows: ['client-credentials'] })).result).to.equal('passed');
      expect((await run({ flows: ['web-server'] })).result).to.equal('passed');
      expect((await run({ flows: ['web-server', 'code-and-credentials'] })).result).to.equal('unfinished');
    });

    it('is failed where a flow was named that the app does not have', async () => {
      const { result, flows, checks } = await run({ flows: ['device'] });
      expect(find(checks, 'device.configured').status).to.equal('failed');
      expect([result, flows]).to.deep.equal(['failed', [{ flow: 'device', result: 'failed' }]]);
    });

    it('counts warnings only when it is strict', async () => {
      facts.secretAccessOpen = true;
      expect((await run()).result).to.equal('passed');
      expect((await run({ strict: true })).result).to.equal('failed');
    });

    it('leaves out a JWT bearer flow that nobody can see, unless it is named', async () => {
      const { flows, unseen, checks } = await run();
      expect(flows.map(({ flow }) => flow)).not.to.include('jwt-bearer');
      expect(unseen).to.deep.equal(['jwt-bearer']);
      expect(checks.filter(({ flow }) => flow === 'jwt-bearer')).to.deep.equal([]);
      const named = await run({ flows: ['jwt-bearer'] });
      expect([named.result, named.unseen]).to.deep.equal(['unfinished', []]);
      expect(find(named.checks, 'jwt-bearer.user').status).to.equal('skipped');
    });

    it('counts a JWT bearer flow that is known to be on', async () => {
      facts.app.oauth?.flows?.push('jwt-bearer');
      const { result, flows, unseen } = await run();
      expect(flows).to.deep.include({ flow: 'jwt-bearer', result: 'notTried' });
      expect([result, unseen]).to.deep.equal(['unfinished', []]);
    });

    const scopes: [what: string, ofApp: string[], ofToken: string, result: string, api: string, detail: string][] = [
      ['no scope', [], '', 'failed', 'failed', 'detail.noApiScope'],
      ['refresh_token alone', ['refresh_token'], 'refresh_token', 'failed', 'failed', 'detail.noApiScope'],
      ['offline_access alone', ['offline_access'], '', 'failed', 'failed', 'detail.noApiScope'],
      ['a service that is not called', ['mcp_api'], 'mcp_api', 'passed', 'passed', 'detail.serviceNotCalled'],
      ['Data Cloud alone', ['cdp_query_api'], 'cdp_query_api', 'passed', 'passed', 'detail.serviceNotCalled'],
      ['a custom scope alone', [], 'Order.Read', 'failed', 'passed', 'detail.serviceNotCalled'],
      [
        'api and one that is not called',
        ['api', 'sfap_api'],
        'api sfap_api',
        'passed',
        'passed',
        'detail.apiAndNotCalled',
      ],
    ];
    for (const [what, ofApp, ofToken, result, api, detail] of scopes) {
      it(`is ${result} for an app with ${what}`, async () => {
        const give = answers['/services/oauth2/token']!;
        answers['/services/oauth2/token'] = async (seen) => {
          const answer = await give(seen);
          return answer.status ? answer : { body: { ...(answer.body as object), scope: ofToken } };
        };
        facts.app.scopes = ofApp;
        const verdict = await run({ flows: ['client-credentials'] });
        const check = find(verdict.checks, 'client-credentials.api');
        expect([verdict.result, check.status, check.detail.code]).to.deep.equal([result, api, detail]);
      });
    }

    it('is failed when the token lacks the scope of an API that the app has', async () => {
      facts.app.scopes = ['api', 'mcp_api'];
      const { result, checks } = await run();
      expect(result).to.equal('failed');
      expect(find(checks, 'client-credentials.scopes')).to.deep.include({ status: 'failed' });
    });

    it('asks for the token format that the services of the scopes take', async () => {
      const format = async (jwtAccessTokens: boolean) => {
        facts.app.oauth!.jwtAccessTokens = jwtAccessTokens;
        const { status, fix } = find((await run({ flows: ['web-server'] })).checks, 'token-format');
        return [status, JSON.stringify(fix)?.match(/--(no-)?jwt-access-tokens/)?.[0]];
      };
      facts.app.scopes = ['api', 'refresh_token'];
      expect(await format(true)).to.deep.equal(['warning', '--no-jwt-access-tokens']);
      expect(await format(false)).to.deep.equal(['passed', undefined]);
      for (const scope of ['mcp_api', 'sfap_api', 'chatbot_api']) {
        facts.app.scopes = [scope, 'refresh_token'];
        expect(await format(true), scope).to.deep.equal(['passed', undefined]);
        expect(await format(false), scope).to.deep.equal(['warning', '--jwt-access-tokens']);
      }
    });
  });

  it('revokes what it was given also when it is stopped half-way', async () => {
    const stop = new AbortController();
    const error = await run({
      signal: stop.signal,
      onDone: ({ id }) => {
        if (id === 'client-credentials.token') {
          expect(living.size).to.equal(1);
          stop.abort();
        }
      },
    }).catch((thrown: unknown) => thrown);
    expect(error).to.have.property('name', 'AbortError');
    expect(living.size).to.equal(0);
  });

  it('revokes also a token that was under way when it was stopped', async () => {
    const give = answers['/services/oauth2/token']!;
    const stop = new AbortController();
    answers['/services/oauth2/token'] = async (seen) => {
      const answer = await give(seen);
      expect(living.size, 'the org has given it out').to.equal(1);
      stop.abort();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return answer;
    };
    const error = await run({ signal: stop.signal }).catch((thrown: unknown) => thrown);
    expect(error).to.have.property('name', 'AbortError');
    expect(wire.seen.filter(({ path }) => path === '/services/oauth2/revoke')).to.have.length(1);
    expect(living.size).to.equal(0);
  });

  it('never shows a token or a secret', async () => {
    const { checks } = await run();
    const shown = JSON.stringify(checks);
    const tokens = wire.seen.map(bearer).filter(Boolean);
    expect(tokens).not.to.have.length(0);
    for (const hidden of [...tokens, (facts.secret as { secret: Secret }).secret.reveal()])
      expect(shown).not.to.include(hidden);
  });
});
