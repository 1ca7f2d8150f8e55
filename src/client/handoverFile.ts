import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseEnv } from 'node:util';

import { type Handover, type MachineFormat, variablesOf, writeHandover } from '../app/handover.ts';
import { isProblem, type Problem } from '../app/problem.ts';
import { gitWouldCommit } from '../local/git.ts';
import { NotOwnError, OpenFolderError, realFile } from '../local/owner.ts';
import { readSmallFile, TooLargeError } from '../local/smallFile.ts';
import { NotRegularError, writeWhole } from '../local/wholeFile.ts';

/** A secret may be in it, or already is. */
const SECRET = { secret: true };

/** What a file may have besides, in bytes: it is read, and written again. */
const EXISTING_BYTES_MAX = 1_000_000;

export type HandoverTarget = {
  /** As the user gave it. */
  path: string;
  format: MachineFormat;
  /** Of the variables' names. */
  prefix: string;
};

/**
 * Looks whether a hand-over can go into a file, before there is one to write. The file is none yet or a regular one, and what
 * it has can be read as its format. Its folder can be written in, and no other user has a hand in it.
 *
 * @param keepOutOfGit refuse a file that git would commit, since a secret will be in it
 * @returns what stands against it; it never quotes the file
 */
export const checkHandoverFile = async (
  target: HandoverTarget,
  keepOutOfGit: boolean,
): Promise<Problem | undefined> => {
  const { path } = target;
  try {
    const file = await realFile(path, SECRET);
    const existing = await textOf(file);
    await access(dirname(file), constants.W_OK);
    if (existing !== undefined && target.format === 'json') {
      const merged = writeHandover(NOTHING, 'json', '', existing, path);
      if (isProblem(merged)) return merged;
    }
    if (keepOutOfGit && (await gitWouldCommit(file))) return { code: 'error.outputFileTracked', values: [path] };
    return undefined;
  } catch (error) {
    return unwritable(path, error);
  }
};

/**
 * Writes a hand-over into a file, whole or not at all. Its owner alone can read it, from the first byte on. What the file has
 * besides stays; a link stays a link.
 *
 * @returns what went wrong; then the file is as it was
 */
export const writeHandoverFile = async (target: HandoverTarget, handover: Handover): Promise<Problem | undefined> => {
  const { path, format, prefix } = target;
  try {
    const file = await realFile(path, SECRET);
    const existing = await textOf(file);
    const text = writeHandover(handover, format, prefix, existing, path);
    if (isProblem(text)) return text;
    // A quote that somebody left open further up would swallow what was written.
    if (format === 'dotenv' && !readsBack(text, handover, prefix)) {
      return { code: 'error.outputFileNotReadable', values: [path] };
    }
    await writeWhole(file, text, SECRET);
    return undefined;
  } catch (error) {
    return unwritable(path, error);
  }
};

const NOTHING: Handover = {
  name: '',
  consumerKey: '',
  tokenUrl: '',
  authorizeUrl: '',
  myDomainUrl: '',
  scopes: [],
  flows: [],
};

/** Why a file for a secret cannot be written. An error without Node's code is thrown again. */
export const unwritable = (path: string, error: unknown): Problem => {
  if (error instanceof NotRegularError) return { code: 'error.outputFileNotRegular', values: [path] };
  if (error instanceof NotOwnError) return { code: 'error.outputFileNotOwn', values: [path, error.path] };
  if (error instanceof OpenFolderError) return { code: 'error.outputFolderOpen', values: [path, error.folder] };
  if (error instanceof TooLargeError) return { code: 'error.outputFileTooLarge', values: [path, '1 MB'] };
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') throw error;
  return { code: 'error.outputFileUnwritable', values: [path, code] };
};

/** Undefined when there is no such file. */
const textOf = async (file: string): Promise<string | undefined> => {
  try {
    return (await readSmallFile(file, EXISTING_BYTES_MAX, { own: true })).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
};

const readsBack = (text: string, handover: Handover, prefix: string): boolean => {
  const read = parseEnv(text.replace(/^\uFEFF/, ''));
  return variablesOf(handover, prefix).every(({ name, value }) => read[name] === value);
};
