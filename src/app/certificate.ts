import type { App, Change, Flow, Oauth } from './app.ts';
import type { FieldPath } from './fields.ts';
import { FLOW_NAMES } from './flows.ts';
import type { Advice } from './problem.ts';

/** The field by which a wish names a certificate file, or `none`. */
export const CERTIFICATE_FIELD = 'oauth.certificateFile' satisfies FieldPath;

/** The value with which a wish says that the app has no certificate. */
export const NO_CERTIFICATE = 'none';

/** The first and the last moment at which a certificate is valid. */
export type Validity = { from: Date; expires: Date };

/**
 * The knowledge about an app's certificate. An org that returns no certificate proves nothing: some orgs do not return
 * an existing certificate. So `yes` and `no` have two sources. One is the certificate that was read with the app, the
 * other is this machine's note of its last write.
 */
export type CertificateKnowledge =
  | {
      there: 'yes';
      /** SHA-256, pairs of hexadecimal digits with colons between; absent for a certificate that could not be parsed. */
      fingerprint?: string;
      /**
       * Did the org return the certificate? If so, a write that is merged into the org's answer keeps the certificate.
       */
      returned: boolean;
      /** Of a certificate that the org returned, or that this machine noted. */
      validity?: Validity;
    }
  | { there: 'no' }
  | { there: 'unknown' };

/** An app as an org has it, with the knowledge about its certificate. */
export type SeenApp = Omit<App, 'oauth'> & {
  oauth?: Oauth & {
    /**
     * The certificate of the JWT bearer flow: its SHA-256 fingerprint. It is `unknown` when the org does not return the
     * certificate and this machine did not write one. Absent for an app without a certificate.
     */
    certificate?: string;
  };
};

/** The flows of an app for people to read: `jwt-bearer?` when nobody can see whether the app has a certificate. */
export const flowsToShow = ({ oauth }: SeenApp): string[] | undefined =>
  oauth?.flows && oauth.flows.length > 0 && oauth.certificate === UNKNOWN
    ? [...oauth.flows, 'jwt-bearer?']
    : oauth?.flows;

const UNKNOWN = 'unknown';

/**
 * The certificate as results show it in `oauth.certificate`: its fingerprint, or `unknown`. Undefined for an app that
 * is known to have no certificate.
 */
export const shownCertificate = (known: CertificateKnowledge): string | undefined => {
  if (known.there === 'no') return undefined;
  return known.there === 'yes' ? (known.fingerprint ?? 'not readable') : UNKNOWN;
};

/**
 * The app with the JWT bearer flow when a certificate exists, and without this flow when none exists. If the
 * certificate is unknown, the flows stay as they are. An app with OAuth off has no flow at all.
 */
export const withJwtBearer = (app: App, there: CertificateKnowledge['there']): App => {
  const { oauth } = app;
  if (!oauth?.flows?.length || there === 'unknown') return app;
  const flows = new Set<Flow>(oauth.flows);
  if (there === 'yes') flows.add('jwt-bearer');
  else flows.delete('jwt-bearer');
  const others = oauth.flows.filter((flow) => !FLOW_NAMES.includes(flow));
  return { ...app, oauth: { ...oauth, flows: [...FLOW_NAMES.filter((flow) => flows.has(flow)), ...others] } };
};

/** Is the wish's value for the certificate the path of a file? */
export const isCertificateFile = (said: string | undefined): said is string =>
  said !== undefined && said !== NO_CERTIFICATE;

/**
 * The change of an app's certificate that a wish makes.
 *
 * @param said the certificate file that the wish names, or `none`
 * @param given the fingerprint of the certificate in that file; undefined when the file could not be read
 * @param isSent does this run write the settings with the certificate, for this change or for another one? Only then
 *   does a value that cannot be compared count as a change
 * @returns undefined without a change, or when the change is unknown and nothing is sent
 */
export const certificateChange = (
  known: CertificateKnowledge,
  said: string | undefined,
  given: string | undefined,
  isSent: boolean,
): Change | undefined => {
  if (said === undefined) return undefined;
  const change = { field: CERTIFICATE_FIELD, after: said };
  if (known.there === 'unknown') return isSent ? change : undefined;
  if (known.there === 'no') return isCertificateFile(said) ? change : undefined;
  if (isCertificateFile(said) && given !== undefined && given === known.fingerprint) return undefined;
  return { ...change, before: shownCertificate(known) };
};

/** Does the app have a certificate after the wish? */
export const certificateAfter = (
  known: CertificateKnowledge,
  said: string | undefined,
): CertificateKnowledge['there'] => {
  if (said === undefined) return known.there;
  if (isCertificateFile(said)) return 'yes';
  // The value "none" proves nothing when no settings were sent.
  return known.there === 'unknown' ? 'unknown' : 'no';
};

/** Enough time to renew a certificate, and to update every client. */
const THIRTY_DAYS = 30 * 24 * 3_600_000;

/** Has a certificate ended, or does it end soon enough for a warning? */
export const endsSoon = (expires: Date, now = Date.now()): boolean => expires.getTime() - now < THIRTY_DAYS;

/**
 * The warning about a certificate that is not valid now, or not for long. No document says how Salesforce treats a
 * login with an expired certificate. Salesforce's product management was quoted in 2020 for Connected Apps: an expired
 * certificate continues to work, by design. So this is a warning and never a refusal.
 *
 * @param named the name for the certificate: the file, or the app with the certificate
 */
export const judgeValidity = ({ from, expires }: Validity, named: string, now = Date.now()): Advice[] => {
  const day = (date: Date): string => date.toISOString().slice(0, 10);
  if (expires.getTime() <= now) return [{ code: 'warning.certificateExpired', values: [named, day(expires)] }];
  if (from.getTime() > now) return [{ code: 'warning.certificateNotYetValid', values: [named, from.toISOString()] }];
  return endsSoon(expires, now) ? [{ code: 'warning.certificateExpiresSoon', values: [named, day(expires)] }] : [];
};
