import { type ConnectedApp, textsAt } from '../../app/connected/connectedApp.ts';
import type { CertificateInApp } from '../../app/connected/context.ts';
import { certificateInMetadata } from '../../local/certificate.ts';
import { SfError } from '../../salesforce.ts';
import { texts } from '../../texts.ts';

const messages = texts('org');

/** A certificate to write: the name of its file, and the PEM text. */
export type CertificateFile = { file: string; pem: string };

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
    const { pem, validity } = certificateInMetadata(text, messages.getMessage('connectedApp.certificate', [app.name]));
    return { inApp: { file, expires: validity.expires }, toWrite: { file, pem } };
  } catch (error) {
    if (error instanceof SfError) return { inApp: { refused: error.message } };
    throw error;
  }
};
