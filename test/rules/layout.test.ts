import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const root = join(import.meta.dirname, '..', '..');

/** Names that say what sort of code is inside and not what it is about: everything ends up in them. */
const drawers = /(^|\/)(utils?|helpers?|commons?|types|constants|misc|shared)(\.[a-z.]+)?(\/|$)/i;

/** Here "types" is what it is about: the metadata types of the Metadata API. */
const exempt = ['src/practice/metadata/types.ts'];

function filesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

describe('the layout', () => {
  const sources = ['src', 'test', 'scripts'].flatMap(filesOf);

  it('has no drawers', () => {
    expect(sources.filter((file) => drawers.test(file) && !exempt.includes(file))).to.deep.equal([]);
  });

  it('would notice a drawer', () => {
    expect(
      ['src/org/utils/xml.ts', 'src/app/types.ts', 'test/helpers/wire.ts'].every((file) => drawers.test(file)),
    ).to.equal(true);
    expect(drawers.test('src/client/typesOfGrant.ts')).to.equal(false);
  });

  it('names TypeScript files in camel case', () => {
    const names = sources.filter((file) => file.endsWith('.ts')).map((file) => file.split('/').at(-1) ?? '');
    expect(names.filter((name) => !/^[a-z][A-Za-z0-9]*(\.test)?\.ts$/.test(name))).to.deep.equal([]);
  });
});
