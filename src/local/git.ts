/*
 * Asks git about a file in a folder that may come from anybody, such as an unpacked archive. Its repository can name
 * programs that git would run, and this process's environment can send git to another repository. Neither of these may
 * decide where a secret goes.
 */
import { execFile } from 'node:child_process';
import { lstat } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';

import { findProgram } from './program.ts';

/** Milliseconds for git's answer. A repository's settings can make git wait forever, for instance for a named pipe. */
const LONGEST_ANSWER = 10_000;

/**
 * Settings that win over the repository's settings. Git runs none of the repository's programs, and ignores a bare
 * repository inside another one.
 */
const SETTINGS = ['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'safe.bareRepository=explicit'];

/**
 * Would `git add` and `git commit` take this file in? The answer is also yes when the file is in a repository and git
 * gives no answer.
 *
 * @param file its real path, without links
 */
export const gitWouldCommit = async (file: string): Promise<boolean> => {
  const folder = dirname(file);
  const answer = await exitCodeOf([
    '--no-pager',
    ...SETTINGS.flatMap((setting) => ['-c', setting]),
    ...['-C', folder, 'check-ignore', '--quiet', '--', file],
  ]);
  if (answer === 0) return false;
  return answer === 1 || inRepository(folder);
};

/** Undefined when there is no git, or git was ended. */
const exitCodeOf = async (words: string[]): Promise<number | undefined> => {
  const program = await findProgram('git');
  if (program === undefined) return undefined;
  return new Promise((done) => {
    const git = execFile(program, words, {
      // Not the folder of the file, because Windows would look for programs there first.
      cwd: parse(process.execPath).root,
      env: environment(),
      timeout: LONGEST_ANSWER,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    const end = (): void => void git.kill('SIGKILL');
    process.once('exit', end);
    const finish = (code?: number): void => {
      process.off('exit', end);
      done(code);
    };
    git.once('error', () => finish());
    git.once('exit', (code) => finish(code ?? undefined));
  });
};

/**
 * Removes every variable that sends git elsewhere (GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE, GIT_CONFIG_COUNT,
 * GIT_EXEC_PATH ...). A clone that lacks objects would fetch them with a program that the repository names. So no
 * transport is allowed.
 */
const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^git_/i.test(name))),
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_OPTIONAL_LOCKS: '0',
  NoDefaultCurrentDirectoryInExePath: '1',
});

const inRepository = async (folder: string): Promise<boolean> => {
  if (await lstat(join(folder, '.git')).catch(() => undefined)) return true;
  const above = dirname(folder);
  return above !== folder && inRepository(above);
};
