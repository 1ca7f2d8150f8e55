import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** One run of a stand-in: what it was given. */
export type Run = { argv: string[]; env: Record<string, string>; input: string; cwd: string; refused: boolean };

/** What a stand-in does when its words contain `words`. A later answer counts more than an earlier one. */
export type StandInAnswer = {
  words: string;
  exitCode?: number;
  stdout?: string;
  stderr?: string;
  /** It prints its standard input. */
  echoes?: boolean;
  /** It never ends by itself. */
  hangs?: boolean;
  /** Only the first so many runs of these words do this. */
  times?: number;
  /** From the second run of these words on, it fails, prints this, and does nothing. */
  again?: string;
};

/** A program of this name on the PATH, which writes down what it is given. */
export type StandIn = { runs(): Run[]; answers(...answers: StandInAnswer[]): void };

/** A folder of stand-ins, first on the PATH. */
export type StandIns = { folder: string; program(name: string, version?: string): StandIn; remove(): void };

/** Runs as a program of its own, so it shares nothing with the tests. */
const SOURCE = `
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const input = readFileSync(0, 'utf8');
const argv = process.argv.slice(2);
const log = __filename + '.log';
const before = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\\n').map((line) => JSON.parse(line).argv) : [];
const runs = [...before, argv].map((words) => words.join(' '));
const answers = JSON.parse(readFileSync(__filename + '.answers', 'utf8'));
const countOf = (words) => runs.filter((run) => run.includes(words)).length;
const answer =
  answers.findLast(({ words, times = Infinity }) => argv.join(' ').includes(words) && countOf(words) <= times) ?? {};
const refused = answer.again !== undefined && countOf(answer.words) > 1;
appendFileSync(log, JSON.stringify({ argv, env: process.env, input, cwd: process.cwd(), refused }) + '\\n');
const { exitCode = 0, stdout = '', stderr = '', echoes, hangs } = refused ? { exitCode: 1, stderr: answer.again } : answer;
process.stdout.write(stdout + (echoes ? input : ''));
process.stderr.write(stderr);
process.exitCode = exitCode;
if (hangs) setInterval(() => {}, 1000);
`;

export const standIns = (): StandIns => {
  const folder = mkdtempSync(join(tmpdir(), 'stand-ins-'));
  const path = process.env.PATH;
  process.env.PATH = [folder, path].join(delimiter);
  mkdirSync(folder, { recursive: true });
  return {
    folder,
    program: (name, version = '9.0.0') => {
      const file = join(folder, name);
      const before: StandInAnswer[] = [{ words: '--version', stdout: `${name} version ${version} (2026-01-01)\n` }];
      const answers = (...more: StandInAnswer[]): void => {
        before.push(...more);
        writeFileSync(`${file}.answers`, JSON.stringify(before));
      };
      answers();
      writeFileSync(file, `#!${process.execPath}\n${SOURCE}`);
      chmodSync(file, 0o755);
      const runs = (): Run[] =>
        existsSync(`${file}.log`)
          ? readFileSync(`${file}.log`, 'utf8')
              .split('\n')
              // The last one is empty, or a line that is being written.
              .slice(0, -1)
              .map((line) => JSON.parse(line) as Run)
          : [];
      return { runs, answers };
    },
    remove: () => {
      process.env.PATH = path;
      rmSync(folder, { recursive: true });
    },
  };
};
