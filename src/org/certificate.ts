import { X509Certificate } from 'node:crypto';
import { fromBase64, readPem, type PemContent, type PemKind } from '../app/pem.ts';
import { inputName, readInput } from '../disk/input.ts';
import { Messages } from '../salesforce.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'org');

/** A certificate as an app keeps it, and until when it is good. */
export type Certificate = { pem: string; expires: Date };

/** Salesforce asks for RSA keys of 2048 bits or more (Salesforce Help, "Certificates and Keys"). */
const leastBits = 2048;

/**
 * Reads the X.509 certificate of a PEM or DER file, and looks whether the JWT bearer flow can work with it. The certificate
 * alone is taken: a file may hold the private key as well, which is nobody else's business. Of several (a chain begins with the
 * certificate itself) it is the first. Bare Base64, as metadata has it, is taken as well.
 *
 * @param path `-` for standard input
 *
 * @throws error.certificateUnreadable, error.certificateInvalid or another one that names the file's kind, error.certificateNotRsa, error.certificateKeyShort,
 *   error.certificateExpired, error.certificateNotYetValid
 */
export const readCertificate = async (path: string, now = new Date()): Promise<Certificate> => {
  const file = inputName(path);
  const content = await readInput(path).catch((error: NodeJS.ErrnoException) => {
    throw messages.createError('error.certificateUnreadable', [file, error.code ?? error.name]);
  });
  const pem = readPem(content.toString('latin1'));
  const certificate = parse(content, pem);
  if (!certificate) throw messages.createError((pem.kind && problems[pem.kind]) ?? 'error.certificateInvalid', [file]);
  const { publicKey, validFromDate, validToDate } = certificate;
  const kind = publicKey.asymmetricKeyType ?? '';
  if (kind !== 'rsa') throw messages.createError('error.certificateNotRsa', [file, kind.toUpperCase()]);
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < leastBits) throw messages.createError('error.certificateKeyShort', [file, bits, leastBits]);
  if (validToDate <= now) throw messages.createError('error.certificateExpired', [file, day(validToDate)]);
  if (validFromDate > now)
    throw messages.createError('error.certificateNotYetValid', [file, validFromDate.toISOString()]);
  return { pem: certificate.toString(), expires: validToDate };
};

/**
 * Until when the certificate in a file is good, or was.
 *
 * @returns undefined for a file that can't be read or has none: whoever needs the certificate itself says so
 */
export const readExpiry = async (file: string): Promise<Date | undefined> => {
  const content = await readInput(file).catch(() => undefined);
  return content && parse(content, readPem(content.toString('latin1')))?.validToDate;
};

/** Why a file is of no use as a certificate: what it holds instead. */
const problems: Partial<Record<PemKind, string>> = {
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
};

/** Undefined for what is no certificate. */
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

const day = (date: Date): string => date.toISOString().slice(0, 10);
