import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/*
 * A self-signed X.509 certificate (RFC 5280), made by hand. Node reads certificates and makes none, and no test should
 * need another program.
 */

const der = (tag: number, ...content: Uint8Array[]): Buffer => {
  const body = Buffer.concat(content);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};

const sequence = (...content: Uint8Array[]): Buffer => der(0x30, ...content);
const utcTime = (date: Date): Buffer =>
  der(0x17, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`));

/** sha256WithRSAEncryption, with its NULL parameter. */
const rsaSha256 = sequence(Buffer.from('06092a864886f70d01010b0500', 'hex'));
/** ecdsa-with-SHA256 */
const ecdsaSha256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));
/** commonName */
const named = (name: string): Buffer =>
  sequence(der(0x31, sequence(Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from(name)))));

export type SelfSigned = { key: KeyObject; certificate: string };

export type SelfSignedOptions = {
  /** Days from now until it expires; below 0 it has. */
  days?: number;
  /** Days from now until it begins to be valid; below 0 it has. */
  startsIn?: number;
  /** Of the RSA key. */
  bits?: number;
  /** With an EC key instead. */
  elliptic?: boolean;
};

/** A key and the certificate that goes with it, in PEM format. */
export const selfSigned = ({ days = 365, startsIn, bits = 2048, elliptic }: SelfSignedOptions = {}): SelfSigned => {
  const { privateKey, publicKey } = elliptic
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: bits });
  const algorithm = elliptic ? ecdsaSha256 : rsaSha256;
  const inDays = (count: number): Date => new Date(Date.now() + count * 86_400_000);
  const name = named('sf-plugin-eca test');
  const toSign = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name,
    sequence(utcTime(inDays(startsIn ?? Math.min(0, days) - 1)), utcTime(inDays(days))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', toSign, privateKey));
  const lines = sequence(toSign, algorithm, signature)
    .toString('base64')
    .replaceAll(/(.{64})/g, '$1\n');
  return {
    key: privateKey,
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.trimEnd()}\n-----END CERTIFICATE-----\n`,
  };
};
