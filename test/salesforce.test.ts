import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as core from '@salesforce/core';
import * as pluginsCore from '@salesforce/sf-plugins-core';
import { expect } from 'chai';
import * as door from '../src/salesforce.ts';

const doorFile = new URL('../src/salesforce.ts', import.meta.url);

describe("the door to Salesforce's libraries", () => {
  let folder: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'sf-plugin-eca-cli-')));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  /** A program with libraries of its own, which says whose Messages the door gives. */
  const libraryUsedBy = (versions: Record<keyof typeof door.majors, string> | undefined): string => {
    for (const [name, version] of Object.entries(versions ?? {})) {
      const home = `node_modules/@salesforce/${name}`;
      write(`${home}/package.json`, JSON.stringify({ version, main: 'lib/index.js' }));
      write(
        `${home}/lib/index.js`,
        "class Logger { static childFromRoot() { return { debug() {} }; } }\nexports.Logger = Logger;\nexports.Messages = 'the program’s';",
      );
    }
    write(
      'bin/run.mjs',
      `const { Messages } = await import(${JSON.stringify(doorFile.href)});\nconsole.log(typeof Messages === 'string' ? Messages : 'our own');`,
    );
    return execFileSync(process.execPath, [join(folder, 'bin', 'run.mjs')], { encoding: 'utf8' }).trim();
  };

  it('names the majors of our own dependencies', () => {
    const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const [name, major] of Object.entries(door.majors)) {
      expect(dependencies[`@salesforce/${name}`]).to.match(new RegExp(`^\\^${major}\\.`));
    }
  });

  it('gives our own copies where the program has no others', () => {
    expect(door.SfError).to.equal(core.SfError);
    expect(door.SfCommand).to.equal(pluginsCore.SfCommand);
    expect(libraryUsedBy(undefined)).to.equal('our own');
  });

  it('gives the copies of the program that runs us', () => {
    expect(libraryUsedBy({ core: '9.99.0', kit: '4.99.0', 'sf-plugins-core': '13.99.0' })).to.equal('the program’s');
  });

  it('falls back to our own where the program has another major', () => {
    expect(libraryUsedBy({ core: '9.99.0', kit: '4.99.0', 'sf-plugins-core': '14.0.0' })).to.equal('our own');
    expect(libraryUsedBy({ core: '10.0.0', kit: '4.99.0', 'sf-plugins-core': '13.99.0' })).to.equal('our own');
  });
});
