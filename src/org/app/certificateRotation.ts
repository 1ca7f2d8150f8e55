import { resolve } from 'node:path';

import type { Connection } from '@salesforce/core';

import { isOther } from '../../app/certificateStatus.ts';
import type { Finding } from '../../app/checks.ts';
import { isInterruption, isRefusal } from '../../app/errorNature.ts';
import { type Certificate, parseReturned } from '../../local/certificate.ts';
import { orgIdOf } from '../../local/stateFiles.ts';
import { SfError } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { type EntryKind, peekAt, withJournalOf } from '../secrets/switchJournal.ts';
import { wishFor } from './certificateWish.ts';
import { planWish } from './plan.ts';
import { requireApp, returnedCertificate, type StoredApp } from './read.ts';
import type { WriteOptions } from './send.ts';
import { writeApps } from './write.ts';
import type { WriteResult } from './writeResult.ts';

const messages = texts('org');

/** The certificate before a rotation in the list of changes, where it came from no file. */
const OLD_CERTIFICATE = 'the old certificate';

/** A certificate, and the name of its file in the list of changes. */
export type NamedCertificate = { file: string; certificate: Certificate };

/** What became of a rotation: the app has the new certificate, or the old one again. */
export type Exchanged = { trial: Finding; result: WriteResult; isPutBack: boolean };

/**
 * Gives an app another certificate, and tries a login. If the login fails, or a signal ends the trial, the app gets its old
 * certificate back.
 *
 * @param app its name
 * @param old absent when nobody has the old certificate; then nothing is put back
 * @param tryLogin tries a login with the new key, and waits until the org knows the certificate
 * @throws what writeApps throws, and the signal's reason
 */
export const exchangeCertificate = async (
  connection: Connection,
  app: string,
  { given, old }: { given: NamedCertificate; old: NamedCertificate | undefined },
  { tryLogin, ...options }: WriteOptions & { tryLogin: () => Promise<Finding> },
): Promise<Exchanged> => {
  const result = await give(connection, app, given, options);
  const trial = await tryLogin().catch(async (error: unknown) => {
    if (old) await give(connection, app, old, options);
    throw error;
  });
  if (trial.status === 'passed' || !old) return { trial, result, isPutBack: false };
  return { trial, result: await give(connection, app, old, options), isPutBack: true };
};

/**
 * Gives an app the certificate of a new key, as exchangeCertificate does, and keeps the note until it is finished. If the app
 * has its old certificate at the end, the files of the new key are dropped.
 *
 * @throws what exchangeCertificate throws. Where the rotation is not finished, the error says how to go on
 */
export const replaceCertificate = async (
  connection: Connection,
  { id, app: { name } }: StoredApp,
  certificates: { given: NamedCertificate; old: NamedCertificate },
  { tryLogin, dropFiles, ...options }: Parameters<typeof exchangeCertificate>[3] & { dropFiles: () => Promise<void> },
): Promise<Exchanged> => {
  let isGiven = false;
  const undo = async (): Promise<void> => {
    await dropFiles();
    await noteRotation(connection, id, undefined);
  };
  const trial = (): Promise<Finding> => {
    isGiven = true;
    return tryLogin();
  };
  try {
    const done = await exchangeCertificate(connection, name, certificates, { ...options, tryLogin: trial });
    if (done.isPutBack) await undo();
    else await noteRotation(connection, id, undefined);
    return done;
  } catch (error) {
    // After a signal the old certificate is back: a failure to give it back would be another error.
    if (isGiven ? isInterruption(error) : isRefusal(error)) await undo();
    else if (error instanceof SfError)
      error.actions = [...(error.actions ?? []), messages.getMessage('rotation.goOn', [name])];
    throw error;
  }
};

/**
 * The certificate that an app has now: the one that the org returned, or the one in a file. Undefined where there is neither.
 *
 * @throws error.oldCertificateOther when the file has another one
 */
export const certificateBefore = (
  stored: StoredApp,
  file: string | undefined,
  inFile: Certificate | undefined,
): NamedCertificate | undefined => {
  const { certificate: known, app } = stored;
  if (file !== undefined && inFile && known.there === 'yes' && isOther(known, inFile))
    throw messages.createError('error.oldCertificateOther', [file, app.name, known.fingerprint ?? '-']);
  const certificate = returnedCertificate(stored) ?? inFile;
  return certificate && { file: file ?? OLD_CERTIFICATE, certificate };
};

/** Gives an app a certificate, whichever certificate it has. */
export const give = async (
  connection: Connection,
  app: string,
  { file, certificate }: NamedCertificate,
  options: WriteOptions,
): Promise<WriteResult> => {
  const stored = await requireApp(connection, app, { grants: true });
  const [{ result }] = await writeApps(
    connection,
    [planWish(stored, ...wishFor({ name: stored.app.name }, file, certificate))],
    options,
  );
  return result;
};

/*
 * This machine's note about rotations to a new key that are not finished. After a kill, the next run goes on from it, or puts
 * the old certificate back. It holds paths and the old certificate, and no key.
 */

/** A rotation that is not finished: the files of the new key, and the certificate before it. */
export type RotationNote = {
  files: { key: string; certificate: string };
  old: NamedCertificate;
  /** SHA-256 of the new certificate, whose file may be lost. */
  fingerprint: string;
};

/** Paths are absolute: the next run may be in another folder. */
type Written = { key: string; certificate: string; old: string; fingerprint: string };

type Entry = { orgId: string; apps: Record<string, Written> };

const OF_ROTATIONS: EntryKind<Entry> = {
  prefix: 'certificate-rotation',
  toEntry: (orgId, kept) => ({
    orgId,
    apps: Object.fromEntries(Object.entries(kept?.apps ?? {}).filter(([, note]) => isWhole(note))),
  }),
};

const isWhole = (note: unknown): note is Written => {
  const { key, certificate, old, fingerprint } = (note ?? {}) as Partial<Written>;
  return [key, certificate, old, fingerprint].every((value) => typeof value === 'string');
};

/**
 * The rotation of an app that an earlier run of this machine did not finish. A note says nothing when somebody gave the app a
 * third certificate meanwhile.
 */
export const readRotationNote = async (
  connection: Connection,
  { id, certificate: known }: StoredApp,
): Promise<RotationNote | undefined> => {
  const note = (await peekAt(OF_ROTATIONS, orgIdOf(connection)))?.apps[id];
  const old = note && parseReturned(note.old);
  if (!old) return undefined;
  const { key, certificate, fingerprint } = note;
  const now = known.there === 'yes' ? known.fingerprint : undefined;
  if (now !== undefined && now !== old.fingerprint && now !== fingerprint) return undefined;
  return { files: { key, certificate }, old: { file: OLD_CERTIFICATE, certificate: old }, fingerprint };
};

/**
 * Writes down what a rotation needs to go on.
 *
 * @param note undefined when the rotation is finished
 * @throws error.journalUnwritable, error.stateNotOwn
 */
export const noteRotation = async (
  connection: Connection,
  appId: string,
  note: RotationNote | undefined,
): Promise<void> => {
  const orgId = orgIdOf(connection);
  await withJournalOf(OF_ROTATIONS, orgId, async ({ entry, write }) => {
    const { [appId]: _finished, ...others } = entry?.apps ?? {};
    const apps = note ? { ...others, [appId]: toWrite(note) } : others;
    await write(Object.keys(apps).length > 0 ? { orgId, apps } : undefined);
  });
};

const toWrite = ({ files, old, fingerprint }: RotationNote): Written => ({
  key: resolve(files.key),
  certificate: resolve(files.certificate),
  old: old.certificate.pem,
  fingerprint,
});
