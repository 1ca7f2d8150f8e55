/** Makes docs/rules/ from the table of rules in src/app/audit/ and its texts. `--check` compares instead of writing. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { RULES } from '../src/app/audit/rules.ts';
import { rulePage } from '../src/ui/audit/ruleLines.ts';
import { ruleInWords } from '../src/ui/audit/words.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'rules');

const rules = RULES.map(ruleInWords);

const INDEX = `# The rules of the audit

Made from \`src/app/audit/\` and \`messages/audit.md\` by \`npm run docs:rules\`; do not edit it here. The severity is that of
the profile "standard", before the app itself is looked at.

| rule | severity | what it finds |
|---|---|---|
${rules.map(({ id, severity, score, title }) => `| [${id}](${id}.md) | ${severity} (${score.toFixed(1)}) | ${title} |`).join('\n')}
`;

const PAGES = new Map<string, string>(rules.map((rule) => [`${rule.id}.md`, rulePage(rule)]));
PAGES.set('README.md', INDEX);

const written = (name: string): string | undefined => {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return undefined;
  }
};

if (process.argv.includes('--check')) {
  const names = new Set([...PAGES.keys(), ...readdirSync(folder)]);
  const different = [...names].filter((name) => written(name) !== PAGES.get(name));
  if (different.length > 0) {
    console.error(`docs/rules/ is not up to date (${different.join(', ')}): run "npm run docs:rules" and commit it.`);
    process.exitCode = 1;
  }
} else {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of PAGES) writeFileSync(join(folder, name), text);
}
