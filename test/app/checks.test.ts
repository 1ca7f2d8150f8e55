import { expect } from 'chai';

import type { Flow } from '../../src/app/app.ts';
import {
  apiPathFor,
  approvedBy,
  type Check,
  compareScopes,
  type FlowResult,
  flowResult,
  flowsOf,
  meantFlowsOf,
  outcome,
  scopesForJwtTokens,
  scopesNotCalled,
  scopesWithoutUser,
  type TrialStatus,
  usableScopes,
} from '../../src/app/checks.ts';
import { say } from '../../src/app/text.ts';
import { tooPowerful, type UserFacts } from '../../src/app/user.ts';

const check = (id: string, status: TrialStatus = 'passed'): Check => ({
  id,
  flow: id.split('.')[0] as Flow,
  status,
  title: say('check.app'),
  detail: say('detail.revoked'),
  durationMs: 1,
});

const USER: UserFacts = {
  id: '005xx000001SwiUAAS',
  username: 'order-sync@example.com',
  active: true,
  profileName: 'Integration',
  isAdmin: false,
  modifyAllData: false,
  viewAllData: false,
  apiEnabled: true,
  apiOnly: true,
  permissionSets: ['A'],
};

describe('checks', () => {
  describe('the result of a flow', () => {
    const results: [FlowResult, Flow, Check[]][] = [
      ['worked', 'client-credentials', [check('client-credentials.token'), check('client-credentials.api')]],
      ['worked', 'jwt-bearer', [check('jwt-bearer.token', 'warning'), check('jwt-bearer.api')]],
      ['notTried', 'client-credentials', [check('client-credentials.token')]],
      [
        'notTried',
        'client-credentials',
        [check('client-credentials.token'), check('client-credentials.api', 'skipped')],
      ],
      ['notTried', 'client-credentials', [check('client-credentials.token', 'unfinished')]],
      ['accepted', 'web-server', [check('web-server.authorize')]],
      // In a browser an accepted request is not enough.
      ['notTried', 'web-server', [check('web-server.authorize'), check('web-server.token', 'skipped')]],
      ['worked', 'web-server', [check('web-server.authorize'), check('web-server.token'), check('web-server.api')]],
      ['accepted', 'device', [check('device.code')]],
      ['notTried', 'device', [check('device.code'), check('device.token', 'skipped')]],
      ['notTried', 'token-exchange', [check('token-exchange.configured'), check('token-exchange.request')]],
      ['notTried', 'code-and-credentials', [check('code-and-credentials.configured')]],
      [
        'failed',
        'client-credentials',
        [
          check('client-credentials.token'),
          check('client-credentials.api'),
          check('client-credentials.revoked', 'failed'),
        ],
      ],
      ['notTried', 'device', []],
    ];
    for (const [result, flow, checks] of results) {
      it(`is ${result} for ${flow} with ${checks.map(({ id, status }) => `${id} ${status}`).join(', ')}`, () => {
        expect(flowResult(checks, flow)).to.equal(result);
      });
    }
  });

  describe('the outcome', () => {
    it('is passed when every flow worked or was accepted', () => {
      expect(outcome([check('app')], ['worked', 'accepted'], false)).to.equal('passed');
      expect(outcome([check('app', 'warning'), check('b', 'skipped')], ['worked'], false)).to.equal('passed');
    });

    it('is unfinished when a flow could not be tried, or none was, strict or not', () => {
      for (const strict of [true, false]) {
        expect(outcome([check('app')], ['worked', 'notTried'], strict)).to.equal('unfinished');
        expect(outcome([check('app')], [], strict)).to.equal('unfinished');
        expect(outcome([check('app', 'unfinished')], ['worked'], strict)).to.equal('unfinished');
      }
    });

    it('is failed when a check failed, whatever else is unfinished', () => {
      expect(outcome([check('a', 'failed'), check('b', 'unfinished')], ['notTried'], false)).to.equal('failed');
      expect(outcome([check('a', 'failed')], ['worked'], false)).to.equal('failed');
    });

    it('counts warnings only when strict, and before what is unfinished', () => {
      expect(outcome([check('a', 'warning')], ['worked'], true)).to.equal('failed');
      expect(outcome([check('a', 'warning')], ['notTried'], true)).to.equal('failed');
      expect(outcome([check('a', 'warning')], ['notTried'], false)).to.equal('unfinished');
    });
  });

  it('know which scopes are of use, which services are not called, and which want JWTs', () => {
    expect(usableScopes(['refresh_token', 'offline_access'])).to.deep.equal([]);
    expect(usableScopes(['refresh_token', 'web'])).to.deep.equal(['web']);
    expect(scopesNotCalled(['api', 'refresh_token', 'openid', 'mcp_api', 'cdp_query_api', 'Order.Read'])).to.deep.equal(
      ['mcp_api', 'cdp_query_api', 'Order.Read'],
    );
    expect(scopesForJwtTokens(['api', 'mcp_api', 'sfap_api', 'chatbot_api'])).to.have.length(3);
    expect(scopesForJwtTokens(undefined)).to.deep.equal([]);
  });

  it('take the web server flow for on once there is OAuth', () => {
    expect(flowsOf({ name: 'A' })).to.deep.equal([]);
    expect(flowsOf({ name: 'A', oauth: {} })).to.deep.equal(['web-server']);
    expect(flowsOf({ name: 'A', oauth: { flows: ['device', 'web-server'] } })).to.have.members([
      'web-server',
      'device',
    ]);
  });

  it('take a flow for meant when half of it is there', () => {
    const off = { global: false, policy: false };
    const neither = { clientCredentials: off, tokenExchange: off };
    const half = { ...off, global: true };
    const app = { name: 'A', oauth: {} };
    expect(meantFlowsOf({ app, ...neither })).to.deep.equal(['web-server']);
    expect(meantFlowsOf({ app, ...neither, clientCredentials: half })).to.include('client-credentials');
    expect(meantFlowsOf({ app, ...neither, tokenExchange: half })).to.deep.equal(['web-server', 'token-exchange']);
    expect(meantFlowsOf({ app: { name: 'A', oauth: { runAs: 'x' } }, ...neither })).to.include('client-credentials');
    expect(meantFlowsOf({ app: { name: 'A' }, clientCredentials: half, tokenExchange: half })).to.deep.equal([]);
  });

  it('know what a token without a user does not carry', () => {
    expect(scopesWithoutUser(['api', 'full', 'web', 'refresh_token', 'offline_access', 'id'])).to.deep.equal([
      'api',
      'id',
    ]);
    expect(compareScopes(['api', 'id', 'web'], ['api', 'id'], ['id', 'web', 'x'])).to.deep.equal({
      missing: ['api'],
      extra: ['x'],
    });
  });

  it('call what the scopes give access to', () => {
    expect(apiPathFor(['id', 'api'], '67.0')).to.equal('/services/data/v67.0/');
    expect(apiPathFor(['openid'], '67.0')).to.equal('/services/oauth2/userinfo');
    for (const scope of ['openid', 'id', 'profile', 'email'])
      expect(apiPathFor([scope, 'cdp_api'], '67.0'), scope).to.equal('/services/oauth2/userinfo');
    expect(apiPathFor(['refresh_token', 'cdp_api'], '67.0')).to.equal(undefined);
  });

  it('say by what a user is let in', () => {
    const app = { name: 'A', policies: { permittedUsers: 'admin-approved' as const, profiles: ['Integration'] } };
    expect(approvedBy({ app, allowedPermissionSets: ['A'] }, USER)).to.equal('permissionSet');
    expect(approvedBy({ app, allowedPermissionSets: ['B'] }, USER)).to.equal('profile');
    expect(approvedBy({ app: { name: 'A' }, allowedPermissionSets: [] }, USER)).to.equal(undefined);
  });

  it('name the permissions that an integration should not have', () => {
    expect(tooPowerful(USER)).to.deep.equal([]);
    expect(tooPowerful({ ...USER, modifyAllData: true, isAdmin: true }).map(({ name }) => name)).to.deep.equal([
      'ModifyAllData',
      'CustomizeApplication or ManageUsers',
    ]);
  });
});
