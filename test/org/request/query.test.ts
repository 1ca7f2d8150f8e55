import type { Connection } from '@salesforce/core';
import { expect } from 'chai';

import { query } from '../../../src/org/request/query.ts';
import { createPracticeServer, type PracticeServer } from '../../../src/practice/practice.ts';
import type { SfError } from '../../../src/salesforce.ts';
import { connectTo } from '../../connectTo.ts';

describe('query', () => {
  let practice: PracticeServer;
  let connection: Connection;

  beforeEach(async () => {
    practice = await createPracticeServer();
    connection = await connectTo(practice);
  });
  afterEach(() => practice.close());

  const failure = async (statement: string): Promise<SfError> =>
    query(connection, 'looking', statement).then(
      () => expect.fail('was answered'),
      (error: SfError) => error,
    );

  it('gives the rows', async () => {
    const rows = await query<{ Id: string }>(connection, 'looking', 'SELECT Id FROM Organization');
    expect(rows.map(({ Id }) => Id)).to.deep.equal([practice.org.orgId]);
  });

  it('takes other rows where the org refuses as expected, and only there', async () => {
    const instead = { INVALID_TYPE: [{ Name: 'none' }] };
    expect(await query(connection, 'looking', 'SELECT Name FROM Nonsense', instead)).to.deep.equal([{ Name: 'none' }]);
    const refused = await query(connection, 'looking', 'SELECT Nonsense FROM User', instead).catch(
      (error) => error.name,
    );
    expect(refused).to.equal('OrgSaidNoError');
  });

  it('names what the org refuses', async () => {
    const error = await failure('SELECT Name FROM Nonsense');
    expect(error.name).to.equal('OrgSaidNoError');
    expect(error.message).to.include('looking').and.include('INVALID_TYPE');
  });

  it('is not taken in by a page that comes with status 200', async () => {
    connection.request = (() => Promise.resolve('<html><body>Log in to the proxy</body></html>')) as never;
    const error = await failure('SELECT Id FROM User');
    expect(error.name).to.equal('OrgAnsweredHtmlError');
    expect(error.message).not.to.include('Log in to the proxy');
  });

  for (const [what, next] of [
    ['leads back to itself', '/services/data/v67.0/query/01g-2000'],
    ['leads to another host', 'https://elsewhere.example/services/data/v67.0/query/01g-2000'],
    ['leads to another host in Salesforce’s clothes', '//elsewhere.example/services/data/'],
  ] as const) {
    it(`is ended where the next page ${what}`, async () => {
      const asked: unknown[] = [];
      connection.request = ((page: string) => {
        asked.push(page);
        return Promise.resolve({ done: false, totalSize: 4000, records: [], nextRecordsUrl: next });
      }) as never;
      const error = await failure('SELECT Id FROM User');
      expect(error.name).to.equal('OrgSaidNoError');
      expect(error.message).to.include('No further page');
      expect(asked.slice(1)).to.deep.equal(next.startsWith('/services/') ? [next] : []);
    });
  }
});
