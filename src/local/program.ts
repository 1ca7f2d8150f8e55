/*
 * Runs another program that gets a secret. The secret goes to its standard input and nowhere else. No shell is between, so no
 * character of a word has a meaning.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, extname, isAbsolute, join, parse, resolve } from 'node:path';

import type { HowEnded } from '../app/targets/outcome.ts';

/** Bytes that are kept of each stream of a program. */
const KEPT_BYTES = 64_000;

/** Milliseconds between the request to end and the end that no program can refuse. */
const TIME_TO_END = 2_000;

/** Milliseconds for the rest of the output of a program that has ended. Its own children may keep the streams open. */
const TIME_FOR_REST = 500;

export type ProgramTerms = {
  /** All of its standard input. */
  input: string;
  env: NodeJS.ProcessEnv;
  /** Absent: a folder where nobody leaves settings for the program. */
  cwd?: string;
  /** Milliseconds until it is ended. */
  ms: number;
  /** Ends it. */
  signal: AbortSignal;
};

export type Ended = {
  how: HowEnded;
  /** Only of a program that ended by itself, and by no signal. */
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
};

/**
 * The file of a program, as an absolute path. A name without a folder is looked for on the PATH. Relative entries of the PATH
 * would depend on the folder, so they do not count.
 */
export const findProgram = async (name: string): Promise<string | undefined> => {
  const file = process.platform === 'win32' && extname(name) === '' ? `${name}.exe` : name;
  const isPath = /[/\\]/.test(name) && (process.platform === 'win32' || name.includes('/'));
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  for (const path of isPath ? [resolve(file)] : folders.map((folder) => join(folder, file))) {
    if (await isProgram(path)) return path;
  }
  return undefined;
};

const isProgram = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
};

/** Collects the first bytes of a stream, and drops the rest. */
const collector = (stream: NodeJS.ReadableStream): (() => string) => {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    if (size < KEPT_BYTES) chunks.push(chunk.subarray(0, KEPT_BYTES - size));
    size += chunk.length;
  });
  stream.on('error', () => {});
  return () => Buffer.concat(chunks).toString('utf8');
};

/** Runs a program to its end, or ends it. It never throws: what a program does is no fault of ours. */
export const runProgram = (
  program: string,
  words: string[],
  { input, env, cwd, ms, signal }: ProgramTerms,
): Promise<Ended> =>
  new Promise((done) => {
    const notStarted = (error: unknown): void =>
      done({
        how: 'not-started',
        exitCode: undefined,
        stdout: '',
        stderr: (error as NodeJS.ErrnoException).code ?? '',
      });
    let child: ReturnType<typeof spawnQuietly>;
    try {
      child = spawnQuietly(program, words, env, cwd ?? parse(process.execPath).root);
    } catch (error) {
      notStarted(error);
      return;
    }
    const [stdout, stderr] = [collector(child.stdout), collector(child.stderr)];
    let how: HowEnded = 'ended';
    const timers: NodeJS.Timeout[] = [];
    const kill = (): void => void child.kill('SIGKILL');
    const end = (why: 'hung' | 'stopped'): void => {
      if (how !== 'ended') return;
      how = why;
      child.kill();
      timers.push(setTimeout(kill, TIME_TO_END));
    };
    const stop = (): void => end('stopped');
    const tidy = (): void => {
      timers.forEach((timer) => clearTimeout(timer));
      signal.removeEventListener('abort', stop);
      process.off('exit', kill);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    };
    child.once('error', (error) => {
      tidy();
      notStarted(error);
    });
    child.once('exit', (exitCode) => {
      const finish = (): void => {
        tidy();
        done({
          how,
          exitCode: how === 'ended' ? (exitCode ?? undefined) : undefined,
          stdout: stdout(),
          stderr: stderr(),
        });
      };
      child.once('close', finish);
      timers.push(setTimeout(finish, TIME_FOR_REST));
    });
    process.once('exit', kill);
    timers.push(setTimeout(() => end('hung'), ms));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    // A program may end before it has read all: its exit code says what it made of that.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });

const spawnQuietly = (program: string, words: string[], env: NodeJS.ProcessEnv, cwd: string) =>
  spawn(program, words, { shell: false, stdio: 'pipe', windowsHide: true, env, cwd });
