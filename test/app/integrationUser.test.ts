import { expect } from 'chai';

import {
  accessSetDescription,
  accessSetName,
  accessSetProblems,
  checkIntegrationUser,
  chooseProfile,
  type IntegrationProfile,
  planIntegrationUser,
  usernamesOf,
  type UserSituation,
  type UserThere,
  withIntegrationUser,
} from '../../src/app/integrationUser.ts';

describe('an integration user', () => {
  const orgId = '00DAB000000CdEfIJK';
  const base = 'order-sync@example.com';
  const powers = { modifyAllData: false, viewAllData: false, isAdmin: false };

  describe('its usernames', () => {
    it('are the base, then the base with the ID of the org', () => {
      expect(usernamesOf(base, orgId, undefined)).to.deep.equal([base, `${base}.00dab000000cdefijk`]);
    });

    it('begin with the one that a sandbox has made of the base, and with no other user of the app', () => {
      expect(usernamesOf(base, orgId, `${base}.uat`)[0]).to.equal(`${base}.uat`);
      expect(usernamesOf(base, orgId, 'ORDER-SYNC@example.com.uat')).to.have.length(3);
      expect(usernamesOf(base, orgId, 'admin@example.com')[0]).to.equal(base);
    });

    it('look like addresses and leave room for the ID', () => {
      const codes = (username: string): string[] => checkIntegrationUser({ username }).map(({ code }) => code);
      expect(codes(base)).to.deep.equal([]);
      for (const wrong of ['', 'order-sync', 'a b@example.com', `${'x'.repeat(60)}@example.com`]) {
        expect(codes(wrong), wrong).to.deep.equal(['error.usernameInvalid']);
      }
      expect(checkIntegrationUser({ username: base, email: 'nobody' })[0]).to.include({
        code: 'error.contactEmailInvalid',
        field: 'integrationUser.email',
      });
    });
  });

  describe('the permission set that lets it in', () => {
    it('has a name that an org takes, whatever the app is called', () => {
      for (const app of ['Order_Sync', 'acme__Order_Sync', 'A'.repeat(80), `${'A_'.repeat(39)}AB`]) {
        const name = accessSetName(app);
        expect(name, name).to.match(/^[A-Za-z](_?[A-Za-z0-9])*$/);
        expect(name.length).to.be.at.most(80);
      }
      expect(accessSetName('Order_Sync')).to.equal('Order_Sync_Access');
    });

    it('is another one for each app, also where names differ by a namespace alone or begin alike', () => {
      const long = 'A'.repeat(79);
      const apps = ['ns__App', 'ns_App', 'ns_ns0_App', 'ns_ns00_App', 'n_s__App', `${long}B`, `${long}C`, long];
      expect(new Set(apps.map((app) => accessSetName(app).toLowerCase())).size).to.equal(apps.length);
    });

    it('is taken over only when it is marked, was read, and grants nothing', () => {
      const set = { id: '0PS', name: 'App_Access', label: 'Access', powers };
      const description = accessSetDescription('App');
      const code = (contents?: Parameters<typeof accessSetProblems>[2], more = {}): string | undefined =>
        accessSetProblems('App', { ...set, ...more }, contents)[0]?.code;
      expect(code({ description, grants: [] })).to.equal(undefined);
      expect(code({ description, grants: ['ViewAllData'] })).to.equal('error.accessSetGrants');
      expect(code({ description: accessSetDescription('Other'), grants: [] })).to.equal('error.accessSetForeign');
      expect(code({ description: '', grants: [] })).to.equal('error.accessSetForeign');
      expect(code({ description })).to.equal('error.accessSetUnreadable');
      expect(code()).to.equal('error.accessSetUnreadable');
      expect(code({ description, grants: [] }, { licenceId: '0PL' })).to.equal('error.accessSetHasLicence');
    });

    it('joins those that let others in', () => {
      const app = { name: 'App', policies: { permissionSets: ['Sales'] } };
      const wish = withIntegrationUser(app, { name: 'App', oauth: { pkceRequired: true } }, base, 'App_Access');
      expect(wish.oauth).to.deep.equal({ pkceRequired: true, runAs: base });
      expect(wish.policies).to.deep.equal({
        permittedUsers: 'admin-approved',
        permissionSets: ['Sales', 'App_Access'],
      });
      const said = withIntegrationUser(
        app,
        { name: 'App', policies: { permissionSets: ['app_access'] } },
        base,
        'App_Access',
      );
      expect(said.policies?.permissionSets).to.deep.equal(['app_access']);
    });
  });

  describe('its profile', () => {
    const profile = (name: string, more: Partial<IntegrationProfile> = {}): IntegrationProfile => ({
      ...{ id: name, name, apiOnly: true, powerful: false },
      ...more,
    });
    const licence = { id: '100', label: 'Salesforce Integration', active: true, total: 5, used: 0 };
    const choose = (...profiles: IntegrationProfile[]) => chooseProfile({ licence, profiles });

    it('is the one with the English name, else the only one that fits', () => {
      const own = profile('Own');
      const named = profile('Minimum Access - API Only Integrations');
      expect(choose(own, named).profile).to.equal(named);
      expect(choose(own, profile('Mighty', { powerful: true }), profile('Human', { apiOnly: false })).profile).to.equal(
        own,
      );
    });

    it('is not one of the name that allows more than the API, or is mighty', () => {
      for (const more of [{ apiOnly: false }, { powerful: true }]) {
        const named = profile('Minimum Access - API Only Integrations', more);
        expect(choose(named).problem?.code).to.equal('error.integrationProfileMissing');
        expect(choose(named, profile('Own')).profile?.name).to.equal('Own');
      }
    });

    it('is not guessed among several', () => {
      expect(choose(profile('Une'), profile('Deux')).problem).to.deep.equal({
        code: 'error.integrationProfileUnclear',
        values: ['Une, Deux'],
      });
      expect(choose().problem?.code).to.equal('error.integrationProfileMissing');
    });

    it('is not missed where the licence is missing', () => {
      expect(chooseProfile({ profiles: [] })).to.deep.equal({ profile: undefined });
    });
  });

  describe('its plan', () => {
    const seats = { active: true, total: 5, used: 0 };
    const facts: UserSituation = {
      licence: { id: '100', label: 'Salesforce Integration', ...seats },
      profiles: [{ id: '00e', name: 'Minimum Access - API Only Integrations', apiOnly: true, powerful: false }],
      permissionSetLicence: { id: '0PL', label: 'Salesforce API Integration', ...seats },
      permissionSets: [{ id: '0PS1', name: 'Orders', label: 'Orders', powers }],
      users: [],
      contents: new Map(),
    };
    const user: UserThere = {
      id: '005',
      username: base,
      active: true,
      profileName: 'Minimum Access - API Only Integrations',
      licence: 'Salesforce Integration',
      hasPermissionSetLicence: true,
      permissionSets: ['0PS1', '0PS2'],
    };
    const app = { name: 'App', contactEmail: 'it@example.com', label: 'My App' };
    const planned = (differing: Partial<UserSituation> = {}) =>
      planIntegrationUser(app, { username: base, permissionSets: ['orders'] }, { ...facts, ...differing }, [base]);

    it('has the permission set licence before the permission sets', () => {
      const { plan, problems } = planned();
      expect(problems).to.deep.equal([]);
      expect(plan.steps.map(({ id }) => id)).to.deep.equal([
        'user',
        'permission-set-licence',
        'permission-set',
        'access-set',
        'access',
      ]);
      expect(plan.toMake).to.deep.include({ email: 'it@example.com', lastName: 'My App' });
    });

    it('has nothing left for a user who has it all, whatever licences are left', () => {
      const { plan, problems } = planned({
        licence: undefined,
        permissionSetLicence: undefined,
        profiles: [],
        permissionSets: [...facts.permissionSets, { id: '0PS2', name: 'App_Access', label: 'Access', powers }],
        users: [{ ...user, username: base.toUpperCase() }],
        contents: new Map([['0PS2', { description: accessSetDescription('App'), grants: [], users: 4 }]]),
      });
      expect(plan.accessSet.others).to.equal(3);
      expect(plan.steps.every(({ there }) => there)).to.equal(true);
      expect(problems).to.deep.equal([]);
    });

    it('names the permission sets that make the user mighty, assigned ones among them', () => {
      const permissionSets = [
        { id: '0PS1', name: 'Orders', label: 'Orders', powers: { ...powers, viewAllData: true } },
        { id: '0PS2', name: 'Admin', label: 'Admin', powers: { ...powers, modifyAllData: true, isAdmin: true } },
        { id: '0PS3', name: 'Harmless', label: 'Harmless', powers },
      ];
      const mighty = (users: UserThere[]): string[] =>
        planned({ permissionSets, users }).plan.mighty.map(
          ({ name, permissions }) => `${name}: ${permissions.map((one) => one.name).join(', ')}`,
        );
      expect(mighty([])).to.deep.equal(['Orders: ViewAllData']);
      expect(mighty([{ ...user, permissionSets: ['0PS2', '0PS3'] }])).to.deep.equal([
        'Orders: ViewAllData',
        'Admin: ModifyAllData, CustomizeApplication or ManageUsers',
      ]);
    });

    it('leaves a permission set of another licence alone where the user has it already', () => {
      const permissionSets = [{ id: '0PS1', name: 'Orders', label: 'Orders', licenceId: 'other', powers }];
      expect(planned({ permissionSets }).problems.map(({ code }) => code)).to.deep.equal([
        'error.permissionSetOtherLicence',
      ]);
      expect(planned({ permissionSets, users: [user] }).problems).to.deep.equal([]);
    });
  });
});
