import type { Interfaces } from '@oclif/core';
import type { Connection } from '@salesforce/core';

import { type CertificateStatus, certificateStatus, isOther } from '../../../app/certificateStatus.ts';
import type { Finding } from '../../../app/checks.ts';
import { isLoopback } from '../../../app/host.ts';
import { readPrivateKey } from '../../../client/jwtBearer.ts';
import { fits } from '../../../client/keyFit.ts';
import { patientKeyTrial } from '../../../client/keyTrial.ts';
import { readCertificate } from '../../../local/certificate.ts';
import { interruptible } from '../../../local/interruption.ts';
import { readFacts } from '../../../org/app/facts.ts';
import { readAppNames, readApps, requireApp, returnedCertificate, type StoredApp } from '../../../org/app/read.ts';
import { consumerKeyOf } from '../../../org/secrets/credentials.ts';
import { Flags, SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginInOrg, beginWithApp } from '../../../ui/begin.ts';
import { judgeCertificates, type KeyFindings, showCertificates, tellKey } from '../../../ui/certificateStatus.ts';
import type { Token } from '../../../ui/commandLine.ts';
import { exitCodesIn } from '../../../ui/exitCodes.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS, refuseTwoInputs } from '../../../ui/flags.ts';
import { orRefuse } from '../../../ui/problems.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.certificate.status');
const verifyMessages = texts('eca.verify');

/** With --key-file, it also says what was found out about the key. */
export type EcaCertificateStatusResult = { certificates: CertificateStatus[] } & KeyFindings;

type Parsed = {
  flags: Interfaces.InferredFlags<typeof EcaCertificateStatus.flags>;
  args: { name?: string };
  raw: Token[];
};

export default class EcaCertificateStatus extends SfCommand<EcaCertificateStatusResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection(
    'ERROR CODES',
    exitCodesIn(messages, 'success', 'failure', 'changesFound'),
  );
  public static override readonly args = NAME_ARGS;
  public static override readonly flags = {
    ...ORG_FLAGS,
    name: nameFlag,
    all: Flags.boolean({
      exclusive: ['name', 'certificate-file', 'key-file'],
      summary: messages.getMessage('flags.all.summary'),
    }),
    'certificate-file': Flags.file({ summary: messages.getMessage('flags.certificate-file.summary') }),
    'key-file': Flags.file({ summary: messages.getMessage('flags.key-file.summary') }),
    'run-as': Flags.string({ dependsOn: ['key-file'], summary: messages.getMessage('flags.run-as.summary') }),
    'warn-days': Flags.integer({ summary: messages.getMessage('flags.warn-days.summary') }),
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaCertificateStatusResult> {
    const parsed = await this.parse(EcaCertificateStatus);
    const { all, 'warn-days': warnDays } = parsed.flags;
    const { connection, inSameOrg } = beginInOrg(this, parsed);
    const result = all ? { certificates: await readAll(connection) } : await this.ofOne(parsed);
    showCertificates(this, result.certificates);
    const [ending] = judgeCertificates(result.certificates, result, warnDays);
    if (ending) {
      const words = ['certificate', 'rotate', '--name', ending.app, '--same-key', '--key-file', `${ending.app}.key`];
      showNext(this, { text: messages.getMessage('next'), commandLine: inSameOrg(...words) });
    }
    return result;
  }

  private async ofOne(parsed: Parsed): Promise<EcaCertificateStatusResult> {
    const { flags, connection, given, targetOrg } = await beginWithApp(this, readAppNames, parsed);
    const { 'certificate-file': file, 'key-file': keyFile } = flags;
    refuseTwoInputs(file, keyFile);
    const inFile = file === undefined ? undefined : await readCertificate(file);
    const signing = keyFile === undefined ? undefined : orRefuse(await readPrivateKey(keyFile));
    const stored = await requireApp(connection, given, { onlyReads: true });
    const name = asSpelled(this, given, stored.app.name);
    const known = stored.certificate;
    const isOfApp = inFile && !isOther(known, inFile);
    if (file !== undefined && !isOfApp && known.there === 'yes')
      this.warn(messages.createWarning('warning.otherCertificate', [file, name, known.fingerprint ?? '-']));
    const certificates = [certificateStatus(name, known, inFile)];
    if (!signing) return { certificates };
    const { key } = signing;
    const certificate = returnedCertificate(stored) ?? (isOfApp ? inFile : undefined);
    const keyFits = certificate && fits(key, certificate);
    const username = flags['run-as'] ?? stored.app.oauth?.runAs;
    if (username === undefined) throw verifyMessages.createError('error.noJwtUser');
    const login = await tryLogin(connection, stored, targetOrg, { key, username });
    return { certificates, ...tellKey(this, { keyFits, username, login }) };
  }
}

const readAll = async (connection: Connection): Promise<CertificateStatus[]> => {
  const stored = [...(await readApps(connection, undefined, undefined, { onlyReads: true })).values()];
  return stored
    .map(({ app: { name }, certificate }) => certificateStatus(name, certificate, undefined))
    .sort((a, b) => (a.app < b.app ? -1 : 1));
};

/** One login without waiting: the question is whether it works now. */
const tryLogin = async (
  connection: Connection,
  stored: StoredApp,
  targetOrg: string | undefined,
  jwt: Parameters<ReturnType<typeof patientKeyTrial>>[0],
): Promise<Finding> => {
  const known = await readFacts(connection, stored, targetOrg, isLoopback(connection.instanceUrl));
  const facts = { ...known, consumerKey: await consumerKeyOf(connection, stored) };
  return interruptible((signal) => patientKeyTrial(facts, { waitMs: 0, signal, onWait: () => undefined })(jwt));
};
