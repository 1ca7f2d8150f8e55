import type { Change, Wish } from '../app/app.ts';
import { removedByName } from '../app/oauthWish.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import { texts } from '../texts.ts';
import { changeRows, inOneLine } from './changeRows.ts';
import { confirmIfAsked } from './confirmation.ts';
import { mayAsk } from './prompts.ts';
import type { Screen } from './screen.ts';
import { confirmShrinking } from './shrinking.ts';
import { askedOf } from './targetOrg.ts';

const messages = texts('eca.oauth.set');

type Asks = Pick<Screen, 'confirm' | 'jsonEnabled' | 'logToStderr' | 'warn'>;

type Flags = { 'dry-run': boolean; 'no-prompt': boolean; hardened: boolean };

/** The plan, as far as the questions about it need it. */
type Planned = {
  app: string;
  org: TargetOrg;
  wish: Wish;
  stored?: { app: { oauth?: { pkceRequired?: boolean } } };
  changes: Change[];
};

/**
 * Asks about everything in a plan that takes something away, or that nobody can undo.
 *
 * @throws error.notConfirmed when an answer is no; error.promptLeft
 */
export const confirmOauth = async (
  screen: Asks,
  flags: Flags & Parameters<typeof removedByName>[0],
  planned: Planned & { removesCertificate: boolean },
): Promise<void> => {
  await confirmShrinking(screen, flags, planned, planned.changes, removedByName(flags));
  if (planned.removesCertificate) await confirmRemoval(screen, flags, planned);
  if (flags.hardened && planned.changes.length > 0) await confirmHardening(screen, flags, planned);
};

/** After the removal, nobody can log in with the certificate's private key. */
const confirmRemoval = async (screen: Asks, flags: Flags, { app, org }: Planned): Promise<void> => {
  if (flags['dry-run'] || !mayAsk(screen, flags)) {
    screen.warn(messages.createWarning('warning.certificateRemoved', [app]));
    return;
  }
  await confirmIfAsked(screen, flags, askedOf(org, messages.getMessage('prompt.removeCertificate', [app])));
};

/** Shows what --hardened sets, and what nobody can undo, before anything is sent. */
const confirmHardening = async (screen: Asks, flags: Flags, { app, org, stored, changes }: Planned): Promise<void> => {
  screen.logToStderr(messages.getMessage('hardened.plan', [app]));
  for (const { field, before, after } of changeRows(changes)) {
    screen.logToStderr(messages.getMessage('hardened.change', [field, inOneLine(before), inOneLine(after)]));
  }
  screen.logToStderr(messages.getMessage('hardened.forGood'));
  if (stored?.app.oauth?.pkceRequired === false) {
    screen.warn(messages.createWarning('warning.clientsWithoutPkce', [app], [app]));
  }
  if (!flags['dry-run'])
    await confirmIfAsked(screen, flags, askedOf(org, messages.getMessage('prompt.hardened', [app])));
};
