import type { Connection } from '@salesforce/core';

import { isRefusal } from '../app/errorNature.ts';
import {
  type CertificateShape,
  checkCommonName,
  KEY_BITS,
  USUAL_BITS,
  USUAL_DAYS,
  usualCommonName,
} from '../app/newCertificate.ts';
import { Flags, SfError } from '../salesforce.ts';
import { texts } from '../texts.ts';
import type { Screen } from './screen.ts';
import { jwtLoginLine } from './verification.ts';
import { showNext } from './writeResult.ts';

const messages = texts('eca.certificate.create');

/** Longer certificates than ten years are none that anybody renews. */
const DAYS_MAX = 3650;

/** What a new certificate is to be like. */
export const SHAPE_FLAGS = {
  bits: Flags.option({ options: KEY_BITS, summary: messages.getMessage('flags.bits.summary'), default: '2048' })(),
  days: Flags.integer({
    min: 1,
    max: DAYS_MAX,
    default: USUAL_DAYS,
    summary: messages.getMessage('flags.days.summary'),
  }),
  'common-name': Flags.string({ summary: messages.getMessage('flags.common-name.summary') }),
};

type ShapeFlags = { bits?: string; days?: number; 'common-name'?: string };

/** The shape of a new certificate, as the flags give it. */
export const shapeOf = (flags: ShapeFlags, app: string): CertificateShape => ({
  bits: Number(flags.bits ?? USUAL_BITS),
  days: flags.days ?? USUAL_DAYS,
  commonName: flags['common-name'] ?? usualCommonName(app),
});

/** What is wrong with the flags for a new certificate. */
export const shapeProblems = (flags: ShapeFlags) => {
  const name = flags['common-name'];
  const problem = name === undefined ? undefined : checkCommonName(name);
  return problem ? [problem] : [];
};

/** A new certificate as results show it. The private key is never in a result. */
export type NewCertificateResult = {
  /** The files as they were given. With --dry-run they are not written. */
  keyFile: string;
  certificateFile: string;
  /** SHA-256, pairs of hexadecimal digits with colons between. Absent with --dry-run. */
  fingerprint?: string;
  /** ISO 8601; absent with --dry-run. */
  expires?: string;
  /** Logs in with the new key. Absent with --dry-run, and for an app whose consumer key the org does not return. */
  loginCommand?: string;
};

type Files = { key: string; certificate: string };
type Certificate = { fingerprint: string; validity: { expires: Date } };
type Login = Parameters<typeof jwtLoginLine>[0] & { isDevHub: boolean };

/**
 * What a login with a new key needs. Without another user, it is the app's run-as user, or whoever is logged in here.
 *
 * @returns undefined when the org does not return the app's consumer key
 */
export const loginOf = (
  connection: Pick<Connection, 'instanceUrl' | 'getUsername' | 'getAuthInfoFields'>,
  { consumerKey, oauth }: { consumerKey?: string; oauth?: { runAs?: string } },
  { keyFile, user }: { keyFile: string; user: string | undefined },
): Login | undefined => {
  const username = user ?? oauth?.runAs ?? connection.getUsername() ?? '';
  const isDevHub = connection.getAuthInfoFields().isDevHub === true;
  return consumerKey === undefined
    ? undefined
    : { consumerKey, keyFile, username, instanceUrl: connection.instanceUrl, isDevHub };
};

/** Says where a new key and its certificate are, or would be. Then it shows the command that logs in with the key. */
export const tellNewCertificate = (
  screen: Pick<Screen, 'logToStderr'>,
  { files, certificate, login }: { files: Files; certificate: Certificate; login: Login | undefined },
  dryRun: boolean,
): NewCertificateResult => {
  const where = { keyFile: files.key, certificateFile: files.certificate };
  if (dryRun) {
    screen.logToStderr(messages.getMessage('files.wouldWrite', [files.key, files.certificate]));
    return where;
  }
  const { fingerprint } = certificate;
  const expires = certificate.validity.expires.toISOString();
  const ends = expires.slice(0, 10);
  screen.logToStderr(messages.getMessage('files.written', [files.key, files.certificate, ends, fingerprint]));
  const loginCommand = login && jwtLoginLine(login);
  if (loginCommand !== undefined)
    showNext(screen, { text: messages.getMessage('next.login'), commandLine: loginCommand });
  if (login?.isDevHub) screen.logToStderr(`\n${messages.getMessage('devHub')}`);
  return { ...where, fingerprint, expires, ...(loginCommand !== undefined && { loginCommand }) };
};

/** After such an error the org may have the certificate: the error says what to do with the files. */
export const namingFiles =
  ({ key, certificate }: Files, app: string) =>
  (error: unknown): never => {
    if (!isRefusal(error) && error instanceof SfError)
      error.actions = [
        ...(error.actions ?? []),
        messages.getMessage('filesStay', [key, certificate, app, certificate]),
      ];
    throw error;
  };
