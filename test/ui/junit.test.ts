import { expect } from 'chai';
import { XMLParser } from 'fast-xml-parser';

import { junit } from '../../src/ui/junit.ts';

const CHECKS = [
  { id: 'app', title: 'App is on', status: 'passed', detail: 'yes', durationMs: 12 },
  {
    id: 'b',
    flow: 'web-server',
    title: 'A <b> & "c"',
    status: 'failed',
    detail: 'said\n"no"',
    fix: 'Run: x <name>',
    durationMs: 1500,
  },
  { id: 'c', title: 'C', status: 'warning', detail: 'hm', fix: 'do', durationMs: 0 },
  { id: 'd', title: 'D', status: 'skipped', detail: 'later', durationMs: 0 },
] as const;

const FLOWS = [
  { flow: 'web-server', result: 'accepted', title: 'Result', detail: 'taken' },
  { flow: 'device', result: 'notTried', title: 'Result', detail: 'not "tried"' },
] as const;

const parse = (strict: boolean) => {
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', htmlEntities: true });
  return parser.parse(junit('Order_Sync', [...CHECKS], [...FLOWS], strict)).testsuites.testsuite;
};

describe('a JUnit report', () => {
  it('has every check, and survives what an org says', () => {
    const suite = parse(false);
    expect(suite).to.include({ name: 'eca verify Order_Sync', tests: '6', failures: '1', skipped: '1', time: '1.512' });
    const [passed, failed, warned, skipped] = suite.testcase;
    expect(passed).to.deep.equal({ classname: 'app', name: 'App is on', time: '0.012' });
    expect(failed).to.include({ classname: 'web-server', name: 'A <b> & "c"' });
    expect(failed.failure).to.deep.equal({ type: 'failed', message: 'said\n"no"', '#text': 'Run: x <name>' });
    expect(warned['system-out']).to.equal('hm\ndo');
    expect(skipped.skipped).to.deep.equal({ message: 'later' });
  });

  it('has an error for a flow that could not be tried, so that nobody takes it for tested', () => {
    for (const strict of [true, false]) {
      const suite = parse(strict);
      expect(suite.errors).to.equal('1');
      const [accepted, notTried] = suite.testcase.slice(-2);
      expect(accepted).to.deep.equal({ classname: 'web-server', name: 'Result', time: '0.000' });
      expect(notTried.error).to.deep.equal({ type: 'notTried', message: 'not "tried"' });
    }
  });

  it('counts warnings when it is strict', () => {
    const suite = parse(true);
    expect(suite).to.include({ failures: '2', skipped: '1' });
    expect(suite.testcase[2].failure.type).to.equal('warning');
  });
});
