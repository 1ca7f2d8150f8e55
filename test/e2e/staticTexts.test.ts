import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Command, Config } from '@oclif/core';
import { expect } from 'chai';

import { textsIn } from '../hints.ts';

const root = join(import.meta.dirname, '..', '..');

/** The two that help fills in, and nobody else looks at: in examples. */
const OF_EXAMPLES = /<%= (config\.bin|command\.id) %>/g;

const textsOf = ({ summary, description, usage, flags, args }: Command.Loadable): string[] => [
  ...textsIn([summary, description, usage, args]),
  ...Object.values(flags).flatMap(({ summary: text, description: more }) => textsIn([text, more])),
];

/** `sf commands` takes every summary and description for a template of lodash's, and fails for all plugins at a mistake. */
const isTemplate = (text: string): boolean => /\$\{|<%/.test(text);

/** The flags that a text names. A line with a command of another program may name the flags of that program. */
const flagsNamedIn = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => !/\b(sf (?!eca )[a-z]|git |openssl |base64 )/.test(line))
    .flatMap((line) => [...line.matchAll(/(?<![\w-])--([a-z][a-z-]*[a-z])/g)].map(([, name = '']) => name));

const hasFlag = ({ flags }: Command.Loadable, name: string): boolean =>
  name in flags || flags[name.replace(/^no-/, '')]?.type === 'boolean';

describe('the texts of the commands', () => {
  let config: Config;

  before(async () => {
    config = await Config.load({ root, devPlugins: false, userPlugins: false });
  });

  it('are templates nowhere but in examples', () => {
    const own = config.commands.filter(({ id }) => id.startsWith('eca'));
    expect(own).to.have.length.greaterThan(20);
    for (const command of own) {
      expect(textsOf(command).filter(isTemplate), command.id).to.deep.equal([]);
      const examples = textsIn(command.examples).map((text) => text.replaceAll(OF_EXAMPLES, ''));
      expect(examples.filter(isTemplate), command.id).to.deep.equal([]);
    }
  });

  it('are so for topics, too', () => {
    expect(config.topics.flatMap(({ description }) => description ?? []).filter(isTemplate)).to.deep.equal([]);
  });

  it('would be found', () => {
    for (const text of ['written ${NAME}', 'a <%- b %>', 'plain ${']) expect(isTemplate(text)).to.equal(true);
  });

  it('name no flag that is not there', () => {
    const folder = join(root, 'messages');
    const nowhere = readdirSync(folder).flatMap((file) =>
      flagsNamedIn(readFileSync(join(folder, file), 'utf8'))
        .filter((name) => name !== 'help' && !config.commands.some((command) => hasFlag(command, name)))
        .map((name) => `${file}: --${name}`),
    );
    expect(nowhere).to.deep.equal([]);
  });

  it('would be found with such a flag', () => {
    expect(flagsNamedIn('Turn the flow on with --nothing, or\n  sf eca oauth set --nowhere x')).to.deep.equal([
      'nothing',
      'nowhere',
    ]);
    expect(flagsNamedIn('See "sf org open --path /x".\nUse --name.')).to.deep.equal(['name']);
    expect(config.commands.some((command) => hasFlag(command, 'nothing'))).to.equal(false);
    expect(config.commands.some((command) => hasFlag(command, 'no-pkce'))).to.equal(true);
  });

  it('let no flag take a list apart by itself, at which sf warns of commas', () => {
    for (const { id, flags } of config.commands)
      for (const [name, flag] of Object.entries(flags))
        expect((flag as { delimiter?: string }).delimiter, `${id} --${name}`).to.equal(undefined);
  });
});
