import { expect } from 'chai';

import { FIELD_PATHS, FIELDS, setField } from '../../src/app/fields.ts';
import { appLines } from '../../src/ui/appLines.ts';

/** A value of each kind, as an org could have it. */
const VALUES = {
  text: 'a text',
  yesNo: true,
  number: 7,
  texts: ['one', 'two'],
  ranges: [{ start: '203.0.113.0', end: '203.0.113.9' }],
  attributes: [{ key: 'country', formula: 'User.Country' }],
};

describe('the lines of an app', () => {
  it('have a label for every field that an org gives back', () => {
    const app = { name: 'Order_Sync' };
    const readable = FIELD_PATHS.filter((path) => !FIELDS[path].writeOnly);
    for (const path of readable) setField(app, path, VALUES[FIELDS[path].kind]);
    const lines = appLines(app, []).filter((line) => /^ {2}\S.*:/.test(line));
    expect(lines).to.have.lengthOf(readable.length + 1);
    expect(lines.filter((line) => /\w\.\w+:/.test(line))).to.deep.equal([]);
  });

  it('keep a key whole, however narrow the terminal is, and no other line is wider', () => {
    const consumerKey = `3MVG9${'k'.repeat(80)}`;
    const lines = appLines(
      { name: 'Order_Sync', description: 'one word after the other '.repeat(10), consumerKey } as { name: string },
      [{ label: 'Users', value: 'permission set Order_Sync_Access_Of_All_Its_Users (active users: 12)\nnobody' }],
      60,
    );
    expect(lines.find((line) => line.endsWith(consumerKey))).to.not.equal(undefined);
    expect(lines.filter((line) => line.length > 60 && !line.includes(consumerKey))).to.deep.equal([]);
  });
});
