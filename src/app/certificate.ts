import type { App, Change, Flow, Oauth } from './app.ts';
import type { FieldPath } from './fields.ts';
import { FLOW_NAMES } from './flows.ts';
import type { Advice } from './problem.ts';

/** The field by which a wish names a certificate file, or `none`. */
export const CERTIFICATE_FIELD = 'oauth.certificateFile' satisfies FieldPath;

/** What a wish says where the app is to have no certificate. */
export const NO_CERTIFICATE = 'none';

/** From when to when a certificate is good. */
export type Validity = { from: Date; expires: Date };

/**
 * What is known of an app's certificate. An org that returns none proves nothing: some orgs do not return a certificate that is
 * there. So `yes` and `no` come from the certificate that was read with the app, or from this machine's note of its own last
 * write.
 */
export type CertificateKnowledge =
  | {
      there: 'yes';
      /** SHA-256, pairs of hexadecimal digits with colons between; absent for a certificate that could not be parsed. */
      fingerprint?: string;
      /** Did the org return it? Then a write that is merged into what the org returned keeps it. */
      returned: boolean;
      /** Only of a certificate that the org returned. */
      validity?: Validity;
    }
  | { there: 'no' }
  | { there: 'unknown' };

/** An app as an org has it, with what is known of its certificate. */
export type SeenApp = Omit<App, 'oauth'> & {
  oauth?: Oauth & {
    /**
     * The certificate of the JWT bearer flow: its SHA-256 fingerprint, or `unknown` where the org does not return it and this
     * machine did not write it. Absent for an app that has none.
     */
    certificate?: string;
  };
};

/** The flows of an app for people to read: `jwt-bearer?` where nobody can see whether the certificate is there. */
export const flowsToShow = ({ oauth }: SeenApp): string[] | undefined =>
  oauth?.flows && oauth.flows.length > 0 && oauth.certificate === UNKNOWN
    ? [...oauth.flows, 'jwt-bearer?']
    : oauth?.flows;

const UNKNOWN = 'unknown';

/**
 * The certificate as results show it, in `oauth.certificate`: its fingerprint, or `unknown`; undefined for an app that is known
 * to have none.
 */
export const shownCertificate = (known: CertificateKnowledge): string | undefined => {
  if (known.there === 'no') return undefined;
  return known.there === 'yes' ? (known.fingerprint ?? 'not readable') : UNKNOWN;
};

/**
 * The app with the JWT bearer flow among its flows where a certificate is there, and without the flow where none is. Unknown
 * leaves the flows as they are. An app whose OAuth is off has no flow at all.
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

/** Is this what a wish says about a certificate the path of a file? */
export const isCertificateFile = (said: string | undefined): said is string =>
  said !== undefined && said !== NO_CERTIFICATE;

/**
 * What a wish changes about an app's certificate.
 *
 * @param said the certificate file that the wish names, or `none`
 * @param given the fingerprint of the certificate in that file; undefined where the file could not be read
 * @param isSent are the settings written that keep the certificate, for this change or for another one? What nobody can
 *   compare counts as a change only then
 * @returns undefined where nothing changes, or nobody can tell and nothing is sent
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

/** Is there a certificate once a wish is carried out? */
export const certificateAfter = (
  known: CertificateKnowledge,
  said: string | undefined,
): CertificateKnowledge['there'] => {
  if (said === undefined) return known.there;
  if (isCertificateFile(said)) return 'yes';
  // The word "none" alone is no proof where nothing was sent.
  return known.there === 'unknown' ? 'unknown' : 'no';
};

/** Time enough to have a certificate renewed, and every client with it. */
const thirtyDays = 30 * 24 * 3_600_000;

/** Does a certificate end soon enough to be worth a warning, or has it ended? */
export const endsSoon = (expires: Date, now = Date.now()): boolean => expires.getTime() - now < thirtyDays;

/**
 * What to say of a certificate that is not valid now, or not for long. No document says what Salesforce does with a login for a
 * certificate that is out of date. Its product management was quoted in 2020 for Connected Apps: such a certificate goes on
 * working, by design. So this is advice and never a refusal.
 *
 * @param named how the certificate is named: the file, or the app that has it
 */
export const judgeValidity = ({ from, expires }: Validity, named: string, now = Date.now()): Advice[] => {
  const day = (date: Date): string => date.toISOString().slice(0, 10);
  if (expires.getTime() <= now) return [{ code: 'warning.certificateExpired', values: [named, day(expires)] }];
  if (from.getTime() > now) return [{ code: 'warning.certificateNotYetValid', values: [named, from.toISOString()] }];
  return endsSoon(expires, now) ? [{ code: 'warning.certificateExpiresSoon', values: [named, day(expires)] }] : [];
};
