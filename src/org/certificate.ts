import { X509Certificate } from 'node:crypto';
import { keyBytesMax, readSmallFile, TooLargeError } from '../disk/smallFile.ts';
import { NotRegularError } from '../disk/wholeFile.ts';
import { Messages } from '../salesforce.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'org');

/** A certificate as an app keeps it, and until when it is good. */
export type Certificate = { pem: string; expires: Date };

/** Salesforce asks for RSA keys of 2048 bits or more (Salesforce Help, "Certificates and Keys"). */
const leastBits = 2048;

/**
 * Reads the X.509 certificate of a PEM or DER file, and looks whether the JWT bearer flow can work with it. The certificate
 * alone is taken: a file may hold the private key as well, which is nobody else's business. Of several it is the first.
 *
 * @throws error.certificateUnreadable, error.certificateNotRegular, error.certificateTooLarge, error.certificateInvalid, error.certificateNotRsa, error.certificateKeyShort,
 *   error.certificateExpired, error.certificateNotYetValid
 */
export const readCertificate = async (file: string, now = new Date()): Promise<Certificate> => {
  const content = await readSmallFile(file, keyBytesMax).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof NotRegularError) throw messages.createError('error.certificateNotRegular', [file]);
    if (error instanceof TooLargeError)
      throw messages.createError('error.certificateTooLarge', [file, String(error.bytesMax / 1000)]);
    throw messages.createError('error.certificateUnreadable', [file, error.code ?? error.name]);
  });
  const certificate = parse(content);
  if (!certificate) throw messages.createError('error.certificateInvalid', [file]);
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
  const content = await readSmallFile(file, keyBytesMax).catch(() => undefined);
  return content && parse(content)?.validToDate;
};

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

const day = (date: Date): string => date.toISOString().slice(0, 10);
