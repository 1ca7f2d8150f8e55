import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { expect } from 'chai';

import { NotOwnError, OpenFolderError, realFile } from '../../src/local/owner.ts';
import { writeWhole } from '../../src/local/wholeFile.ts';

const SECRET = { secret: true };
const NO_SECRET = { secret: false };

describe('where a path leads', () => {
  let folder: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'owner-')));
    mkdirSync(join(folder, 'a', 'b'), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const leading = (path: string, options = SECRET): Promise<unknown> =>
    realFile(path, options).catch((error: unknown) => error);

  it('is the end of its links, also where nothing is yet', async () => {
    symlinkSync('a/b', join(folder, 'to-b'));
    symlinkSync('to-b/../x', join(folder, 'to-x'));
    symlinkSync(join(folder, 'to-b', 'new'), join(folder, 'to-new'));
    expect(await realFile(join(folder, 'to-b', 'c'), SECRET)).to.equal(join(folder, 'a', 'b', 'c'));
    // As the kernel has it: .. is what lies above the end of the link.
    expect(await realFile(join(folder, 'to-x'), SECRET)).to.equal(join(folder, 'a', 'x'));
    expect(await realFile(join(folder, 'to-new'), SECRET)).to.equal(join(folder, 'a', 'b', 'new'));
    const fromHere = relative(realpathSync(process.cwd()), folder);
    expect(await realFile(`./${fromHere}//a/./b/../y`, SECRET)).to.equal(join(folder, 'a', 'y'));
  });

  it('is an error for links that go round in circles, and for folders that are not there', async () => {
    symlinkSync('two', join(folder, 'one'));
    symlinkSync('one', join(folder, 'two'));
    expect(await leading(join(folder, 'one'))).to.include({ code: 'ELOOP' });
    expect(await leading(join(folder, 'no', 'file'))).to.include({ code: 'ENOENT' });
  });

  // The group of a user alone may write: only root's group is nobody's own.
  const modes = process.getuid?.() === 0 ? [0o777, 0o770, 0o775, 0o757] : [0o777, 0o757];
  for (const mode of modes) {
    it(`is no place for a secret where others can write (${mode.toString(8)}), in the last folder or above it`, async () => {
      for (const open of ['a', join('a', 'b')]) {
        chmodSync(join(folder, open), mode);
        const error = await leading(join(folder, 'a', 'b', 'file'));
        expect(error, open).to.be.instanceOf(OpenFolderError);
        expect(error).to.include({ folder: join(folder, open) });
        expect(await leading(join(folder, 'a', 'b', 'file'), NO_SECRET)).to.be.a('string');
        chmodSync(join(folder, open), 0o755);
      }
    });
  }

  it('may be a secret’s place in a folder with the sticky bit, as /tmp is', async () => {
    chmodSync(join(folder, 'a'), 0o1777);
    expect(await leading(join(folder, 'a', 'file'))).to.equal(join(folder, 'a', 'file'));
  });

  it('is no place for a secret behind a link into a folder where others can write', async () => {
    chmodSync(join(folder, 'a'), 0o777);
    symlinkSync(join(folder, 'a', 'file'), join(folder, 'link'));
    expect(await leading(join(folder, 'link'))).to.be.instanceOf(OpenFolderError);
  });

  describe('that another user has a hand in', function () {
    before(function () {
      // Only root can give files away.
      if (process.getuid?.() !== 0) this.skip();
    });

    for (const [what, options] of [
      ['a secret', SECRET],
      ['anything', NO_SECRET],
    ] as const) {
      it(`is refused for ${what}, when it is a link`, async () => {
        chmodSync(join(folder, 'a'), 0o1777);
        writeFileSync(join(folder, 'mine.txt'), 'mine');
        symlinkSync(join(folder, 'mine.txt'), join(folder, 'a', 's.env'));
        symlinkSync(join(folder, 'a', 'b'), join(folder, 'a', 'folder'));
        for (const link of ['s.env', 'folder']) lchownSync(join(folder, 'a', link), 54_321, 54_321);
        for (const path of ['s.env', join('folder', 'file')]) {
          const error = await leading(join(folder, 'a', path), options);
          expect(error, path).to.be.instanceOf(NotOwnError);
        }
        const error = await writeWhole(join(folder, 'a', 's.env'), 'x', options).catch((thrown: unknown) => thrown);
        expect(error).to.be.instanceOf(NotOwnError);
        expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).to.equal('mine');
      });
    }

    it('is refused for a secret, when it is a file', async () => {
      const file = join(folder, 'p.sh');
      writeFileSync(file, 'curl example.com\n');
      chownSync(file, 54_321, 54_321);
      const error = await writeWhole(file, 'x', SECRET).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(NotOwnError);
      expect(lstatSync(file).uid).to.equal(54_321);
    });

    it('is taken when it is root’s, or one’s own', async () => {
      symlinkSync(join(folder, 'a', 'b'), join(folder, 'link'));
      lchownSync(join(folder, 'link'), 0, 0);
      expect(await leading(join(folder, 'link', 'file'))).to.equal(join(folder, 'a', 'b', 'file'));
    });
  });
});
