import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import type { Connection } from '@salesforce/core';
import { expect } from 'chai';

import { notePairs, readPair } from '../../src/local/migrations.ts';
import { stateFile } from '../../src/local/stateFiles.ts';

const ORG = '00D000000000MOV';
const connection = { getAuthInfoFields: () => ({ orgId: `${ORG}AAA` }), instanceUrl: 'https://x.example.com' };
const note = (oldName: string, newName: string): Promise<boolean> =>
  notePairs(connection as unknown as Connection, [{ oldName, newName, road: 'side-by-side' }]);

describe('the note of moved apps', () => {
  it('pairs old and new for one org, in any case of the name, also with a hostile name', async () => {
    const hostile = '__proto__ "../../x\'';
    expect(await note('Portal', 'Portal_ECA')).to.equal(true);
    expect(await note(hostile, 'Other')).to.equal(true);
    expect(await readPair(ORG, 'PORTAL')).to.include({ oldName: 'Portal', newName: 'Portal_ECA' });
    expect((await readPair(ORG, hostile))?.newName).to.equal('Other');
    expect(await readPair('00D000000000XXX', 'Portal')).to.equal(undefined);
    expect(await readPair(ORG, 'Porta')).to.equal(undefined);
    expect(statSync(stateFile(`migrations-${ORG}.json`)).mode & 0o777).to.equal(0o600);
  });

  it('keeps its date when a second run notes the same, and takes the later pair', async () => {
    await note('Twice', 'First');
    const first = await readPair(ORG, 'Twice');
    await note('Twice', 'First');
    expect(await readPair(ORG, 'Twice')).to.deep.equal(first);
    await note('Twice', 'Second');
    expect((await readPair(ORG, 'Twice'))?.newName).to.equal('Second');
  });

  it('loses no pair when several runs note at once', async () => {
    const names = ['A1', 'A2', 'A3', 'A4'];
    expect(await Promise.all(names.map((name) => note(name, `${name}_ECA`)))).to.not.include(false);
    for (const name of names) expect((await readPair(ORG, name))?.newName).to.equal(`${name}_ECA`);
  });

  it('says nothing where the file is damaged or of another org', async () => {
    const file = stateFile('migrations-00D000000000BAD.json');
    mkdirSync(dirname(file), { recursive: true });
    for (const content of [
      '{"orgId":"00D000000000BAD","pairs":[{"oldName":"Portal"}, null]}',
      'no JSON',
      'null',
      readFileSync(stateFile(`migrations-${ORG}.json`), 'utf8'),
    ]) {
      writeFileSync(file, content);
      expect(await readPair('00D000000000BAD', 'Portal'), content).to.equal(undefined);
    }
    chmodSync(file, 0o600);
  });
});
