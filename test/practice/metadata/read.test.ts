import { randomBytes } from 'node:crypto';

import { expect } from 'chai';
import { strFromU8, unzipSync } from 'fflate';

import { VARIANTS } from '../../../src/practice/variants.ts';
import {
  app,
  CALLBACK,
  globalSettings,
  oauthApp,
  oauthSettings,
  packageOf,
  policies,
  SCOPES,
  settings,
  zipOf,
} from '../appFiles.ts';
import { openPractice, type Practice } from '../client.ts';
type Read = Record<string, unknown>;

describe('reading metadata from the practice org', () => {
  let practice: Practice;

  beforeEach(async () => {
    practice = await openPractice();
  });
  afterEach(() => practice.close());

  const read = async (type: string, fullNames: string | string[]): Promise<Read[]> =>
    [(await practice.connection.metadata.read(type as never, fullNames as never)) as unknown].flat() as Read[];

  const retrieved = async (
    types: Array<{ name: string; members: string[] }>,
    version = '67.0',
  ): Promise<Record<string, string>> => {
    const result = await practice.connection.metadata
      .retrieve({ apiVersion: version, singlePackage: true, unpackaged: { types, version } } as never)
      .complete();
    expect(result.success).to.equal(true);
    const files = unzipSync(Buffer.from(result.zipFile, 'base64'));
    return Object.fromEntries(Object.entries(files).map(([path, content]) => [path, strFromU8(content)]));
  };

  it('gives back what was deployed, sign for sign, in the order of the alphabet', async () => {
    const xml =
      '<contactEmail>it@example.com</contactEmail><description>  a &lt;b&gt; &amp; "c" \'d\' é&#13;\nsecond line </description><label>L</label>';
    const ranges = ['1', '2'].map(
      (n) =>
        `<trustedIpRanges><description>r${n} &amp; co</description><endIpAddress>10.0.0.${n}</endIpAddress><startIpAddress>10.0.0.${n}</startIpAddress></trustedIpRanges>`,
    );
    await practice.deploy([
      { type: 'ExternalClientApplication', name: 'A', xml },
      oauthSettings('A', `${ranges.join('')}${SCOPES}`),
      globalSettings('A', '<callbackUrl>https://a.example/cb\nmyapp://cb</callbackUrl>'),
    ]);
    const files = await retrieved([
      { name: 'ExternalClientApplication', members: ['A'] },
      { name: 'ExtlClntAppOauthSettings', members: ['*'] },
      { name: 'ExtlClntAppGlobalOauthSettings', members: ['A_glbloauth'] },
    ]);
    expect(files['externalClientApps/A.eca']).to.contain(
      '<description>  a &lt;b&gt; &amp; &quot;c&quot; &apos;d&apos; é&#xD;\nsecond line </description>',
    );
    const settingsFile = files['extlClntAppOauthSettings/A_oauth.ecaOauth'] ?? '';
    expect(settingsFile.match(/<description>r\d &amp; co/g)).to.deep.equal([
      '<description>r1 &amp; co',
      '<description>r2 &amp; co',
    ]);
    const elements = [...settingsFile.matchAll(/^ {4}<(\w+)/gm)].map(([, name]) => name);
    expect(elements).to.deep.equal([...elements].sort());
    expect(files['extlClntAppGlobalOauthSets/A_glbloauth.ecaGlblOauth']).to.contain(
      '<callbackUrl>https://a.example/cb\nmyapp://cb</callbackUrl>',
    );
  });

  it('gives out what it can take again without a change', async () => {
    await practice.deploy(oauthApp('A'));
    const types = ['ExternalClientApplication', 'ExtlClntAppOauthSettings', 'ExtlClntAppGlobalOauthSettings'];
    const files = await retrieved(types.map((name) => ({ name, members: ['*'] })));
    const result = await practice.connection.metadata
      .deploy(zipOf(files), { singlePackage: true, rollbackOnError: true })
      .complete(true);
    const messages = result.details?.componentSuccesses as unknown as Array<{
      changed: boolean;
      componentType: unknown;
    }>;
    expect(result.success).to.equal(true);
    expect(messages.filter(({ changed }) => String(changed) === 'true')).to.deep.equal([]);
  });

  it('never gives out a secret', async () => {
    const secret = randomBytes(32).toString('hex');
    const hidden = `${CALLBACK}<consumerSecret>${secret}</consumerSecret>`;
    await practice.deploy([app('A'), oauthSettings('A', SCOPES), globalSettings('A', hidden)]);
    const [one] = await read('ExtlClntAppGlobalOauthSettings', 'A_glbloauth');
    const files = await retrieved([{ name: 'ExtlClntAppGlobalOauthSettings', members: ['*'] }]);
    const primary = [...practice.server.org.consumers.values()][0]?.primary;
    expect(primary?.secret).to.equal(secret);
    expect(one?.consumerKey).to.equal(primary?.key);
    for (const text of [JSON.stringify(one), ...Object.values(files)]) {
      expect(text).not.to.contain(secret);
    }
  });

  it('leaves out elements that the API version has not', async () => {
    await practice.deploy(oauthApp('A'));
    const types = [{ name: 'ExtlClntAppGlobalOauthSettings', members: ['*'] }];
    const path = 'extlClntAppGlobalOauthSets/A_glbloauth.ecaGlblOauth';
    expect((await retrieved(types, '60.0'))[path])
      .to.contain('isTokenExchangeEnabled')
      .and.not.to.contain('isCodeCredFlow');
    expect((await retrieved(types, '61.0'))[path]).to.contain('isCodeCredFlowEnabled');
  });

  it('gives out what newer versions have no more to the versions that had it', async () => {
    await practice.deploy(oauthApp('A'));
    const types = [{ name: 'ExtlClntAppOauthConfigurablePolicies', members: ['*'] }];
    const path = 'extlClntAppOauthPolicies/A_oauth_defaultPolicy.ecaOauthPlcy';
    const at = async (version: string): Promise<string> => (await retrieved(types, version))[path] ?? '';
    for (const version of ['61.0', '62.0', '63.0']) {
      expect(await at(version), version).to.match(
        /isGuestCodeCredFlowEnabled.*\n *<isNamedUserJwtEnabled>false<.*\n *<isTokenExchangeFlowEnabled/,
      );
    }
    for (const version of ['60.0', '64.0', '67.0']) {
      expect(await at(version), version)
        .to.contain('permittedUsersPolicyType')
        .and.not.to.contain('isNamedUserJwt');
    }
  });

  for (const answer of VARIANTS['certificate-retrieved']) {
    it(`gives out certificates, in lines of 64 characters: ${answer}`, async () => {
      const other = await openPractice({ variants: { 'certificate-retrieved': answer } });
      const lines = Array.from({ length: 3 }, (_, nth) => randomBytes(nth === 2 ? 9 : 48).toString('base64'));
      const pem = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----`;
      const sent = `${CALLBACK}<certificate>${pem}</certificate>`;
      await other.deploy([app('A'), oauthSettings('A', SCOPES), globalSettings('A', sent)]);
      const one = (await other.connection.metadata.read('ExtlClntAppGlobalOauthSettings' as never, 'A_glbloauth')) as {
        certificate?: string;
      };
      expect(one.certificate).to.equal(answer === 'always' ? lines.join('\n') : undefined);
      await other.close();
    });
  }

  it('names no file of a retrieve with -meta.xml, whatever it was deployed with', async () => {
    await practice.deploy(oauthApp('A'), { metaXml: true });
    const files = await retrieved([{ name: 'ExternalClientApplication', members: ['*'] }]);
    expect(Object.keys(files)).to.have.members(['externalClientApps/A.eca', 'package.xml']);
  });

  describe('of a type that it keeps nothing of', () => {
    for (const type of ['NamedCredential', 'ExternalCredential', 'AuthProvider', 'Certificate', 'PermissionSetGroup']) {
      it(`lists none: ${type}`, async () => {
        expect([await practice.connection.metadata.list({ type })].flat()).to.deep.equal([]);
        const { metadataObjects } = await practice.connection.metadata.describe('67.0');
        expect(metadataObjects.map(({ xmlName }) => xmlName)).to.include(type);
        expect(Object.keys(await retrieved([{ name: type, members: ['*'] }]))).to.deep.equal(['package.xml']);
      });
    }

    it('lists none before the type came', async () => {
      const older = await openPractice({}, '55.0');
      const listed = (type: string): Promise<unknown> => older.connection.metadata.list({ type }).catch(String);
      expect(await listed('NamedCredential')).to.deep.equal([]);
      expect(await listed('ExternalCredential')).to.match(/INVALID_TYPE/);
      await older.close();
    });

    it('still does not know a type that nobody has', async () => {
      const error = await practice.connection.metadata.list({ type: 'NoSuchThing' }).then(String, String);
      expect(error).to.match(/INVALID_TYPE/);
    });
  });

  for (const answer of VARIANTS['update-without-enabled']) {
    it(`takes plugin policies without isEnabled from updateMetadata, or not: ${answer}`, async () => {
      const other = await openPractice({ variants: { 'update-without-enabled': answer } });
      const off = `<isEnabled>false</isEnabled>`;
      await other.deploy([...oauthApp('A'), policies('A', off)]);
      const type = 'ExtlClntAppConfigurablePolicies' as never;
      const body = { fullName: 'A_plcy', externalClientApplication: 'A', isOauthPluginEnabled: false };
      const updated = JSON.stringify(await other.connection.metadata.update(type, body as never));
      const kept = other.server.org.component('ExtlClntAppConfigurablePolicies', 'A_plcy')?.body;
      if (answer === 'taken') {
        expect(updated).to.contain('"success":true');
        expect(kept).to.include({ isEnabled: false, isOauthPluginEnabled: false });
      } else {
        expect(updated).to.contain('"statusCode":"REQUIRED_FIELD_MISSING"').and.contain('isEnabled');
        expect(kept).to.include({ isOauthPluginEnabled: true });
      }
      expect(await other.problems([policies('A')]), 'a deploy needs it').to.match(/isEnabled/);
      const created = await other.connection.metadata.create(type, { ...body, fullName: 'B_plcy' } as never);
      expect(JSON.stringify(created), 'what is new needs it').to.contain('REQUIRED_FIELD_MISSING');
      await other.close();
    });
  }

  it('gives defaults that orgs give, and no others', async () => {
    await practice.deploy([app('A'), policies('A', '<isEnabled>true</isEnabled>')]);
    const [one] = await read('ExtlClntAppConfigurablePolicies', 'A_plcy');
    expect(Object.keys(one ?? {}).filter((key) => key !== '$')).to.deep.equal([
      'fullName',
      'externalClientApplication',
      'isEnabled',
      'isOauthPluginEnabled',
      'startPage',
    ]);
  });

  it('reads ten components at once, and no more', async () => {
    const names = Array.from({ length: 11 }, (_, nth) => `App${nth}`);
    await practice.deploy(names.map((name) => app(name)));
    expect(await read('ExternalClientApplication', names.slice(0, 10))).to.have.length(10);
    const error = await read('ExternalClientApplication', names).then(String, String);
    expect(error).to.contain('cannot submit more than 10 records in this operation');
  });

  it('lists components with who made them', async () => {
    await practice.deploy(oauthApp('A'));
    const [one] = await practice.connection.metadata.list({ type: 'ExternalClientApplication' });
    expect(one).to.include({
      fullName: 'A',
      fileName: 'externalClientApps/A.eca',
      type: 'ExternalClientApplication',
      createdByName: 'Ada Admin',
      manageableState: 'unmanaged',
    });
    expect(one?.id).to.match(/^0xI/);
  });

  it('describes the types that the API version has', async () => {
    const suffixesAt = async (version: string): Promise<Record<string, unknown>> => {
      const { metadataObjects } = await practice.connection.metadata.describe(version);
      return Object.fromEntries(metadataObjects.map(({ xmlName, suffix }) => [xmlName, suffix]));
    };
    expect(await suffixesAt('67.0')).to.include({
      ExtlClntAppOauthConfigurablePolicies: 'ecaOauthPlcy',
      Settings: 'settings',
    });
  });

  it('says what it did not find', async () => {
    const result = await practice.connection.metadata
      .retrieve({
        apiVersion: '67.0',
        unpackaged: { types: [{ name: 'ExternalClientApplication', members: ['Nobody'] }], version: '67.0' },
      } as never)
      .complete();
    expect(JSON.stringify(result.messages)).to.contain(
      "Entity of type 'ExternalClientApplication' named 'Nobody' cannot be found",
    );
  });

  it('gives the settings of the org', async () => {
    await practice.deploy([
      settings('ExternalClientApp', '<enableClientSecretInRestApiAccess>true</enableClientSecretInRestApiAccess>'),
    ]);
    const files = await retrieved([{ name: 'Settings', members: ['ExternalClientApp'] }]);
    expect(files['settings/ExternalClientApp.settings'])
      .to.contain('<ExternalClientAppSettings')
      .and.contain('<enableClientSecretInRestApiAccess>true<');
  });

  it('refuses access tokens in JWT format over SOAP, and takes them over REST', async () => {
    const describeAt = async (
      one: Practice,
      version: number,
    ): Promise<{ status: number; text: string; token: string }> => {
      const { org, url } = one.server;
      const { token } = org.openSession({
        userId: org.seeded.admin.Id,
        scopes: ['api'],
        format: 'jwt',
        token: randomBytes(30).toString('base64url'),
        expiresAt: new Date(org.now().getTime() + 60_000),
      });
      const answer = await fetch(`${url}/services/Soap/m/${version}.0`, {
        method: 'POST',
        headers: { 'content-type': 'text/xml' },
        body: `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><SessionHeader><sessionId>${token}</sessionId></SessionHeader></e:Header><e:Body><describeMetadata><asOfVersion>${version}.0</asOfVersion></describeMetadata></e:Body></e:Envelope>`,
      });
      return { status: answer.status, text: await answer.text(), token };
    };
    const refused = await describeAt(practice, 68);
    expect(refused.status).to.equal(500);
    expect(refused.text)
      .to.contain('INVALID_SESSION_ID')
      .and.contain('SOAP API does not support JWT-based access tokens.');
    const form = new FormData();
    form.set(
      'json',
      new Blob([JSON.stringify({ deployOptions: { singlePackage: true } })], { type: 'application/json' }),
    );
    form.set('file', new Blob([new Uint8Array(zipOf(packageOf(oauthApp('A'))))]), 'app.zip');
    const headers = { authorization: `Bearer ${refused.token}` };
    const url = `${practice.server.url}/services/data/v67.0/metadata/deployRequest`;
    const { id } = (await (await fetch(url, { method: 'POST', headers, body: form })).json()) as { id: string };
    const status = (await (await fetch(`${url}/${id}`, { headers })).json()) as { deployResult: { status: string } };
    expect(status.deployResult.status).to.equal('Succeeded');

    const newer = await openPractice({ variants: { 'jwt-over-soap': 'from-v68' } });
    expect((await describeAt(newer, 67)).status).to.equal(500);
    expect((await describeAt(newer, 68)).status).to.equal(200);
    await newer.close();
  });

  it('writes single components with the CRUD calls too', async () => {
    const { metadata } = practice.connection;
    const made = { fullName: 'A', contactEmail: 'it@example.com', label: 'A & B' };
    const created = await metadata.create('ExternalClientApplication' as never, made as never);
    expect(created).to.include({ fullName: 'A', success: true });
    const again = await metadata.create('ExternalClientApplication' as never, made as never);
    expect(JSON.stringify(again)).to.contain('DUPLICATE_DEVELOPER_NAME');
    expect((await read('ExternalClientApplication', 'A'))[0]).to.include({
      label: 'A & B',
      distributionState: 'Local',
    });
    await metadata.delete('ExternalClientApplication', 'A');
    expect(practice.server.org.components('ExternalClientApplication')).to.deep.equal([]);
  });

  it('refuses a document with a DOCTYPE', async () => {
    const files = packageOf([app('A')]);
    const path = 'externalClientApps/A.eca';
    files[path] = `<!DOCTYPE x [<!ENTITY e "e">]>${(files[path] ?? '').replace(/^<\?xml.*?\?>/, '')}`;
    const result = await practice.connection.metadata.deploy(zipOf(files), { singlePackage: true }).complete(true);
    expect(JSON.stringify(result.details)).to.contain('DOCTYPE is not allowed');
  });
});
