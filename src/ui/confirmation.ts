import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import { Flags } from '../salesforce.ts';
import { texts } from '../texts.ts';
import { mayAsk, PROMPTS } from './prompts.ts';
import type { Screen } from './screen.ts';
import { askedOf } from './targetOrg.ts';

const messages = texts('eca.confirmation');

/** --no-prompt of the commands that take something away: it says yes. */
export const yesFlag = Flags.boolean({ summary: messages.getMessage('flags.no-prompt.summary') });

/** Time to read a plan; then the answer is no. */
const WAIT_MS = 300_000;

type Command = Pick<Screen, 'confirm' | 'jsonEnabled'>;

/**
 * Asks before a command removes something. The command continues after a yes at a terminal, or with --no-prompt.
 *
 * @throws error.notConfirmed when the answer is no; error.promptLeft. error.confirmationNeeded (exit code 2) when no
 *   prompt is possible and --no-prompt was not given
 */
export const confirmLoss = async (
  command: Command,
  flags: { 'no-prompt': boolean },
  question: string,
): Promise<void> => {
  if (flags['no-prompt']) return;
  if (!mayAsk(command, flags)) throw messages.createError('error.confirmationNeeded', [], [], EXIT_CODE_FOR.wrongFlags);
  await confirmIfAsked(command, flags, question);
};

/**
 * Asks before apps are deleted. In a production org, a yes is not enough: the name of each app has to be typed.
 *
 * @throws what confirmLoss throws
 */
export const confirmDeletion = async (
  command: Command,
  flags: { 'no-prompt': boolean },
  question: string,
  { org, names }: { org: TargetOrg; names: string[] },
): Promise<void> => {
  if (flags['no-prompt'] || !org.production || !mayAsk(command, flags))
    return confirmLoss(command, flags, askedOf(org, question));
  for (const name of names) {
    await PROMPTS.text({
      message: askedOf(org, messages.getMessage('prompt.typeName', [question, name])),
      problem: (answer) => (answer === name ? undefined : messages.getMessage('prompt.typeName.other', [name])),
    });
  }
};

/**
 * Asks before a command that removes nothing. The command continues after a yes at a terminal, or without a terminal.
 *
 * @throws error.notConfirmed when the answer is no; error.promptLeft
 */
export const confirmIfAsked = async (
  command: Command,
  flags: { 'no-prompt': boolean },
  question: string,
): Promise<void> => {
  if (!mayAsk(command, flags)) return;
  if (!(await PROMPTS.yes(command, question, WAIT_MS))) throw messages.createError('error.notConfirmed');
};

/**
 * Asks a user at a terminal whether to do more than the flags asked for. The answer is no after the time limit, and
 * without a terminal.
 */
export const offer = async (command: Command, flags: { 'no-prompt': boolean }, question: string): Promise<boolean> =>
  mayAsk(command, flags) && PROMPTS.yes(command, question, WAIT_MS);
