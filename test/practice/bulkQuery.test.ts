import { expect } from 'chai';

import { openPractice, type Practice } from './client.ts';
describe('bulk queries in the practice org', () => {
  let practice: Practice;

  before(async () => {
    practice = await openPractice();
    for (let nth = 0; nth < 25; nth += 1) {
      practice.server.org.insert('Account', {
        Name: `No. ${nth}, "quoted"\nand, on`,
        OwnerId: practice.server.org.seeded.admin.Id,
      });
    }
  });
  after(() => practice.close());

  const call = async (method: string, path: string, body?: unknown, version = 'v67.0'): Promise<Response> =>
    fetch(`${practice.server.url}/services/data/${version}/jobs/query${path}`, {
      method,
      headers: { authorization: `Bearer ${practice.server.accessToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const make = async (query: string, more: object = {}): Promise<{ status: number; json: Record<string, string> }> => {
    const answer = await call('POST', '', { operation: 'query', query, ...more });
    const json: unknown = await answer.json();
    return { status: answer.status, json: (Array.isArray(json) ? json[0] : json) as Record<string, string> };
  };

  it('run for jsforce, with records of another object and awkward text in them', async () => {
    const stream = await practice.connection.bulk2.query(
      'SELECT Id, Name, Owner.Alias FROM Account WHERE Name != null',
    );
    const records = (await stream.toArray()) as Array<Record<string, string>>;
    expect(records).to.have.lengthOf(25);
    expect(records[3]).to.deep.include({ Name: 'No. 3, "quoted"\nand, on', 'Owner.Alias': 'admin' });
  });

  it('come a part at a time, each with where the next one begins', async () => {
    const { json } = await make('SELECT Name FROM Account', { columnDelimiter: 'PIPE', lineEnding: 'CRLF' });
    expect(json).to.deep.include({ state: 'UploadComplete', object: 'Account', columnDelimiter: 'PIPE' });
    const parts: string[] = [];
    let locator = '';
    do {
      const answer = await call('GET', `/${json.id}/results?maxRecords=10${locator && `&locator=${locator}`}`);
      parts.push(answer.headers.get('sforce-numberofrecords') ?? '');
      expect(await answer.text()).to.match(/^"Name"\r\n"No\. /);
      locator = answer.headers.get('sforce-locator') ?? '';
    } while (locator !== 'null');
    expect(parts).to.deep.equal(['10', '10', '5']);
    expect((await call('GET', `/${json.id}/results?locator=nonsense`)).status).to.equal(400);
    expect((await call('GET', `/${json.id}/results`, undefined, 'v66.0')).status).to.equal(409);
  });

  it('are aborted before they are complete, not after, and deleted', async () => {
    const { json } = await make('SELECT Id FROM User');
    expect(await (await call('PATCH', `/${json.id}`, { state: 'Aborted' })).json()).to.deep.include({
      state: 'Aborted',
    });
    expect((await call('GET', `/${json.id}/results`)).status).to.equal(400);
    expect((await call('DELETE', `/${json.id}`)).status).to.equal(204);
    expect((await call('GET', `/${json.id}`)).status).to.equal(404);
    const other = await make('SELECT Id FROM User', { operation: 'queryAll' });
    expect(await (await call('GET', `/${other.json.id}`)).json()).to.deep.include({
      state: 'JobComplete',
      operation: 'queryAll',
    });
    expect((await call('PATCH', `/${other.json.id}`, { state: 'Aborted' })).status).to.equal(400);
  });

  it('are refused where the guide says so, and where the query is wrong', async () => {
    const refused = [
      ['SELECT COUNT(Id) FROM User', 'API_ERROR'],
      ['SELECT COUNT() FROM User', 'API_ERROR'],
      ['SELECT Name FROM User GROUP BY Name', 'API_ERROR'],
      ['SELECT Id FROM User LIMIT 5 OFFSET 1', 'API_ERROR'],
      ['SELECT Id, (SELECT Id FROM PermissionSetAssignments) FROM User', 'API_ERROR'],
      ['SELECT FIELDS(ALL) FROM User LIMIT 5', 'API_ERROR'],
      ['SELECT Nope FROM User', 'INVALID_FIELD'],
      ['SELECT Id FROM Nope', 'INVALID_TYPE'],
      ['SELECT', 'MALFORMED_QUERY'],
      ['', 'INVALIDJOB'],
    ];
    for (const [query = '', code] of refused) {
      const { status, json } = await make(query);
      expect([query, status, json.errorCode]).to.deep.equal([query, 400, code]);
    }
    expect((await make('SELECT Id FROM User', { operation: 'insert' })).json.errorCode).to.equal('INVALIDJOB');
    expect((await make('SELECT Id FROM User', { columnDelimiter: 'constructor' })).json.errorCode).to.equal(
      'INVALIDJOB',
    );
  });

  it('are seen by whoever made them', async () => {
    const { json } = await make('SELECT Id FROM User');
    const other = practice.as(practice.server.org.seeded.standardUser.Id);
    const answer = await fetch(`${practice.server.url}/services/data/v67.0/jobs/query/${json.id}`, {
      headers: { authorization: `Bearer ${other.accessToken}` },
    });
    expect(answer.status).to.equal(404);
  });
});
