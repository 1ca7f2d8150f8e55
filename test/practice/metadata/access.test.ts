import { expect } from 'chai';

import { VARIANTS } from '../../../src/practice/variants.ts';
import { oauthApp, oauthPolicies } from '../appFiles.ts';
import { openPractice, type Practice } from '../client.ts';
const POLICIES = 'ExtlClntAppOauthConfigurablePolicies';

describe('who has access to an app of the practice org', () => {
  let practice: Practice;

  const opened = async (variants: Record<string, string> = {}): Promise<void> => {
    practice = await openPractice({ variants });
    for (const name of ['By_Policies', 'By_Hand']) {
      await practice.connection.sobject('PermissionSet').create({ Name: name, Label: name });
    }
    await practice.deploy(oauthApp('A'));
  };
  afterEach(() => practice.close());

  const grants = async (): Promise<Array<{ name: string; id: string }>> => {
    const soql = 'SELECT Id, Parent.Name, SetupEntityType FROM SetupEntityAccess ORDER BY Parent.Name';
    const { records } = await practice.connection.query<{
      Id: string;
      Parent: { Name: string };
      SetupEntityType: string;
    }>(soql);
    expect(records.filter((one) => one.SetupEntityType !== 'ExternalClientApplication')).to.deep.equal([]);
    return records.map((one) => ({ name: one.Parent.Name, id: one.Id }));
  };
  const names = async (): Promise<string[]> => (await grants()).map(({ name }) => name);

  const grantByHand = async (name: string): Promise<void> => {
    const { org } = practice.server;
    const set = org.records('PermissionSet').find((one) => one.Name === name);
    const [app] = org.components('ExternalClientApplication');
    await practice.connection.sobject('SetupEntityAccess').create({ ParentId: set?.Id, SetupEntityId: app?.id });
  };

  const policiesNaming = (...sets: string[]) =>
    oauthPolicies(
      'A',
      `${sets.length > 0 ? `<commaSeparatedPermissionSet>${sets.join(', ')}</commaSeparatedPermissionSet>` : ''}<permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType>`,
      'A_oauth_defaultPolicy',
    );

  for (const answer of VARIANTS['setup-entity-access']) {
    const left = answer === 'goes' ? [] : ['By_Hand'];
    describe(`where a grant that the policies do not name ${answer}`, () => {
      it('when they are deployed', async () => {
        await opened({ 'setup-entity-access': answer });
        await grantByHand('By_Hand');
        expect(await practice.problems([policiesNaming('By_Policies')], { checkOnly: true })).to.equal('');
        expect(await names(), 'a validation changes nothing').to.deep.equal(['By_Hand']);
        expect(await practice.problems([policiesNaming('By_Policies')])).to.equal('');
        expect(await names()).to.deep.equal([...left, 'By_Policies']);
        expect(await practice.problems([policiesNaming()])).to.equal('');
        expect(await names()).to.deep.equal(left);
      });

      it('when they are written by a CRUD call', async () => {
        await opened({ 'setup-entity-access': answer });
        await grantByHand('By_Hand');
        const [result] = [
          await practice.connection.metadata.update(
            POLICIES as never,
            { fullName: 'A_oauth_defaultPolicy', externalClientApplication: 'A' } as never,
          ),
        ].flat();
        expect(result).to.include({ success: true });
        expect(await names()).to.deep.equal(left);
      });

      it('and not when something else of the app is written', async () => {
        await opened({ 'setup-entity-access': answer });
        await grantByHand('By_Hand');
        expect(await practice.problems(oauthApp('A'))).to.equal('');
        expect(await names()).to.deep.equal(['By_Hand']);
      });

      it('and never one of another app', async () => {
        await opened({ 'setup-entity-access': answer });
        await grantByHand('By_Hand');
        await practice.deploy(oauthApp('B'));
        await practice.deploy([oauthPolicies('B', '', 'B_oauth_defaultPolicy')]);
        expect(await names()).to.deep.equal(['By_Hand']);
      });

      it('has one record for a set that is granted by hand and then named, until the name is taken away', async () => {
        await opened({ 'setup-entity-access': answer });
        await grantByHand('By_Hand');
        const before = await grants();
        for (let nth = 0; nth < 2; nth += 1) {
          expect(await practice.problems([policiesNaming('by_hand')])).to.equal('');
          expect(await grants()).to.deep.equal(before);
        }
        const again = await grantByHand('By_Hand').then(
          () => 'granted twice',
          (error: Error) => error.message,
        );
        expect(again).to.match(/duplicate value found/);
        await practice.deploy([policiesNaming()]);
        expect(await names()).to.deep.equal([]);
      });
    });
  }

  it('follows the names of permission sets of a package, too', async () => {
    await opened();
    practice.server.org.insert('PermissionSet', { Name: 'Orders', NamespacePrefix: 'acme', IsOwnedByProfile: false });
    expect(await practice.problems([policiesNaming('acme__Orders')])).to.equal('');
    expect(await names()).to.deep.equal(['Orders']);
  });

  it('ends with the policies that gave it', async () => {
    await opened({ 'setup-entity-access': 'survives' });
    await grantByHand('By_Hand');
    await practice.deploy([policiesNaming('By_Policies')]);
    expect(await practice.problems([], { destroy: [{ type: POLICIES, name: 'A_oauth_defaultPolicy' }] })).to.equal('');
    expect(await names()).to.deep.equal(['By_Hand']);
  });
});
