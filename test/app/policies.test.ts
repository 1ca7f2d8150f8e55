import { expect } from 'chai';

import type { App, Policies } from '../../src/app/app.ts';
import {
  checkPolicies,
  checkValidity,
  checkWholeNumber,
  DEFAULT_POLICIES,
  formatValidity,
  judgePolicies,
  JWT_TIMEOUT_MINUTES,
  parseValidity,
  POLICY_VALUES,
  refreshTokenEnd,
  takesValidity,
} from '../../src/app/policies.ts';

describe('refresh-token validity', () => {
  const cases: Record<string, string> = {
    '30 days': '30 days',
    '1 day': '1 day',
    '1 days': '1 day',
    '2 day': '2 days',
    '12 hours': '12 hours',
    '6months': '6 months',
    ' 1 MONTH ': '1 month',
    '030 days': '30 days',
    '2147483647 hours': '2147483647 hours',
  };
  for (const [text, formatted] of Object.entries(cases)) {
    it(`reads ${JSON.stringify(text)}`, () => {
      expect(checkValidity(text)).to.equal(undefined);
      expect(formatValidity(parseValidity(text))).to.equal(formatted);
    });
  }

  it('comes back the same from formatting and parsing', () => {
    for (const unit of ['hours', 'days', 'months'] as const) {
      for (const period of [1, 2, 9, 10, 99, 365, 1000, 2_147_483_647]) {
        expect(parseValidity(formatValidity({ period, unit }))).to.deep.equal({ period, unit });
      }
    }
  });

  const short: Record<string, string> = {
    '30': '30 days',
    '30d': '30 days',
    '12h': '12 hours',
    ' 12 Hrs ': '12 hours',
    '2w': '14 days',
    '6mo': '6 months',
    '1 year': '12 months',
  };
  for (const [text, long] of Object.entries(short)) {
    it(`takes ${JSON.stringify(text)} for ${long}`, () => {
      expect(checkValidity(text)).to.equal(undefined);
      expect(formatValidity(parseValidity(text))).to.equal(long);
    });
  }

  for (const text of [
    '',
    'days',
    '0',
    '30m',
    '3 fortnights',
    '0 days',
    '-1 days',
    '1.5 days',
    '1,000 days',
    '30 days 2 hours',
    '2147483648 days',
    '99999999999 days',
    '30 daysx',
    '1e3 days',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(checkValidity(text)).to.deep.equal({
        code: 'error.refreshTokenValidityInvalid',
        values: [text],
        field: 'policies.refreshTokenValidity',
      });
      expect(() => parseValidity(text)).to.throw('Not a refresh-token validity');
    });
  }

  it('goes with a life and with inactivity', () => {
    expect(POLICY_VALUES.refreshToken.filter(takesValidity)).to.deep.equal(['lifetime', 'inactivity']);
    expect(takesValidity(undefined)).to.equal(false);
  });
});

describe('checkPolicies', () => {
  it('finds nothing wrong with nothing, with the defaults, with all of it', () => {
    const whole: Policies = {
      permittedUsers: 'admin-approved',
      permissionSets: ['Order_Sync'],
      profiles: ['Minimum Access - API Only Integrations'],
      refreshToken: 'inactivity',
      refreshTokenValidity: '12 hours',
      ipRelaxation: 'enforce-relax-refresh',
      sessionTimeoutMinutes: 30,
      jwtTimeoutMinutes: 15,
      sessionLevel: 'high-assurance',
      sessionLevelAction: 'step-up-mfa',
    };
    for (const policies of [{}, DEFAULT_POLICIES, whole]) expect(checkPolicies(policies)).to.deep.equal([]);
  });

  for (const [policy, values] of Object.entries(POLICY_VALUES)) {
    it(`takes every word for ${policy} and no other`, () => {
      for (const value of values) expect(checkPolicies({ [policy]: value })).to.deep.equal([]);
      for (const value of ['Enforce', '', 'AllSelfAuthorized']) {
        expect(checkPolicies({ [policy]: value })).to.deep.equal([
          {
            code: 'error.valueNotAllowed',
            values: [`policies.${policy}`, value, values.join(', ')],
            field: `policies.${policy}`,
          },
        ]);
      }
    });
  }

  it('takes the minutes that Salesforce lists for JWT access tokens, and no other', () => {
    for (const minutes of JWT_TIMEOUT_MINUTES) expect(checkPolicies({ jwtTimeoutMinutes: minutes })).to.deep.equal([]);
    // The number 0 stands for none.
    expect(checkPolicies({ jwtTimeoutMinutes: 0, sessionTimeoutMinutes: 0 })).to.deep.equal([]);
    for (const minutes of [2, 45, 721, -1, 1.5]) {
      expect(checkPolicies({ jwtTimeoutMinutes: minutes })[0]?.code, String(minutes)).to.equal('error.valueNotAllowed');
    }
  });

  it('takes any number of minutes for a session that an org could take', () => {
    for (const minutes of [1, 15, 1440]) expect(checkPolicies({ sessionTimeoutMinutes: minutes })).to.deep.equal([]);
    for (const minutes of [-15, 1.5, Number.NaN, 2 ** 31]) {
      expect(checkPolicies({ sessionTimeoutMinutes: minutes })[0]?.code, String(minutes)).to.equal(
        'error.numberNotAllowed',
      );
    }
  });

  it('refuses a validity next to a policy that has none', () => {
    for (const refreshToken of ['infinite', 'immediate'] as const) {
      expect(checkPolicies({ refreshToken, refreshTokenValidity: '30 days' })).to.deep.equal([
        {
          code: 'error.refreshTokenValidityUnused',
          values: ['30 days', refreshToken],
          field: 'policies.refreshTokenValidity',
        },
      ]);
    }
    expect(checkPolicies({ refreshTokenValidity: '30 days' })).to.deep.equal([]);
    expect(checkPolicies({ refreshToken: 'lifetime', refreshTokenValidity: 'x' })[0]?.code).to.equal(
      'error.refreshTokenValidityInvalid',
    );
  });

  it('tells about all at once', () => {
    const problems = checkPolicies({ refreshTokenValidity: 'x', jwtTimeoutMinutes: 2, sessionTimeoutMinutes: -1 });
    expect(problems.map(({ field }) => field)).to.deep.equal([
      'policies.refreshTokenValidity',
      'policies.jwtTimeoutMinutes',
      'policies.sessionTimeoutMinutes',
    ]);
  });
});

describe('checkWholeNumber', () => {
  it('takes both ends', () => {
    for (const value of [undefined, 1, 720]) expect(checkWholeNumber(value, 1, 720, 'x')).to.equal(undefined);
    expect(checkWholeNumber(721, 1, 720, 'x')).to.deep.equal({
      code: 'error.numberNotAllowed',
      values: ['x', '721', '1', '720'],
      field: 'x',
    });
  });
});

describe('judgePolicies', () => {
  const sound: App = {
    name: 'A',
    oauth: {},
    scopes: ['api', 'refresh_token'],
    policies: {
      permittedUsers: 'admin-approved',
      permissionSets: ['A'],
      refreshToken: 'inactivity',
      refreshTokenValidity: '30 days',
      ipRelaxation: 'enforce',
      sessionTimeoutMinutes: 30,
      sessionLevel: 'standard',
    },
  };
  const judged = (policies: Policies, rest: Partial<App> = {}): string[] =>
    judgePolicies({ ...sound, ...rest, policies: { ...sound.policies, ...policies } }).map(({ code }) => code);

  it('has nothing to say about sound ones', () => expect(judgePolicies(sound)).to.deep.equal([]));

  it('names the defaults that leave a door open', () => {
    const codes = judgePolicies({ name: 'A', scopes: ['refresh_token'], policies: DEFAULT_POLICIES }).map(
      ({ code }) => code,
    );
    const expected = ['warning.permittedUsersDefault', 'warning.refreshTokenDefault', 'warning.sessionTimeoutDefault'];
    expect(codes).to.deep.equal(expected);
    expect(judgePolicies({ name: 'A' }).map(({ code }) => code)).to.deep.equal(expected);
  });

  it('minds refresh tokens only where there can be some', () => {
    const policies: Policies = { refreshToken: 'infinite' };
    expect(judged(policies)).to.deep.equal(['warning.refreshTokenInfinite']);
    expect(judged(policies, { scopes: ['offline_access'] })).to.deep.equal(['warning.refreshTokenInfinite']);
    expect(judged(policies, { scopes: ['api'] })).to.deep.equal([]);
  });

  it('knows the default by its period, and does not mind a shorter life', () => {
    expect(judged({ refreshToken: 'lifetime', refreshTokenValidity: '365 days' })).to.deep.equal([
      'warning.refreshTokenDefault',
    ]);
    expect(judged({ refreshToken: 'lifetime', refreshTokenValidity: '30 days' })).to.deep.equal([]);
    expect(judged({ refreshToken: 'immediate', refreshTokenValidity: undefined })).to.deep.equal([]);
  });

  it('sees approvals without effect, and approval of nobody', () => {
    expect(
      judgePolicies({ ...sound, policies: { ...sound.policies, permittedUsers: 'all-users', profiles: ['P'] } }),
    ).to.deep.equal([{ code: 'warning.approvedButAllUsers', values: ['A, P'] }]);
    expect(judged({ permissionSets: [] })).to.deep.equal(['warning.nobodyApproved']);
    expect(judged({ permissionSets: [], profiles: ['P'] })).to.deep.equal([]);
  });

  it('asks for the time-out of the kind of token that the app gives', () => {
    expect(judged({ sessionTimeoutMinutes: undefined })).to.deep.equal(['warning.sessionTimeoutDefault']);
    const jwt = { oauth: { jwtAccessTokens: true } };
    expect(judged({ sessionTimeoutMinutes: undefined }, jwt)).to.deep.equal(['warning.jwtTimeoutDefault']);
    expect(judged({ sessionTimeoutMinutes: undefined, jwtTimeoutMinutes: 15 }, jwt)).to.deep.equal([]);
  });
});

describe('the end of refresh tokens with the idle limit', () => {
  const end = (policies?: Policies, refreshTokenIdleLimit = true) =>
    refreshTokenEnd({ name: 'A', oauth: { refreshTokenIdleLimit }, policies });

  it('is 30 days without use, where the policy says never or nothing', () => {
    expect(end({ refreshToken: 'infinite' })).to.deep.equal({ unused: '30 days' });
    expect(end()).to.deep.equal({ unused: '30 days' });
  });

  it('stands beside a lifetime', () => {
    expect(end({ refreshToken: 'lifetime', refreshTokenValidity: '365 days' })).to.deep.equal({
      unused: '30 days',
      atMost: '365 days',
    });
  });

  it('shortens a long inactivity, and leaves a short one', () => {
    for (const refreshTokenValidity of ['31 days', '2 months', '721 hours']) {
      expect(end({ refreshToken: 'inactivity', refreshTokenValidity })).to.deep.equal({ unused: '30 days' });
    }
    for (const refreshTokenValidity of ['30 days', '1 month', '720 hours']) {
      expect(end({ refreshToken: 'inactivity', refreshTokenValidity })).to.equal(undefined);
    }
  });

  it('is as the policy says where tokens end at once, or without the limit', () => {
    expect(end({ refreshToken: 'immediate' })).to.equal(undefined);
    expect(end({ refreshToken: 'infinite' }, false)).to.equal(undefined);
  });
});
