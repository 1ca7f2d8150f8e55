import { type CertificateStatus, endsWithin, isUnseen } from '../app/certificateStatus.ts';
import type { Finding } from '../app/checks.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import { plainText } from '../app/plainText.ts';
import { inWords, texts } from '../texts.ts';
import type { Screen } from './screen.ts';
import { showTable } from './tables.ts';

const messages = texts('eca.certificate.status');

/** The columns of the table, in their order. */
const COLUMNS = ['app', 'certificate', 'expires', 'daysLeft', 'source', 'fingerprint'] as const;

/** Shows certificates as a table, and warns of those whose end nobody tells. */
export const showCertificates = (
  screen: Pick<Screen, 'log' | 'table' | 'warn'>,
  certificates: CertificateStatus[],
): void => {
  if (certificates.length === 0) return screen.log(messages.getMessage('none'));
  showTable(screen, {
    data: certificates.map(({ app, certificate, expires, daysLeft, source, fingerprint }) => ({
      app: plainText(app),
      certificate: messages.getMessage(`certificate.${certificate}`),
      expires: expires?.slice(0, 10) ?? '-',
      daysLeft: daysLeft === undefined ? '-' : String(daysLeft),
      source: source ? messages.getMessage(`source.${source}`) : '-',
      fingerprint: fingerprint ?? '-',
    })),
    columns: COLUMNS.map((key) => ({ key, name: messages.getMessage(`column.${key}`) })),
  });
  const unseen = certificates.filter(isUnseen).map(({ app }) => app);
  if (unseen.length > 0) screen.warn(messages.createWarning('warning.unseen', [unseen.join(', ')]));
};

/** What was found out about a private key. */
export type KeyFindings = {
  /** Does it belong to the certificate? Absent where no certificate is known here. */
  keyFits?: boolean;
  /** Did a login with it work? */
  loginWorks?: boolean;
};

const fitOf = (fits: boolean | undefined): 'unseen' | 'fits' | 'other' => {
  if (fits === undefined) return 'unseen';
  return fits ? 'fits' : 'other';
};

/** Says whether a private key belongs to the certificate, and whether a login with it worked. */
export const tellKey = (
  screen: Pick<Screen, 'log'>,
  { keyFits, username, login }: { keyFits: boolean | undefined; username: string; login: Finding },
): KeyFindings => {
  const loginWorks = login.status === 'passed';
  screen.log(messages.getMessage(`key.${fitOf(keyFits)}`));
  screen.log(
    loginWorks
      ? messages.getMessage('login.worked', [username])
      : messages.getMessage('login.failed', [username, inWords(login.detail)]),
  );
  return { ...(keyFits !== undefined && { keyFits }), loginWorks };
};

/** Sets the exit code for what was found. @returns the certificates that end too soon */
export const judgeCertificates = (
  certificates: CertificateStatus[],
  { keyFits, loginWorks }: KeyFindings,
  warnDays: number | undefined,
): CertificateStatus[] => {
  const ending = certificates.filter((one) => endsWithin(one, warnDays ?? 0));
  if (warnDays !== undefined && ending.length > 0) process.exitCode = EXIT_CODE_FOR.changesFound;
  if (keyFits === false || loginWorks === false) process.exitCode = EXIT_CODE_FOR.failure;
  return ending;
};
