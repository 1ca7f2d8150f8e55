import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv, type ValidateFunction } from 'ajv';
import { expect } from 'chai';
import { parse } from 'yaml';

import { formatEcaFile } from '../../src/file/format.ts';
import { parseEcaFile } from '../../src/file/parse.ts';

const root = join(import.meta.dirname, '..', '..');

/** The YAML blocks of a Markdown file. */
const yamlBlocks = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);

describe('the schema of eca.yaml', () => {
  let validate: ValidateFunction;

  before(() => {
    const schema = JSON.parse(readFileSync(join(root, 'schemas', 'eca.schema.json'), 'utf8')) as object;
    validate = new Ajv({ strict: false }).compile(schema);
  });

  it('accepts what the documentation shows, and so does apply', () => {
    const blocks = yamlBlocks('docs/eca-yaml.md');
    expect(blocks).to.have.length(1);
    for (const text of blocks) {
      expect(parseEcaFile(text, 'eca.yaml', {}).problems).to.deep.equal([]);
      expect(validate(parse(text)), JSON.stringify(validate.errors)).to.equal(true);
      expect(text).to.include('$schema=./eca.schema.json');
    }
  });

  it('accepts what export writes', () => {
    expect(validate(parse(formatEcaFile([{ name: 'A', oauth: { flows: [] }, enabled: false }])))).to.equal(true);
  });

  it('refuses what apply refuses', () => {
    for (const text of [
      'apps: [{ label: x }]',
      'apps: [{ name: A, lable: x }]',
      'apps: [{ name: A, enabled: 1 }]',
      'app: []',
    ]) {
      expect(parseEcaFile(text, 'eca.yaml', {}).problems, text).to.not.deep.equal([]);
      expect(validate(parse(text)), text).to.equal(false);
    }
  });
});
