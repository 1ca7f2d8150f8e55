import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { isProblem, quotable } from '../../src/app/problem.ts';

const root = join(import.meta.dirname, '..', '..');

describe('problem', () => {
  it('is told from a result', () => {
    expect(isProblem({ code: 'error.x', values: [] })).to.equal(true);
    for (const result of ['api', undefined, null, { period: 1, unit: 'days' }])
      expect(isProblem(result)).to.equal(false);
  });

  it('quotes short values whole and long ones cut, between characters', () => {
    expect(quotable('Order Sync')).to.equal('Order Sync');
    expect(quotable('x'.repeat(100))).to.equal('x'.repeat(100));
    expect(quotable('x'.repeat(101))).to.equal(`${'x'.repeat(100)}…`);
    expect(quotable('😀'.repeat(5000))).to.equal(`${'😀'.repeat(100)}…`);
  });

  it('has a text for every code, and says what to do', () => {
    const sources = readdirSync(join(root, 'src/app'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(root, 'src/app', file), 'utf8'));
    const codes = new Set(sources.flatMap((source) => source.match(/(?<=')(?:error|warning)\.[A-Za-z]+(?=')/g) ?? []));
    const texts = readdirSync(join(root, 'messages')).flatMap((file) =>
      [...readFileSync(join(root, 'messages', file), 'utf8').matchAll(/^# (\S+)/gm)].map(([, key]) => key),
    );
    expect([...codes]).to.have.lengthOf.above(30);
    const hasNextStep = (code: string) =>
      ['actions', 'onCommandLine'].some((ending) => texts.includes(`${code}.${ending}`));
    expect([...codes].filter((code) => !texts.includes(code) || !hasNextStep(code))).to.deep.equal([]);
  });
});
