import { nearest } from './nearest.ts';

/** A command, as far as its flags go: its ID has colons, such as `eca:oauth:set`. */
type CommandWithFlags = { id: string; hidden?: boolean; flags: Record<string, { hidden?: boolean }> };

/** The flags of this plugin for a private key. A command has one of them. */
const KEY_FILES = ['--jwt-key-file', '--key-file'];

/** The flags of this plugin for a user of a client. A command has one of them. */
const USERS = ['--run-as', '--base-username', '--username'];

/** Flags of older commands and of other CLIs, and the flags of this plugin that do the same. */
const MEANT: Record<string, string[]> = {
  '--targetusername': ['--target-org'],
  '--target-username': ['--target-org'],
  '--org': ['--target-org'],
  '-u': ['--target-org'],
  '--apiversion': ['--api-version'],
  '--noprompt': ['--no-prompt'],
  '--yes': ['--no-prompt'],
  '-y': ['--no-prompt'],
  '--force': ['--no-prompt'],
  '--checkonly': ['--dry-run'],
  '--check-only': ['--dry-run'],
  '--check': ['--dry-run'],
  '--outputfile': ['--output-file'],
  '--output': ['--output-file', '--result-format', '--format'],
  '--format': ['--result-format'],
  '--key': KEY_FILES,
  '--key-file': KEY_FILES,
  '--jwt-key-file': KEY_FILES,
  '--private-key': KEY_FILES,
  '--private-key-file': KEY_FILES,
  '--user': USERS,
  '--username': USERS,
  '--run-as': USERS,
  '--redirect-uri': ['--callback-url'],
  '--redirect-url': ['--callback-url'],
};

/**
 * Where a flag belongs that a command does not have.
 *
 * @param flag as it was typed, such as `--callback-url` or `-u`
 * @param own the ID of the command that was run
 * @param commands all commands of the CLI
 * @returns the flag of the command that was probably meant. If there is none, the commands of this plugin that have the flag
 */
export const placeOfFlag = (
  flag: string,
  own: string,
  commands: readonly CommandWithFlags[],
): { meant?: string; owners: string[] } => {
  const has = ({ flags }: CommandWithFlags, name = ''): boolean =>
    name.startsWith('--') && Object.hasOwn(flags, name.slice(2)) && flags[name.slice(2)]?.hidden !== true;
  const command = commands.find(({ id }) => id === own);
  const known = Object.hasOwn(MEANT, flag) ? MEANT[flag] : undefined;
  const meant = command && known?.find((one) => has(command, one));
  if (meant !== undefined) return { meant, owners: [] };
  const owners = commands
    .filter((one) => one.id.startsWith('eca:') && one.id !== own && one.hidden !== true && has(one, flag))
    .map(({ id }) => `sf ${id.replaceAll(':', ' ')}`)
    .sort();
  if (owners.length > 0 || !command || !flag.startsWith('--')) return { owners };
  const [near] = nearest(
    flag.slice(2),
    Object.keys(command.flags).filter((name) => has(command, `--${name}`)),
  );
  return { ...(near !== undefined && { meant: `--${near}` }), owners };
};
