import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

const root = join(import.meta.dirname, '..', '..');

/** Names that say what sort of code is inside and not what it is about: everything ends up in them. */
const DRAWERS = /(^|\/)(utils?|helpers?|commons?|types|constants|misc|shared)(\.[a-z.]+)?(\/|$)/i;

/** Here "types" is what it is about: the metadata types of the Metadata API. */
const EXEMPT = ['src/practice/metadata/types.ts'];

/** The keys of messages/, which `npm run messages` writes. Nobody reads the file as a whole. */
const GENERATED = 'src/messageKeys.ts';

/** Lines between the braces of a command's run(). */
const lengthOfRun = (lines: string[]): number => {
  const start = lines.findIndex((line) => line.startsWith('  public async run('));
  return start < 0 ? 0 : lines.indexOf('  }', start) - start - 1;
};

const filesOf = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));

describe('the layout', () => {
  const sources = ['src', 'test', 'scripts'].flatMap(filesOf);

  it('has no drawers', () => {
    expect(sources.filter((file) => DRAWERS.test(file) && !EXEMPT.includes(file))).to.deep.equal([]);
  });

  it('would notice a drawer', () => {
    expect(
      ['src/org/utils/xml.ts', 'src/app/types.ts', 'test/helpers/wire.ts'].every((file) => DRAWERS.test(file)),
    ).to.equal(true);
    expect(DRAWERS.test('src/client/typesOfGrant.ts')).to.equal(false);
  });

  it('names TypeScript files in camel case, but for commands, which have the names of their files', () => {
    const names = sources
      .filter((file) => file.endsWith('.ts') && !file.startsWith('src/commands/'))
      .map((file) => file.split('/').at(-1) ?? '');
    expect(names.filter((name) => !/^[a-z][A-Za-z0-9]*(\.test)?\.ts$/.test(name))).to.deep.equal([]);
  });

  describe('sizes', () => {
    const linesOf = (file: string): string[] => readFileSync(join(root, file), 'utf8').trimEnd().split('\n');
    const ofPlugin = filesOf('src').filter(
      (file) => file.endsWith('.ts') && !file.startsWith('src/practice/') && file !== GENERATED,
    );
    const commands = ofPlugin.filter((file) => file.startsWith('src/commands/'));

    it('keeps a command file at 200 lines or fewer', () => {
      expect(commands.filter((file) => linesOf(file).length > 200).sort()).to.deep.equal([]);
    });

    it('keeps run() at 40 lines or fewer', () => {
      expect(commands.filter((file) => lengthOfRun(linesOf(file)) > 40).sort()).to.deep.equal([]);
    });

    it('keeps a file outside the practice org at 400 lines or fewer', () => {
      expect(ofPlugin.filter((file) => linesOf(file).length > 400).sort()).to.deep.equal([]);
    });

    it('would notice a long run()', () => {
      const run = ['  public async run(): Promise<void> {', ...Array<string>(41).fill('    work();'), '  }'];
      expect(lengthOfRun(run)).to.equal(41);
    });
  });

  it('begins every command that needs an org in ui/begin.ts', () => {
    const connecting = filesOf('src')
      .filter((file) => file.startsWith('src/commands/') || file.startsWith('src/ui/'))
      .filter((file) => readFileSync(join(root, file), 'utf8').includes('.getConnection('));
    expect(connecting).to.deep.equal(['src/ui/begin.ts']);
  });
});
