import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { readEcaFiles } from '../../src/file/read.ts';

describe('reading files and folders', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-files-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const put = (path: string, text: string): string => {
    const file = join(folder, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  const read = (...paths: string[]) => readEcaFiles(paths, {});
  const app = (name: string): string => `apps: [{ name: ${name} }]\n`;

  it('takes all apps of all files', async () => {
    put('apps/b.yml', app('B'));
    put('apps/a.yaml', app('A'));
    put('apps/more/c.YAML', app('C'));
    put('apps/README.md', 'no app');
    put('apps/.hidden/d.yaml', app('D'));
    put('apps/node_modules/x/e.yaml', app('E'));
    const single = put('single', app('S'));
    const { apps, problems } = await read(single, join(folder, 'apps'));
    expect(problems).to.deep.equal([]);
    expect(apps.map(({ wish }) => wish.name)).to.deep.equal(['S', 'A', 'B', 'C']);
  });

  it('reads a file once that is named twice', async () => {
    const file = put('a.yaml', app('A'));
    const { apps, problems } = await read(file, file);
    expect(problems).to.deep.equal([]);
    expect(apps).to.have.length(1);
  });

  it('finds an app that two files name, in whatever case', async () => {
    const one = put('one.yaml', app('Order_Sync'));
    const { problems } = await read(one, put('two.yaml', app('order_sync')));
    expect(problems).to.deep.equal([
      {
        file: join(folder, 'two.yaml'),
        line: 1,
        column: 16,
        code: 'file.appTwice',
        values: ['order_sync', `${one}:1`],
      },
    ]);
  });

  it('looks for a certificate beside the file that names it', async () => {
    const file = put(
      'deep/eca.yaml',
      `apps:
- { name: A, oauth: { certificateFile: certs/a.crt } }
- { name: B, oauth: { certificateFile: none } }
- { name: C, oauth: { certificateFile: /etc/c.crt } }
`,
    );
    const { apps } = await read(file);
    expect(apps.map(({ wish }) => wish.oauth?.certificateFile)).to.deep.equal([
      join(folder, 'deep/certs/a.crt'),
      'none',
      '/etc/c.crt',
    ]);
  });

  it('takes the path of a certificate for a file, whatever the file is called', async () => {
    const file = put(
      'eca.yaml',
      ['none', '-']
        .map((name) => `- { name: A${name.length}, oauth: { certificateFile: ./${name} } }`)
        .join('\n')
        .replace(/^/, 'apps:\n'),
    );
    const before = process.cwd();
    process.chdir(folder);
    try {
      const { apps, problems } = await read('eca.yaml');
      expect(problems).to.deep.equal([]);
      expect(apps.map(({ wish }) => wish.oauth?.certificateFile)).to.deep.equal(['./none', './-']);
    } finally {
      process.chdir(before);
    }
    expect((await read(file)).apps).to.have.length(2);
  });

  it('takes no certificate from standard input', async () => {
    const file = put('eca.yaml', 'apps:\n  - name: A\n    oauth:\n      certificateFile: "-"\n');
    const { problems } = await read(file);
    expect(problems).to.deep.equal([{ file, line: 4, column: 24, code: 'file.certificateFromInput', values: [] }]);
    const variable = put('variable.yaml', 'apps:\n  - name: A\n    oauth: { certificateFile: "${CRT}" }\n');
    expect((await readEcaFiles([variable], { CRT: '-' })).problems.map(({ code }) => code)).to.deep.equal([
      'file.certificateFromInput',
    ]);
  });

  it('says what it could not read, all at once', async () => {
    mkdirSync(join(folder, 'empty'));
    const large = put('large.yaml', '#'.repeat(5_000_001));
    const { problems } = await read(join(folder, 'nope.yaml'), join(folder, 'empty'), large, '/dev/null');
    expect(problems.map(({ code }) => code)).to.deep.equal([
      'file.notFound',
      'file.folderEmpty',
      'file.tooLarge',
      'file.notAFile',
    ]);
  });
});
