import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';
import { ESLint } from 'eslint';

const root = join(import.meta.dirname, '..', '..');

/**
 * A command as nobody should write it. It has no summary and no examples, and a camel-case flag with a taken letter.
 */
const BAD_COMMAND = `
import { Flags, SfCommand } from '../../salesforce.ts';

export default class EcaPlanted extends SfCommand<void> {
  public static override readonly flags = {
    targetApp: Flags.string({ char: 'h' }),
  };
  public async run(): Promise<void> {
    this.parse(EcaPlanted);
  }
}
`;

describe('the lint rules', () => {
  let found: string[];

  before(async function () {
    this.timeout(180_000);
    const [command] = readdirSync(join(root, 'src', 'commands', 'eca')).filter((file) => file.endsWith('.ts'));
    if (!command) throw new Error('There is no command in src/commands/eca to take the place of.');
    const eslint = new ESLint({ cwd: root });
    // The text takes the place of a command that is there. Rules that need types know only files of the project.
    const [result] = await eslint.lintText(BAD_COMMAND, { filePath: join(root, 'src', 'commands', 'eca', command) });
    found = result?.messages.map((message) => message.ruleId ?? message.message) ?? [];
  });

  for (const rule of [
    'sf-plugin/command-summary',
    'sf-plugin/command-example',
    'sf-plugin/flag-case',
    'sf-plugin/flag-summary',
    'sf-plugin/no-h-short-char',
    '@typescript-eslint/no-floating-promises',
  ]) {
    it(`find a violation of ${rule}`, () => {
      expect(found).to.include(rule);
    });
  }
});
