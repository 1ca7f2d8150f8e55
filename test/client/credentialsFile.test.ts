import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { type FileCredentials, readCredentialsFile } from '../../src/client/credentialsFile.ts';

describe('a credentials file', () => {
  let folder: string;
  const secret = randomBytes(12).toString('hex');

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sf-plugin-eca-credentials-'));
  });
  after(() => rm(folder, { recursive: true }));

  const read = async (content: string | Buffer) => {
    const path = join(folder, 'file');
    await writeFile(path, content);
    return readCredentialsFile(path);
  };

  const pair = { consumerKey: 'key', consumerSecret: secret };
  const both = { ...pair, client: { hosts: [] }, app: {} };
  const good: Record<string, [string, object]> = {
    'dotenv with a prefix': [`# mine\nORDERS_SF_CLIENT_ID=key\nORDERS_SF_CLIENT_SECRET='${secret}'\nOTHER=x\n`, both],
    'dotenv with export': [`export CONSUMER_KEY=key\nexport CONSUMER_SECRET="${secret}"`, both],
    'the secret alone': [`CONSUMER_SECRET=${secret}`, { ...both, consumerKey: undefined }],
    'JSON of this plugin': [JSON.stringify({ status: 0, result: { ...pair, scopes: [] }, warnings: [] }), both],
    'JSON with other names': [`\uFEFF${JSON.stringify({ client_id: 'key', client_secret: secret })}`, both],
  };
  for (const [what, [content, expected]] of Object.entries(good)) {
    it(`may be ${what}`, async () => {
      const { consumerSecret, ...others } = (await read(content)) as FileCredentials;
      expect({ ...others, consumerSecret: consumerSecret.reveal() }).to.deep.equal(expected);
    });
  }

  for (const [what, content, code] of [
    ['UTF-16', Buffer.from('\uFEFFCLIENT_SECRET=x\n', 'utf16le'), 'error.credentialsFileNotUtf8'],
    ['Latin-1', Buffer.from('CLIENT_SECRET=\u00e4\u00f6\n', 'latin1'), 'error.credentialsFileNotUtf8'],
    ['Base64', btoa(`CLIENT_ID=key\nCLIENT_SECRET=${secret}\n# a comment\n`), 'error.credentialsFileBase64'],
  ] as const)
    it(`names ${what}`, async () => expect(await read(content)).to.have.property('code', code));

  const settings = {
    callbackUrl: 'http://localhost:8080/cb',
    audience: 'https://login.salesforce.com',
    tokenUrl: 'https://acme.my.salesforce.com/services/oauth2/token',
    hosts: [
      { name: 'LOGIN_URL', host: 'login.salesforce.com' },
      { name: 'TOKEN_URL', host: 'acme.my.salesforce.com' },
    ],
  };
  const others = (prefix: string): string =>
    Object.entries({
      TOKEN_URL: settings.tokenUrl,
      REDIRECT_URI: settings.callbackUrl,
      JWT_AUDIENCE: settings.audience,
      LOGIN_URL: 'login.salesforce.com',
      INSTANCE_URL: '',
      AUTH_URL: 'no address',
    })
      .map(([name, value]) => `${prefix}${name}=${value}\n`)
      .join('');

  it('tells what else the client sends', async () => {
    const plain = await read(`CLIENT_SECRET=${secret}\n${others('')}`);
    expect(plain).to.have.deep.property('client', settings);
    const prefixed = await read(`${others('SF_')}SF_CLIENT_SECRET=${secret}\n`);
    expect(prefixed).to.have.deep.nested.property('client.hosts', [
      { name: 'SF_LOGIN_URL', host: 'login.salesforce.com' },
      { name: 'SF_TOKEN_URL', host: 'acme.my.salesforce.com' },
    ]);
  });

  it('tells nothing of other services that the client asks', async () => {
    const found = await read(`SF_CLIENT_SECRET=${secret}\n${others('SHOP_')}${others('')}`);
    expect(found).to.have.deep.property('client', { hosts: [] });
  });

  for (const content of ['', 'CLIENT_ID=key', '{"client_secret": ""}', '{ broken', '{"client_secret": 5}']) {
    it(`is refused without a secret (${content || 'empty'}), and is not quoted`, async () => {
      expect(await read(content)).to.deep.equal({ code: 'error.credentialsFileEmpty', values: [join(folder, 'file')] });
    });
  }

  it('is refused when it is not there', async () => {
    const path = join(folder, 'none');
    expect(await readCredentialsFile(path)).to.deep.equal({
      code: 'error.credentialsFileNotFound',
      values: [path],
    });
  });
});
