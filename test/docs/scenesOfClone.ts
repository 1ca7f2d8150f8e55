import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import type { Scene } from './blocks.ts';

/**
 * Blocks that a clone of the project runs, and one that starts a practice org by itself. No variant reaches any of
 * them.
 */
export const SCENES_OF_CLONE: Record<string, Scene> = {
  'README.md: npm ci && npm run try': {
    inClone: true,
    after: (output, { noted }) => {
      expect(noted()).to.deep.equal(['npm ci']);
      expect(output).to.include('$ sf eca verify').and.include('$ sf eca practice stop');
      expect(output)
        .to.include('What to do next:')
        .and.not.match(/\bwarn(ing)?\b.*\n.*\bwarn(ing)?\b/i);
    },
  },
  // test/sf installs it with the real `sf`.
  'README.md: npm ci && npm pack': {
    inClone: true,
    after: (_output, { folder, noted }) => {
      const packed = join(folder, 'clone', 'sf-plugin-eca-0.1.0.tgz');
      expect(noted()).to.deep.equal(['npm ci', `sf plugins install file:${packed}`]);
      expect(existsSync(packed)).to.equal(true);
    },
  },
  'README.md: sf eca practice start --set-default': {
    before: ({ startsByItself }) => startsByItself('practice'),
    after: async (output, { cli }) => {
      expect(output).to.include('Order_Sync');
      expect((await cli.run(['eca', 'list', '--target-org', 'practice'])).code).to.not.equal(0);
    },
  },
  'docs/debugging.md: node bin/dev.js eca practice start --alias practice': {
    inClone: true,
    after: (output) => {
      expect(output).to.include('Order_Sync').and.include('was stopped');
    },
  },
};
