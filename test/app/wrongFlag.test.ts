import { expect } from 'chai';

import { placeOfFlag } from '../../src/app/wrongFlag.ts';

const COMMANDS: Parameters<typeof placeOfFlag>[2] = [
  { id: 'eca:create', flags: { label: {}, 'target-org': {}, old: { hidden: true } } },
  { id: 'eca:update', flags: { label: {}, old: { hidden: true } } },
  { id: 'eca:secret', hidden: true, flags: { label: {} } },
  { id: 'org:create', flags: { label: {}, alias: {} } },
];

describe('a flag that a command does not have', () => {
  it('belongs to the commands of this plugin that have it', () => {
    expect(placeOfFlag('--label', 'eca:list', COMMANDS).owners).to.deep.equal(['sf eca create', 'sf eca update']);
    expect(placeOfFlag('--label', 'eca:create', COMMANDS).owners).to.deep.equal(['sf eca update']);
  });

  it('belongs to nobody where it is hidden, unknown, or a flag of others', () => {
    for (const flag of ['--old', '--alias', '--toString', '--', 'label'])
      expect(placeOfFlag(flag, 'eca:list', COMMANDS), flag).to.deep.equal({ owners: [] });
  });

  it('is known from other CLIs, where the command has the flag that is meant', () => {
    expect(placeOfFlag('--targetusername', 'eca:create', COMMANDS)).to.deep.equal({
      meant: '--target-org',
      owners: [],
    });
    expect(placeOfFlag('-u', 'eca:create', COMMANDS).meant).to.equal('--target-org');
    expect(placeOfFlag('-u', 'eca:update', COMMANDS).meant).to.equal(undefined);
    expect(placeOfFlag('--yes', 'eca:create', COMMANDS).meant).to.equal(undefined);
  });
});
