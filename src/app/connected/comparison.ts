import { textsAt } from './connectedApp.ts';
import type { ExternalUse, InventoryFacts } from './inventoryFacts.ts';
import type { KnownApp } from './inventoryUse.ts';
import { type MigrationText, tell } from './migrationText.ts';
import { type Quietness, quietnessOf, type UseSeen, useSeen } from './use.ts';

/** One side of a move. */
export type Side = UseSeen & { name: string; label: string };

/** A Connected App beside the external client app that does its work. */
export type Comparison = {
  old: Side;
  /** Absent where no new app is known, or the org does not have it. */
  new?: Side;
  /** For how long nobody used the Connected App. */
  quiet: Quietness;
  /** What limits the comparison. */
  notes: MigrationText[];
};

/**
 * Compares the use of both apps. Logins say only a label. Where both apps have one label, every login counts for the
 * Connected App. So it never looks quieter than it is.
 *
 * @param found the external client app as the org has it
 */
export const compare = (known: KnownApp, facts: InventoryFacts, found: ExternalUse | undefined): Comparison => {
  const name = known.listed?.name ?? known.label;
  const old = { name, label: known.label, ...useSeen(known.use, facts.usernames) };
  const quiet = quietnessOf(known, facts, facts.now);
  if (!found) return { old, quiet, notes: [] };
  const isOneLabel = fold(found.label) === fold(known.label);
  const ofLabel = <Row extends { application: string }>(rows: Row[]): Row[] =>
    isOneLabel ? [] : rows.filter(({ application }) => fold(application) === fold(found.label));
  const use = { tokens: found.tokens, logins: ofLabel(facts.logins), addresses: ofLabel(facts.addresses) };
  const keys = known.listed?.app ? textsAt(known.listed.app, 'oauthConfig.consumerKey') : [];
  return {
    old,
    new: { name: found.name, label: found.label, ...useSeen(use, facts.usernames) },
    quiet,
    notes: [
      ...(isOneLabel ? [tell('status.oneLabel', found.label, found.name)] : []),
      ...(found.consumerKey !== undefined && keys.includes(found.consumerKey) ? [tell('status.oneKey')] : []),
      ...(found.unread ? [tell('status.newUnread', found.unread)] : []),
      ...(found.enabled ? [] : [tell('status.newDisabled', found.name)]),
    ],
  };
};

const fold = (text: string): string => text.trim().toLowerCase();
