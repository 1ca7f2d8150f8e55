import { randomBytes } from 'node:crypto';

import { expect } from 'chai';
import { strFromU8, unzipSync } from 'fflate';

import { child, childText, parseXml, type XmlElement } from '../../../src/practice/xml.ts';
import {
  app,
  globalSettings,
  oauthApp,
  oauthPolicies,
  oauthSettings,
  policies,
  SCOPES,
  securitySettings,
  settings,
} from '../appFiles.ts';
import { openPractice, type Practice } from '../client.ts';
const TYPES = [
  'ExternalClientApplication',
  'ExtlClntAppOauthSettings',
  'ExtlClntAppGlobalOauthSettings',
  'ExtlClntAppOauthSecuritySettings',
  'ExtlClntAppOauthConfigurablePolicies',
  'ExtlClntAppConfigurablePolicies',
  'PermissionSet',
];

/** An element as XML says it, so that two readings can be compared: order, repetition, emptiness and attributes count. */
const shapeOf = ({ name, attributes, children, text }: XmlElement): unknown => [
  name,
  Object.fromEntries(Object.entries(attributes).filter(([key]) => !['type', 'xmlns'].includes(key))),
  children.length > 0 ? children.map(shapeOf) : text,
];
const childrenOf = (element: XmlElement): unknown[] =>
  element.children.filter(({ name }) => name !== 'fullName').map(shapeOf);

describe('calls of the practice org that need no job', () => {
  let practice: Practice;
  afterEach(() => practice.close());

  const opened = async (options: Parameters<typeof openPractice>[0] = {}): Promise<void> => {
    practice = await openPractice(options);
  };

  /** One SOAP call; `header` is what stands in the header beside the session. */
  const soap = async (
    body: string,
    { version = '67.0', header = '', token = practice.server.accessToken } = {},
  ): Promise<XmlElement> => {
    const answer = await fetch(`${practice.server.url}/services/Soap/m/${version}`, {
      method: 'POST',
      headers: { 'content-type': 'text/xml', soapaction: '""' },
      body: `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Header><SessionHeader><sessionId>${token}</sessionId></SessionHeader>${header}</e:Header><e:Body>${body}</e:Body></e:Envelope>`,
    });
    const inside = child(parseXml(await answer.text()), 'Body')?.children[0];
    if (!inside) throw new Error('The envelope is empty.');
    return inside;
  };
  const faultOf = async (answer: Promise<XmlElement>): Promise<string> => childText(await answer, 'faultstring') ?? '';

  const readCall = (type: string, ...names: string[]): string =>
    `<readMetadata><type>${type}</type>${names.map((name) => `<fullNames>${name}</fullNames>`).join('')}</readMetadata>`;
  const records = async (type: string, names: string[], version?: string): Promise<XmlElement[]> =>
    child(await soap(readCall(type, ...names), { version }), 'result')?.children ?? [];
  const listed = async (types: string[], asOfVersion = '67.0'): Promise<Array<Record<string, string>>> => {
    const queries = types.map((type) => `<queries><type>${type}</type></queries>`).join('');
    const answer = await soap(`<listMetadata>${queries}<asOfVersion>${asOfVersion}</asOfVersion></listMetadata>`);
    return answer.children.map((one) => Object.fromEntries(one.children.map(({ name, text }) => [name, text])));
  };
  const written = async (call: string, elements: string[], header?: string): Promise<XmlElement[]> =>
    (await soap(`<${call}>${elements.join('')}</${call}>`, { header })).children;
  const metadata = (type: string, xml: string): string => `<metadata xsi:type="${type}">${xml}</metadata>`;
  const said = (one: XmlElement | undefined): [success: string | undefined, statusCode: string | undefined] => [
    childText(one, 'success'),
    childText(child(one, 'errors'), 'statusCode'),
  ];

  /** The files of a retrieve, parsed, by type and name. */
  const retrieved = async (members: Record<string, string[]>, version = '67.0'): Promise<Map<string, XmlElement>> => {
    const types = Object.entries(members).map(([name, names]) => ({ name, members: names }));
    const result = await practice.connection.metadata
      .retrieve({ apiVersion: version, singlePackage: true, unpackaged: { types, version } } as never)
      .complete();
    const files = unzipSync(Buffer.from(result.zipFile, 'base64'));
    return new Map(
      [result.fileProperties]
        .flat()
        .map(({ type, fullName, fileName }) => [
          `${type} ${fullName}`,
          parseXml(strFromU8(files[fileName] as Uint8Array)),
        ]),
    );
  };

  /** Apps of all kinds: bare, full, with texts that need escaping, installed, with repeated and nested elements. */
  const manyApps = async (): Promise<void> => {
    await opened({ installed: ['acme__Orders'] });
    const ranges = (element: string): string =>
      ['1', '2', '3']
        .map(
          (n) =>
            `<${element}><description>r${n} &amp; "co"</description><endIpAddress>10.0.0.${n}</endIpAddress><startIpAddress>10.0.0.${n}</startIpAddress></${element}>`,
        )
        .join('');
    const text = '  a &lt;b&gt; &amp; "c" \'d\' é&#13;\n second line ';
    const pem = `-----BEGIN CERTIFICATE-----\n${randomBytes(60).toString('base64')}\n-----END CERTIFICATE-----`;
    const idToken =
      '<idTokenConfig><idTokenAudience>a,b</idTokenAudience><idTokenIncludeAttributes>true</idTokenIncludeAttributes><idTokenIncludeCustomPermissions>false</idTokenIncludeCustomPermissions><idTokenIncludeStandardClaims>true</idTokenIncludeStandardClaims><idTokenValidityInMinutes>10</idTokenValidityInMinutes></idTokenConfig>';
    const attributes = ['k1', 'k2']
      .map((key) => `<customAttributes><formula>"&amp;" &amp; $User.Id</formula><key>${key}</key></customAttributes>`)
      .join('');
    const deployed = await practice.deploy([
      ...oauthApp('Usual'),
      app('Bare'),
      app('Full', `<contactEmail>it@example.com</contactEmail><description>${text}</description>`),
      oauthSettings('Full', `${ranges('trustedIpRanges')}${SCOPES}`),
      globalSettings(
        'Full',
        `<callbackUrl>https://a.example/cb\nmyapp://cb</callbackUrl><certificate>${pem}</certificate>${idToken}`,
      ),
      securitySettings('Full', ranges('tokenIpRanges')),
      oauthPolicies('Full', `${attributes}<label>p &amp; q</label>`, 'Other_name'),
      policies('Full', '<isEnabled>false</isEnabled><label>l</label>', 'Third_name'),
      {
        type: 'PermissionSet',
        name: 'Callers',
        xml: '<label>Callers</label><userPermissions><enabled>true</enabled><name>ApiEnabled</name></userPermissions><userPermissions><enabled>true</enabled><name>ViewSetup</name></userPermissions>',
      },
    ]);
    expect(deployed.failures).to.deep.equal([]);
  };

  for (const version of ['60.0', '63.0', '67.0', '68.0']) {
    it(`reads element for element what a retrieve gives, at v${version}`, async () => {
      await manyApps();
      const types = Number(version) < 67 ? TYPES.filter((type) => !type.endsWith('SecuritySettings')) : TYPES;
      let compared = 0;
      for (const type of types) {
        const names = (await listed([type], version)).map(({ fullName = '' }) => fullName);
        const files = await retrieved({ [type]: names }, version);
        const read: XmlElement[] = [];
        for (let at = 0; at < names.length; at += 10) {
          read.push(...(await records(type, names.slice(at, at + 10), version)));
        }
        expect(
          read.map((one) => childText(one, 'fullName')),
          type,
        ).to.deep.equal(names);
        for (const one of read) {
          const name = childText(one, 'fullName') ?? '';
          expect(one.attributes.type).to.equal(type);
          const file = files.get(`${type} ${name}`);
          expect(childrenOf(one), `${type} ${name}`).to.deep.equal(file && childrenOf(file));
          compared += 1;
        }
      }
      expect(compared, 'an app of each kind was there').to.be.greaterThan(15);
    });
  }

  it('reads the members of Settings under their own types, as a retrieve gives them', async () => {
    await opened();
    await practice.deploy([settings('OauthOidc', '<isPkceRequired>true</isPkceRequired>')]);
    for (const [type, name] of [
      ['ExternalClientAppSettings', 'ExternalClientApp'],
      ['ConnectedAppSettings', 'ConnectedApp'],
      ['OauthOidcSettings', 'OauthOidc'],
    ] as const) {
      const [one] = await records(type, [name]);
      expect(one?.attributes.type).to.equal(type);
      const file = (await retrieved({ Settings: [name] })).get(`Settings ${name}`);
      expect(one && childrenOf(one), type).to.deep.equal(file && childrenOf(file));
      const [other] = await records(type, ['Nobody']);
      expect(other?.attributes.nil).to.equal('true');
    }
    expect(
      await faultOf(soap(readCall('ExternalClientAppSettings', 'ExternalClientApp'), { version: '56.0' })),
    ).to.match(/^INVALID_TYPE/);
  });

  it('gives nil for a name that is not there, or that the reader may not see, in the order of the names', async () => {
    await opened();
    await practice.deploy(oauthApp('A'));
    const read = await records('ExternalClientApplication', ['Nobody', 'a', '', 'A']);
    expect(read.map((one) => one.attributes.nil ?? childText(one, 'fullName'))).to.deep.equal([
      'true',
      'A',
      'true',
      'A',
    ]);
    expect(read[0]?.children).to.deep.equal([]);
  });

  it('refuses users without the permissions, older versions, and orgs without external client apps', async () => {
    await opened({ externalClientApps: false });
    const call = readCall('ExternalClientApplication', 'A');
    expect(await faultOf(soap(call))).to.equal(
      'INVALID_TYPE: This type of metadata is not available for this organization',
    );
    const { integrationUser } = practice.server.org.seeded;
    const token = practice.as(integrationUser.Id).accessToken ?? '';
    for (const body of [call, '<listMetadata/>', '<updateMetadata/>']) {
      expect(await faultOf(soap(body, { token }))).to.match(/ModifyAllData or ModifyMetadata/);
    }
    await practice.close();
    await opened();
    expect(await faultOf(soap(call, { version: '55.0' }))).to.match(/^INVALID_TYPE/);
    expect(await faultOf(soap(readCall('ApexClass', 'A')))).to.match(/^INVALID_TYPE/);
  });

  it('refuses, in the variant, every type of an app but the one that somebody read in a live org', async () => {
    await opened({ variants: { 'read-metadata': 'refused' } });
    await practice.deploy(oauthApp('A'));
    for (const type of ['ExternalClientApplication', 'ExtlClntAppOauthSettings', 'ExtlClntAppConfigurablePolicies']) {
      expect(await faultOf(soap(readCall(type, 'A'))), type).to.match(/^INVALID_TYPE/);
      expect(await listed([type]), type).to.have.length(1);
    }
    const [one] = await records('ExtlClntAppGlobalOauthSettings', ['A_glbloauth']);
    expect(childText(one, 'fullName')).to.equal('A_glbloauth');
    expect((await records('ExternalClientAppSettings', ['ExternalClientApp']))[0]?.attributes.nil).to.equal(undefined);
  });

  describe('listMetadata', () => {
    it('answers three queries and no more, with the types that the version has', async () => {
      await manyApps();
      const three = await listed(TYPES.slice(0, 3));
      expect(new Set(three.map(({ type }) => type))).to.deep.equal(new Set(TYPES.slice(0, 3)));
      const queries = '<queries><type>ExternalClientApplication</type></queries>'.repeat(4);
      expect(await faultOf(soap(`<listMetadata>${queries}</listMetadata>`))).to.match(/^LIMIT_EXCEEDED/);
      const old = soap(
        '<listMetadata><queries><type>ExternalClientApplication</type></queries><asOfVersion>50.0</asOfVersion></listMetadata>',
      );
      expect(await faultOf(old)).to.equal('INVALID_TYPE: Cannot use: ExternalClientApplication in this version');
    });

    it('tells ids, namespaces, states, and dates to the second that move with a write, not with a look', async () => {
      await manyApps();
      const at = async (name: string): Promise<Record<string, string>> =>
        (await listed(['ExternalClientApplication'])).find(({ fullName }) => fullName === name) ?? {};
      expect(await at('acme__Orders')).to.include({ manageableState: 'installed', namespacePrefix: 'acme' });
      const before = await at('Usual');
      expect(before).to.include({ manageableState: 'unmanaged', lastModifiedByName: 'Ada Admin' });
      expect(before.id).to.match(/^0xI/).and.have.length(18);
      expect(before.lastModifiedDate).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
      practice.server.org.advance(5000);
      expect(await at('Usual')).to.deep.equal(before);
      await practice.deploy([app('Usual')]);
      const after = await at('Usual');
      expect(Date.parse(after.lastModifiedDate ?? '')).to.be.greaterThan(Date.parse(before.lastModifiedDate ?? ''));
      expect(after.createdDate).to.equal(before.createdDate);
      expect((await at('Bare')).lastModifiedDate).to.equal(before.lastModifiedDate);
    });

    it('tells the date of settings, which moves with a write of them only', async () => {
      await opened();
      const dates = async (): Promise<Record<string, string | undefined>> =>
        Object.fromEntries((await listed(['Settings'])).map((one) => [one.fullName, one.lastModifiedDate]));
      const before = await dates();
      practice.server.org.advance(5000);
      expect(await dates()).to.deep.equal(before);
      await practice.deploy([
        settings('ConnectedApp', '<enableAdminApprovedAppsOnly>false</enableAdminApprovedAppsOnly>'),
      ]);
      const { ConnectedApp, ...others } = await dates();
      expect(ConnectedApp).not.to.equal(before.ConnectedApp);
      expect(before).to.deep.include(others);
    });
  });

  describe('updateMetadata', () => {
    const off = (name: string, app = name.replace(/_.*/, '')): string =>
      metadata(
        'ExtlClntAppConfigurablePolicies',
        `<fullName>${name}</fullName><externalClientApplication>${app}</externalClientApplication><isEnabled>false</isEnabled><isOauthPluginEnabled>true</isOauthPluginEnabled><label>l</label>`,
      );
    const enabled = (name: string): unknown =>
      practice.server.org.component('ExtlClntAppConfigurablePolicies', name)?.body.isEnabled;

    it('writes whole components, without a job, each with a result of its own', async () => {
      await opened({ jobTime: 3_600_000 });
      for (const piece of ['A', 'B']) {
        await written('createMetadata', [
          metadata(
            'ExternalClientApplication',
            `<fullName>${piece}</fullName><contactEmail>it@example.com</contactEmail><label>${piece}</label>`,
          ),
        ]);
      }
      const results = await written('updateMetadata', [
        off('A_defaultPolicy'),
        off('Nobody_x'),
        off('B_defaultPolicy'),
      ]);
      expect(results.map(said)).to.deep.equal([
        ['true', undefined],
        ['false', 'INVALID_CROSS_REFERENCE_KEY'],
        ['true', undefined],
      ]);
      expect(results.map((one) => childText(one, 'fullName'))).to.deep.equal([
        'A_defaultPolicy',
        'Nobody_x',
        'B_defaultPolicy',
      ]);
      expect([enabled('A_defaultPolicy'), enabled('B_defaultPolicy')]).to.deep.equal([false, false]);
    });

    it('writes all or none where that is asked for', async () => {
      await opened();
      await practice.deploy([app('A'), app('B')]);
      const header = '<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>';
      const failed = await written('updateMetadata', [off('A_defaultPolicy'), off('Nobody_x')], header);
      expect(failed.map(said)).to.deep.equal([
        ['false', 'ALL_OR_NONE_OPERATION_ROLLED_BACK'],
        ['false', 'INVALID_CROSS_REFERENCE_KEY'],
      ]);
      expect(enabled('A_defaultPolicy')).to.equal(true);
      const both = await written('updateMetadata', [off('A_defaultPolicy'), off('B_defaultPolicy')], header);
      expect(both.map(said)).to.deep.equal([
        ['true', undefined],
        ['true', undefined],
      ]);
      expect(enabled('B_defaultPolicy')).to.equal(false);
    });

    it('says ten at once, one type, and a type at all', async () => {
      await opened();
      await practice.deploy([app('A')]);
      const eleven = Array.from({ length: 11 }, () => off('A_defaultPolicy'));
      expect(await faultOf(soap(`<updateMetadata>${eleven.join('')}</updateMetadata>`))).to.equal(
        'EXCEEDED_ID_LIMIT: record limit reached. cannot submit more than 10 records in this operation',
      );
      const other = metadata('ExternalClientApplication', '<fullName>A</fullName>');
      const mixed = soap(`<updateMetadata>${off('A_defaultPolicy')}${other}</updateMetadata>`);
      expect(await faultOf(mixed)).to.match(/^INVALID_TYPE/);
      const bare = soap('<updateMetadata><metadata><fullName>A</fullName></metadata></updateMetadata>');
      expect(await faultOf(bare)).to.match(/^INVALID_TYPE: Must specify a .*type attribute/);
      expect(enabled('A_defaultPolicy')).to.equal(true);
    });

    it('has the effects of a deploy: grants go with the names, a key is kept, texts are trimmed', async () => {
      await opened();
      const { org } = practice.server;
      await practice.deploy([
        ...oauthApp('A'),
        { type: 'PermissionSet', name: 'Callers', xml: '<label>Callers</label>' },
      ]);
      const grants = (): number => org.records('SetupEntityAccess').length;
      const policiesOf = (names: string): string =>
        metadata(
          'ExtlClntAppOauthConfigurablePolicies',
          `<fullName>A_oauth_defaultPolicy</fullName><commaSeparatedPermissionSet>${names}</commaSeparatedPermissionSet><externalClientApplication>A</externalClientApplication><label>  l  </label><permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType>`,
        );
      expect(said((await written('updateMetadata', [policiesOf('Callers')]))[0])).to.deep.equal(['true', undefined]);
      expect(grants()).to.equal(1);
      expect(org.component('ExtlClntAppOauthConfigurablePolicies', 'A_oauth_defaultPolicy')?.body.label).to.equal('l');
      const refused = await written('updateMetadata', [policiesOf('Nobody')]);
      expect(said(refused[0])).to.deep.equal(['false', 'INVALID_FIELD']);
      expect(grants(), 'a refused write changes nothing').to.equal(1);
      await written('updateMetadata', [policiesOf('')]);
      expect(grants()).to.equal(0);
    });

    it('writes the members of Settings under their own types, and under no other', async () => {
      await opened();
      const on = '<enableClientSecretInRestApiAccess>true</enableClientSecretInRestApiAccess>';
      const write = (type: string, name: string, xml = on): Promise<XmlElement[]> =>
        written('updateMetadata', [metadata(type, `<fullName>${name}</fullName>${xml}`)]);
      expect(said((await write('OauthOidcSettings', 'ExternalClientApp', ''))[0])[0]).to.equal('false');
      expect(said((await write('ExternalClientAppSettings', 'Nobody'))[0])[0]).to.equal('false');
      expect(practice.server.org.settings.ExternalClientAppSettings).to.include({
        enableClientSecretInRestApiAccess: false,
      });
      expect(said((await write('ExternalClientAppSettings', 'ExternalClientApp'))[0])[0]).to.equal('true');
      expect(practice.server.org.settings.ExternalClientAppSettings).to.include({
        enableClientSecretInRestApiAccess: true,
        enableConsumerSecretApiAccess: false,
      });
    });

    it('refuses who may not write policies', async () => {
      await opened();
      await practice.deploy([app('A')]);
      const { org } = practice.server;
      const set = org.insert('PermissionSet', { Name: 'Meta', Label: 'Meta', PermissionsModifyMetadata: true });
      const { Id } = org.seeded.standardUser;
      org.insert('PermissionSetAssignment', { AssigneeId: Id, PermissionSetId: set.Id });
      const token = practice.as(Id).accessToken ?? '';
      const answer = await soap(`<updateMetadata>${off('A_defaultPolicy')}</updateMetadata>`, { token });
      expect(said(answer.children[0])).to.deep.equal(['false', 'INSUFFICIENT_ACCESS_OR_READONLY']);
    });
  });

  it('says of an upsert whether the component was made', async () => {
    await opened();
    const one = metadata(
      'ExternalClientApplication',
      '<fullName>A</fullName><contactEmail>it@example.com</contactEmail><label>A</label>',
    );
    const made = async (): Promise<string | undefined> =>
      childText((await written('upsertMetadata', [one]))[0], 'created');
    expect([await made(), await made()]).to.deep.equal(['true', 'false']);
  });

  it('counts each call, and tells the calls apart in the request log', async () => {
    await opened();
    await practice.deploy(oauthApp('A'));
    practice.server.requests.clear();
    const before = practice.server.org.apiRequests.used();
    await records('ExtlClntAppOauthSettings', ['A_oauth']);
    await listed(['ExternalClientApplication', 'ExtlClntAppOauthSettings']);
    await written('updateMetadata', [metadata('ExternalClientAppSettings', '<fullName>ExternalClientApp</fullName>')]);
    expect(practice.server.requests.entries().map(({ summary }) => summary)).to.deep.equal([
      'readMetadata ExtlClntAppOauthSettings',
      'listMetadata ExternalClientApplication ExtlClntAppOauthSettings',
      'updateMetadata ExternalClientAppSettings',
    ]);
    expect(practice.server.org.apiRequests.used() - before).to.equal(3);
  });
});
