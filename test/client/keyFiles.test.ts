import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { newPair, withNewFiles } from '../../src/client/keyFiles.ts';
import { makeCertificate } from '../../src/client/newCertificate.ts';

const SHAPE = { bits: 2048, days: 1, commonName: 'Order_Sync' };

describe('the files of a new key', () => {
  let folder: string;
  const filesIn = (under = '.') => ({ key: join(folder, 'app.key'), certificate: join(folder, under, 'app.crt') });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eca-key-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are both written, and the key for its owner alone', async () => {
    const files = filesIn();
    const pair = { ...(await makeCertificate(SHAPE)), files };
    expect(await withNewFiles(pair, () => Promise.resolve('given'))).to.equal('given');
    expect(readdirSync(folder).sort()).to.deep.equal(['app.crt', 'app.key']);
    expect(statSync(files.key).mode & 0o777).to.equal(0o600);
  });

  it('are neither there when the second cannot be written, and nothing is given', async () => {
    const pair = { ...(await makeCertificate(SHAPE)), files: filesIn('full') };
    let given = false;
    const problem = await withNewFiles(pair, () => Promise.resolve((given = true)));
    expect(problem).to.have.property('code', 'error.outputFileUnwritable');
    expect([given, readdirSync(folder)]).to.deep.equal([false, []]);
  });

  it('stay when nobody knows whether the org has the certificate', async () => {
    const pair = { ...(await makeCertificate(SHAPE)), files: filesIn() };
    const lost = new Error('The connection broke.');
    expect(await withNewFiles(pair, () => Promise.reject(lost)).catch((error: unknown) => error)).to.equal(lost);
    expect(readdirSync(folder)).to.have.length(2);
  });

  it('are refused before a key is made, where their folder is not there', async () => {
    expect(await newPair(filesIn('gone'), SHAPE)).to.have.property('code', 'error.outputFileUnwritable');
  });
});
