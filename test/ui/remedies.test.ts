import { expect } from 'chai';

import { remedyLines, remedyOf } from '../../src/ui/remedies.ts';

describe('what is to be done', () => {
  const command = `  sf eca verify --name Order_Sync --credentials-file ${'x'.repeat(60)}`;

  it('is wrapped to the terminal, but for commands, which can be copied whole', () => {
    const fix = `One two three four five six seven:\n${command}`;
    expect(remedyLines([{ title: 'A check', fix }], 20)).to.deep.equal([
      '- A check',
      '  One two three four',
      '  five six seven:',
      `  ${command}`,
    ]);
    expect(remedyLines([{ title: 'A check', fix }])[1]).to.equal('  One two three four five six seven:');
  });

  it('is said once where it mends several things, and not at all where nothing is to be done', () => {
    const findings = [
      { title: 'A', fix: 'Do it.' },
      { title: 'B' },
      { title: 'C', fix: 'Else.' },
      { title: 'D', fix: 'Do it.' },
    ];
    expect(remedyLines(findings)).to.deep.equal(['- A', '- D', '  Do it.', '- C', '  Else.']);
    expect(remedyLines([{ title: 'B' }])).to.deep.equal([]);
  });

  it('has its commands beside it, each as it runs, and none that is only mentioned', () => {
    const fix = 'See "sf org list limits".\nThen:\n\n  sf eca scopes set --name A --add api\n  sf eca verify --name A';
    expect(remedyOf(fix)).to.deep.equal({
      fix,
      commands: ['sf eca scopes set --name A --add api', 'sf eca verify --name A'],
    });
    expect(remedyOf(undefined)).to.deep.equal({ commands: [] });
  });
});
