import { type ConnectedApp, textsAt } from '../../app/connected/connectedApp.ts';
import type { CertificateInApp } from '../../app/connected/context.ts';
import { type Certificate, certificateInMetadata } from '../../local/certificate.ts';
import { SfError } from '../../salesforce.ts';
import { texts } from '../../texts.ts';

const messages = texts('org');

/** A certificate, and the name of the file for it. */
export type CertificateFile = { file: string; certificate: Certificate };

/**
 * The certificate of a Connected App, which an org returns. Undefined for a Connected App without one.
 *
 * @param file the name of the file for it
 */
export const certificateOf = (
  app: ConnectedApp,
  file: string,
): { inApp: CertificateInApp; toWrite?: CertificateFile } | undefined => {
  const [text] = textsAt(app, 'oauthConfig.certificate');
  if (text === undefined) return undefined;
  try {
    const origin = messages.getMessage('connectedApp.certificate', [app.name]);
    const certificate = certificateInMetadata(text, origin);
    return { inApp: { file, expires: certificate.validity.expires }, toWrite: { file, certificate } };
  } catch (error) {
    if (error instanceof SfError) return { inApp: { refused: error.message } };
    throw error;
  }
};
