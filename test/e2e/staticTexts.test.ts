import { join } from 'node:path';
import { Config, type Command } from '@oclif/core';
import { expect } from 'chai';

const root = join(import.meta.dirname, '..', '..');

/** The two that help fills in, and nobody else looks at: in examples. */
const ofExamples = /<%= (config\.bin|command\.id) %>/g;

/** The texts in a value, wherever they are. */
const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};

const textsOf = ({ summary, description, usage, flags, args }: Command.Loadable): string[] => [
  ...textsIn([summary, description, usage, args]),
  ...Object.values(flags).flatMap(({ summary: text, description: more }) => textsIn([text, more])),
];

/** `sf commands` takes every summary and description for a template of lodash's, and fails for all plugins at a mistake. */
const isTemplate = (text: string): boolean => /\$\{|<%/.test(text);

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
      const examples = textsIn(command.examples).map((text) => text.replaceAll(ofExamples, ''));
      expect(examples.filter(isTemplate), command.id).to.deep.equal([]);
    }
  });

  it('are so for topics, too', () => {
    expect(config.topics.flatMap(({ description }) => description ?? []).filter(isTemplate)).to.deep.equal([]);
  });

  it('would be found', () => {
    for (const text of ['written ${NAME}', 'a <%- b %>', 'plain ${']) expect(isTemplate(text)).to.equal(true);
  });

  it('let no flag take a list apart by itself, at which sf warns of commas', () => {
    for (const { id, flags } of config.commands)
      for (const [name, flag] of Object.entries(flags))
        expect((flag as { delimiter?: string }).delimiter, `${id} --${name}`).to.equal(undefined);
  });
});
