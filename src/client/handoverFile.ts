import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, lstat, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { variablesOf, writeHandover, type Handover, type MachineFormat } from '../app/handover.ts';
import { isProblem, type Problem } from '../app/problem.ts';
import { NotRegularError, realFile, writeWhole } from '../disk/wholeFile.ts';

export type HandoverTarget = {
  /** As the user gave it. */
  path: string;
  format: MachineFormat;
  /** Of the variables' names. */
  prefix: string;
};

/**
 * Looks whether a hand-over can go into a file, before there is one to write: the file is none yet or a regular one, what it
 * has can be read as its format, its folder can be written in.
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
    const file = await realFile(path);
    const existing = await textOf(file);
    await access(dirname(file), constants.W_OK);
    if (existing !== undefined && target.format === 'json') {
      const merged = writeHandover(nothing, 'json', '', existing);
      if (isProblem(merged)) return { ...merged, values: [path] };
    }
    if (keepOutOfGit && (await gitWouldCommit(file))) return { code: 'error.outputFileTracked', values: [path] };
    return undefined;
  } catch (error) {
    return unwritable(path, error);
  }
};

/**
 * Writes a hand-over into a file, whole or not at all, readable for its owner alone from the first byte on. What the file has
 * besides stays; a link stays a link.
 *
 * @returns what went wrong; then the file is as it was
 */
export const writeHandoverFile = async (target: HandoverTarget, handover: Handover): Promise<Problem | undefined> => {
  const { path, format, prefix } = target;
  try {
    const file = await realFile(path);
    const existing = await textOf(file);
    const text = writeHandover(handover, format, prefix, existing);
    if (isProblem(text)) return text.values.length > 0 ? text : { ...text, values: [path] };
    // A quote that somebody left open further up would swallow what was written.
    if (format === 'dotenv' && !readsBack(text, handover, prefix)) {
      return { code: 'error.outputFileNotReadable', values: [path] };
    }
    await writeWhole(file, text, { secret: true });
    return undefined;
  } catch (error) {
    return unwritable(path, error);
  }
};

const nothing: Handover = {
  name: '',
  consumerKey: '',
  tokenUrl: '',
  authorizeUrl: '',
  myDomainUrl: '',
  scopes: [],
  flows: [],
};

const unwritable = (path: string, error: unknown): Problem => {
  if (error instanceof NotRegularError) return { code: 'error.outputFileNotRegular', values: [path] };
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') throw error;
  return { code: 'error.outputFileUnwritable', values: [path, code] };
};

/** Undefined when there is no such file. */
const textOf = async (file: string): Promise<string | undefined> => {
  const entry = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (!entry) return undefined;
  if (!entry.isFile()) throw new NotRegularError(file);
  return readFile(file, 'utf8');
};

const readsBack = (text: string, handover: Handover, prefix: string): boolean => {
  const read = parseEnv(text.replace(/^\uFEFF/, ''));
  return variablesOf(handover, prefix).every(({ name, value }) => read[name] === value);
};

/** Would `git add` and `git commit` take this file in? Also when it is in a repository and git can't be asked. */
const gitWouldCommit = async (file: string): Promise<boolean> => {
  const answer = await new Promise<number | undefined>((done) => {
    const git = execFile('git', ['check-ignore', '--quiet', '--', file], { cwd: dirname(file) });
    git.once('error', () => done(undefined));
    git.once('exit', (code) => done(code ?? undefined));
  });
  if (answer === 0) return false;
  return answer === 1 || inRepository(dirname(file));
};

const inRepository = async (folder: string): Promise<boolean> => {
  if (await lstat(join(folder, '.git')).catch(() => undefined)) return true;
  const above = dirname(folder);
  return above !== folder && inRepository(above);
};
