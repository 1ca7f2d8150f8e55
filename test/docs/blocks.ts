import { join } from 'node:path';

import { expect } from 'chai';

import { cloneInto } from './clone.ts';
import { type Block, blocksOf, isForShell, keyOf, pages } from './pages.ts';
import { openShell, type Shell } from './shell.ts';

/** The pages in docs/recipes, which a test of their own follows from top to bottom. */
export const RECIPES = [
  ...['audit.md', 'scratch-org.md', 'admins-afternoon.md', 'drift-check.md', 'github-actions.md', 'jwt-for-ci.md'],
  'client-credentials.md',
  'web-server-pkce.md',
];

/** Pages that a test follows from top to bottom. */
const FOLLOWED = [...RECIPES.map((recipe) => `docs/recipes/${recipe}`), 'docs/moving.md'];

/** The commands that all other pages show. */
export const shellBlocks = pages
  .filter((page) => !FOLLOWED.includes(page))
  .flatMap((page) => blocksOf(page))
  .filter((block) => isForShell(block) && !block.file);

/** Blocks that no test runs, by the page and the first line, and why. */
export const NOT_RUN: Record<string, string> = {
  'README.md: npm ci && npm test': 'It is what CI runs first, and it takes minutes.',
  'README.md: SF_ECA_TEST_ORG=my-sandbox SF_ECA_TEST_RUN_AS=integration@example.com npm run test:e2e':
    'It needs a real org.',
  'docs/dependencies.md: npm audit --omit=dev --audit-level=moderate': "It needs npm's own registry.",
  'docs/mutation.md: npm run test:mutation': 'It takes an hour.',
  'docs/performance.md: npm run bench                       # all of it; about an hour and a half': 'It takes hours.',
  'docs/practice-org.md: sf eca practice start [--alias practice] [--port N] [--set-default]':
    'It is no command line, but says what may be left out. A test of its own compares it with the flags.',
};

/** Where a block of a page is run, what has to be there before, and what to expect afterwards. */
export type Scene = {
  /** In a clone of the project, and not in a folder of its own. */
  inClone?: boolean;
  before?: (shell: Shell) => Promise<void> | void;
  after: (output: string, shell: Shell) => Promise<void> | void;
};

/** Runs a block, which must go well. @returns what it printed */
export const runBlock = async (shell: Shell, { text }: Block, cwd = shell.folder): Promise<string> => {
  const { code, output } = await shell.run(text, {}, cwd);
  expect(code, `${text}\n${output}`).to.equal(0);
  expect(output).to.not.include('The input format for array arguments');
  return output;
};

/** Runs the blocks that have one of the scenes, as the pages print them. */
export const runAsPrinted = (scenes: Record<string, Scene>): void => {
  let shell: Shell;

  before(function () {
    // They make and delete apps under names of their own, which no real org should have to bear.
    if (process.env.SF_ECA_TEST_ORG) this.skip();
  });

  beforeEach(() => {
    shell = openShell();
  });

  afterEach(() => shell.close());

  for (const [key, scene] of Object.entries(scenes)) {
    it(`runs as printed: ${key}`, async () => {
      const block = shellBlocks.find((one) => keyOf(one) === key);
      if (!block) throw new Error('No page has this block any more.');
      const cwd = scene.inClone ? cloneInto(join(shell.folder, 'clone')) : shell.folder;
      await scene.before?.(shell);
      await scene.after(await runBlock(shell, block, cwd), shell);
    }).timeout(1_200_000); // A clone is built first.
  }
};
