import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { readCredentialsFile } from '../../src/client/credentialsFile.ts';
import { readPrivateKey } from '../../src/client/jwtBearer.ts';
import { readCertificate } from '../../src/local/certificate.ts';
import type { SfError } from '../../src/salesforce.ts';

describe('a key, certificate or credentials file that is no small file', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'unreadable-'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    writeFileSync(join(folder, 'large'), 'x'.repeat(100_001));
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [what, suffix, path] of [
    ['a pipe', 'NotRegular', () => join(folder, 'pipe')],
    ['a device without an end', 'NotRegular', () => '/dev/zero'],
    ['a folder', 'NotRegular', () => folder],
    ['a large file', 'TooLarge', () => join(folder, 'large')],
  ] as const) {
    it(`is refused at once when it is ${what}`, async () => {
      expect(await readPrivateKey(path())).to.include({ code: `error.keyFile${suffix}` });
      expect(await readCredentialsFile(path())).to.include({ code: `error.credentialsFile${suffix}` });
      const error = await readCertificate(path()).catch((thrown: SfError) => thrown);
      expect(error).to.include({ name: `Certificate${suffix}Error` });
    });
  }
});
