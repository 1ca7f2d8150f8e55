import { X509Certificate } from 'node:crypto';

import { isCertificateFile, type Validity } from '../app/certificate.ts';
import { fromBase64, type PemContent, type PemKind, readPem } from '../app/pem.ts';
import { type TextKey, texts } from '../texts.ts';
import { inputName, readInput } from './input.ts';
import { isMissing, KEY_BYTES_MAX, TooLargeError } from './smallFile.ts';
import { NotRegularError } from './wholeFile.ts';

const messages = texts('local');

/** A certificate as an app keeps it. */
export type Certificate = {
  pem: string;
  /** SHA-256, pairs of hexadecimal digits with colons between. */
  fingerprint: string;
  validity: Validity;
};

/** Salesforce asks for RSA keys of 2048 bits or more (Salesforce Help, "Certificates and Keys"). */
const LEAST_BITS = 2048;

/**
 * Reads the X.509 certificate of a PEM or DER file, and checks that the JWT bearer flow can use it. Only the
 * certificate is read: the file may also hold the private key, which must stay private. If the file holds several
 * certificates, the first is read (a chain begins with the certificate itself). Bare Base64, as metadata has it, is
 * accepted as well. The dates of validity are not checked: no document says that Salesforce refuses a certificate for
 * its dates.
 *
 * @param path `-` for standard input
 * @throws error.certificateNotFound, error.certificateUnreadable, error.certificateNotRegular,
 *   error.certificateTooLarge, error.certificateInvalid or another one that names the file's kind, error.certificateNotRsa, error.certificateKeyShort
 */
export const readCertificate = async (path: string): Promise<Certificate> => {
  const file = inputName(path);
  const content = await readInput(path, KEY_BYTES_MAX).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof NotRegularError) throw messages.createError('error.certificateNotRegular', [file]);
    if (error instanceof TooLargeError)
      throw messages.createError('error.certificateTooLarge', [file, String(error.bytesMax / 1000)]);
    if (isMissing(error.code)) throw messages.createError('error.certificateNotFound', [file]);
    throw messages.createError('error.certificateUnreadable', [file, error.code ?? error.name]);
  });
  return requireUsable(content, file);
};

/**
 * Reads a certificate as metadata has it: base64 of DER, base64 of a PEM text, or PEM. The JWT bearer flow must be able
 * to use it.
 *
 * @param origin the name of its place, for errors
 * @throws what readCertificate throws about the content of a file
 */
export const certificateInMetadata = (text: string, origin: string): Certificate =>
  requireUsable(Buffer.from(text), origin);

const requireUsable = (content: Buffer, origin: string): Certificate => {
  const pem = readPem(content.toString('latin1'));
  const certificate = parse(content, pem);
  if (!certificate) throw messages.createError(problemOf(pem), [origin]);
  const { publicKey } = certificate;
  const kind = publicKey.asymmetricKeyType ?? '';
  if (kind !== 'rsa') throw messages.createError('error.certificateNotRsa', [origin, kind.toUpperCase()]);
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < LEAST_BITS)
    throw messages.createError('error.certificateKeyShort', [origin, String(bits), String(LEAST_BITS)]);
  return described(certificate);
};

/** The certificates of files, by path. */
export type Certificates = ReadonlyMap<string, Certificate>;

/**
 * Reads the certificates that wishes name, so that callers can compare them with the certificates of the apps. A file
 * without a usable certificate is left out. A write that needs the file reads the file again and reports the error.
 */
export const readCertificates = async (files: Array<string | undefined>): Promise<Certificates> => {
  const read = new Map<string, Certificate>();
  for (const file of new Set(files.filter(isCertificateFile))) {
    const certificate = await readCertificate(file).catch(() => undefined);
    if (certificate) read.set(file, certificate);
  }
  return read;
};

/**
 * A certificate as an org returned it in metadata. Files of real orgs have base64 of DER, base64 of a PEM text, or PEM.
 *
 * @returns undefined for a text that holds no certificate
 */
export const parseReturned = (text: string): Certificate | undefined => {
  const content = text.includes('-----BEGIN') ? Buffer.from(text) : Buffer.from(text, 'base64');
  const certificate = parse(content, readPem(content.toString('latin1')));
  return certificate && described(certificate);
};

/** Why a file is of no use as a certificate: what it holds instead. */
const PROBLEMS = {
  certificate: 'error.certificateDamaged',
  certificateRequest: 'error.certificateRequest',
  encryptedKey: 'error.certificateIsKey',
  openSshKey: 'error.certificateIsKey',
  pkcs12: 'error.certificatePkcs12',
  pkcs7: 'error.certificatePkcs7',
  privateKey: 'error.certificateIsKey',
  publicKey: 'error.certificateIsPublicKey',
  truncated: 'error.certificateTruncated',
  utf16: 'error.certificateUtf16',
} as const satisfies Partial<Record<PemKind, TextKey<'local'>>>;

const problemOf = ({ kind }: PemContent) => (kind && kind in PROBLEMS ? PROBLEMS[kind] : 'error.certificateInvalid');

/** What this plugin knows of a certificate. */
export const described = (certificate: X509Certificate): Certificate => ({
  pem: certificate.toString(),
  fingerprint: certificate.fingerprint256,
  validity: { from: certificate.validFromDate, expires: certificate.validToDate },
});

/** Undefined for a text that is no certificate. */
const parse = (content: Buffer, { blocks }: PemContent): X509Certificate | undefined => {
  const block = blocks.find(({ label }) => label.endsWith('CERTIFICATE'));
  if (block === undefined && blocks.length > 0) return undefined;
  const bare = fromBase64(content.toString('latin1'));
  try {
    return new X509Certificate(block?.pem ?? (bare === undefined ? content : Buffer.from(bare, 'latin1')));
  } catch {
    return undefined;
  }
};
