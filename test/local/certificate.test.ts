import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { parseReturned, readCertificate, readCertificates } from '../../src/local/certificate.ts';
import type { SfError } from '../../src/salesforce.ts';
import { damagedForms } from '../client/damagedPem.ts';
import { selfSigned } from '../client/selfSigned.ts';

describe('readCertificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-certificate-'));
  after(() => rmSync(folder, { recursive: true }));

  const fileWith = (content: string | Uint8Array): string => {
    const file = join(folder, 'app.crt');
    writeFileSync(file, content, 'latin1');
    return file;
  };
  const { certificate, key } = selfSigned({ days: 365 });
  const privateKey = String(key.export({ type: 'pkcs8', format: 'pem' }));
  const same = (pem: string): boolean =>
    new X509Certificate(pem).fingerprint256 === new X509Certificate(certificate).fingerprint256;

  for (const [what, content] of [
    ['PEM', certificate],
    ['PEM with lines as Windows ends them', certificate.replaceAll('\n', '\r\n')],
    ['DER', new X509Certificate(certificate).raw],
    ['PEM after words about it', `Bag Attributes\n  friendlyName: app\n${certificate}`],
    ['bare Base64, as metadata has it', new X509Certificate(certificate).raw.toString('base64')],
    ...Object.entries(damagedForms(certificate)),
    ['a chain, the first of it', `${certificate}${selfSigned().certificate}`],
  ] as const) {
    it(`takes ${what}`, async () => {
      const { pem, fingerprint, validity } = await readCertificate(fileWith(content));
      expect(same(pem)).to.equal(true);
      expect(fingerprint).to.equal(new X509Certificate(certificate).fingerprint256);
      expect(Math.round((validity.expires.getTime() - Date.now()) / 86_400_000)).to.equal(365);
    });
  }

  it('leaves a private key in the same file where it is', async () => {
    const { pem } = await readCertificate(fileWith(privateKey + certificate));
    expect(same(pem)).to.equal(true);
    expect(pem).not.to.include('PRIVATE KEY');
  });

  const broken: [string, string | Uint8Array, string, RegExp][] = [
    ['a private key alone', privateKey, 'CertificateIsKeyError', /contains a private key/],
    [
      'a request',
      '-----BEGIN CERTIFICATE REQUEST-----\nQUJD\n-----END CERTIFICATE REQUEST-----',
      'CertificateRequestError',
      /CSR/,
    ],
    [
      'a public key',
      '-----BEGIN PUBLIC KEY-----\nQUJD\n-----END PUBLIC KEY-----',
      'CertificateIsPublicKeyError',
      /public key/,
    ],
    ['PKCS#7', '-----BEGIN PKCS7-----\nQUJD\n-----END PKCS7-----', 'CertificatePkcs7Error', /PKCS#7/],
    [
      'PKCS#12',
      Buffer.from([0x30, 0x82, 0x09, 0x01, 0x02, 0x01, 0x03, 0x30, 0x82]),
      'CertificatePkcs12Error',
      /PKCS#12/,
    ],
    ['UTF-16', Buffer.from(`\uFEFF${certificate}`, 'utf16le'), 'CertificateUtf16Error', /UTF-16/],
    ['a certificate without its end', certificate.slice(0, 300), 'CertificateTruncatedError', /incomplete/],
    [
      'a certificate that lost a line',
      certificate.split('\n').toSpliced(3, 1).join('\n'),
      'CertificateDamagedError',
      /damaged/,
    ],
    ['nothing', '', 'CertificateInvalidError', /app\.crt/],
    ['something else', Buffer.from([0x30, 0x03, 0x02, 0x01, 0x01]), 'CertificateInvalidError', /app\.crt/],
    [
      'a certificate that is cut off',
      new X509Certificate(certificate).raw.subarray(0, 200),
      'CertificateInvalidError',
      /app\.crt/,
    ],
    ['an EC key', selfSigned({ elliptic: true }).certificate, 'CertificateNotRsaError', /kind EC/],
    ['a short key', selfSigned({ bits: 1024 }).certificate, 'CertificateKeyShortError', /1024 bits.*2048/],
  ];
  for (const [what, content, name, message] of broken) {
    it(`refuses ${what}`, async () => {
      const error = (await readCertificate(fileWith(content)).catch((thrown: unknown) => thrown)) as SfError;
      expect(error.name).to.equal(name);
      expect(error.message).to.match(message);
      expect(error.actions).to.have.length.greaterThan(0);
      expect(JSON.stringify([error.message, error.cause, error.data])).not.to.include('PRIVATE');
    });
  }

  it('refuses a file that is not there', async () => {
    const error = (await readCertificate('/nowhere/app.crt').catch((thrown: unknown) => thrown)) as SfError;
    expect(error.name).to.equal('CertificateNotFoundError');
    expect(error.actions?.join()).to.include('Check the path').and.not.include('permission');
  });
});

describe('parseReturned', () => {
  const { certificate } = selfSigned();
  const { fingerprint256: fingerprint, raw } = new X509Certificate(certificate);
  const base64 = raw.toString('base64');

  for (const [what, text] of [
    ['base64 in lines', base64.replace(/.{64}/g, '$&\n')],
    ['base64 in one line', base64],
    ['PEM', certificate],
    ['base64 of a PEM text with words before it', Buffer.from(`Bag Attributes\n${certificate}`).toString('base64')],
  ] as const) {
    it(`knows a certificate that an org returned as ${what}`, () => {
      expect(parseReturned(text)?.fingerprint).to.equal(fingerprint);
    });
  }

  it('knows nothing of other texts', () => {
    expect(parseReturned('server certificate')).to.equal(undefined);
  });
});

describe('readCertificates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-certificates-'));
  after(() => rmSync(folder, { recursive: true }));

  it('reads what can be read, also what is out of date or not valid yet', async () => {
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const past = file('past.crt', selfSigned({ days: -3 }).certificate);
    const future = file('future.crt', selfSigned({ startsIn: 2 }).certificate);
    const other = file('other.crt', 'no certificate');
    const read = await readCertificates([past, future, other, 'none', undefined, join(folder, 'missing')]);
    expect([...read.keys()]).to.deep.equal([past, future]);
    const days = ((read.get(past)?.validity.expires.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(Math.round(days)).to.equal(-3);
  });
});
