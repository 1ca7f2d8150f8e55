import { constants } from 'node:fs';
import { access, lstat, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { isRefusal } from '../app/errorNature.ts';
import type { CertificateShape } from '../app/newCertificate.ts';
import { isProblem, type Problem } from '../app/problem.ts';
import { readCertificates } from '../local/certificate.ts';
import { gitWouldCommit } from '../local/git.ts';
import { interruptible } from '../local/interruption.ts';
import { realFile } from '../local/owner.ts';
import { isMissing } from '../local/smallFile.ts';
import { writeWhole } from '../local/wholeFile.ts';
import { unwritable } from './handoverFile.ts';
import { readPrivateKey } from './jwtBearer.ts';
import { fits } from './keyFit.ts';
import { type KeyAndCertificate, makeCertificate } from './newCertificate.ts';

/** Where a new key and its certificate go, as the user gave it. */
export type KeyFiles = { key: string; certificate: string };

/** A new key and its certificate, with the files that they go into. */
export type NewPair = KeyAndCertificate & { files: KeyFiles };

/** A new key and its certificate, in memory; or why their files cannot be written. */
export const newPair = async (files: KeyFiles, shape: CertificateShape): Promise<NewPair | Problem> =>
  (await checkKeyFiles(files)) ?? { ...(await makeCertificate(shape)), files };

/** Reads a key and its certificate again. Undefined when one of them cannot be used, or they do not belong together. */
export const readPair = async (files: KeyFiles): Promise<NewPair | undefined> => {
  const read = await readPrivateKey(files.key);
  const certificate = (await readCertificates([files.certificate])).get(files.certificate);
  return isProblem(read) || !certificate || !fits(read.key, certificate)
    ? undefined
    : { key: read.key, certificate, files };
};

/**
 * Looks whether a new key and its certificate can be written, before there is a key. Nothing is at either path yet: a private
 * key that somebody uses must not be lost. Git does not commit the key. No other user has a hand in the key's folder.
 *
 * @returns what stands against it
 */
const checkKeyFiles = async (files: KeyFiles): Promise<Problem | undefined> =>
  files.key === files.certificate
    ? { code: 'error.keyFileTwice', values: [files.key] }
    : ((await checkNewFile(files.key, true)) ?? (await checkNewFile(files.certificate, false)));

const checkNewFile = async (path: string, secret: boolean): Promise<Problem | undefined> => {
  try {
    const file = await realFile(path, { secret });
    if (await isThere(file)) return { code: 'error.keyFileThere', values: [path] };
    await access(dirname(file), constants.W_OK);
    return secret && (await gitWouldCommit(file)) ? { code: 'error.keyFileTracked', values: [path] } : undefined;
  } catch (error) {
    return unwritable(path, error);
  }
};

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (isMissing(error.code)) return false;
      throw error;
    },
  );

/**
 * Writes a new key and its certificate: both, or neither. Only its owner can read the key, from the first byte on.
 *
 * @returns what went wrong; then neither file is there
 * @throws the reason of a signal; then neither file is there
 */
export const writeKeyFiles = (files: KeyFiles, made: KeyAndCertificate): Promise<Problem | undefined> =>
  interruptible(async (signal) => {
    const problem = (await writeKey(files.key, made)) ?? (await writeCertificateFile(files.certificate, made));
    if (isProblem(problem) || signal.aborted) await removeKeyFiles(files);
    signal.throwIfAborted();
    return problem;
  });

const writeKey = async (path: string, { key }: KeyAndCertificate): Promise<Problem | undefined> => {
  try {
    await writeWhole(path, String(key.export({ type: 'pkcs8', format: 'pem' })), { secret: true });
    return undefined;
  } catch (error) {
    return unwritable(path, error);
  }
};

/** Writes a certificate, whole or not at all. @returns what went wrong; then the file is as it was */
export const writeCertificateFile = async (
  path: string,
  { certificate }: Pick<KeyAndCertificate, 'certificate'>,
): Promise<Problem | undefined> => {
  try {
    await writeWhole(path, certificate.pem, { secret: false });
    return undefined;
  } catch (error) {
    return unwritable(path, error);
  }
};

/** Takes a new key and its certificate away: no app has the certificate. */
export const removeKeyFiles = async ({ key, certificate }: KeyFiles): Promise<void> => {
  for (const path of [key, certificate]) await rm(path, { force: true });
};

/**
 * Writes a new key and its certificate, and then gives the certificate to an app. If the org refuses the certificate, the
 * files are of no use, and are removed. After any other error the org may have the certificate, so the files stay.
 *
 * @returns why the files could not be written; then nothing was given
 * @throws what `give` throws
 */
export const withNewFiles = async <T>(pair: NewPair, give: () => Promise<T>): Promise<T | Problem> => {
  const { files } = pair;
  const problem = await writeKeyFiles(files, pair);
  if (problem) return problem;
  try {
    return await give();
  } catch (error) {
    if (isRefusal(error)) await removeKeyFiles(files);
    throw error;
  }
};
