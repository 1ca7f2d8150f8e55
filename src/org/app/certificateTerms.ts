import type { Change } from '../../app/app.ts';
import {
  CERTIFICATE_FIELD,
  isCertificateFile,
  judgeValidity,
  NO_CERTIFICATE,
  shownCertificate,
} from '../../app/certificate.ts';
import type { Advice, ProblemOf } from '../../app/problem.ts';
import type { Certificates } from '../../local/certificate.ts';
import { problemError } from '../../texts.ts';
import { type AppChange, partsSent } from './draft.ts';
import type { StoredApp } from './read.ts';

/** How a wish for a certificate, or for none, is meant. */
export type CertificateTerms = {
  /** The certificates of the files that wishes name, as far as they could be read. */
  given: Certificates;
  /** Is the certificate alone a reason to write the settings, where nobody can see which one the app has? */
  alone: boolean;
  /** Does `none` take away a certificate that is known to be there? Else it only says that there is none. */
  removes: boolean;
};

export const NO_TERMS: CertificateTerms = { given: new Map(), alone: false, removes: false };

/** What a plan changes, and how it means a certificate. */
type Told = AppChange & { terms?: CertificateTerms };

/** Does a plan send the global OAuth settings that an app has already? Then the certificate has to go with them, or it is lost. */
export const sendsSettings = (planned: AppChange): boolean =>
  planned.stored?.components.globalOauthSettings !== undefined && partsSent(planned).includes('globalOauthSettings');

/** Does a plan take away a certificate that is known to be there? */
export const removesCertificate = ({ stored, changes }: AppChange): boolean =>
  stored?.certificate.there === 'yes' &&
  changes.some(({ field, after }) => field === CERTIFICATE_FIELD && after === NO_CERTIFICATE);

/**
 * What a plan still has to be told of the certificate, or what it was told wrongly. Else a deploy could lose a certificate,
 * since it takes away what it leaves out. The problem's values are the app's name and, where known, the certificate's
 * fingerprint.
 */
export const certificateProblem = (planned: Told): CertificateProblem | undefined => {
  const { stored, wish, changes, terms = NO_TERMS } = planned;
  const known = stored?.certificate;
  const field = CERTIFICATE_FIELD;
  if (!known) return undefined;
  if (removesCertificate(planned)) {
    return terms.removes
      ? undefined
      : { code: 'error.certificateThere', values: [wish.name, shownCertificate(known) ?? ''], field };
  }
  if (wish.oauth?.certificateFile !== undefined || !sendsSettings({ stored, wish, changes })) return undefined;
  if (known.there === 'unknown') return { code: 'error.certificateNeeded', values: [wish.name], field };
  return known.there === 'yes' && !known.returned
    ? { code: 'error.certificateFileNeeded', values: [wish.name, shownCertificate(known) ?? ''], field }
    : undefined;
};

type CertificateProblem = ProblemOf<
  'error.certificateThere' | 'error.certificateNeeded' | 'error.certificateFileNeeded'
>;

/** @throws what certificateProblem finds */
export const refuseCertificateProblem = (planned: Told): void => {
  const problem = certificateProblem(planned);
  if (problem) throw problemError(problem);
};

/** A certificate that came back and is not the one that was sent, or was to be gone. Where none comes back nothing is proved. */
export const certificateNotKept = ({ changes, wish, terms = NO_TERMS }: Told, { certificate }: StoredApp): Change[] => {
  const change = changes.find(({ field }) => field === CERTIFICATE_FIELD);
  if (!change || certificate.there !== 'yes' || !certificate.returned) return [];
  const said = wish.oauth?.certificateFile;
  const sent = isCertificateFile(said) ? terms.given.get(said)?.fingerprint : undefined;
  if (isCertificateFile(said) && (sent === undefined || sent === certificate.fingerprint)) return [];
  return [{ field: CERTIFICATE_FIELD, before: change.after, after: shownCertificate(certificate) }];
};

/** What is to be said of the dates of a plan's certificate, or of the one in the app. */
export const judgeCertificate = ({ stored, wish, changes, terms = NO_TERMS }: Told): Advice[] => {
  const file = wish.oauth?.certificateFile;
  if (file !== undefined) {
    const given = terms.given.get(file)?.validity;
    return given ? judgeValidity(given, file) : [];
  }
  const known = stored?.certificate;
  return known?.there === 'yes' && known.validity && changes.length > 0 ? judgeValidity(known.validity, wish.name) : [];
};

/** The wish names flows without JWT bearer, and leaves the certificate, which keeps that flow on. */
export const keepsJwtBearer = ({ stored, wish }: Told): boolean => {
  const { certificateFile, flows = [] } = wish.oauth ?? {};
  const isLeft = certificateFile === undefined && stored?.certificate.there === 'yes';
  return isLeft && flows.length > 0 && !flows.includes('jwt-bearer');
};
