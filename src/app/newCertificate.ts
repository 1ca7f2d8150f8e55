import type { CertificateKnowledge } from './certificate.ts';
import { type Problem, type ProblemOf, quotable } from './problem.ts';

/** What a new self-signed certificate is to be like. */
export type CertificateShape = {
  /** Length of the RSA key. */
  bits: number;
  /** Days until the certificate expires. */
  days: number;
  /** Who the certificate is for: its subject and its issuer. */
  commonName: string;
};

/**
 * Salesforce asks for RSA keys of 2048 bits or more (Salesforce Help, "Certificates and Keys"). Longer keys than 4096 bits are
 * slow, and no client needs one.
 */
export const KEY_BITS = ['2048', '3072', '4096'] as const;

export const USUAL_BITS = 2048;

/** As in Salesforce's own recipe for a certificate (Salesforce DX Developer Guide). */
export const USUAL_DAYS = 365;

/** X.509 has room for so many characters in a common name (RFC 5280, ub-common-name). */
const COMMON_NAME_MAX = 64;

/** The common name where nobody gives one: the app's name. */
export const usualCommonName = (app: string): string => app.slice(0, COMMON_NAME_MAX);

/** @returns what is wrong with a common name */
export const checkCommonName = (name: string): Problem | undefined =>
  name.trim() !== '' && Array.from(name).length <= COMMON_NAME_MAX && !/\p{Cc}/u.test(name)
    ? undefined
    : { code: 'error.commonNameInvalid', values: [quotable(name), String(COMMON_NAME_MAX)] };

/** The files of a new key and its certificate, where nobody names them. */
export const usualFiles = (app: string, folder = '.'): { key: string; certificate: string } => {
  const path = folder === '.' ? app : `${folder.replace(/\/$/, '')}/${app}`;
  return { key: `${path}.key`, certificate: `${path}.crt` };
};

/** The file for a certificate beside its key. */
export const certificateFileFor = (keyFile: string): string => `${keyFile.replace(/\.(key|pem)$/, '')}.crt`;

type InTheWay = 'error.certificateInUse' | 'error.certificateUnseen';

/** Why an app gets no first certificate. It has one, or it may have one that the org does not return. */
export const certificateInTheWay = (name: string, known: CertificateKnowledge): ProblemOf<InTheWay> | undefined => {
  if (known.there === 'no') return undefined;
  return known.there === 'yes'
    ? { code: 'error.certificateInUse', values: [name, known.fingerprint ?? '-'] }
    : { code: 'error.certificateUnseen', values: [name] };
};
