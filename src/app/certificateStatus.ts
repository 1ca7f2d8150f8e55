import type { CertificateKnowledge, Validity } from './certificate.ts';

/** What is known of an app's certificate, and how long it is valid. */
export type CertificateStatus = {
  app: string;
  /** `unknown`: the org does not return whether there is one, and this machine gave it none. */
  certificate: 'yes' | 'no' | 'unknown';
  /** Who says so: the org, this machine's note of its own last write, or the file that the user named. */
  source?: 'org' | 'note' | 'file';
  /** SHA-256, pairs of hexadecimal digits with colons between. */
  fingerprint?: string;
  /** ISO 8601; absent where nobody tells. */
  validFrom?: string;
  expires?: string;
  /** Whole days; below 0 after the end. */
  daysLeft?: number;
};

/** A certificate in a file that the user named. */
type Given = { fingerprint: string; validity: Validity };

const DAY = 24 * 3_600_000;

/**
 * The state of an app's certificate.
 *
 * @param given of a file, which is taken for the app's where nobody else tells, or where it is the same
 */
export const certificateStatus = (
  app: string,
  known: CertificateKnowledge,
  given: Given | undefined,
  now = Date.now(),
): CertificateStatus => {
  if (known.there === 'no') return { app, certificate: 'no' };
  if (known.there === 'unknown') {
    return given
      ? { app, certificate: 'unknown', source: 'file', ...told(given, now) }
      : { app, certificate: 'unknown' };
  }
  const source = known.returned ? 'org' : 'note';
  const isSame = given !== undefined && given.fingerprint === known.fingerprint;
  return { app, certificate: 'yes', source, ...told(isSame ? given : known, now) };
};

const told = ({ fingerprint, validity }: Partial<Given>, now: number) => ({
  ...(fingerprint !== undefined && { fingerprint }),
  ...(validity && {
    validFrom: validity.from.toISOString(),
    expires: validity.expires.toISOString(),
    daysLeft: Math.floor((validity.expires.getTime() - now) / DAY),
  }),
});

/** Has the certificate of a file another fingerprint than the app's? Undefined where the app's is not known. */
export const isOther = (known: CertificateKnowledge, given: Given): boolean | undefined =>
  known.there === 'yes' && known.fingerprint !== undefined ? known.fingerprint !== given.fingerprint : undefined;

/** Does a certificate end within so many days, or has it ended? */
export const endsWithin = ({ daysLeft }: CertificateStatus, days: number): boolean =>
  daysLeft !== undefined && daysLeft < days;

/** Nobody tells when the app's certificate ends. */
export const isUnseen = ({ certificate, expires }: CertificateStatus): boolean =>
  certificate !== 'no' && expires === undefined;
