import { randomBytes } from 'node:crypto';

import { expect } from 'chai';

import { VARIANTS } from '../../../src/practice/variants.ts';
import {
  app,
  CALLBACK,
  globalSettings,
  oauthApp,
  oauthPolicies,
  oauthSettings,
  packageOf,
  type Piece,
  policies,
  SCOPES,
  securitySettings,
  settings,
  zipOf,
} from '../appFiles.ts';
import { type DeployOptions, openPractice, type Practice } from '../client.ts';
describe('a deploy to the practice org', () => {
  let practice: Practice;

  beforeEach(async () => {
    practice = await openPractice();
  });
  afterEach(() => practice.close());

  for (const rest of [false, true]) {
    it(`writes an app with its OAuth settings over ${rest ? 'REST' : 'SOAP'}`, async () => {
      const { status, successes } = await practice.deploy(oauthApp('Order_Sync'), { rest });
      expect(status).to.equal('Succeeded');
      const components = successes.filter(({ componentType }) => componentType);
      expect(components.map(({ fullName }) => fullName)).to.deep.equal([
        'Order_Sync',
        'Order_Sync_oauth',
        'Order_Sync_glbloauth',
      ]);
      expect(components.map(({ created }) => String(created))).to.deep.equal(['true', 'true', 'true']);
      expect([...practice.server.org.consumers.values()].map(({ name }) => name)).to.deep.equal(['Order_Sync']);
    });
  }

  for (const rest of [false, true]) {
    it(`takes files with -meta.xml at the end of their names over ${rest ? 'REST' : 'SOAP'}`, async () => {
      const named = '<commaSeparatedPermissionSet>Orders</commaSeparatedPermissionSet>';
      const pieces = [
        ...oauthApp('Order_Sync'),
        oauthPolicies('Order_Sync', named),
        policies('Order_Sync', '<isEnabled>true</isEnabled>'),
        securitySettings('Order_Sync'),
        { type: 'PermissionSet', name: 'Orders', xml: '<label>Orders</label>' },
        settings('ExternalClientApp', '<enableClientSecretInRestApiAccess>true</enableClientSecretInRestApiAccess>'),
      ];
      const { org } = practice.server;
      const validated = await practice.deploy(pieces, { rest, metaXml: true, checkOnly: true });
      expect(validated.failures).to.deep.equal([]);
      expect(org.components('ExternalClientApplication')).to.deep.equal([]);
      const { status, successes } = await practice.deploy(pieces, { rest, metaXml: true });
      expect(status).to.equal('Succeeded');
      expect(successes.filter(({ componentType }) => componentType)).to.have.length(pieces.length);
      expect(org.componentsOfApp('Order_Sync')).to.have.length(6);
      expect(org.settings.ExternalClientAppSettings?.enableClientSecretInRestApiAccess).to.equal(true);
    });
  }

  it('finds files with -meta.xml by the wildcard, in a folder of the zip too', async () => {
    const { 'package.xml': manifest = '', ...files } = packageOf([app('A'), app('B_1')], { metaXml: true });
    const wildcard = manifest.replace(/<members>.*<\/members>/, '<members>*</members>');
    const inFolder = Object.fromEntries(
      Object.entries({ ...files, 'package.xml': wildcard }).map(([path, text]) => [`unpackaged/${path}`, text]),
    );
    const { success } = await practice.connection.metadata
      .deploy(zipOf(inFolder), { rollbackOnError: true })
      .complete(true);
    expect(success).to.equal(true);
    const names = practice.server.org.components('ExternalClientApplication').map(({ fullName }) => fullName);
    expect(names).to.deep.equal(['A', 'B_1']);
  });

  it('says of each file what it is called in the zip', async () => {
    const { failures } = await practice.deploy([app('A', ''), app('B', '')], { metaXml: true });
    expect(failures.map(({ fileName }) => fileName)).to.deep.equal([
      'externalClientApps/A.eca-meta.xml',
      'externalClientApps/B.eca-meta.xml',
    ]);
  });

  it('makes the policies that were not sent, under the names and with the values that an org gives them', async () => {
    await practice.deploy(oauthApp('Order_Sync'));
    const { org } = practice.server;
    const oauth = org.component('ExtlClntAppOauthConfigurablePolicies', 'Order_Sync_oauth_defaultPolicy');
    expect(oauth?.body).to.include({
      permittedUsersPolicyType: 'AllSelfAuthorized',
      ipRelaxationPolicyType: 'Enforce',
      refreshTokenPolicyType: 'SpecificLifetime',
      refreshTokenValidityPeriod: 365,
      refreshTokenValidityUnit: 'Days',
      requiredSessionLevel: 'STANDARD',
      isClientCredentialsFlowEnabled: false,
    });
    expect(org.component('ExtlClntAppConfigurablePolicies', 'Order_Sync_defaultPolicy')?.body).to.include({
      isEnabled: true,
      isOauthPluginEnabled: true,
    });
  });

  it('takes children under any name, and makes no policies beside those that were sent', async () => {
    await practice.deploy([
      app('Order_Sync'),
      oauthSettings('Order_Sync', SCOPES, 'Any_Name'),
      oauthPolicies('Order_Sync', '', 'Another_Name'),
      policies('Order_Sync', '<isEnabled>false</isEnabled>', 'Third_Name'),
    ]);
    const { org } = practice.server;
    const names = org.componentsOfApp('Order_Sync').map(({ fullName }) => fullName);
    expect(names).to.have.members(['Order_Sync', 'Any_Name', 'Another_Name', 'Third_Name']);
  });

  it('puts an element that is left out back to its default', async () => {
    await practice.deploy(oauthApp('Order_Sync'));
    const secretOptional = `${CALLBACK}<isConsumerSecretOptional>true</isConsumerSecretOptional>`;
    await practice.deploy([
      app('Order_Sync', '<contactEmail>it@example.com</contactEmail><description>d</description>'),
    ]);
    await practice.deploy([globalSettings('Order_Sync', secretOptional)]);
    await practice.deploy([app('Order_Sync'), globalSettings('Order_Sync', CALLBACK)]);
    const { org } = practice.server;
    expect(org.component('ExternalClientApplication', 'Order_Sync')?.body).not.to.have.property('description');
    const { body } = org.component('ExtlClntAppGlobalOauthSettings', 'Order_Sync_glbloauth') ?? {};
    expect(body).to.include({ isConsumerSecretOptional: false, isPkceRequired: true });
  });

  it('keeps the consumer through a deploy, and rotates what it is told to', async () => {
    await practice.deploy(oauthApp('Order_Sync'));
    const [consumer] = practice.server.org.consumers.values();
    const first = { ...consumer?.primary };
    await practice.deploy([globalSettings('Order_Sync', CALLBACK)]);
    expect(consumer?.primary).to.include({ key: first.key, secret: first.secret });
    await practice.deploy([
      globalSettings('Order_Sync', `${CALLBACK}<shouldRotateConsumerSecret>true</shouldRotateConsumerSecret>`),
    ]);
    expect(consumer?.primary.key).to.equal(first.key);
    expect(consumer?.primary.secret).not.to.equal(first.secret);
  });

  it('fills in where the app belongs, and who its consumer is', async () => {
    await practice.deploy(oauthApp('Order_Sync'));
    const { org } = practice.server;
    const own = `${org.orgId.slice(0, 15)}:`;
    expect(org.component('ExternalClientApplication', 'Order_Sync')?.body.orgScopedExternalApp).to.equal(
      `${own}Order_Sync`,
    );
    expect(org.component('ExtlClntAppOauthSettings', 'Order_Sync_oauth')?.body.oauthLink).to.match(
      new RegExp(`^${own}888`),
    );
  });

  it('writes nothing with checkOnly', async () => {
    const { success } = await practice.deploy(oauthApp('Order_Sync'), { checkOnly: true });
    expect(success).to.equal(true);
    expect(practice.server.org.components('ExternalClientApplication')).to.deep.equal([]);
  });

  it('writes nothing when one component fails, unless it may write the others', async () => {
    const pieces = [app('Good_One'), app('Bad_One', '')];
    const { status } = await practice.deploy(pieces);
    expect(status).to.equal('Failed');
    expect(practice.server.org.components('ExternalClientApplication')).to.deep.equal([]);
    const partly = await practice.deploy(pieces, { rollbackOnError: false });
    expect(partly.status).to.equal('SucceededPartial');
    expect(practice.server.org.components('ExternalClientApplication').map(({ fullName }) => fullName)).to.deep.equal([
      'Good_One',
    ]);
  });

  it('deletes an app with all that belongs to it', async () => {
    await practice.deploy(oauthApp('Order_Sync'));
    const { org } = practice.server;
    const { success } = await practice.deploy([], {
      destroy: [{ type: 'ExternalClientApplication', name: 'Order_Sync' }],
    });
    expect(success).to.equal(true);
    expect(org.componentsOfApp('Order_Sync')).to.deep.equal([]);
    expect(org.consumers.size).to.equal(0);
  });

  it('only warns of something to delete that is not there', async () => {
    const { success, successes } = await practice.deploy([], {
      destroy: [{ type: 'ExternalClientApplication', name: 'Nobody' }],
    });
    expect(success).to.equal(true);
    expect(successes.find(({ fullName }) => fullName === 'Nobody')).to.include({ problemType: 'Warning' });
  });

  it('changes settings of the org, and leaves those that were not sent', async () => {
    const xml = '<enableClientSecretInRestApiAccess>true</enableClientSecretInRestApiAccess>';
    await practice.deploy([settings('ExternalClientApp', xml)]);
    await practice.deploy([
      settings('ExternalClientApp', '<enablePackageEcaOauthFromDevOrg>true</enablePackageEcaOauthFromDevOrg>'),
    ]);
    expect(practice.server.org.settings.ExternalClientAppSettings).to.include({
      enableClientSecretInRestApiAccess: true,
      enablePackageEcaOauthFromDevOrg: true,
    });
  });

  it('gives access to the permission sets and profiles that the policies name', async () => {
    const { org } = practice.server;
    const set = org.insert('PermissionSet', { Name: 'Order_Sync', Label: 'Order Sync', IsOwnedByProfile: false });
    const named = `<commaSeparatedPermissionSet>Order_Sync</commaSeparatedPermissionSet>
      <commaSeparatedProfile>Standard User</commaSeparatedProfile>`;
    await practice.deploy([...oauthApp('Order_Sync'), oauthPolicies('Order_Sync', named)]);
    const parents = org.records('SetupEntityAccess').map(({ ParentId }) => ParentId);
    expect(parents).to.have.length(2).and.to.include(set.Id);
    await practice.deploy([oauthPolicies('Order_Sync')]);
    expect(org.records('SetupEntityAccess')).to.deep.equal([]);
  });

  describe('refuses', () => {
    const refused: Array<[what: string, pieces: Piece[], problem: RegExp, options?: DeployOptions]> = [
      ['an app without contactEmail', [app('A', '')], /Required fields are missing: \[ContactEmail\]/],
      ['an address that is none', [app('A', '<contactEmail>nobody</contactEmail>')], /invalid email address: nobody/],
      [
        'an element that nobody knows',
        [app('A', '<contactEmail>a@example.com</contactEmail><scopes>Api</scopes>')],
        /Element \{http:\/\/soap.sforce.com\/2006\/04\/metadata\}scopes invalid at this location in type ExternalClientApplication/,
      ],
      [
        'an element that is newer than the API version',
        [...oauthApp('A').slice(0, 2), globalSettings('A', `${CALLBACK}<isDPopEnabled>true</isDPopEnabled>`)],
        /isDPopEnabled invalid at this location in type ExtlClntAppGlobalOauthSettings/,
        { version: 67 },
      ],
      [
        'an element that is gone since',
        [...oauthApp('A'), oauthPolicies('A', '<isNamedUserJwtEnabled>true</isNamedUserJwtEnabled>')],
        /isNamedUserJwtEnabled invalid at this location/,
        { version: 64 },
      ],
      [
        'a type that is newer than the API version',
        [app('A'), securitySettings('A')],
        /Unknown type name 'ExtlClntAppOauthSecuritySettings' specified in package.xml/,
        { version: 66 },
      ],
      [
        'a value that the enum has not',
        [app('A', '<contactEmail>a@b.example</contactEmail><distributionState>Packageable</distributionState>')],
        /'Packageable' is not a valid value for the enum 'ExtlClntAppDistState'/,
      ],
      [
        'a boolean that is none',
        [app('A'), policies('A', '<isEnabled>yes</isEnabled>')],
        /'yes' is not a valid value for the type xsd:boolean/,
      ],
      [
        'an element twice',
        [app('A', '<contactEmail>a@b.example</contactEmail><label>x</label>')],
        /label is duplicated/,
      ],
      ['an element that is required', [app('A'), policies('A')], /Required field is missing: isEnabled/],
      ['XML that is none', [app('A', '<contactEmail>')], /Error parsing file/],
      ['a name with a space', [app('My App')], /can only contain underscores and alphanumeric characters/],
      ['a name with two underscores', [app('My__App')], /two consecutive underscores/],
      ['a name with an accent', [app('Café')], /alphanumeric characters/],
      ['a name that begins with a digit', [app('1App')], /begin with a letter/],
      ['a name that ends in an underscore', [app('App_')], /not end with an underscore/],
      ['a child of an app that is not there', [oauthSettings('Nobody', SCOPES)], /INVALID_CROSS_REFERENCE_KEY/],
      ['global settings without OAuth settings', [app('A'), globalSettings('A', CALLBACK)], /has no OAuth settings/],
      [
        'global settings without callbackUrl',
        [app('A'), oauthSettings('A', SCOPES), globalSettings('A')],
        /Required fields are missing: \[CallbackUrl\]/,
      ],
      [
        'callback URLs over http',
        [app('A'), oauthSettings('A', SCOPES), globalSettings('A', '<callbackUrl>http://a.example</callbackUrl>')],
        /Invalid callback URL: http:\/\/a.example/,
      ],
      [
        'a scope by its wire name',
        [app('A'), oauthSettings('A', '<commaSeparatedOauthScopes>api</commaSeparatedOauthScopes>')],
        /Invalid OAuth scopes: api/,
      ],
      [
        'a run-as user who does not exist',
        [
          ...oauthApp('A'),
          oauthPolicies('A', '<clientCredentialsFlowUser>nobody@example.com</clientCredentialsFlowUser>'),
        ],
        /Enter a valid execution user for the OAuth client credentials flow\./,
      ],
      [
        'permission sets that are not there',
        [
          ...oauthApp('A'),
          oauthPolicies('A', '<commaSeparatedPermissionSet>Nope, Neither</commaSeparatedPermissionSet>'),
        ],
        /We couldn't find permission sets called Nope, Neither/,
      ],
      [
        'a unit that no refresh token is measured in',
        [...oauthApp('A'), oauthPolicies('A', '<refreshTokenValidityUnit>Weeks</refreshTokenValidityUnit>')],
        /Set the refresh token validity unit to Days, Hours, Months\./,
      ],
      [
        'a made-up orgScopedExternalApp',
        [
          app(
            'A',
            '<contactEmail>a@b.example</contactEmail><orgScopedExternalApp>00D000000000000:A</orgScopedExternalApp>',
          ),
        ],
        /orgScopedExternalApp/,
      ],
      [
        "another org's oauthLink",
        [app('A'), oauthSettings('A', `${SCOPES}<oauthLink>00D000000000000:888000000000000</oauthLink>`)],
        /couldn't update your OAuth link .* doesn't have distribution state PACKAGED\./,
      ],
      [
        'a connected app',
        [{ type: 'ConnectedApp', name: 'A', xml: '<label>A</label>' }],
        /You can't create a connected app\. To enable connected app creation, contact Salesforce Customer Support\./,
      ],
    ];
    for (const [what, pieces, problem, options] of refused) {
      it(what, async () => {
        expect(await practice.problems(pieces, options)).to.match(problem);
        expect(practice.server.org.components('ExternalClientApplication')).to.deep.equal([]);
      });
    }

    for (const field of VARIANTS['duplicate-policy']) {
      it(`second policies under another name, naming ${field}`, async () => {
        const other = await openPractice({ variants: { 'duplicate-policy': field } });
        await other.deploy(oauthApp('A'));
        expect(await other.problems([oauthPolicies('A', '', 'Mine')])).to.equal(
          `duplicate value found: ${field} duplicates value on A_oauth_defaultPolicy`,
        );
        expect(await other.problems([policies('A', '<isEnabled>true</isEnabled>', 'Mine')])).to.equal(
          'duplicate value found: ExternalClientApplicationId duplicates value on A_defaultPolicy',
        );
        const again = { fullName: 'Mine', externalClientApplication: 'A' };
        const single = await other.connection.metadata.upsert(
          'ExtlClntAppOauthConfigurablePolicies' as never,
          again as never,
        );
        expect(JSON.stringify(single)).to.contain('"statusCode":"DUPLICATE_VALUE"');
        await other.close();
      });
    }

    it('one component in two files', async () => {
      const { 'externalClientApps/A.eca': text = '', ...rest } = packageOf([app('A')]);
      const files = { ...rest, 'externalClientApps/A.eca': text, 'externalClientApps/A.eca-meta.xml': text };
      const result = await practice.connection.metadata.deploy(zipOf(files), { singlePackage: true }).complete(true);
      const failures = [result.details?.componentFailures].flat() as unknown as Array<{ problem: string }>;
      expect(failures.map(({ problem }) => problem).join()).to.equal(
        "Duplicate files for ExternalClientApplication 'A': externalClientApps/A.eca and externalClientApps/A.eca-meta.xml",
      );
      expect(practice.server.org.components('ExternalClientApplication')).to.deep.equal([]);
    });

    it('what it keeps nothing of', async () => {
      const piece = { type: 'NamedCredential', name: 'Orders', xml: '<label>Orders</label>' };
      expect(await practice.problems([piece])).to.equal('Not available for deploy for this organization');
    });

    it('a run-as user who is inactive', async () => {
      const { org } = practice.server;
      org.update('User', org.seeded.integrationUser.Id, { IsActive: false });
      const runAs = `<clientCredentialsFlowUser>${String(org.seeded.integrationUser.Username)}</clientCredentialsFlowUser>`;
      expect(await practice.problems([...oauthApp('A'), oauthPolicies('A', runAs)])).to.match(/valid execution user/);
    });

    it('permission sets that cannot hold apps', async () => {
      const { org } = practice.server;
      const [psl] = org.records('PermissionSetLicense');
      org.insert('PermissionSet', { Name: 'Bound', Label: 'Bound', LicenseId: psl?.Id });
      const named = '<commaSeparatedPermissionSet>Bound</commaSeparatedPermissionSet>';
      expect(await practice.problems([...oauthApp('A'), oauthPolicies('A', named)])).to.match(
        /doesn't allow assigned external client apps/,
      );
    });

    it('an app that has the name of a connected app', async () => {
      practice.server.org.insert('ConnectedApplication', { Name: 'Order_Sync' });
      expect(await practice.problems([app('Order_Sync')])).to.match(/already used by a connected app/);
    });

    it('a file that the manifest does not name, and a name that has no file', async () => {
      const { connection } = practice;
      const { 'package.xml': manifest = '' } = packageOf([app('A')]);
      const { 'externalClientApps/B.eca': stray = '' } = packageOf([app('B')]);
      const zip = zipOf({ 'package.xml': manifest, 'externalClientApps/B.eca': stray });
      const result = await connection.metadata.deploy(zip, { singlePackage: true }).complete(true);
      const failures = result.details?.componentFailures as unknown as Array<{ problem: string }>;
      expect(failures.map(({ problem }) => problem)).to.deep.equal([
        "An object 'A' of type ExternalClientApplication was named in package.xml, but was not found in zipped directory",
        'Not in package.xml',
      ]);
    });

    it('all of it from a user without the permissions', async () => {
      const { org } = practice.server;
      const connection = practice.as(org.seeded.standardUser.Id);
      const error = await practice.deploy([app('A')], { connection }).then(String, String);
      expect(error).to.match(/requires a user with the ModifyAllData or ModifyMetadata permissions/);
    });

    it('apps from a user who may deploy, but not develop apps', async () => {
      const { org } = practice.server;
      const set = org.insert('PermissionSet', { Name: 'Deployer', PermissionsModifyMetadata: true });
      org.insert('PermissionSetAssignment', { AssigneeId: org.seeded.standardUser.Id, PermissionSetId: set.Id });
      const connection = practice.as(org.seeded.standardUser.Id);
      expect(await practice.problems([app('A')], { connection })).to.match(/^INSUFFICIENT_ACCESS_OR_READONLY/);
    });
  });

  it('lets an installed app keep all but its policies', async () => {
    const installed = await openPractice({ installed: ['acme__Sync'] });
    expect(await installed.problems([app('acme__Sync')])).to.match(/Cannot modify managed object/);
    expect(await installed.problems([oauthSettings('acme__Sync', SCOPES, 'Mine')])).to.match(/Cannot modify managed/);
    const own = `<permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType>`;
    const { success, failures } = await installed.deploy([
      oauthPolicies('acme__Sync', own, 'Sync_oauth_defaultPolicy'),
    ]);
    expect(failures).to.deep.equal([]);
    expect(success).to.equal(true);
    await installed.close();
  });

  it('names the policies of an installed app without a namespace, and like no others', async () => {
    const installed = await openPractice({ installed: ['acme__Sync', 'other__Sync'] });
    await installed.deploy(oauthApp('Sync'));
    const { org } = installed.server;
    const ofApps = ['acme__Sync', 'other__Sync', 'Sync'].map((name) => {
      const own = org.componentsOfApp(name).filter(({ type }) => type.endsWith('Policies'));
      return own.map(({ fullName, namespace }) => [fullName, namespace]);
    });
    expect(ofApps).to.deep.equal([
      [
        ['Sync_oauth_defaultPolicy', undefined],
        ['Sync_defaultPolicy', undefined],
      ],
      [
        ['Sync_oauth_defaultPolicy1', undefined],
        ['Sync_defaultPolicy1', undefined],
      ],
      [
        ['Sync_oauth_defaultPolicy2', undefined],
        ['Sync_defaultPolicy2', undefined],
      ],
    ]);
    await installed.close();
  });

  describe('that gives the policies of the org names of its own', () => {
    const stages: Piece[][] = [
      [app('A')],
      [oauthSettings('A', SCOPES), globalSettings('A', CALLBACK), policies('A', '<isEnabled>true</isEnabled>')],
      [oauthPolicies('A'), policies('A', '<isEnabled>false</isEnabled>')],
    ];

    it('is refused where these are there at once', async () => {
      expect(await practice.problems(stages[0]!)).to.equal('');
      expect(await practice.problems(stages[1]!)).to.match(/^duplicate value found: .* on A_defaultPolicy$/);
    });

    it('takes them over, in the other variant, and nobody else can', async () => {
      const other = await openPractice({ variants: { 'default-policy': 'taken-over' } });
      const { org } = other.server;
      const idOf = (type: string): string | undefined => org.componentOfApp(type, 'A')?.id;
      const types = ['ExtlClntAppConfigurablePolicies', 'ExtlClntAppOauthConfigurablePolicies'];
      await other.deploy(stages[0]!);
      const [plugins] = types.map(idOf);
      for (const stage of stages.slice(1)) {
        expect(await other.problems(stage, { checkOnly: true })).to.equal('');
        const before = types.map(idOf);
        expect(await other.problems(stage)).to.equal('');
        expect(before.filter((id, nth) => id !== undefined && id !== idOf(types[nth]!))).to.deep.equal([]);
      }
      expect(idOf(types[0]!)).to.equal(plugins);
      expect(types.flatMap((type) => org.components(type).map(({ fullName }) => fullName))).to.deep.equal([
        'A_plcy',
        'A_oauthPlcy',
      ]);
      expect(org.componentOfApp(types[0]!, 'A')?.body.isEnabled).to.equal(false);
      expect(await other.problems([oauthPolicies('A', '', 'Third')])).to.match(/duplicates value on A_oauthPlcy$/);
      expect(await other.problems([oauthPolicies('A', '', 'Bad__Name')])).to.match(/two consecutive underscores/);
      await other.close();
    });
  });

  describe('of a consumer key', () => {
    const withKey = (name: string, key: string): Piece =>
      globalSettings(name, `${CALLBACK}<consumerKey>${key}</consumerKey>`);
    const newKey = (): string => randomBytes(32).toString('hex');
    const keyOf = ({ server }: Practice): string | undefined => [...server.org.consumers.values()][0]?.primary.key;

    it('takes one that was chosen, and another one later', async () => {
      for (const key of [newKey(), newKey()]) {
        expect(await practice.problems([...oauthApp('A').slice(0, 2), withKey('A', key)])).to.equal('');
        expect(keyOf(practice)).to.equal(key);
      }
    });

    it('refuses another one where the variant says so, and takes the one that is there', async () => {
      const other = await openPractice({ variants: { 'changed-consumer-key': 'refused' } });
      const key = newKey();
      expect(await other.problems([...oauthApp('A').slice(0, 2), withKey('A', key)])).to.equal('');
      expect(await other.problems([withKey('A', key)])).to.equal('');
      expect(await other.problems([withKey('A', newKey())])).to.equal("The consumer key of A can't be changed.");
      expect(keyOf(other)).to.equal(key);
      await other.close();
    });

    it('refuses any that was chosen where the variant says so', async () => {
      const other = await openPractice({ variants: { 'chosen-consumer-key': 'refused' } });
      const pieces = [...oauthApp('A').slice(0, 2), withKey('A', newKey())];
      expect(await other.problems(pieces)).to.equal('You cannot provide a Consumer Key');
      await other.close();
    });

    it('refuses that of another app', async () => {
      await practice.deploy(oauthApp('A'));
      const pieces = [...oauthApp('B').slice(0, 2), withKey('B', String(keyOf(practice)))];
      expect(await practice.problems(pieces)).to.equal('The consumer key is already taken.');
    });
  });

  it('keeps PKCE required once it was, or not, as the variant says', async () => {
    const off = globalSettings('A', `${CALLBACK}<isPkceRequired>false</isPkceRequired>`);
    const loose = await openPractice({ variants: { 'pkce-sticky': 'no' } });
    for (const [one, expected] of [
      [practice, true],
      [loose, false],
    ] as const) {
      await one.deploy(oauthApp('A'));
      expect((await one.deploy([off])).success).to.equal(true);
      const { body } = one.server.org.component('ExtlClntAppGlobalOauthSettings', 'A_glbloauth') ?? {};
      expect(body?.isPkceRequired).to.equal(expected);
    }
    await loose.close();
  });

  it('takes OAuth settings without scopes, or not, as the variant says', async () => {
    expect(await practice.problems([app('A'), oauthSettings('A')])).to.equal('');
    const strict = await openPractice({ variants: { 'no-scopes': 'refused' } });
    expect(await strict.problems([app('A'), oauthSettings('A')])).to.match(/OauthScopes/);
    await strict.close();
  });

  it('does not know the types in an org without external client apps', async () => {
    const without = await openPractice({ externalClientApps: false });
    expect(await without.problems([app('A')])).to.equal('Not available for deploy for this organization');
    await without.close();
  });

  describe('in production', () => {
    let production: Practice;
    before(async () => {
      production = await openPractice({ production: true });
    });
    after(() => production.close());

    it('is refused with NoTestRun, and without rollbackOnError', async () => {
      const noTests = await production.deploy([app('A')], { testLevel: 'NoTestRun' }).then(String, String);
      expect(noTests).to.match(/testLevel of NoTestRun cannot be used in production organizations/);
      const noRollback = await production.deploy([app('A')], { rollbackOnError: false }).then(String, String);
      expect(noRollback).to.match(/rollbackOnError/);
    });

    it('goes through without a test level', async () => {
      expect((await production.deploy([app('A')])).success).to.equal(true);
    });
  });
});
