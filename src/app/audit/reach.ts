import type { App } from '../app.ts';
import { reachOf } from './clientOf.ts';
import type { Rule } from './rule.ts';
import { bounded } from './severity.ts';

/** What a disabled app's findings weigh at most: nobody can use the app as it is. */
const DISABLED_MAX = 3.9;

/** A token that gives everything is worth more to an attacker. A token that only names its user is worth less. */
export const weighReach = (rule: Rule, app: App, score: number): number => {
  const byReach = rule.byReach ? { all: 1, data: 0, identity: -2 }[reachOf(app)] : 0;
  const weighed = score === 0 ? 0 : bounded(score + byReach);
  return app.enabled === false ? Math.min(weighed, DISABLED_MAX) : weighed;
};
