/** Makes docs/commands/ from the commands' own texts. `--check` compares instead, and changes no file of the repository. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const written = join(root, 'docs', 'commands');
const regenerated = join(root, '.tmp', 'commands');

const write = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const format = ['--no-source-links', '--no-aliases', '--multi'];
  execFileSync('oclif', ['readme', ...format, '--output-dir', relative(root, folder)], {
    cwd: root,
    // The pages are the same whatever terminal they are made at.
    env: { ...process.env, COLUMNS: '120' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
};

const linesOf = (folder: string, page: string): string[] => {
  try {
    return readFileSync(join(folder, page), 'utf8').split('\n');
  } catch {
    return [];
  }
};

const compare = (): void => {
  for (const page of new Set([...readdirSync(written), ...readdirSync(regenerated)])) {
    const [before, after] = [linesOf(written, page), linesOf(regenerated, page)];
    const different = Array.from({ length: Math.max(before.length, after.length) }).findIndex(
      (_line, index) => before[index] !== after[index],
    );
    if (different === -1) continue;
    console.log(`docs/commands/${page} is not up to date, from line ${different + 1}: run npm run docs:commands.`);
    console.log(`- ${before[different] ?? '(end)'}\n+ ${after[different] ?? '(end)'}`);
    process.exitCode = 1;
  }
  if (process.exitCode === undefined) console.log('docs/commands/ is up to date.');
};

if (process.argv.includes('--check')) {
  write(regenerated);
  compare();
} else {
  write(written);
}
