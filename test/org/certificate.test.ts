import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readCertificate, readExpiry } from '../../src/org/certificate.ts';
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
      const { pem, expires } = await readCertificate(fileWith(content));
      expect(same(pem)).to.equal(true);
      expect(Math.round((expires.getTime() - Date.now()) / 86_400_000)).to.equal(365);
    });
  }

  it('leaves a private key in the same file where it is', async () => {
    const { pem } = await readCertificate(fileWith(privateKey + certificate));
    expect(same(pem)).to.equal(true);
    expect(pem).not.to.include('PRIVATE KEY');
  });

  const broken: [string, string | Uint8Array, string, RegExp][] = [
    ['a private key alone', privateKey, 'CertificateIsKeyError', /holds a private key/],
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
    ['a certificate without its end', certificate.slice(0, 300), 'CertificateTruncatedError', /cut off/],
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
    ['one that expired', selfSigned({ days: -1 }).certificate, 'CertificateExpiredError', /expired on \d{4}-\d\d-\d\d/],
    ['one to come', selfSigned({ startsIn: 2 }).certificate, 'CertificateNotYetValidError', /valid only from \d{4}-/],
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
    expect([error.name, error.message.includes('ENOENT')]).to.deep.equal(['CertificateUnreadableError', true]);
  });
});

describe('readExpiry', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-expiry-'));
  after(() => rmSync(folder, { recursive: true }));

  it('tells until when a certificate is or was good, and nothing of other files', async () => {
    const file = join(folder, 'app.crt');
    writeFileSync(file, selfSigned({ days: -3 }).certificate);
    expect(Math.round(((await readExpiry(file))?.getTime() ?? 0) / 86_400_000 - Date.now() / 86_400_000)).to.equal(-3);
    writeFileSync(file, 'no certificate');
    expect(await readExpiry(file)).to.equal(undefined);
    expect(await readExpiry(join(folder, 'none'))).to.equal(undefined);
  });
});
