import { expect } from 'chai';
import { createSandbox } from 'sinon';

import { showTable, type Table } from '../../src/ui/tables.ts';

const APPS: Table = {
  data: [
    { name: 'Order_Sync', flows: 'web-server\nclient-credentials', scopes: 'api' },
    { name: 'B', flows: '', scopes: '-' },
  ],
  columns: ['name', 'flows', 'scopes'].map((key) => ({ key, name: key })),
};

/** Characters that the table of APPS takes. */
const NATURAL = 10 + 18 + 6 + 3 * 2 + 4;

describe('a table', () => {
  const sandbox = createSandbox();
  const screen = { log: sandbox.stub(), table: sandbox.stub() };

  afterEach(() => sandbox.reset());

  it('has one line in each cell, so that no border is out of line', () => {
    showTable(screen, APPS, undefined);
    expect(screen.table.args).to.deep.equal([
      [
        {
          data: [
            { name: 'Order_Sync', flows: 'web-server', scopes: 'api' },
            { name: '', flows: 'client-credentials', scopes: '' },
            { name: 'B', flows: '', scopes: '-' },
          ],
          columns: APPS.columns,
          overflow: 'wrap',
        },
      ],
    ]);
    expect(screen.log.called).to.equal(false);
  });

  it('is one as long as no word is cut, and lines below that', () => {
    showTable(screen, APPS, NATURAL);
    expect(screen.table.callCount).to.equal(1);
    showTable(screen, APPS, NATURAL - 1);
    expect(screen.table.callCount).to.equal(1);
    expect(screen.log.args.flat()).to.deep.equal([
      'Order_Sync',
      '  flows: web-server, client-credentials',
      '  scopes: api',
      'B',
      '  flows: ',
      '  scopes: -',
    ]);
  });

  it('breaks sentences between words', () => {
    const columns = ['check', 'detail'].map((key) => ({ key, name: key }));
    const found = { data: [{ check: 'app', detail: 'The app is on.' }], columns };
    showTable(screen, found, 18);
    expect(screen.table.callCount).to.equal(1);
    showTable(screen, found, 15);
    expect(screen.log.args.flat()).to.deep.equal(['app', '  detail: The', '    app is on.']);
  });
});
