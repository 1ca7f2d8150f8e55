import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

const src = join(import.meta.dirname, '..', '..', 'src');

describe('secrets are revealed', () => {
  it('where a request or a file is made of them, and nowhere else', () => {
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const revealing = files.filter((file) => /\.reveal\b/.test(readFileSync(join(src, file), 'utf8')));
    expect(revealing.sort()).to.deep.equal([
      'app/handover.ts',
      'app/targets/input.ts',
      'client/apiCall.ts',
      'client/token.ts',
    ]);
  });
});
