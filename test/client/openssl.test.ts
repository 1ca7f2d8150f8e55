import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { isProblem } from '../../src/app/problem.ts';
import { readPrivateKey } from '../../src/client/jwtBearer.ts';
import { newPair, readPair, writeKeyFiles } from '../../src/client/keyFiles.ts';
import { fits } from '../../src/client/keyFit.ts';
import { readCertificate } from '../../src/local/certificate.ts';
import { failure } from '../commands/practice.ts';

/** What openssl itself writes: test/client/jwtBearer.test.ts and test/local/certificate.test.ts write the same forms by Node. */
describe('openssl', function () {
  this.timeout(60_000);
  let folder: string;
  const passphrase = randomBytes(9).toString('hex');
  const at = (name: string): string => join(folder, name);
  const openssl = (...words: string[]): string =>
    execFileSync('openssl', words, {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, PASSPHRASE: passphrase },
    });

  before(function () {
    if (spawnSync('openssl', ['version']).status !== 0) this.skip();
    folder = mkdtempSync(join(tmpdir(), 'eca-openssl-'));
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=Orders', ...pairOf('app'));
  });

  after(() => folder && rmSync(folder, { recursive: true }));

  const pairOf = (name: string): string[] => ['-keyout', at(`${name}.key`), '-out', at(`${name}.crt`)];
  const key = async (name: string) => {
    const read = await readPrivateKey(at(name));
    return isProblem(read) ? read.code : read;
  };

  it('makes keys that are read: PKCS#8 and PKCS#1, PEM and DER', async () => {
    openssl('rsa', '-in', at('app.key'), '-traditional', '-out', at('pkcs1.key'));
    openssl('rsa', '-in', at('app.key'), '-traditional', '-outform', 'DER', '-out', at('pkcs1.der'));
    openssl('pkcs8', '-topk8', '-nocrypt', '-in', at('app.key'), '-outform', 'DER', '-out', at('pkcs8.der'));
    expect(readFileSync(at('pkcs1.key'), 'utf8')).to.include('BEGIN RSA PRIVATE KEY');
    const certificate = await readCertificate(at('app.crt'));
    for (const name of ['app.key', 'pkcs1.key', 'pkcs1.der', 'pkcs8.der']) {
      const read = await key(name);
      expect(typeof read === 'object' && fits(read.key, certificate), name).to.equal(true);
    }
  });

  it('makes certificates that are read: PEM, DER, and with bag attributes beside the key', async () => {
    openssl('x509', '-in', at('app.crt'), '-outform', 'DER', '-out', at('app.der'));
    const store = ['-inkey', at('app.key'), '-in', at('app.crt'), '-name', 'Orders', '-passout', 'env:PASSPHRASE'];
    openssl('pkcs12', '-export', ...store, '-out', at('app.p12'));
    openssl('pkcs12', '-in', at('app.p12'), '-passin', 'env:PASSPHRASE', '-nodes', '-out', at('bag.pem'));
    expect(readFileSync(at('bag.pem'), 'utf8')).to.include('Bag Attributes');
    const { fingerprint } = await readCertificate(at('app.crt'));
    expect(openssl('x509', '-in', at('app.crt'), '-noout', '-fingerprint', '-sha256')).to.include(fingerprint);
    for (const name of ['app.der', 'bag.pem'])
      expect((await readCertificate(at(name))).fingerprint, name).to.equal(fingerprint);
    expect(await key('bag.pem')).to.have.nested.property('certificate.fits', true);
    expect(await key('app.p12')).to.equal('error.keyFilePkcs12');
    expect((await failure(readCertificate(at('app.p12')))).name).to.equal('CertificatePkcs12Error');
  });

  it('makes keys with a passphrase, which are refused, and copies of them without one', async () => {
    const locked = ['-aes256', '-passout', 'env:PASSPHRASE'];
    openssl('pkey', '-in', at('app.key'), ...locked, '-out', at('locked8.key'));
    openssl('rsa', '-in', at('app.key'), ...locked, '-traditional', '-out', at('locked1.key'));
    for (const name of ['locked8.key', 'locked1.key']) {
      expect(await key(name), name).to.equal('error.keyFileEncrypted');
      // The way out that the error names.
      openssl('pkey', '-in', at(name), '-passin', 'env:PASSPHRASE', '-out', at('plain.key'));
      expect(await key('plain.key'), name).to.have.property('key');
      expect(statSync(at('plain.key')).mode & 0o077).to.equal(0);
    }
  });

  it('makes EC keys and their certificates, which are refused', async () => {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    openssl('req', '-x509', ...curve, '-nodes', '-days', '30', '-subj', '/CN=Orders', ...pairOf('ec'));
    expect(await key('ec.key')).to.equal('error.keyFileNotRsa');
    expect((await failure(readCertificate(at('ec.crt')))).name).to.equal('CertificateNotRsaError');
  });

  it('makes a pair that is no pair with a certificate of another key', async () => {
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=Other', ...pairOf('other'));
    expect(await readPair({ key: at('app.key'), certificate: at('app.crt') })).to.have.property('key');
    expect(await readPair({ key: at('app.key'), certificate: at('other.crt') })).to.equal(undefined);
  });

  it('takes our keys: it signs with one, and checks the signature with our certificate', async () => {
    const files = { key: at('ours.key'), certificate: at('ours.crt') };
    const pair = await newPair(files, { bits: 2048, days: 30, commonName: 'Orders' });
    if (isProblem(pair)) throw new Error(pair.code);
    expect(await writeKeyFiles(files, pair)).to.equal(undefined);
    openssl('dgst', '-sha256', '-sign', files.key, '-out', at('signature'), at('app.crt'));
    openssl('x509', '-in', files.certificate, '-noout', '-pubkey', '-out', at('ours.pub'));
    const verify = ['-verify', at('ours.pub'), '-signature', at('signature')];
    expect(openssl('dgst', '-sha256', ...verify, at('app.crt'))).to.include('Verified OK');
    openssl('rsa', '-in', files.key, '-traditional', '-out', at('ours1.key'));
    expect(await key('ours1.key')).to.have.property('key');
  });
});
