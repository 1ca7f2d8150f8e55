import type { Change } from '../app/app.ts';
import { lossesOf } from '../app/changes.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import { texts } from '../texts.ts';
import { changeRows, inOneLine } from './changeRows.ts';
import { confirmIfAsked } from './confirmation.ts';
import { mayAsk } from './prompts.ts';
import type { Screen } from './screen.ts';
import { askedOf } from './targetOrg.ts';

const messages = texts('eca');

/**
 * Asks before lists of an app lose items, with what goes. A new list replaces the old list, and many users mean to add
 * to it. Without a terminal, and in a dry run, this is a warning.
 *
 * @param named fields of which the user named what goes away: nobody is asked again
 * @throws error.notConfirmed when the answer is no; error.promptLeft
 */
export const confirmShrinking = async (
  screen: Pick<Screen, 'confirm' | 'jsonEnabled' | 'logToStderr' | 'warn'>,
  flags: { 'dry-run': boolean; 'no-prompt': boolean },
  { app, org }: { app: string; org: TargetOrg },
  changes: Change[],
  named: readonly string[] = [],
): Promise<void> => {
  const lost = lossesOf(changes).filter(({ field }) => !named.includes(field));
  if (lost.length === 0) return;
  const lines = changeRows(lost.map(({ field, items }) => ({ field, before: items }))).map(
    ({ field, before }) => `- ${messages.getMessage('shrinks.line', [field, inOneLine(before)])}`,
  );
  if (flags['dry-run'] || !mayAsk(screen, flags)) {
    screen.warn(messages.createWarning('warning.shrinks', [app, lines]));
    return;
  }
  screen.logToStderr(messages.getMessage('shrinks', [app, lines]));
  await confirmIfAsked(screen, flags, askedOf(org, messages.getMessage('prompt.shrinks')));
};
