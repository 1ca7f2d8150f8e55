import { expect } from 'chai';

import { tableRows } from '../../src/ui/tableRows.ts';

describe('the rows of a table', () => {
  it('have one line in each cell, so that no border is out of line', () => {
    expect(
      tableRows([
        { name: 'A', flows: 'x\ny', scopes: 'api\nid\nweb' },
        { name: 'B', flows: '', scopes: '-' },
      ]),
    ).to.deep.equal([
      { name: 'A', flows: 'x', scopes: 'api' },
      { name: '', flows: 'y', scopes: 'id' },
      { name: '', flows: '', scopes: 'web' },
      { name: 'B', flows: '', scopes: '-' },
    ]);
    expect(tableRows([])).to.deep.equal([]);
  });
});
