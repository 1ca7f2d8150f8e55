import { expect } from 'chai';
import type { Check, CheckStatus } from '../../src/app/checks.ts';
import {
  apiPathFor,
  approvedBy,
  compareScopes,
  flowsOf,
  meantFlowsOf,
  say,
  scopesWithoutUser,
  verdict,
} from '../../src/app/checks.ts';
import type { UserFacts } from '../../src/app/user.ts';
import { tooPowerful } from '../../src/app/user.ts';

const check = (id: string, status: CheckStatus = 'passed'): Check => ({
  id,
  status,
  title: say('x'),
  detail: say('x'),
  durationMs: 1,
});

const user: UserFacts = {
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
  describe('the verdict', () => {
    const clientCredentials = [check('client-credentials.token'), check('client-credentials.api')];

    it('needs a token and an API call with it, or an accepted authorize request', () => {
      expect(verdict(clientCredentials, [], false)).to.equal(true);
      expect(verdict([check('client-credentials.token')], [], false)).to.equal(false);
      expect(
        verdict([check('client-credentials.token'), check('client-credentials.api', 'skipped')], [], false),
      ).to.equal(false);
      expect(verdict([check('web-server.authorize')], [], false)).to.equal(true);
      expect(verdict([], [], false)).to.equal(false);
    });

    it('needs every flow that was asked for', () => {
      expect(verdict(clientCredentials, ['client-credentials'], false)).to.equal(true);
      expect(verdict(clientCredentials, ['client-credentials', 'web-server'], false)).to.equal(false);
      expect(verdict(clientCredentials, ['device'], false)).to.equal(false);
    });

    it('is no when one check failed', () => {
      expect(verdict([...clientCredentials, check('x', 'failed')], [], false)).to.equal(false);
    });

    for (const status of ['warning', 'skipped'] as const) {
      it(`counts what is ${status} only when strict`, () => {
        expect(verdict([...clientCredentials, check('x', status)], [], false)).to.equal(true);
        expect(verdict([...clientCredentials, check('x', status)], [], true)).to.equal(false);
      });
    }
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
    expect(apiPathFor(['refresh_token', 'cdp_api'], '67.0')).to.equal(undefined);
  });

  it('say by what a user is let in', () => {
    const app = { name: 'A', policies: { permittedUsers: 'admin-approved' as const, profiles: ['Integration'] } };
    expect(approvedBy({ app, allowedPermissionSets: ['A'] }, user)).to.equal('permissionSet');
    expect(approvedBy({ app, allowedPermissionSets: ['B'] }, user)).to.equal('profile');
    expect(approvedBy({ app: { name: 'A' }, allowedPermissionSets: [] }, user)).to.equal(undefined);
  });

  it('name the permissions that an integration should not have', () => {
    expect(tooPowerful(user)).to.deep.equal([]);
    expect(tooPowerful({ ...user, modifyAllData: true, isAdmin: true }).map(({ name }) => name)).to.deep.equal([
      'ModifyAllData',
      'CustomizeApplication or ManageUsers',
    ]);
  });
});
