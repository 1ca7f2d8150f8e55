import type { Wish } from './app.ts';

/** The label of a new app that was given none: its name, with spaces for underscores. */
export function labelOf(name: string): string {
  return name.replaceAll('_', ' ');
}

/** A wish for a new app, with what it gets where the user said nothing. */
export function withDefaults(wish: Wish): Wish {
  return {
    ...wish,
    label: wish.label ?? labelOf(wish.name),
    distributionState: wish.distributionState ?? 'local',
  };
}
