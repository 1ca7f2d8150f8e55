import { expect } from 'chai';

import { parseExceptions } from '../../src/file/auditExceptions.ts';

const problemsOf = (text: string): string[] =>
  parseExceptions(text, 'a.yaml').problems.map(({ line, code, values }) => `${line} ${code} ${values.join(' ')}`);

describe('a file of exceptions', () => {
  it('is read with rule, reason, app, org and day', () => {
    const text = 'ignore:\n  - rule: eca102\n    app: Order_Sync\n    reason: later\n    until: 2027-03-31\n';
    expect(parseExceptions(text, 'a.yaml')).to.deep.equal({
      exceptions: [{ rule: 'ECA102', app: 'Order_Sync', reason: 'later', until: '2027-03-31' }],
      problems: [],
    });
  });

  it('may be empty', () => {
    for (const text of ['# nothing\n', 'ignore: []'])
      expect(parseExceptions(text, 'a.yaml').problems).to.deep.equal([]);
  });

  it('names everything that is wrong in it', () => {
    const text = [
      ...['ignore:', '  - rule: ECA12', '    reason: x', '  - rule: ECA102', '  - rule: ECA102', '    reason: y'],
      ...['    until: 2027-02-30', '    apps: z', '  - text'],
    ].join('\n');
    expect(problemsOf(text)).to.deep.equal([
      '2 file.exceptionRule ECA12 ECA102',
      '4 file.exceptionNeeds reason',
      '8 file.exceptionKey apps rule, app, org, reason, until',
      '5 file.exceptionDay 2027-02-30',
      '9 file.exceptionNeeds rule',
    ]);
  });

  it('is refused when it is no group, or no YAML', () => {
    expect(problemsOf('- rule: ECA102')[0]).to.match(/^1 file\.exceptionsNoGroup/);
    expect(problemsOf('ignore: "')[0]).to.match(/^1 file\.quoteOpen/);
  });
});
