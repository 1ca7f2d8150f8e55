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

const schema = {
  $schema: generated.$schema,
  title: 'External client apps, as "sf eca apply" reads them',
  ...generated,
};

const file = path('schemas/eca.schema.json');
const text = `${JSON.stringify(schema, null, 2)}\n`;
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  throw new Error('schemas/eca.schema.json is not what the types give: npm run schema:eca');
}
