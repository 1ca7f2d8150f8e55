import { X509Certificate } from 'node:crypto';
import { isCertificateFile, type Validity } from '../app/certificate.ts';
import { keyBytesMax, readSmallFile, TooLargeError } from '../disk/smallFile.ts';
import { NotRegularError } from '../disk/wholeFile.ts';
import { Messages } from '../salesforce.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'org');

/** A certificate as an app keeps it. */
export type Certificate = {
  pem: string;
  /** SHA-256, pairs of hexadecimal digits with colons between. */
  fingerprint: string;
  validity: Validity;
};

/** Salesforce asks for RSA keys of 2048 bits or more (Salesforce Help, "Certificates and Keys"). */
const leastBits = 2048;

/**
 * Reads the X.509 certificate of a PEM or DER file, and looks whether the JWT bearer flow can work with it. The certificate
 * alone is taken: a file may hold the private key as well, which is nobody else's business. Of several it is the first. When
 * it is valid is not judged here: no document says that Salesforce refuses a certificate for its dates.
 *
 * @throws error.certificateUnreadable, error.certificateNotRegular, error.certificateTooLarge, error.certificateInvalid,
 *   error.certificateNotRsa, error.certificateKeyShort
 */
export const readCertificate = async (file: string): Promise<Certificate> => {
  const content = await readSmallFile(file, keyBytesMax).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof NotRegularError) throw messages.createError('error.certificateNotRegular', [file]);
    if (error instanceof TooLargeError)
      throw messages.createError('error.certificateTooLarge', [file, String(error.bytesMax / 1000)]);
    throw messages.createError('error.certificateUnreadable', [file, error.code ?? error.name]);
  });
  const certificate = parse(content);
  if (!certificate) throw messages.createError('error.certificateInvalid', [file]);
  const { publicKey } = certificate;
  const kind = publicKey.asymmetricKeyType ?? '';
  if (kind !== 'rsa') throw messages.createError('error.certificateNotRsa', [file, kind.toUpperCase()]);
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < leastBits) throw messages.createError('error.certificateKeyShort', [file, bits, leastBits]);
  return described(certificate);
};

/** The certificates of files, by path. */
export type Certificates = ReadonlyMap<string, Certificate>;

/**
 * Reads the certificates that wishes name, so that they can be compared with those that apps have. A file without a usable
 * certificate is left out: a write that needs the file reads it again, and says what is wrong.
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
 * A certificate as an org returned it in metadata: base64 of DER, base64 of a PEM text, or PEM (files of real orgs have each).
 *
 * @returns undefined for a text that holds no certificate
 */
export const parseReturned = (text: string): Certificate | undefined => {
  const content = text.includes('-----BEGIN') ? Buffer.from(text) : Buffer.from(text, 'base64');
  const certificate = parse(content);
  return certificate && described(certificate);
};

const described = (certificate: X509Certificate): Certificate => ({
  pem: certificate.toString(),
  fingerprint: certificate.fingerprint256,
  validity: { from: certificate.validFromDate, expires: certificate.validToDate },
});

/** Undefined for what is no certificate. */
const parse = (content: Buffer): X509Certificate | undefined => {
  const text = content.toString('latin1');
  const [block] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text) ?? [];
  if (block === undefined && text.includes('-----BEGIN')) return undefined;
  try {
    return new X509Certificate(block ?? content);
  } catch {
    return undefined;
  }
};
