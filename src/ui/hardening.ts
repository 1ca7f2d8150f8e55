import type { Change } from '../app/app.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import { texts } from '../texts.ts';
import { changeRows, inOneLine } from './changeRows.ts';
import { confirmIfAsked } from './confirmation.ts';
import type { Screen } from './screen.ts';
import { askedOf } from './targetOrg.ts';

const messages = texts('eca.oauth.set');

/** A plan, as far as the question about it needs the plan. */
type HardenedPlan = { app: string; stored?: { app: { oauth?: { pkceRequired?: boolean } } }; changes: Change[] };

/**
 * Shows what --hardened sets, and what nobody can undo, before anything is sent. Then it asks.
 *
 * @throws error.notConfirmed when the answer is no; error.promptLeft
 */
export const confirmHardening = async (
  screen: Pick<Screen, 'confirm' | 'jsonEnabled' | 'logToStderr' | 'warn'>,
  { app, stored, changes }: HardenedPlan,
  flags: { 'dry-run': boolean; 'no-prompt': boolean },
  org: TargetOrg,
): Promise<void> => {
  screen.logToStderr(messages.getMessage('hardened.plan', [app]));
  for (const { field, before, after } of changeRows(changes)) {
    screen.logToStderr(messages.getMessage('hardened.change', [field, inOneLine(before), inOneLine(after)]));
  }
  screen.logToStderr(messages.getMessage('hardened.forGood'));
  if (stored?.app.oauth?.pkceRequired === false) {
    screen.warn(messages.createWarning('warning.clientsWithoutPkce', [app], [app]));
  }
  if (!flags['dry-run']) {
    await confirmIfAsked(screen, flags, askedOf(org, messages.getMessage('prompt.hardened', [app])));
  }
};
