/**
 * Writes docs/fields.md from the tables of fields in src/app/fields.ts and src/org/app/fields.ts, or with --compare says whether it is up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';

import { FIELDS } from '../src/app/fields.ts';
import { PARTS } from '../src/org/app/components.ts';
import { fields } from '../src/org/app/fields.ts';
import { KEPT_ELEMENTS, KEPT_TYPES } from './keptElements.ts';

const file = new URL('../docs/fields.md', import.meta.url);

/** `60, 90 from 65` for values that came later than their element. */
const laterValues = (valuesSince: Record<string, number>): string[] => {
  const byVersion = Map.groupBy(Object.keys(valuesSince), (value) => valuesSince[value]);
  return [...byVersion].map(([version, values]) => `${values.join(', ')} from ${version}`);
};

const rows = fields.map(({ path, elements, read }) => {
  const places = elements.map(
    ({ part, element, since, valuesSince = {} }) =>
      `\`${PARTS[part].type}.${element}\` (${[since, ...laterValues(valuesSince)].join('; ')})`,
  );
  const { flag } = FIELDS[path];
  return `| \`${path}\` | ${flag ? `\`--${flag}\`` : ''} | ${places.join('<br>')} | ${read ? 'yes' : 'no'} |`;
});

const keptRows = Object.entries(KEPT_ELEMENTS).flatMap(([type, elements]) =>
  Object.entries(elements).map(([element, why]) => `| \`${type}.${element}\` | ${why} |`),
);

const PAGE = `# The fields of an app, and where Salesforce keeps them

Made from the tables in \`src/app/fields.ts\` and \`src/org/app/fields.ts\` by \`npm run fields\`; do not edit it here. The number behind an element is the
first API version that has it, read off Salesforce's Metadata WSDLs. What "read back" says no to is write-only: no org ever
gives it back. Elements that are not in this table stay as the org has them.

| field | flag | metadata element (since API version) | read back |
|---|---|---|---|
${rows.join('\n')}

## Kept, not shown

These elements are no fields. A write sends each of them as the org returned it, or leaves its whole component alone.

| metadata element | why it is no field |
|---|---|
${keptRows.join('\n')}
${KEPT_TYPES.map((type) => `| \`${type}\` | another plugin of the app; "sf eca display" names it |`).join('\n')}
`;

if (!process.argv.includes('--compare')) {
  writeFileSync(file, PAGE);
} else if (readFileSync(file, 'utf8') !== PAGE) {
  console.error('docs/fields.md is out of date: run "npm run fields" and commit it.');
  process.exitCode = 1;
}
