import type { App, IpRange, Wish } from '../app.ts';
import { leaves, merge } from '../changes.ts';
import { commandLine } from '../commandLine.ts';
import { fieldRow } from '../fields.ts';
import type { AuditedApp, AuditFacts } from './facts.ts';
import type { Failed } from './judge.ts';
import { type AppRule, type Fix, LIMITS, type Profile } from './rule.ts';

/** Which command sets a field: policies and scopes have one of their own. */
const commandFor = (path: string): 'disable' | 'oauth set' | 'scopes set' => {
  if (path === 'enabled') return 'disable';
  return path.startsWith('oauth.') ? 'oauth set' : 'scopes set';
};

const asText = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return String(value);
  const { start, end } = value as IpRange;
  return `${start}-${end}`;
};

const flagsOf = ([path, value]: [path: string, value: unknown]): string[] => {
  const { flag } = fieldRow(path) ?? {};
  if (flag === undefined) return [];
  if (typeof value === 'boolean') return [value ? `--${flag}` : `--no-${flag}`];
  return (Array.isArray(value) ? value : [value]).flatMap((one: unknown) => [`--${flag}`, asText(one)]);
};

/**
 * The commands of a fix that run when pasted.
 *
 * @param inOrg the words that name the org, such as `--target-org prod`
 */
export const fixLines = (name: string, { wish, commands = [] }: Fix, inOrg: string[]): string[] => {
  const fields = wish ? leaves(wish) : [];
  const written = (['oauth set', 'scopes set', 'disable'] as const).flatMap((command) => {
    const own = fields.filter(([path]) => commandFor(path) === command);
    if (own.length === 0) return [];
    const flags = command === 'disable' ? [] : own.flatMap(flagsOf);
    return [['sf', 'eca', ...command.split(' '), '--name', name, ...flags]];
  });
  return [...written, ...commands].map((words) => commandLine(words[0] === 'sf' ? [...words, ...inOrg] : words));
};

/**
 * A username for an integration user of the app, in the domain of the login. The command that makes the user takes the
 * next free one where another org has it.
 */
export const ownUsername = (app: string, login: string): string =>
  `${app.toLowerCase()}.integration@${login.split('@')[1] ?? 'example.com'}`;

/** What the fixes of one app set together. A fix looks at the app as the fixes before it leave it. */
export const wishOf = (
  one: AuditedApp,
  findings: Failed[],
  facts: AuditFacts,
  profile: Profile,
): { wish: Wish; covered: Failed[] } => {
  let app: App = one.app;
  let wish: Wish = { name: one.app.name };
  const covered: Failed[] = [];
  // The worst comes last, so that nothing changes what it sets.
  for (const finding of [...findings].sort((a, b) => a.score - b.score)) {
    const rule = finding.rule as AppRule;
    const fix = rule.fix?.({ ...one, app }, facts, LIMITS[profile]);
    if (!fix?.wish || leaves(fix.wish).length === 0) continue;
    const next: Wish = { name: app.name, ...fix.wish };
    app = merge(app, next);
    wish = merge(wish, next);
    covered.push(finding);
  }
  return { wish, covered };
};
