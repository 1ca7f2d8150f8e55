import type { Finding } from '../app/checks.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import { KEY_BITS } from '../app/newCertificate.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import { Flags, type SfError } from '../salesforce.ts';
import { inWords, texts } from '../texts.ts';
import { type NewCertificateResult, SHAPE_FLAGS } from './certificate.ts';
import { confirmIfAsked } from './confirmation.ts';
import { inMinutes } from './flags.ts';
import { mayAsk } from './prompts.ts';
import type { Screen } from './screen.ts';
import { askedOf } from './targetOrg.ts';
import { jwtLoginLine } from './verification.ts';
import { showNext } from './writeResult.ts';

const messages = texts('eca.certificate.rotate');

/** What a rotation changes, and for how long it tries a login. */
export const ROTATE_FLAGS = {
  'same-key': Flags.boolean({
    exactlyOne: ['same-key', 'new-key'],
    summary: messages.getMessage('flags.same-key.summary'),
  }),
  'new-key': Flags.boolean({ summary: messages.getMessage('flags.new-key.summary') }),
  'key-file': Flags.file({
    required: true,
    summary: messages.getMessage('flags.key-file.summary'),
    description: messages.getMessage('flags.key-file.description'),
  }),
  'certificate-file': Flags.file({
    summary: messages.getMessage('flags.certificate-file.summary'),
    description: messages.getMessage('flags.certificate-file.description'),
  }),
  'old-certificate-file': Flags.file({ summary: messages.getMessage('flags.old-certificate-file.summary') }),
  bits: Flags.option({ options: KEY_BITS, exclusive: ['same-key'], summary: SHAPE_FLAGS.bits.summary })(),
  days: SHAPE_FLAGS.days,
  'common-name': SHAPE_FLAGS['common-name'],
  'run-as': Flags.string({ summary: messages.getMessage('flags.run-as.summary') }),
  wait: inMinutes(
    Flags.duration({
      unit: 'minutes',
      char: 'w',
      defaultValue: 15,
      min: 0,
      max: 60,
      summary: messages.getMessage('flags.wait.summary'),
    }),
  ),
};

/** Asks before clients with the old key are shut out, or warns of it. */
export const agreeToNewKey = async (
  screen: Pick<Screen, 'confirm' | 'jsonEnabled' | 'warn'>,
  flags: { 'no-prompt': boolean },
  org: TargetOrg,
  app: string,
): Promise<void> => {
  if (!mayAsk(screen, flags)) screen.warn(messages.createWarning('warning.newKey', [app]));
  else await confirmIfAsked(screen, flags, askedOf(org, messages.getMessage('confirmNewKey', [app])));
};

/**
 * Why a rotation failed: no login worked.
 *
 * @param app the app in its org, as `sameApp` gives it
 */
export const noLogin = (name: string, app: string, { detail, fix }: Finding, isPutBack: boolean): SfError => {
  const values = [name, inWords(detail).split('\n')] as const;
  const error = isPutBack
    ? messages.createError('error.putBack', [...values], [app], EXIT_CODE_FOR.failure)
    : messages.createError('error.notVerified', [...values], [app, app], EXIT_CODE_FOR.unfinished);
  error.actions = [...(fix ? [inWords(fix)] : []), ...(error.actions ?? [])];
  return error;
};

/** A finished rotation. A login with the key worked. */
export type Rotated = Required<Pick<NewCertificateResult, 'keyFile' | 'certificateFile' | 'fingerprint' | 'expires'>> &
  Pick<NewCertificateResult, 'loginCommand'>;

type Done = {
  name: string;
  files: { key: string; certificate: string };
  certificate: { fingerprint: string; validity: { expires: Date } };
  login: Parameters<typeof jwtLoginLine>[0] | undefined;
  /** Makes a line that runs another command of this plugin in the same org. */
  inSameOrg: (...words: string[]) => string;
};

/** Tells that the app has the new certificate, and what the clients need. */
export const tellRotated = (
  screen: Pick<Screen, 'logSuccess' | 'logToStderr'>,
  { name, files, certificate, login, inSameOrg }: Done,
  isSameKey: boolean,
): Rotated => {
  const { fingerprint, validity } = certificate;
  const expires = validity.expires.toISOString();
  screen.logSuccess(messages.getMessage('rotated', [name, files.certificate, expires.slice(0, 10)]));
  const loginCommand = login && jwtLoginLine(login);
  const status = inSameOrg('certificate', 'status', '--name', name);
  if (isSameKey) showNext(screen, { text: messages.getMessage('next.sameKey'), commandLine: status });
  else if (loginCommand !== undefined)
    showNext(screen, { text: messages.getMessage('next.newKey'), commandLine: loginCommand });
  return {
    ...{ keyFile: files.key, certificateFile: files.certificate, fingerprint, expires },
    ...(loginCommand !== undefined && { loginCommand }),
  };
};
