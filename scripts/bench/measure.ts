import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The measures of one run of a command. */
export type Run = {
  args: string[];
  code: number;
  /** From its start to its end, as its user waits for it. */
  ms: number;
  /** Processor time, in all threads. The most steady of the figures on a machine that has other work. */
  cpuMs: number;
  /** The most memory it ever had. */
  peakMb: number;
  /** The JavaScript files that it loaded, where they were asked for. */
  files?: string[];
  /** The output, of both streams. */
  output: string;
};

export type RunOptions = { cwd: string; env: NodeJS.ProcessEnv; files?: boolean };

const witness = join(import.meta.dirname, 'witness.mjs');
const PATIENCE = 300_000;

/** Runs a program to its end, whatever its exit code, and measures it. */
export const measure = async (program: string[], args: string[], options: RunOptions): Promise<Run> => {
  const reports = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-bench-'));
  try {
    return await run(program, args, options, reports);
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
};

const run = ([file = '', ...first]: string[], args: string[], options: RunOptions, reports: string): Promise<Run> => {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = spawn(file, [...first, ...args], {
      cwd: options.cwd,
      env: {
        ...options.env,
        NODE_OPTIONS: `--import=${witness}`,
        ECA_WITNESS: reports,
        ...(options.files && { ECA_WITNESS_FILES: 'yes' }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('error', reject);
    // Not 'close': a practice org in the background may keep a pipe open.
    child.on('exit', (code) => {
      const ms = performance.now() - begun;
      const report = join(reports, `${child.pid}.json`);
      if (!existsSync(report)) {
        reject(new Error(`${args.join(' ')} (exit code ${code}) left no report:\n${output}`));
        return;
      }
      const taken = JSON.parse(readFileSync(report, 'utf8')) as Pick<Run, 'cpuMs' | 'peakMb' | 'files'>;
      // The rest of what it printed.
      setImmediate(() => resolve({ args, code: code ?? -1, ms, ...taken, output }));
    });
  });
};
