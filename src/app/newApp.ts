import type { Wish } from './app.ts';

/** The label of a new app without a given label: its name, with spaces for underscores. */
export const labelOf = (name: string): string => name.replaceAll('_', ' ');

/** A wish for a new app, with defaults for the fields that the user left out. */
export const withDefaults = (wish: Wish): Wish => ({
  ...wish,
  label: wish.label ?? labelOf(wish.name),
  distributionState: wish.distributionState ?? 'local',
});
