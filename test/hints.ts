import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';

import { Flags, type Interfaces, Parser } from '@oclif/core';

/** A command of the plugin, as far as its words go. */
type CommandOfHint = {
  id: string;
  flags: Interfaces.FlagInput;
  baseFlags: Interfaces.FlagInput;
  args: Interfaces.ArgInput;
  strict: boolean;
  run(argv: string[]): Promise<unknown>;
};

export type CommandsOfHints = ReadonlyMap<string, CommandOfHint>;

const FOLDER = join(import.meta.dirname, '..', 'src', 'commands');

/** Every command of the plugin by its words, such as `eca oauth set`. */
export const loadCommands = async (): Promise<CommandsOfHints> => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return new Map(
    await Promise.all(
      files.map(async (file): Promise<[string, CommandOfHint]> => {
        const { default: command } = (await import(join(FOLDER, file))) as { default: CommandOfHint };
        return [file.replace(/\.ts$/, '').replaceAll(sep, ' '), command];
      }),
    ),
  );
};

/** Commands stand between quotes, after a colon, or at the beginning of a line. What follows a full stop is a sentence. */
const COMMANDS_IN_TEXT =
  /"(sf eca [a-z][^"\n]*)"|(?:: |^\s*(?:- )?(?:\$ )?)(sf eca [a-z].*?)(?=(?:(?<=\S)[.)])?$|(?<=\S)\. |, sf )/gm;

/** The commands of this plugin that a text tells its reader to run. */
export const hintsIn = (text: string): string[] =>
  [...text.matchAll(COMMANDS_IN_TEXT)].map(([, quoted, line]) => quoted ?? line ?? '');

/** The texts in a value, wherever they are. */
export const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};

/** The words of a line as a POSIX shell takes them, as far as our lines need it. */
export const wordsOf = (line: string): string[] =>
  (line.match(/(?:'[^']*'|"[^"]*"|\\'|[^\s'"\\])+/g) ?? []).map((word) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"|\\(')/g, (_, single?: string, double?: string, quote?: string) =>
      String(single ?? double ?? quote),
    ),
  );

type Hint = { words: string; command: CommandOfHint; argv: string[] };

/** The command that a line runs; undefined when there is none of this name. */
export const hintOf = (line: string, commands: CommandsOfHints): Hint | undefined => {
  const [, ...words] = wordsOf(line);
  for (let count = Math.min(words.length, 4); count > 0; count -= 1) {
    const name = words.slice(0, count).join(' ');
    const command = commands.get(name);
    if (command) return { words: name, command, argv: words.slice(count) };
  }
  return undefined;
};

/** No login is looked up: here only the words count. */
const WITHOUT_LOGIN = { 'target-org': Flags.string({ char: 'o' }), 'destination-org': Flags.string() };

/** Why a line does not run, as far as its words say; undefined when it runs. */
export const wrongWith = async (line: string, commands: CommandsOfHints): Promise<string | undefined> => {
  const hint = hintOf(line, commands);
  if (!hint) return 'no such command';
  const { command, argv } = hint;
  const end = argv.indexOf('--');
  const own = end === -1 ? argv : argv.slice(0, end);
  // A sentence can name a command without saying how to run it.
  if (own.length === 0) return undefined;
  if (own.includes('--help')) return undefined;
  const flags = { ...command.baseFlags, json: Flags.boolean(), ...command.flags };
  const withoutLogin = Object.fromEntries(Object.entries(WITHOUT_LOGIN).filter(([name]) => name in flags));
  return Parser.parse(own, { flags: { ...flags, ...withoutLogin }, args: command.args, strict: command.strict }).then(
    () => undefined,
    (error: Error) => error.message,
  );
};
