import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';
import { jwtVerify } from 'jose';

import { forgetSecrets, masked } from '../../src/app/secret.ts';
import { documentedEndpoints } from '../../src/client/endpoints.ts';
import { createHttpClient } from '../../src/client/httpClient.ts';
import { audiencesFor, readPrivateKey, requestJwtBearerToken } from '../../src/client/jwtBearer.ts';
import { damagedForms } from './damagedPem.ts';
import { selfSigned } from './selfSigned.ts';
import { openWire } from './wire.ts';

describe('the JWT bearer flow', () => {
  it('asks with an assertion that the certificate’s key has signed, and names no client beside it', async () => {
    const { key, certificate } = selfSigned();
    const wire = await openWire({
      '/services/oauth2/token': () => ({
        body: { access_token: randomBytes(9).toString('hex'), token_type: 'Bearer', scope: 'api' },
      }),
    });
    try {
      const request = {
        consumerKey: 'key',
        username: 'user@example.com',
        key,
        audience: 'https://test.salesforce.com',
      };
      const token = await requestJwtBearerToken(createHttpClient(), { server: documentedEndpoints(wire.url) }, request);
      expect(token.scopes).to.deep.equal(['api']);
      const form = Object.fromEntries(wire.seen[0]?.form ?? []);
      expect(Object.keys(form).sort()).to.deep.equal(['assertion', 'grant_type']);
      expect(form.grant_type).to.equal('urn:ietf:params:oauth:grant-type:jwt-bearer');
      const { payload, protectedHeader } = await jwtVerify(form.assertion!, new X509Certificate(certificate).publicKey);
      expect(protectedHeader.alg).to.equal('RS256');
      expect(payload).to.include({ iss: 'key', sub: 'user@example.com', aud: 'https://test.salesforce.com' });
      expect(payload.exp! - Date.now() / 1000).to.be.within(100, 181);
    } finally {
      await wire.close();
    }
  });

  it('is for the login host of the org’s kind first', () => {
    const own = 'https://acme.my.salesforce.com';
    expect(audiencesFor('production', own)).to.deep.equal(['https://login.salesforce.com', own]);
    expect(audiencesFor('sandbox', own)).to.deep.equal(['https://test.salesforce.com', own]);
    expect(audiencesFor('scratch', own)[0]).to.equal('https://test.salesforce.com');
  });

  describe('takes a private key', () => {
    let folder: string;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sf-plugin-eca-key-'));
    });
    after(() => rm(folder, { recursive: true }));

    const read = async (content: string | Buffer) => {
      const path = join(folder, 'key');
      await writeFile(path, content, 'latin1');
      const found = await readPrivateKey(path);
      return 'code' in found ? found.code : found.key.asymmetricKeyType;
    };

    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

    for (const type of ['pkcs1', 'pkcs8'] as const) {
      it(`in ${type}, PEM or DER`, async () => {
        expect(await read(privateKey.export({ type, format: 'pem' }))).to.equal('rsa');
        expect(await read(privateKey.export({ type, format: 'der' }))).to.equal('rsa');
      });
    }

    const forms = damagedForms(String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
    for (const [what, content] of Object.entries(forms))
      it(`with ${what}`, async () => expect(await read(content)).to.equal('rsa'));

    it('as bare Base64', async () => {
      expect(await read(privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'))).to.equal('rsa');
    });

    it('with the certificate that stands beside it, and looks whether it fits and how long it is good', async () => {
      const path = join(folder, 'both');
      const own = selfSigned({ days: 20 });
      const pem = own.key.export({ type: 'pkcs8', format: 'pem' });
      const certificateIn = async (text: string | Buffer) => {
        await writeFile(path, text);
        const found = await readPrivateKey(path);
        if ('code' in found) throw new Error(found.code);
        return found.certificate;
      };
      const found = await certificateIn(`${own.certificate}\n${pem}`);
      expect(found?.fits).to.equal(true);
      expect((found?.expires.getTime() ?? 0) - Date.now()).to.be.within(19 * 86_400_000, 20 * 86_400_000);
      expect((await certificateIn(`${pem}\n${selfSigned().certificate}`))?.fits).to.equal(false);
      expect(await certificateIn(pem)).to.equal(undefined);
      const broken = `${pem}\n-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n`;
      expect(await certificateIn(broken)).to.equal(undefined);
    });

    for (const type of ['pkcs1', 'pkcs8'] as const) {
      it(`and keeps it out of what is said, in ${type} or the other form`, async () => {
        const own = selfSigned();
        const pem = own.key.export({ type, format: 'pem' }) as string;
        expect(await read(pem)).to.equal('rsa');
        try {
          // The lines after the public modulus, but for the last two, which may be too short to tell.
          const lines = ['pkcs1', 'pkcs8'].flatMap((form) =>
            (own.key.export({ type: form as typeof type, format: 'pem' }) as string).trim().split('\n').slice(8, -3),
          );
          const spellings = [
            (text: string) => text,
            (text: string) => text.replaceAll('\n', ''),
            (text: string) => JSON.stringify({ key: text }),
            (text: string) => encodeURIComponent(text),
            (text: string) => Buffer.from(`x${text}`).toString('base64'),
          ];
          for (const form of ['pkcs1', 'pkcs8'] as const) {
            const text = own.key.export({ type: form, format: 'pem' }) as string;
            for (const spell of spellings) {
              const said = masked(`the org says ${spell(text)} to you`);
              const read = [said, decodeURIComponent(said), Buffer.from(said, 'base64').toString('latin1')];
              expect(lines.filter((line) => read.some((one) => one.includes(line)))).to.deep.equal([]);
              expect(said).to.include('********');
            }
          }
          // A part of it, as in a text that was cut off.
          expect(masked(`cut: ${lines.slice(2, 6).join('')}`)).not.to.include(lines[3]);
          expect(masked(own.certificate)).to.equal(own.certificate);
        } finally {
          forgetSecrets();
        }
      });
    }

    it('and says what is wrong with other files', async () => {
      const passphrase = randomBytes(8).toString('hex');
      const encrypted = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });
      expect(await read(encrypted)).to.equal('error.keyFileEncrypted');
      expect(await read(selfSigned().certificate)).to.equal('error.keyFileCertificate');
      const lines = String(privateKey.export({ type: 'pkcs8', format: 'pem' })).split('\n');
      const block = (label: string): string => `-----BEGIN ${label}-----\nQUJDREVG\n-----END ${label}-----\n`;
      for (const [content, code] of [
        [block('OPENSSH PRIVATE KEY'), 'OpenSsh'],
        [block('CERTIFICATE REQUEST'), 'CertificateRequest'],
        [block('PUBLIC KEY'), 'Public'],
        ['ssh-rsa AAAAB3NzaC1yc2E me@here', 'Public'],
        [block('PRIVATE KEY'), 'Damaged'],
        [selfSigned().certificate + block('PRIVATE KEY'), 'Damaged'],
        [lines.slice(0, 9).join('\n'), 'Truncated'],
        [lines[0] ?? '', 'Truncated'],
        [Buffer.from(`\uFEFF${lines.join('\n')}`, 'utf16le'), 'Utf16'],
        [Buffer.from(lines.join('\n'), 'utf16le'), 'Utf16'],
        [Buffer.from([0x30, 0x82, 0x09, 0x01, 0x02, 0x01, 0x03, 0x30, 0x82]), 'Pkcs12'],
        [String(encrypted).replaceAll('\n', '\\n'), 'Encrypted'],
      ] as const)
        expect(await read(content), code).to.equal(`error.keyFile${code}`);
      expect(await read('')).to.equal('error.keyFileInvalid');
      const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
      expect(await read(ec)).to.equal('error.keyFileNotRsa');
      expect(await readPrivateKey(join(folder, 'none'))).to.have.property('code', 'error.keyFileNotFound');
    });
  });
});
