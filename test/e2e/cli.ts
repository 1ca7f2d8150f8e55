import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** One run of a command: what was typed and what came of it. */
export type Outcome = { args: string[]; code: number; stdout: string; stderr: string };

/** What every command prints under --json. */
export type Json<Result> = {
  status: number;
  result: Result;
  warnings?: string[];
  name?: string;
  message?: string;
  actions?: string[];
  exitCode?: number;
};

export type RunOptions = {
  /** Beside and over the environment that every command gets. */
  env?: NodeJS.ProcessEnv;
  /** What the command reads from its standard input; nothing when absent. */
  stdin?: string;
  /** Leaves its standard input open, as a terminal is: whoever gets the process writes to it. */
  keepStdin?: boolean;
  /** Is given the process, to send signals to. */
  onStart?: (child: ChildProcess) => void;
  /** Called with all output as it comes. */
  onOutput?: (text: string) => void;
  /** After so many milliseconds the command is ended; by default two minutes, in which no command is still at work. */
  patience?: number;
};

export type Cli = {
  /** The home folder of the commands. */
  home: string;
  /** Every run so far, in order. */
  outcomes: Outcome[];
  /** Runs one command, such as `eca create --name Order_Sync`; resolves whatever its exit code. */
  run: (args: string[], options?: RunOptions) => Promise<Outcome>;
  /** Runs one command with --json and reads its standard output, which must be JSON and nothing else. */
  json: <Result>(args: string[], options?: RunOptions) => Promise<Json<Result>>;
  /** Removes the home folder, if it is a temporary one. */
  remove: () => void;
};

export type CliOptions = {
  /** Program and first arguments; by default the built plugin under the Node that runs this. */
  command?: string[];
  /** By default a new, temporary one. */
  home?: string;
  env?: NodeJS.ProcessEnv;
};

const TWO_MINUTES = 120_000;

/**
 * A command line to test with. The commands see a home folder and an environment of their own, and no terminal. The
 * operating system's keychain is left alone.
 */
export const createCli = (options: CliOptions = {}): Cli => {
  const [program = process.execPath, ...first] = options.command ?? [process.execPath, join(root, 'bin', 'run.js')];
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'sf-plugin-eca-home-'));
  const outcomes: Outcome[] = [];
  const environment: NodeJS.ProcessEnv = {
    PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
    HOME: home,
    USERPROFILE: home,
    TMPDIR: process.env.TMPDIR,
    SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
    SF_DISABLE_TELEMETRY: 'true',
    SF_AUTOUPDATE_DISABLE: 'true',
    SF_SKIP_NEW_VERSION_CHECK: 'true',
    NO_COLOR: '1',
    ...options.env,
  };

  const run = (
    args: string[],
    { env, stdin, keepStdin, onStart, onOutput, patience = TWO_MINUTES }: RunOptions = {},
  ): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const child = spawn(program, [...first, ...args], {
        cwd: home,
        env: { ...environment, ...env },
        timeout: patience,
        killSignal: 'SIGKILL',
      });
      onStart?.(child);
      const outcome: Outcome = { args, code: -1, stdout: '', stderr: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        outcome.stdout += text;
        onOutput?.(text);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        outcome.stderr += text;
        onOutput?.(text);
      });
      child.stdin.on('error', () => {}); // A command that does not read its input may be gone before it is written.
      if (!keepStdin) child.stdin.end(stdin ?? '');
      child.on('error', reject);
      // Not 'close': a background process that kept the pipes open would keep us waiting, and should be noticed as such.
      child.on('exit', (code) => {
        outcome.code = code ?? -1;
        const finish = (): void => {
          outcomes.push(outcome);
          resolve(outcome);
        };
        child.once('close', finish);
        setTimeout(
          () => reject(new Error(`${args.join(' ')}: ended, but something still holds its output open`)),
          10_000,
        ).unref();
      });
    });

  return {
    home,
    outcomes,
    run,
    json: async <Result>(args: string[], runOptions: RunOptions = {}) => {
      // JSON is coloured where colours are forced.
      const plain = { ...runOptions, env: { ...runOptions.env, FORCE_COLOR: '0', NO_COLOR: '1' } };
      const { stdout, stderr, code } = await run([...args, '--json'], plain);
      try {
        return JSON.parse(stdout) as Json<Result>;
      } catch {
        const printed = args.includes('--show-secret') ? '(not shown)' : stdout;
        throw new Error(`${args.join(' ')} --json (exit ${code}) printed no JSON:\n${printed}\n${stderr}`);
      }
    },
    remove: () => {
      if (!options.home) rmSync(home, { recursive: true, force: true });
    },
  };
};
