/** A command, as far as its flags go: its ID has colons, such as `eca:oauth:set`. */
type CommandWithFlags = { id: string; hidden?: boolean; flags: Record<string, { hidden?: boolean }> };

/** Flags of older commands and of other CLIs, and the flag of this plugin that does the same. */
const MEANT: Record<string, string> = {
  '--targetusername': '--target-org',
  '--target-username': '--target-org',
  '-u': '--target-org',
  '--apiversion': '--api-version',
  '--noprompt': '--no-prompt',
  '--yes': '--no-prompt',
  '-y': '--no-prompt',
  '--force': '--no-prompt',
  '--checkonly': '--dry-run',
  '--check-only': '--dry-run',
  '--outputfile': '--output-file',
};

/**
 * Where a flag belongs that a command does not have.
 *
 * @param flag as it was typed, such as `--callback-url` or `-u`
 * @param own the ID of the command that was run
 * @param commands all commands of the CLI
 * @returns the flag that was probably meant, where the command has it; the commands of this plugin that have the flag
 */
export const placeOfFlag = (
  flag: string,
  own: string,
  commands: readonly CommandWithFlags[],
): { meant?: string; owners: string[] } => {
  const has = ({ flags }: CommandWithFlags, name = ''): boolean =>
    name.startsWith('--') && Object.hasOwn(flags, name.slice(2)) && flags[name.slice(2)]?.hidden !== true;
  const command = commands.find(({ id }) => id === own);
  const meant = Object.hasOwn(MEANT, flag) ? MEANT[flag] : undefined;
  return {
    ...(meant !== undefined && command && has(command, meant) && { meant }),
    owners: commands
      .filter((one) => one.id.startsWith('eca:') && one.id !== own && one.hidden !== true && has(one, flag))
      .map(({ id }) => `sf ${id.replaceAll(':', ' ')}`)
      .sort(),
  };
};
