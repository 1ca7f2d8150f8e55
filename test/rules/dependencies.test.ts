import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** `resolved` is where a package comes from, when that is no registry. */
type Locked = {
  dev?: boolean;
  devOptional?: boolean;
  optional?: boolean;
  hasInstallScript?: boolean;
  resolved?: string;
  integrity?: string;
};
type Manifest = { dependencies: Record<string, string>; devDependencies: Record<string, string> };

/** What goes with Apache-2.0 in a package that is not changed: permissive licences. */
const COMPATIBLE = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC']);
COMPATIBLE.add('MIT').add('Python-2.0').add('Unlicense').add('Zlib');

/** Of a choice one has to be compatible, of a sum all: `(MIT OR GPL-3.0-or-later)`, `(MIT AND Zlib)`. */
const isCompatible = (licence: unknown): boolean => {
  if (typeof licence !== 'string') return false;
  const expression = licence.replace(/^\(([^()]*)\)$/, '$1');
  return expression.split(' OR ').some((choice) => choice.split(' AND ').every((one) => COMPATIBLE.has(one)));
};

/** The packages that a table of the document names in its first column. */
const named = (heading: string): string[] => {
  const [, section = ''] = read('docs/dependencies.md').split(`\n## ${heading}\n`);
  const [table = ''] = section.split('\n## ');
  return [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name).sort();
};

describe('the dependencies', () => {
  const manifest = JSON.parse(read('package.json')) as Manifest;
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
  const shipped = Object.entries(packages).filter(([path, { dev, devOptional }]) => path && !dev && !devOptional);

  it('are those that docs/dependencies.md gives reasons for', () => {
    expect(named('What is installed with the plugin')).to.deep.equal(Object.keys(manifest.dependencies).sort());
    expect(named('What developing it takes besides')).to.deep.equal(Object.keys(manifest.devDependencies).sort());
  });

  it('run nothing when they are installed', () => {
    expect(shipped.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).to.deep.equal([]);
  });

  it('have licences that go with ours', () => {
    const wrong = shipped.flatMap(([path, { optional }]) => {
      try {
        const { license } = JSON.parse(read(join(path, 'package.json'))) as { license?: unknown };
        return isCompatible(license) ? [] : [`${path}: ${JSON.stringify(license)}`];
      } catch (error) {
        // Those of other platforms are not there.
        if (optional) return [];
        throw error;
      }
    });
    expect(wrong).to.deep.equal([]);
    expect(shipped.length).to.be.greaterThan(100);
  });

  it('would be found with another licence', () => {
    expect(['MIT', '(MIT OR GPL-3.0-or-later)', '(MIT AND Zlib)'].every(isCompatible)).to.equal(true);
    const others = ['GPL-3.0', 'AGPL-3.0-only', '(MIT AND GPL-2.0)', 'SEE LICENSE IN LICENSE', 'UNLICENSED', undefined];
    expect(others.filter(isCompatible)).to.deep.equal([]);
  });

  it('come from a registry, each with a checksum, and from nowhere else', () => {
    const locked = Object.entries(packages).filter(([path]) => path !== '');
    const odd = locked.filter(([, { resolved, integrity }]) => resolved ?? !integrity?.startsWith('sha512-'));
    expect(odd.map(([path]) => path)).to.deep.equal([]);
  });
});
