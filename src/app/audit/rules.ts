import { nearest } from '../nearest.ts';
import { ACCESS_RULES } from './appRules/accessRules.ts';
import { CLIENT_RULES } from './appRules/clientRules.ts';
import { RUN_RULES } from './appRules/runRules.ts';
import { SECRET_RULES } from './appRules/secretRules.ts';
import { USE_RULES } from './appRules/useRules.ts';
import { CONNECTED_APP_RULES, UNINSTALLED_RULE } from './connectedAppRules.ts';
import { ORG_RULES } from './orgRules.ts';
import type { Rule } from './rule.ts';

/** The one table of rules, by id. The pages in docs/rules/ come from it. */
export const RULES: readonly Rule[] = [
  ...CLIENT_RULES,
  ...ACCESS_RULES,
  ...RUN_RULES,
  ...SECRET_RULES,
  ...USE_RULES,
  ...ORG_RULES,
  UNINSTALLED_RULE,
  ...CONNECTED_APP_RULES,
].sort((one, other) => (one.id < other.id ? -1 : 1));

/** A rule by its id or its name, in any case. */
export const ruleNamed = (text: string): Rule | undefined => {
  const asked = text.trim().toLowerCase();
  return RULES.find(({ id, name }) => id.toLowerCase() === asked || name === asked);
};

/** The id of the rule that somebody most likely meant. */
export const nearestRule = (text: string): string =>
  nearest(
    text.toUpperCase(),
    RULES.map(({ id }) => id),
  )[0] ??
  RULES[0]?.id ??
  '';
