/** Says whether README.md's list of commands is what `npm run readme` would write now, without touching the file. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const written = join(root, 'README.md');
const regenerated = join(root, '.tmp', 'README.md');

mkdirSync(join(root, '.tmp'), { recursive: true });
copyFileSync(written, regenerated);
execFileSync('npm', ['run', '--silent', 'readme', '--', '--readme-path', regenerated], { cwd: root, stdio: 'inherit' });

const before = readFileSync(written, 'utf8').split('\n');
const after = readFileSync(regenerated, 'utf8').split('\n');
const different = after.findIndex((line, index) => line !== before[index]);

if (different === -1 && before.length === after.length) {
  console.log('README.md is up to date.');
} else {
  const line = different === -1 ? after.length : different;
  console.log(`README.md is not up to date, from line ${line + 1}: run npm run readme.`);
  console.log(`- ${before[line] ?? '(end)'}\n+ ${after[line] ?? '(end)'}`);
  process.exitCode = 1;
}
