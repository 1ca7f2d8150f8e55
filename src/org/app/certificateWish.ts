import type { Wish } from '../../app/app.ts';
import { isCertificateFile } from '../../app/certificate.ts';
import { merge } from '../../app/changes.ts';
import { type Certificate, readCertificate, readCertificates } from '../../local/certificate.ts';
import { certificateProblem, type CertificateTerms } from './certificateTerms.ts';
import { planWish } from './plan.ts';
import type { StoredApp } from './read.ts';

/** A wish, and how it means a certificate. */
type WithTerms = [wish: Wish, terms: CertificateTerms];

/** The wish with a certificate from memory. The file need not be there yet. */
export const wishFor = (said: Wish, file: string, certificate: Certificate): WithTerms => [
  merge(said, { name: said.name, oauth: { certificateFile: file } }),
  { given: new Map([[file, certificate]]), alone: true, removes: false },
];

/**
 * The wish with its certificate, and the terms for the certificate. The user is asked only if the settings cannot be
 * written without the answer. Then the org did not return the certificate, and this machine has no note of it.
 *
 * @param ask asks for the file, or for `none`; false when nobody may be asked
 * @throws what readCertificate throws
 */
export const withCertificate = async (
  said: Wish,
  stored: StoredApp,
  removes: boolean,
  ask: ((problem: NonNullable<ReturnType<typeof certificateProblem>>) => Promise<string>) | false,
): Promise<WithTerms> => {
  const missing = ask && said.oauth?.certificateFile === undefined && certificateProblem(planWish(stored, said));
  const asked = missing ? await ask(missing) : undefined;
  const wish = asked === undefined ? said : merge(said, { name: said.name, oauth: { certificateFile: asked } });
  const file = wish.oauth?.certificateFile;
  // A file that is not usable is refused, also if nothing else changes.
  if (isCertificateFile(file)) await readCertificate(file);
  return [wish, { given: await readCertificates([file]), alone: isCertificateFile(file) || removes, removes }];
};
