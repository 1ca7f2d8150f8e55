import type { Interfaces } from '@oclif/core';
import type { Connection } from '@salesforce/core';

import type { Finding } from '../../../app/checks.ts';
import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import { isLoopback } from '../../../app/host.ts';
import { certificateFileFor } from '../../../app/newCertificate.ts';
import type { TargetOrg } from '../../../app/targetOrg.ts';
import type { Text } from '../../../app/text.ts';
import { readPrivateKey } from '../../../client/jwtBearer.ts';
import {
  type NewPair,
  newPair,
  readPair,
  removeKeyFiles,
  writeCertificateFile,
  writeKeyFiles,
} from '../../../client/keyFiles.ts';
import { fits } from '../../../client/keyFit.ts';
import { patientKeyTrial } from '../../../client/keyTrial.ts';
import { makeCertificate } from '../../../client/newCertificate.ts';
import { readCertificate } from '../../../local/certificate.ts';
import { interruptible } from '../../../local/interruption.ts';
import {
  certificateBefore,
  exchangeCertificate,
  give,
  type NamedCertificate,
  noteRotation,
  readRotationNote,
  replaceCertificate,
} from '../../../org/app/certificateRotation.ts';
import { readFacts } from '../../../org/app/facts.ts';
import { readAppNames, type StoredApp } from '../../../org/app/read.ts';
import { appToChange } from '../../../org/app/toChange.ts';
import { consumerKeyOf } from '../../../org/secrets/credentials.ts';
import { SfCommand, toHelpSection } from '../../../salesforce.ts';
import { inWords, texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp } from '../../../ui/begin.ts';
import { loginOf, shapeOf, shapeProblems } from '../../../ui/certificate.ts';
import { agreeToNewKey, noLogin, ROTATE_FLAGS, type Rotated, tellRotated } from '../../../ui/certificateRotation.ts';
import { exitCodesIn } from '../../../ui/exitCodes.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS } from '../../../ui/flags.ts';
import { orRefuse, refuseProblems } from '../../../ui/problems.ts';
import { showStatus } from '../../../ui/progress.ts';
import { nameOrg } from '../../../ui/targetOrg.ts';

const messages = texts('eca.certificate.rotate');
const verifyMessages = texts('eca.verify');

export type EcaCertificateRotateResult = Rotated & { org: TargetOrg; name: string };

type GivenFlags = Interfaces.InferredFlags<typeof EcaCertificateRotate.flags>;

/** The app whose certificate changes. */
type Subject = {
  connection: Connection;
  stored: StoredApp;
  name: string;
  flags: GivenFlags;
  /** What follows `--name`. */
  app: string;
  /** What the app has now; absent when nobody here has it. */
  old: NamedCertificate | undefined;
  tryLogin: (key: NewPair['key'], waitMs: number, signal: AbortSignal) => Promise<Finding>;
};

/** A deploy takes no longer than this, in minutes. */
const WRITE = { dryRun: false, wait: 10 };

export default class EcaCertificateRotate extends SfCommand<EcaCertificateRotateResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:certificate:renew'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection(
    'ERROR CODES',
    exitCodesIn(messages, 'success', 'failure', 'unfinished'),
  );
  public static override readonly args = NAME_ARGS;
  public static override readonly flags = { ...ORG_FLAGS, name: nameFlag, ...ROTATE_FLAGS, 'no-prompt': noPromptFlag };

  public async run(): Promise<EcaCertificateRotateResult> {
    const begun = await beginWithApp(this, readAppNames, await this.parse(EcaCertificateRotate));
    const { flags, connection, given, sameApp, inSameOrg, targetOrg } = begun;
    refuseProblems(shapeProblems(flags), sameApp(given));
    const inFile = flags['old-certificate-file'];
    const oldGiven = inFile === undefined ? undefined : await readCertificate(inFile);
    const [org, found] = await appToChange(begun, 'certificate rotate', nameOrg(this), { grants: true });
    const name = asSpelled(this, given, found.app.name);
    const app = sameApp(name);
    if (found.certificate.there === 'no') throw messages.createError('error.noCertificate', [name], [app]);
    const stored = { ...found, consumerKey: await consumerKeyOf(connection, found, app) };
    const username = flags['run-as'] ?? stored.app.oauth?.runAs;
    if (username === undefined) throw verifyMessages.createError('error.noJwtUser');
    const old = certificateBefore(stored, inFile, oldGiven);
    const tryLogin = await this.trial(connection, stored, targetOrg, username);
    const subject = { connection, stored, name, flags, app, old, tryLogin };
    const pair = await (flags['same-key'] ? renew(subject) : this.replace(subject, org)).finally(() =>
      this.spinner.stop(),
    );
    const login = loginOf(connection, { consumerKey: stored.consumerKey }, { keyFile: pair.files.key, user: username });
    return { org, name, ...tellRotated(this, { name, ...pair, login, inSameOrg }, flags['same-key']) };
  }

  /** Makes the trial of a key: one login, with so many milliseconds to wait for the new certificate. */
  private async trial(
    connection: Connection,
    stored: StoredApp,
    targetOrg: string | undefined,
    username: string,
  ): Promise<Subject['tryLogin']> {
    const known = await readFacts(connection, stored, targetOrg, isLoopback(connection.instanceUrl));
    const facts = { ...known, consumerKey: stored.consumerKey };
    const activity = messages.getMessage('progress.trying');
    const onWait = (why: Text): void => showStatus(this.spinner, activity, inWords(why));
    return (key, waitMs, signal) => {
      this.spinner.start(activity);
      return patientKeyTrial(facts, { waitMs, signal, newCertificate: true, onWait })({ key, username });
    };
  }

  /** Gives the app a new key. A run that was killed is gone on with. */
  private async replace(subject: Subject, org: TargetOrg): Promise<NewPair> {
    const { connection, stored, name, flags } = subject;
    const note = await readRotationNote(connection, stored);
    if (note) {
      this.logToStderr(messages.getMessage('resuming', [name, note.files.key]));
      const pair = await readPair(note.files);
      if (pair) return exchange(subject, note.old, pair);
      await give(connection, name, note.old, WRITE);
      await noteRotation(connection, stored.id, undefined);
      throw messages.createError('error.earlierPutBack', [name, note.files.key]);
    }
    const { old, app } = subject;
    if (!old) throw messages.createError('error.oldCertificateNeeded', [name], [app]);
    const files = {
      key: flags['key-file'],
      certificate: flags['certificate-file'] ?? certificateFileFor(flags['key-file']),
    };
    const pair = orRefuse(await newPair(files, shapeOf(flags, name)), EXIT_CODE_FOR.wrongFlags, app);
    await agreeToNewKey(this, flags, org, name);
    await noteRotation(connection, stored.id, { files, old });
    const unwritten = await writeKeyFiles(files, pair);
    if (unwritten) await noteRotation(connection, stored.id, undefined);
    refuseProblems(unwritten ? [unwritten] : [], app, EXIT_CODE_FOR.failure);
    return exchange(subject, old, pair);
  }
}

/** Gives the app the certificate of a new key. If no login works, the app has its old certificate again. */
const exchange = ({ connection, stored, app, flags, tryLogin }: Subject, old: NamedCertificate, pair: NewPair) =>
  interruptible(async (signal) => {
    const done = await replaceCertificate(
      connection,
      stored,
      { given: { file: pair.files.certificate, certificate: pair.certificate }, old },
      {
        ...WRITE,
        tryLogin: () => tryLogin(pair.key, flags.wait.milliseconds, signal),
        dropFiles: () => removeKeyFiles(pair.files),
      },
    );
    if (done.trial.status !== 'passed') throw noLogin(stored.app.name, app, done.trial, done.isPutBack);
    return pair;
  });

/** Gives the app a new certificate for the key that its clients have. They need no change. */
const renew = async ({ connection, name, app, flags, old, tryLogin }: Subject): Promise<NewPair> => {
  const path = flags['key-file'];
  const files = { key: path, certificate: flags['certificate-file'] ?? certificateFileFor(path) };
  const { key } = orRefuse(await readPrivateKey(path));
  if (old && !fits(key, old.certificate)) throw messages.createError('error.keyOther', [path, name]);
  return interruptible(async (signal) => {
    const before = old ? undefined : await tryLogin(key, 0, signal);
    if (before && before.status !== 'passed')
      throw messages.createError('error.keyUnproven', [path, name, inWords(before.detail).split('\n')]);
    const made = await makeCertificate(shapeOf(flags, name), key);
    const given = { file: files.certificate, certificate: made.certificate };
    const trial = (): Promise<Finding> => tryLogin(key, flags.wait.milliseconds, signal);
    const done = await exchangeCertificate(connection, name, { given, old }, { ...WRITE, tryLogin: trial });
    if (done.trial.status !== 'passed') throw noLogin(name, app, done.trial, done.isPutBack);
    const unwritten = await writeCertificateFile(files.certificate, made);
    refuseProblems(unwritten ? [unwritten] : [], app, EXIT_CODE_FOR.unfinished);
    return { ...made, files };
  });
};
