import type { Wish } from './app.ts';

/** The label of a new app without a given label: its name, with spaces for underscores. */
export function labelOf(name: string): string {
  return name.replaceAll('_', ' ');
}

/** A wish for a new app, with defaults for the fields that the user left out. */
export function withDefaults(wish: Wish): Wish {
  return {
    ...wish,
    label: wish.label ?? labelOf(wish.name),
    distributionState: wish.distributionState ?? 'local',
  };
}
