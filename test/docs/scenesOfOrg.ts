import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { variantFlags } from '../e2e/variants.ts';
import { runBlock, type Scene, shellBlocks } from './blocks.ts';
import type { Block } from './pages.ts';
import type { Shell } from './shell.ts';

const startOrg = async (shell: Shell, alias: string, ...more: string[]): Promise<void> => {
  await shell.start(alias, ...variantFlags, ...more);
};

const fiveSteps = (): Block[] => shellBlocks.filter(({ text }) => text.includes('--target-org my-org'));

/** Blocks that run with an org which a test starts, and so with its variants. */
export const SCENES_OF_ORG: Record<string, Scene> = {
  'README.md: sf eca create --target-org my-org --name Order_Sync --label "Order Sync" --contact-email it@example.com':
    {
      before: (shell) => startOrg(shell, 'my-org'),
      after: async (output, { appsThere }) => {
        expect(output).to.include('Consumer');
        expect(await appsThere()).to.deep.equal(['Order_Sync']);
      },
    },
  'README.md: sf eca oauth set --target-org my-org --name Order_Sync --add-flow client-credentials \\': {
    before: async (shell) => {
      await startOrg(shell, 'my-org');
      const [first] = fiveSteps();
      if (first) await runBlock(shell, first);
    },
    after: (output) => {
      expect(output).to.include('client-credentials');
    },
  },
  'docs/clients.md: sf eca create --name Order_Sync --contact-email it@example.com': {
    before: (shell) => startOrg(shell, 'clients', '--set-default'),
    after: (output, shell) => {
      expect(output).to.include('SALESFORCE_CLIENT_SECRET');
      expect(shell.noted()).to.include('gh secret set -f - --repo=acme/orders --env=prod');
    },
  },
  'docs/eca-yaml.md: sf eca export --output-file eca.yaml          # what the org has': {
    before: async (shell) => {
      await startOrg(shell, 'files', '--set-default');
      const args = ['--name', 'Order_Sync', '--contact-email', 'it@example.com', '--target-org', 'files'];
      expect((await shell.cli.run(['eca', 'create', ...args])).code).to.equal(0);
    },
    after: (_output, { folder }) => {
      expect(readFileSync(join(folder, 'eca.yaml'), 'utf8')).to.include('Order_Sync');
    },
  },
};
