import { execFileSync } from 'node:child_process';

import { expect } from 'chai';

import { commandLine } from '../../src/app/commandLine.ts';

describe('commandLine', () => {
  it('leaves plain words as they are', () => {
    const words = ['sf', 'eca', 'create', '--name', 'Order_Sync', '--contact-email', 'it+eca@example.com'];
    expect(commandLine(words)).to.equal('sf eca create --name Order_Sync --contact-email it+eca@example.com');
  });

  it('gives a shell back what it was given, whatever that is', () => {
    const odd = [
      "it's",
      'two words',
      '$(id)',
      '`id`',
      'a"b',
      'a\\b',
      'a\nb',
      '',
      '*',
      '~',
      '#x',
      '!!',
      'a;b',
      '<a> & <b>',
    ];
    const printed = execFileSync('/bin/sh', ['-c', commandLine(['printf', '%s\\0', ...odd])], { encoding: 'utf8' });
    expect(printed.split('\0').slice(0, -1)).to.deep.equal(odd);
  });
});
