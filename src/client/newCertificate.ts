import { createPublicKey, generateKeyPair, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';

import type { CertificateShape } from '../app/newCertificate.ts';
import { type Certificate, described } from '../local/certificate.ts';
import { keepKey } from './jwtBearer.ts';

/** A private key, and the certificate that goes with it. */
export type KeyAndCertificate = { key: KeyObject; certificate: Certificate };

const DAY = 24 * 3_600_000;

/** A clock of another machine may be behind this one by so much, in milliseconds. */
const CLOCKS_DIFFER = 5 * 60_000;

/** Object identifiers: sha256WithRSAEncryption (RFC 4055), and commonName (X.520). */
const [SHA256_WITH_RSA, COMMON_NAME] = ['1.2.840.113549.1.1.11', '2.5.4.3'];

/**
 * Makes an RSA key with a self-signed certificate (RFC 5280, version 3). Node makes the key and the signature. The key is
 * registered as secret.
 *
 * @param key the key to certify; absent: a new one is made
 */
export const makeCertificate = async (
  { bits, days, commonName }: CertificateShape,
  key?: KeyObject,
): Promise<KeyAndCertificate> => {
  const privateKey = key ?? (await promisify(generateKeyPair)('rsa', { modulusLength: bits })).privateKey;
  keepKey(privateKey);
  return { key: privateKey, certificate: described(await selfSigned(privateKey, days, commonName)) };
};

const selfSigned = async (key: KeyObject, days: number, commonName: string): Promise<X509Certificate> => {
  // Loaded only here: no other command needs these libraries.
  const [{ AsnConvert }, x509] = await Promise.all([import('@peculiar/asn1-schema'), import('@peculiar/asn1-x509')]);
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const algorithm = new x509.AlgorithmIdentifier({ algorithm: SHA256_WITH_RSA, parameters: null });
  const value = new x509.AttributeValue({ utf8String: commonName });
  const attribute = new x509.AttributeTypeAndValue({ type: COMMON_NAME, value });
  const name = new x509.Name([new x509.RelativeDistinguishedName([attribute])]);
  const now = Date.now();
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: new Uint8Array(serialNumber()).buffer,
    signature: algorithm,
    issuer: name,
    subject: name,
    validity: new x509.Validity({ notBefore: new Date(now - CLOCKS_DIFFER), notAfter: new Date(now + days * DAY) }),
    subjectPublicKeyInfo: AsnConvert.parse(spki, x509.SubjectPublicKeyInfo),
  });
  const signatureValue = new Uint8Array(sign('sha256', new Uint8Array(AsnConvert.serialize(tbsCertificate)), key))
    .buffer;
  const certificate = new x509.Certificate({ tbsCertificate, signatureAlgorithm: algorithm, signatureValue });
  return new X509Certificate(new Uint8Array(AsnConvert.serialize(certificate)));
};

/** A positive number of 16 bytes that nobody can guess (RFC 5280, section 4.1.2.2). */
const serialNumber = (): Buffer => {
  const number = randomBytes(16);
  number.writeUInt8((number.readUInt8(0) & 0x3f) | 0x40, 0);
  return number;
};
