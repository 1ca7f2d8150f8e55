import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import { expect } from 'chai';

import { type Cli, createCli } from '../e2e/cli.ts';

const root = join(import.meta.dirname, '..', '..');

/** A shell in which `sf eca` is this plugin, with a home folder and a folder to work in of its own. */
export type Shell = {
  cli: Cli;
  /** Where its scripts run. */
  folder: string;
  /** Starts a practice org, with more flags. @returns the user for the client-credentials flow */
  start: (alias: string, ...flags: string[]) => Promise<string>;
  /** Says that a script starts a practice org by itself, so that `close` stops it. */
  startsByItself: (alias: string) => void;
  /** Runs a script. @returns its exit code, and what it printed on both streams */
  run: (script: string, env?: Record<string, string>, cwd?: string) => Promise<{ code: number; output: string }>;
  /** Writes a file below the folder. */
  put: (file: string, text: string) => void;
  /** What the scripts called besides `sf eca`, in order, with its arguments. */
  noted: () => string[];
  /** The names of the apps of the org that was started last. */
  appsThere: () => Promise<string[]>;
  /** Stops the org and removes the folders. */
  close: () => Promise<void>;
};

export const openShell = (): Shell => {
  const cli = createCli();
  const folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-recipe-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  let alias = '';
  // `sf eca` is this plugin; whatever else a script calls is noted down. It reads what is piped to it, as `sf` does:
  // else the `echo` before it may find nobody listening, and fail.
  const stub = (name: string, first: string): void => {
    const noted = join(folder, 'noted');
    writeFileSync(join(bin, name), `#!/bin/sh\n${first}cat >/dev/null\necho "${name} $*" >> '${noted}'\n`);
    chmodSync(join(bin, name), 0o755);
  };
  stub('sf', `if [ "$1" = eca ]; then exec '${process.execPath}' '${join(root, 'bin', 'run.js')}' "$@"; fi\n`);
  // What a clone does by itself is done; installing is noted.
  stub('npm', `case "$1" in run|pack) PATH="\${PATH#*:}"; exec npm "$@";; esac\n`);
  stub('gh', '');
  stub('curl', 'touch sf-plugin-eca-0.1.0.tgz\n');

  return {
    cli,
    folder,
    start: async (name, ...flags) => {
      alias = name;
      const { status, result, message } = await cli.json<{ integrationUsername: string }>([
        ...['eca', 'practice', 'start', '--alias', name, ...flags],
      ]);
      expect(status, message).to.equal(0);
      return result.integrationUsername;
    },
    startsByItself: (name) => {
      alias = name;
    },
    run: (script, env = {}, cwd = folder) =>
      new Promise((resolve, reject) => {
        const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', script], {
          cwd,
          env: {
            PATH: [bin, join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
            HOME: cli.home,
            USERPROFILE: cli.home,
            SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
            SF_DISABLE_TELEMETRY: 'true',
            NO_COLOR: '1',
            ...env,
          },
        });
        let output = '';
        child.stdout.on('data', (text: Buffer) => (output += String(text)));
        child.stderr.on('data', (text: Buffer) => (output += String(text)));
        child.stdin.end();
        child.on('error', reject);
        child.on('close', (code) => resolve({ code: code ?? -1, output }));
      }),
    put: (file, text) => {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    },
    noted: () =>
      existsSync(join(folder, 'noted')) ? readFileSync(join(folder, 'noted'), 'utf8').trim().split('\n') : [],
    appsThere: async () => {
      const { result } = await cli.json<Array<{ name: string }>>(['eca', 'list', '--target-org', alias]);
      return result.map(({ name }) => name);
    },
    close: async () => {
      if (alias) await cli.run(['eca', 'practice', 'stop', '--alias', alias]);
      cli.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
