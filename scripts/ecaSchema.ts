/**
 * Writes schemas/eca.schema.json, by which editors complete and check an eca.yaml, from the types that the file is read by.
 * With --check it writes nothing and fails where the file would change.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { createGenerator } from 'ts-json-schema-generator';

const root = new URL('../', import.meta.url);
const path = (name: string): string => fileURLToPath(new URL(name, root));

const generated = createGenerator({
  path: path('src/file/ecaFile.ts'),
  tsconfig: path('tsconfig.json'),
  type: 'EcaFile',
  skipTypeCheck: true,
}).createSchema('EcaFile');

const SCHEMA = {
  $schema: generated.$schema,
  title: 'External client apps, as "sf eca apply" reads them',
  ...generated,
};

const file = path('schemas/eca.schema.json');
const TEXT = `${JSON.stringify(SCHEMA, null, 2)}\n`;
if (!process.argv.includes('--check')) writeFileSync(file, TEXT);
else if (readFileSync(file, 'utf8') !== TEXT) {
  throw new Error('schemas/eca.schema.json is not what the types give: npm run schema:eca');
}
