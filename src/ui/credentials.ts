import { curlOf } from '../app/curl.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import {
  checkPrefix,
  DEFAULT_PREFIX,
  formatOfFile,
  type Handover,
  HANDOVER_FORMATS,
  type HandoverFormat,
  type MachineFormat,
  shown,
  writeHandover,
} from '../app/handover.ts';
import { plainText, visible } from '../app/plainText.ts';
import { isProblem, type Problem } from '../app/problem.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import { Flags } from '../salesforce.ts';
import { problemError, texts } from '../texts.ts';
import { letThrough } from './outlet.ts';
import { PROMPTS } from './prompts.ts';
import type { Screen } from './screen.ts';
import { askedOf } from './targetOrg.ts';

const messages = texts('eca.credentials');

/** How credentials are handed over. */
export const HANDOVER_FLAGS = {
  'show-secret': Flags.boolean({
    summary: messages.getMessage('flags.show-secret.summary'),
    description: messages.getMessage('flags.show-secret.description'),
  }),
  format: Flags.option({
    options: HANDOVER_FORMATS,
    summary: messages.getMessage('flags.format.summary'),
    description: messages.getMessage('flags.format.description'),
  })(),
  prefix: Flags.string({
    summary: messages.getMessage('flags.prefix.summary'),
    description: messages.getMessage('flags.prefix.description'),
  }),
  'output-file': Flags.string({
    summary: messages.getMessage('flags.output-file.summary'),
    description: messages.getMessage('flags.output-file.description'),
  }),
  'allow-tracked-file': Flags.boolean({
    summary: messages.getMessage('flags.allow-tracked-file.summary'),
    description: messages.getMessage('flags.allow-tracked-file.description'),
    dependsOn: ['output-file'],
  }),
};

export const allowSecretAccessFlag = Flags.boolean({
  summary: messages.getMessage('flags.allow-secret-access.summary'),
  description: messages.getMessage('flags.allow-secret-access.description'),
});

/** Tells on stderr that the org's switch is turned: stdout is for the credentials. */
export const tellSwitch =
  (command: Pick<Screen, 'logToStderr'>) =>
  (step: 'opening' | 'closing'): void =>
    command.logToStderr(messages.getMessage(`secretAccess.${step}`));

type HandoverFlags = {
  'show-secret': boolean;
  format?: HandoverFormat;
  prefix?: string;
  'output-file'?: string;
  'allow-tracked-file': boolean;
};

/** The target of the credentials, and their format. */
export type Destination = {
  format: HandoverFormat;
  prefix: string;
  /** Absent: stdout. */
  file?: { path: string; format: MachineFormat; prefix: string; keepOutOfGit: boolean };
};

/**
 * The target of the credentials, as the flags give it.
 *
 * @throws error.prefixInvalid, error.prefixUnused, error.curlWithoutSecret, error.formatNotForFile (exit code 2)
 */
export const destinationOf = (flags: HandoverFlags): Destination => {
  const path = flags['output-file'];
  const format = flags.format ?? (path ? formatOfFile(path) : 'human');
  const prefix = flags.prefix ?? DEFAULT_PREFIX;
  refuse(checkPrefix(prefix), EXIT_CODE_FOR.wrongFlags);
  if (flags.prefix !== undefined && (format === 'human' || format === 'json')) {
    throw messages.createError('error.prefixUnused', [format], [], EXIT_CODE_FOR.wrongFlags);
  }
  if (format === 'curl' && (flags['show-secret'] || (path && path !== '-')))
    throw messages.createError('error.curlWithoutSecret', [], [], EXIT_CODE_FOR.wrongFlags);
  if (!path || path === '-' || format === 'curl') return { format, prefix };
  if (format === 'human') throw messages.createError('error.formatNotForFile', [], [], EXIT_CODE_FOR.wrongFlags);
  const keepOutOfGit = flags['show-secret'] && !flags['allow-tracked-file'];
  return { format, prefix, file: { path, format, prefix, keepOutOfGit } };
};

/** Throws an error for the first problem with a hand-over, or with its output file. */
export const refuse = (problem: Problem | undefined, exitCode?: number): void => {
  if (problem) throw problemError(problem, exitCode);
};

type Command = Pick<Screen, 'confirm' | 'jsonEnabled' | 'log' | 'warn'>;

/**
 * Asks before a secret leaves the org, and names the org. Without a prompt the command needs --no-prompt or --json, and warns.
 *
 * @throws error.secretNotConfirmed; error.promptLeft
 */
export const agreeToShow = async (
  command: Command,
  name: string,
  { file }: Destination,
  { asking, noPrompt, org }: { asking: boolean; noPrompt: boolean; org?: TargetOrg },
): Promise<void> => {
  if (noPrompt || command.jsonEnabled()) {
    // In a file, the credentials are readable for the file's owner alone.
    if (!file) command.warn(messages.createWarning('warning.secretShown', [name]));
    return;
  }
  const question = file
    ? messages.getMessage('confirmFile', [name, file.path])
    : messages.getMessage('confirm', [name]);
  const agreed = asking && (await PROMPTS.yes(command, org ? askedOf(org, question) : question, 30_000));
  if (!agreed) throw messages.createError('error.secretNotConfirmed', [name]);
};

/**
 * Prints a hand-over on stdout. A machine format has no other text, so that a pipe can read it; other formats are rows
 * for people.
 */
export const showHandover = (command: Command, handover: Handover, { format, prefix, file }: Destination): void => {
  if (file || format === 'human') {
    showRows(command, handover, file?.path);
    return;
  }
  const text = format === 'curl' ? curlOf(handover, prefix) : writeHandover(handover, format, prefix);
  if (isProblem(text)) return refuse(text);
  if (format === 'curl') command.log(text.trimEnd());
  else letThrough(() => command.log(text.trimEnd()));
};

const showRows = (command: Command, handover: Handover, path: string | undefined): void => {
  const masked = `${'*'.repeat(8)} ${messages.getMessage(path && handover.consumerSecret ? 'secretInFile' : 'secretMasked')}`;
  const rows = {
    name: handover.name,
    consumerKey: handover.consumerKey,
    consumerSecret: path ? masked : (shown(handover).consumerSecret ?? masked),
    tokenUrl: handover.tokenUrl,
    authorizeUrl: handover.authorizeUrl,
    scopes: handover.scopes.join(' '),
    flows: handover.flows.join(' '),
    ...(path ? { outputFile: path } : {}),
  };
  // Not a table: a table would wrap a key at the terminal's edge, and then nobody can copy the key.
  const labels = Object.keys(rows).map((row) => messages.getMessage(`row.${row}` as 'row.name'));
  const width = Math.max(...labels.map((label) => label.length));
  Object.entries(rows).forEach(([row, value], index) => {
    const safe = row === 'consumerSecret' ? visible(value) : plainText(value);
    letThrough(() => command.log(`${(labels[index] ?? '').padEnd(width)}  ${safe}`.trimEnd()));
  });
};
