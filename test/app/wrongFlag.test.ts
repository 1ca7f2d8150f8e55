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

  it('is near to a flag of the command, where no other command has it', () => {
    expect(placeOfFlag('--labels', 'eca:create', COMMANDS)).to.deep.equal({ meant: '--label', owners: [] });
    expect(placeOfFlag('--targt-org', 'eca:create', COMMANDS).meant).to.equal('--target-org');
    for (const flag of ['--nothing', '--olds', '-l', '--'])
      expect(placeOfFlag(flag, 'eca:create', COMMANDS), flag).to.deep.equal({ owners: [] });
  });

  it('leads to the flag with the same meaning that the command has, whichever that is', () => {
    const commands: typeof COMMANDS = [
      { id: 'eca:verify', flags: { 'jwt-key-file': {}, 'run-as': {} } },
      { id: 'eca:certificate:rotate', flags: { 'key-file': {} } },
      { id: 'eca:user:create', flags: { 'base-username': {} } },
    ];
    for (const typed of ['--key-file', '--private-key', '--key'])
      expect(placeOfFlag(typed, 'eca:verify', commands)).to.deep.equal({ meant: '--jwt-key-file', owners: [] });
    expect(placeOfFlag('--jwt-key-file', 'eca:certificate:rotate', commands).meant).to.equal('--key-file');
    expect(placeOfFlag('--username', 'eca:verify', commands).meant).to.equal('--run-as');
    expect(placeOfFlag('--run-as', 'eca:user:create', commands).meant).to.equal('--base-username');
    expect(placeOfFlag('--jwt-key-file', 'eca:user:create', commands).owners).to.deep.equal(['sf eca verify']);
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
