import { expect } from 'chai';

import { tell } from '../../../src/app/audit/auditText.ts';
import { formatBaseline, newRules, parseBaseline } from '../../../src/app/audit/baseline.ts';
import { type Exception, unneeded, withExceptions } from '../../../src/app/audit/exceptions.ts';
import type { Failed } from '../../../src/app/audit/judge.ts';
import { ruleNamed } from '../../../src/app/audit/rules.ts';

const ORG = { id: '00D000000000001AAA' };
const NOW = new Date('2026-11-27T12:00:00Z');

const finding = (rule = 'ECA102', others: Partial<Failed> = {}): Failed => ({
  rule: ruleNamed(rule)!,
  subject: { kind: 'app', id: '0xI000000000001', name: 'Order_Sync' },
  fingerprint: `${rule}/00D000000000001/0xI000000000001`,
  score: 5.3,
  severity: 'medium',
  status: 'fail',
  text: tell('ECA102.found'),
  fix: {},
  ...others,
});

const after = (
  exceptions: Exception[],
  found = [finding()],
  baseline = undefined as ReturnType<typeof parseBaseline>,
) => withExceptions(found, exceptions, baseline, { org: ORG, now: NOW })[0];

describe('exceptions from an audit', () => {
  const reason = 'The client changes in March.';

  it('suppress a finding of the rule, of the app and of the org that they name', () => {
    const exception = { rule: 'ECA102', app: 'order_sync', org: '00D000000000001', reason };
    expect(after([exception])?.suppression).to.deep.equal({ by: 'file', reason });
    for (const other of [{ rule: 'ECA103' }, { app: 'Billing' }, { org: '00D000000000002' }])
      expect(after([{ ...exception, ...other }])?.suppression).to.equal(undefined);
  });

  it('hold until the end of their last day, and then the finding says so', () => {
    const until = (day: string) => after([{ rule: 'ECA102', reason, until: day }]);
    expect(until('2026-11-27')?.suppression).to.deep.equal({ by: 'file', reason, until: '2026-11-27' });
    expect(until('2026-11-26')).to.include({ ended: '2026-11-26' }).and.not.have.property('suppression');
  });

  it('are named when no finding needs them', () => {
    const exceptions = [
      { rule: 'ECA102', reason },
      { rule: 'ECA103', reason },
    ];
    expect(unneeded(exceptions, [finding()], ORG.id)).to.deep.equal([exceptions[1]]);
  });
});

describe('a baseline', () => {
  const baseline = parseBaseline(formatBaseline(ORG.id, [finding()]));

  it('suppresses what it has', () => {
    expect(after([], [finding()], baseline)?.suppression).to.deep.equal({ by: 'baseline' });
  });

  it('does not suppress what is new, or has become worse', () => {
    expect(after([], [finding('ECA103')], baseline)?.suppression).to.equal(undefined);
    expect(after([], [finding('ECA102', { severity: 'high' })], baseline)?.suppression).to.equal(undefined);
    expect(after([], [finding('ECA102', { severity: 'low' })], baseline)?.suppression).to.deep.equal({
      by: 'baseline',
    });
  });

  for (const text of ['', 'null', '[]', '{"version":2}', '{"version":1,"org":"x","rules":[1],"findings":[]}'])
    it(`is not read from ${JSON.stringify(text)}`, () => {
      expect(parseBaseline(text)).to.equal(undefined);
    });

  it('is not read when a part of it is missing', () => {
    const text = formatBaseline(ORG.id, [finding()]);
    for (const length of [1, 20, text.length / 2, text.length - 3])
      expect(parseBaseline(text.slice(0, length)), String(length)).to.equal(undefined);
  });

  it('is not read with a finding that is none', () => {
    const text = '{"version":1,"org":"x","rules":[],"findings":[{"fingerprint":"a","severity":"bad"}]}';
    expect(parseBaseline(text)).to.equal(undefined);
  });

  it('names the rules that came after it', () => {
    expect(newRules({ org: '', rules: ['ECA102'], findings: new Map() }))
      .to.include('ECA101')
      .and.not.include('ECA102');
  });
});
