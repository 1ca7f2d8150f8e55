import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import type { Cli } from '../e2e/cli.ts';

const root = join(import.meta.dirname, '..', '..');

/**
 * The releases of Salesforce's CLI that everything is tried with. The newest is named, since npm under an older Node quietly
 * picks an older CLI. The oldest is the first known one with the majors of Salesforce's libraries that
 * src/salesforce.ts names. In one before it (2.146.3), the plugin would run on its own copies.
 */
export const CLI_VERSIONS = { newest: '2.150.6', oldest: '2.148.3' };

const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);

const npm = (args: string[], cwd: string): Promise<unknown> =>
  promisify(execFile)('npm', args, { cwd, env: { ...process.env, PATH: path }, maxBuffer: 64 * 1024 * 1024 });

/**
 * Installs a release of Salesforce's own CLI unless it is there already, and gives the path of its `sf`.
 *
 * @param cache where it is kept, so that only the first run downloads it. By default, it is beside the checkout's own
 *   packages and out of git
 */
export const installSalesforceCli = async (
  version = CLI_VERSIONS.newest,
  cache = join(root, '.tmp', 'salesforce-cli'),
): Promise<string> => {
  const wanted = `@salesforce/cli@${version}`;
  const folder = join(cache, version);
  const installed = join(folder, 'installed');
  const sf = join(folder, 'node_modules', '@salesforce', 'cli', 'bin', 'run.js');
  if (existsSync(sf) && existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return sf;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }));
  await npm(['install', '--no-audit', '--no-fund', wanted], folder);
  writeFileSync(installed, wanted); // Last: a download that broke off is not taken for a CLI.
  return sf;
};

/** How this machine gets at npm packages: that is up to the machine, whatever home folder a command sees. */
export const waysToTheRegistry = Object.fromEntries(
  Object.entries(process.env).filter(([name]) =>
    /^(npm_config_(registry|cache|userconfig|globalconfig)|node_extra_ca_certs|ssl_cert_file|(https?|no)_proxy)$/i.test(
      name,
    ),
  ),
);

/** Installs a packed plugin as a user would; throws what `sf` says when it does not work. */
export const installPlugin = async (sf: Cli, tarball: string): Promise<void> => {
  const plugin = `file:${tarball}`;
  // sf asks before it installs a plugin that Salesforce has not signed, unless it is on this list.
  await sf.run(['plugins', 'trust', 'allowlist', 'add', '--name', plugin]);
  const { code, stderr } = await sf.run(['plugins', 'install', plugin], { patience: 600_000 });
  // sf looks for each file that package.json names, and says so when one is not there. A pattern is never there.
  if (code !== 0 || stderr.includes('may not work as expected'))
    throw new Error(`sf plugins install ended with exit code ${code}:\n${stderr}`);
};

/** Packs the plugin as it would be published, manifest and all, and gives the path of the tarball. */
export const packPlugin = (destination: string): string => {
  const output = execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', destination], {
    cwd: root,
    env: { ...process.env, PATH: path },
    encoding: 'utf8',
  });
  // What prepack prints comes before npm's JSON.
  const name = /"filename":\s*"([^"]+)"/.exec(output)?.[1];
  if (!name) throw new Error(`npm pack named no file:\n${output}`);
  return join(destination, name);
};

/** How large a tarball is once it is unpacked. */
export const unpackedSize = (tarball: string): { files: number; bytes: number } => {
  const lines = execFileSync('tar', ['tzvf', tarball], { encoding: 'utf8' }).trim().split('\n');
  // Mode, owner, size, date, name.
  const sizes = lines.map((line) => Number(/^\S+\s+\S+\s+(\d+)/.exec(line)?.[1]));
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
};

/** A file of a tarball, as text. */
export const readFrom = (tarball: string, name: string): string =>
  execFileSync('tar', ['xzOf', tarball, `package/${name}`], { encoding: 'utf8' });

/** The names of the files in a tarball, less the `package/` that each begins with. */
export const filesIn = (tarball: string): string[] => {
  return execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((name) => name.replace(/^package\//, ''));
};
