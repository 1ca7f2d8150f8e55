import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..');

/** Named, since npm under an older Node quietly picks an older CLI. */
const wanted = '@salesforce/cli@2.150.6';

/** Beside the checkout's own packages and out of git; kept, so that only the first run downloads it. */
const folder = join(root, '.tmp', 'salesforce-cli');

const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);

const npm = (args: string[], cwd: string): Promise<unknown> =>
  promisify(execFile)('npm', args, { cwd, env: { ...process.env, PATH: path }, maxBuffer: 64 * 1024 * 1024 });

/** Installs Salesforce's own CLI unless it is there already, and gives the path of its `sf`. */
export async function installSalesforceCli(): Promise<string> {
  const installed = join(folder, 'installed');
  const sf = join(folder, 'node_modules', '@salesforce', 'cli', 'bin', 'run.js');
  if (existsSync(sf) && existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return sf;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }));
  await npm(['install', '--no-audit', '--no-fund', wanted], folder);
  writeFileSync(installed, wanted); // Last: a download that broke off is not taken for a CLI.
  return sf;
}

/** Packs the plugin as it would be published, manifest and all, and gives the path of the tarball. */
export function packPlugin(destination: string): string {
  const output = execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', destination], {
    cwd: root,
    env: { ...process.env, PATH: path },
    encoding: 'utf8',
  });
  // What prepack prints comes before npm's JSON.
  const name = /"filename":\s*"([^"]+)"/.exec(output)?.[1];
  if (!name) throw new Error(`npm pack named no file:\n${output}`);
  return join(destination, name);
}

/** The names of the files in a tarball, less the `package/` that each begins with. */
export function filesIn(tarball: string): string[] {
  return execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((name) => name.replace(/^package\//, ''));
}
