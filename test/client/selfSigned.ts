import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/*
 * A self-signed X.509 certificate (RFC 5280), made by hand: Node reads certificates and makes none, and no test should need
 * another program.
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
/** commonName */
const named = (name: string): Buffer =>
  sequence(der(0x31, sequence(Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from(name)))));

export type SelfSigned = { key: KeyObject; certificate: string };

/** An RSA key and the certificate that goes with it, in PEM format. */
export const selfSigned = ({ days = 30 } = {}): SelfSigned => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const now = Date.now();
  const from = new Date(Math.min(now, now + days * 86_400_000) - 86_400_000);
  const until = new Date(now + days * 86_400_000);
  const name = named('sf-plugin-eca test');
  const toSign = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    rsaSha256,
    name,
    sequence(utcTime(from), utcTime(until)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', toSign, privateKey));
  const lines = sequence(toSign, rsaSha256, signature)
    .toString('base64')
    .replaceAll(/(.{64})/g, '$1\n');
  return {
    key: privateKey,
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.trimEnd()}\n-----END CERTIFICATE-----\n`,
  };
};
