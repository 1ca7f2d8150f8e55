import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
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
  const libraryUsedBy = (versions: Record<keyof typeof door.MAJORS, string> | undefined): string => {
    for (const [name, version] of Object.entries(versions ?? {})) {
      const home = `node_modules/@salesforce/${name}`;
      write(`${home}/package.json`, JSON.stringify({ version, main: 'lib/index.js' }));
      write(
        `${home}/lib/index.js`,
        "class Logger { static childFromRoot() { return { debug() {} }; } }\nexports.Logger = Logger;\nexports.SfCommand = class {};\nexports.Flags = {};\nexports.Messages = 'the program’s';",
      );
    }
    write('node_modules/@oclif/core/index.js', 'exports.Args = {};');
    write(
      'bin/run.mjs',
      `const { Messages } = await import(${JSON.stringify(doorFile.href)});\nconsole.log(typeof Messages === 'string' ? Messages : 'our own');`,
    );
    const env = { ...process.env, HOME: folder, USERPROFILE: folder };
    return execFileSync(process.execPath, [join(folder, 'bin', 'run.mjs')], { encoding: 'utf8', env }).trim();
  };

  /** What `sf` keeps in its log, at the level that it has by itself. */
  const logged = (): string => {
    const logs = join(folder, '.sf');
    const files = existsSync(logs) ? readdirSync(logs).filter((file) => file.endsWith('.log')) : [];
    return files.map((file) => readFileSync(join(logs, file), 'utf8')).join('');
  };

  it('names the majors of our own dependencies', () => {
    const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const [name, major] of Object.entries(door.MAJORS)) {
      expect(dependencies[`@salesforce/${name}`]).to.match(new RegExp(`^\\^${major}\\.`));
    }
  });

  it('gives our own copies where the program has no others', () => {
    expect(door.SfError).to.equal(core.SfError);
    expect(Object.getPrototypeOf(door.SfCommand)).to.equal(pluginsCore.SfCommand);
    expect(libraryUsedBy(undefined)).to.equal('our own');
  });

  it('gives the copies of the program that runs us', () => {
    expect(libraryUsedBy({ core: '9.99.0', kit: '4.99.0', 'sf-plugins-core': '13.99.0' })).to.equal('the program’s');
  });

  for (const [name, versions] of Object.entries({
    'sf-plugins-core': { core: '9.99.0', kit: '4.99.0', 'sf-plugins-core': '14.0.0' },
    core: { core: '10.0.0', kit: '4.99.0', 'sf-plugins-core': '13.99.0' },
    kit: { core: '9.99.0', kit: '5.0.0', 'sf-plugins-core': '13.99.0' },
  })) {
    it(`falls back to our own where the program has another major of ${name}, and says so in the log`, () => {
      expect(libraryUsedBy(versions)).to.equal('our own');
      const major = door.MAJORS[name as keyof typeof door.MAJORS];
      expect(logged()).to.include(`the CLI has ${name} ${versions[name as keyof typeof versions]}, not ${major}`);
    });
  }

  it('says nothing of it in the log where no CLI runs us', () => {
    expect(libraryUsedBy(undefined)).to.equal('our own');
    expect(logged()).to.equal('');
  });
});
