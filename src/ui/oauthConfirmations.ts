import { removedByName } from '../app/oauthWish.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import { texts } from '../texts.ts';
import { confirmIfAsked } from './confirmation.ts';
import { confirmHardening } from './hardening.ts';
import { mayAsk } from './prompts.ts';
import type { Screen } from './screen.ts';
import { confirmShrinking } from './shrinking.ts';
import { askedOf } from './targetOrg.ts';

const messages = texts('eca.oauth.set');

type Asks = Pick<Screen, 'confirm' | 'jsonEnabled' | 'logToStderr' | 'warn'>;

type Flags = { 'dry-run': boolean; 'no-prompt': boolean; hardened: boolean };

/**
 * Asks about everything in a plan that takes something away, or that nobody can undo.
 *
 * @throws error.notConfirmed when an answer is no; error.promptLeft
 */
export const confirmOauth = async (
  screen: Asks,
  flags: Flags & Parameters<typeof removedByName>[0],
  org: TargetOrg,
  planned: Parameters<typeof confirmHardening>[1] & { removesCertificate: boolean },
): Promise<void> => {
  await confirmShrinking(screen, flags, { app: planned.app, org }, planned.changes, removedByName(flags));
  if (planned.removesCertificate) await confirmRemoval(screen, flags, { app: planned.app, org });
  if (flags.hardened && planned.changes.length > 0) await confirmHardening(screen, planned, flags, org);
};

/** After the removal, nobody can log in with the certificate's private key. */
const confirmRemoval = async (
  screen: Asks,
  flags: Flags,
  { app, org }: { app: string; org: TargetOrg },
): Promise<void> => {
  if (flags['dry-run'] || !mayAsk(screen, flags)) {
    screen.warn(messages.createWarning('warning.certificateRemoved', [app]));
    return;
  }
  await confirmIfAsked(screen, flags, askedOf(org, messages.getMessage('prompt.removeCertificate', [app])));
};
