import { execFileSync } from 'node:child_process';

import { expect } from 'chai';

import { parseRefusal } from '../../src/app/answer.ts';
import type { Flow } from '../../src/app/app.ts';
import { causesOf, explain, explanationIds, KNOWN_CODES } from '../../src/app/explanations.ts';
import { type Known, NOTHING_KNOWN } from '../../src/app/fixes.ts';
import { FLOW_NAMES } from '../../src/app/flows.ts';
import { Secret } from '../../src/app/secret.ts';
import { inWords } from '../../src/texts.ts';

const KNOWN: Known = {
  app: {
    name: 'Order_Sync',
    oauth: {
      callbackUrls: ['https://orders.example.com/cb'],
      flows: ['client-credentials'],
      runAs: 'order-sync@example.com',
    },
    scopes: ['api'],
    policies: { permittedUsers: 'admin-approved', permissionSets: ['Order Sync'] },
  },
  targetOrg: 'dev',
  setupUrl: 'https://acme.my.salesforce.com/setup',
};

/** What Salesforce was seen to answer, by what it means; the fix is what its text must have. */
const ANSWERS: [answer: string, flow: Flow | undefined, id: string, fix: RegExp][] = [
  ['invalid_client_id: client identifier invalid', 'client-credentials', 'keyUnknown', /sf eca credentials/],
  ['invalid_client: invalid client credentials', 'client-credentials', 'secretWrong', /--show-secret/],
  ['invalid_client: invalid client credentials', 'jwt-bearer', 'certificateWrong', /certificate create .*--replace/],
  ['invalid_client', 'jwt-bearer', 'certificateWrong', /certificate create .*--replace/],
  [
    'invalid_grant: no client credentials user enabled',
    'client-credentials',
    'noRunAs',
    /--run-as order-sync@example.com/,
  ],
  ['invalid_grant: request not supported on this domain', 'client-credentials', 'notMyDomain', /Order_Sync/],
  [
    'invalid_app_access: user is not admin approved to access this app',
    'client-credentials',
    'notApproved',
    /sf org assign permset --name 'Order Sync' --on-behalf-of order-sync@example.com --target-org dev/,
  ],
  ['invalid_grant: user hasn’t approved this consumer', 'jwt-bearer', 'notPreapproved', /permset/],
  ["invalid_grant: user hasn't approved this consumer", 'jwt-bearer', 'notPreapproved', /permset/],
  ['invalid_grant: invalid assertion', 'jwt-bearer', 'assertionWrong', /certificate create .*--replace/],
  ['invalid_grant: Audience validation failed', 'jwt-bearer', 'audienceWrong', /fix.audience/],
  ['invalid_grant: expired access/refresh token', 'web-server', 'tokenExpired', /fix.logInAgain/],
  ['invalid_grant: expired authorization code', 'web-server', 'codeExpired', /fix.startAgain/],
  ['invalid_grant: authentication failure', undefined, 'loginFailed', /sf eca verify/],
  ['invalid_grant: invalid code verifier', 'web-server', 'codeVerifierWrong', /fix.startAgain/],
  [
    'redirect_uri_mismatch: redirect_uri must match configuration',
    'web-server',
    'redirectMismatch',
    /https:\/\/orders.example.com\/cb/,
  ],
  ['invalid_request: missing required code challenge', 'web-server', 'challengeMissing', /fix.sendPkce/],
  [
    'invalid_request: refresh_token scope is required and the connected app should be installed and preauthorized',
    'jwt-bearer',
    'refreshTokenScope',
    /--add refresh_token/,
  ],
  ['invalid_scope: the requested scope is not allowed', 'web-server', 'scopeNotAllowed', /askFewerScopes.*api/],
  ['unsupported_grant_type: grant type not supported', 'client-credentials', 'flowOff', /--flow client-credentials/],
  ['unsupported_grant_type: grant type not supported', 'device', 'flowOff', /--flow device/],
  ['unsupported_grant_type: grant type not supported', undefined, 'grantTypeOff', /sf eca verify/],
  ['OAUTH_APPROVAL_ERROR_GENERIC', 'web-server', 'browserNotAllowed', /Order_Sync/],
  ['OAUTH_APP_ACCESS_DENIED', 'web-server', 'notApproved', /permset/],
  [
    'OAUTH_EC_APP_NOT_FOUND: External client app is not installed in this org',
    'web-server',
    'appNotInOrg',
    /Order_Sync/,
  ],
  [
    'OAUTH_AUTHORIZATION_BLOCKED: Cross-org OAuth flows are not supported for this external client app',
    'web-server',
    'crossOrg',
    /Order_Sync/,
  ],
  ['INVALID_SESSION_ID: Session expired or invalid', undefined, 'sessionInvalid', /fix.logInAgain/],
  [
    'INVALID_SESSION_ID: This session is not valid for use with the REST API',
    undefined,
    'apiAccessControl',
    /--permitted-users admin-approved --permission-set 'Order Sync'/,
  ],
  [
    'API_ACCESS_DENIED: This app is not allowed to use the API (API Access Control)',
    undefined,
    'apiAccessControl',
    /permset/,
  ],
  ['invalid_client: app must be installed into org', 'web-server', 'appNotInOrg', /Order_Sync/],
  ['invalid_grant: authentication failure', 'client-credentials', 'userRefused', /order-sync@example.com/],
  ['invalid_grant: ip restricted', 'client-credentials', 'ipRestricted', /--ip-relaxation relax/],
  ['invalid_grant: ip restricted', 'jwt-bearer', 'ipRestricted', /fix.allowIpAddress/],
  ['invalid_grant: ip restricted by app developer', 'web-server', 'ipRestrictedByApp', /Order_Sync/],
  ['invalid_request: no token exchange handler enabled', 'token-exchange', 'noHandler', /Order_Sync/],
  [
    'OAUTH_APP_BLOCKED: this app is blocked by admin',
    undefined,
    'appBlocked',
    /Order_Sync.*--permitted-users admin-approved/,
  ],
  ['invalid_request: must provide code', undefined, 'parameterMissing', /fix.completeRequest/],
  ['REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.', undefined, 'apiLimit', /fix.apiLimit/],
  ['something_new: never heard of', undefined, 'unknown', /acme.my.salesforce.com/],
];

/** An app of which everything is known, one of which the name is, one without any settings, and none. */
const SITUATIONS: [what: string, known: Known][] = [
  ['a whole app', KNOWN],
  ['an app for MCP', { app: { ...KNOWN.app, scopes: ['mcp_api'], policies: undefined } }],
  ['an app without settings', { app: { name: 'Order_Sync', oauth: {} }, targetOrg: "my 'org'" }],
  ['a name', { app: { name: 'Order_Sync' } }],
  ['nothing', NOTHING_KNOWN],
];

describe('explanations', () => {
  for (const [what, one] of SITUATIONS) {
    it(`name a cause and a fix without an empty place, of which every command is one for a shell, for ${what}`, () => {
      const flows = [undefined, ...FLOW_NAMES];
      const said = [...KNOWN_CODES].flatMap((error) =>
        flows.flatMap((flow) => causesOf(explain({ error, description: '' }, flow, one))),
      );
      expect(new Set(said.map(({ id }) => id)).size).to.be.greaterThan(70);
      const texts = [...new Set(said.flatMap(({ cause, fix }) => [inWords(cause), inWords(fix)]))];
      for (const text of texts) {
        expect(text).not.to.match(
          /<|undefined|: *$|: *\n(?! )|\( *\)|  +[^\s]* *$|,,|\[object|%s|--\w[\w-]* --name *$/,
        );
        for (const [line] of text.matchAll(/(?<=^ +)\S.*$/gm)) {
          expect(line).to.match(/^(sf|openssl) /);
          execFileSync('bash', ['-n', '-c', line]);
        }
      }
    });
  }

  for (const [answer, flow, id, fix] of ANSWERS) {
    it(`know "${answer}"${flow ? ` (${flow})` : ''}`, () => {
      const explanation = explain(parseRefusal(answer), flow, KNOWN);
      expect(explanation.id).to.equal(id);
      expect(explanation.cause.code).to.equal(`cause.${id}`);
      expect(JSON.stringify(explanation.fix)).to.match(fix);
    });
  }

  for (const [what, text, refusal] of [
    ['a name and a text', 'invalid_grant: expired code', ['invalid_grant', 'expired code']],
    ['a name alone', ' OAUTH_APP_BLOCKED\n', ['OAUTH_APP_BLOCKED', '']],
    ['a name that is not known', 'quite_new: text: more', ['quite_new', 'text: more']],
    ['a line of a log', '12:01 ERROR login failed, invalid_grant - expired code', ['invalid_grant', 'expired code']],
    ['an answer', '{"error":"invalid_grant","error_description":"expired code"}', ['invalid_grant', 'expired code']],
    ['an answer without a text', 'HTTP 400 {"error":"invalid_grant"}', ['invalid_grant', '']],
    [
      'an API’s answer',
      '[{"message":"No API","errorCode":"API_DISABLED_FOR_ORG"}]',
      ['API_DISABLED_FOR_ORG', 'No API'],
    ],
    [
      'the address of a callback',
      'https://x.example.com/cb?state=1&error=access_denied&error_description=end-user+denied',
      ['access_denied', 'end-user denied'],
    ],
    [
      'the address of an error page',
      'https://acme.my.salesforce.com/_nc/error?ErrorCode=OAUTH_APP_BLOCKED&ErrorDescription=this%20app',
      ['OAUTH_APP_BLOCKED', 'this app'],
    ],
    ['a text alone', 'request not supported on this domain', ['', 'request not supported on this domain']],
    ['what looks like JSON', '{invalid_grant: x}', ['invalid_grant', 'x}']],
    ['other JSON', '{"status": 1}', ['', '{"status": 1}']],
    ['a list of nothing', '[]', ['', '[]']],
  ] as const) {
    it(`are looked up by ${what}`, () => {
      const { error, description } = parseRefusal(text);
      expect([error, description]).to.deep.equal(refusal);
    });
  }

  it('know a text without its error’s name', () => {
    expect(explain(parseRefusal('user is not admin approved to access this app')).id).to.equal('notApproved');
    expect(explain(parseRefusal('no client credentials user enabled')).id).to.equal('noRunAs');
    expect(explain(parseRefusal('')).id).to.equal('unknown');
  });

  it('do not care for upper and lower case in an error’s name', () => {
    expect(explain({ error: 'INVALID_CLIENT_ID', description: '' }).id).to.equal('keyUnknown');
  });

  it('tell a token without the scope "api" from an app that nobody approved, which the org does not', () => {
    const refusal = parseRefusal('INVALID_SESSION_ID: This session is not valid for use with the REST API');
    expect(explain(refusal, undefined, { app: { ...KNOWN.app, scopes: ['openid'] } }).id).to.equal('scopeMissing');
    expect(explain(refusal).id, 'offline').to.equal('scopeMissing');
  });

  it('tell a wrong key and a wrong secret from those that the org itself named', () => {
    const [key, secret] = [
      'invalid_client_id: client identifier invalid',
      'invalid_client: invalid client credentials',
    ];
    const mine: Known = {
      ...KNOWN,
      orgConsumerKey: 'k',
      consumerKey: 'k',
      secret: { from: 'org', secret: new Secret('s') },
    };
    const ids = (one: Known) => [key, secret].map((text) => explain(parseRefusal(text ?? ''), undefined, one).id);
    expect(ids(mine)).to.deep.equal(['keyNotSpread', 'secretNotSpread']);
    expect(ids({ ...mine, consumerKey: 'other', secret: { from: 'file', secret: new Secret('s') } })).to.deep.equal([
      'keyUnknown',
      'secretWrong',
    ]);
  });

  it('leave out what is not known, which the command asks for', () => {
    const { fix } = explain(parseRefusal('invalid_grant: no client credentials user enabled'));
    expect(fix.values[0]).to.equal('sf eca oauth set --flow client-credentials');
  });

  it('tell what may pass by itself from what will not', () => {
    const may = (text: string) => explain(parseRefusal(text), 'client-credentials', KNOWN).mayPass;
    expect(may('invalid_client_id: client identifier invalid')).to.equal(true);
    expect(may('invalid_grant: request not supported on this domain')).to.equal(false);
    expect(may('something_new')).to.equal(false);
  });

  it('send a user with no approval, and an app that names no permission set, to name one', () => {
    const open: Known = { app: { ...KNOWN.app, policies: { permittedUsers: 'all-users' } } };
    const jwt = explain(parseRefusal("invalid_grant: user hasn't approved this consumer"), 'jwt-bearer', open);
    expect(jwt.fix.values[0]).to.equal('sf eca user create --name Order_Sync --base-username order-sync@example.com');
    const none: Known = { app: { ...KNOWN.app, policies: { permittedUsers: 'admin-approved' } } };
    const denied = explain(parseRefusal('invalid_app_access: user is not admin approved'), undefined, none);
    expect(denied.fix).to.deep.equal(jwt.fix);
  });

  it('name every row once', () => {
    expect(new Set(explanationIds).size).to.equal(explanationIds.length);
  });

  it('never answer for the user whether there is a certificate, and say where the command asks', () => {
    const codes = (['returned', 'no', 'noted', 'unknown', undefined] as const).map((certificate) => {
      const { fix } = explain(parseRefusal('unsupported_grant_type'), 'client-credentials', { ...KNOWN, certificate });
      expect(JSON.stringify(fix)).to.include('sf eca oauth set').and.not.include('-certificate');
      return fix.code;
    });
    const unknown = 'fix.certificateUnknown';
    expect(codes).to.deep.equal(['fix.run', 'fix.run', 'fix.certificateNoted', unknown, unknown]);
  });
});
