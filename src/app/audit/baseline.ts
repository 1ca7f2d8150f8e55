import type { Failed } from './judge.ts';
import { RULES } from './rules.ts';
import { SEVERITIES, type Severity } from './severity.ts';

/** The findings that an org had when somebody began to look. Only what is new or worse counts from then on. */
export type Baseline = {
  /** 15 characters. */
  org: string;
  /** Ids of the rules that there were. */
  rules: string[];
  /** The severity of each finding, by its fingerprint. */
  findings: ReadonlyMap<string, Severity>;
};

const VERSION = 1;

/** The text of a baseline file. The findings are sorted, so that two versions can be compared. */
export const formatBaseline = (orgId: string, found: Failed[]): string =>
  `${JSON.stringify(
    {
      version: VERSION,
      org: orgId.slice(0, 15),
      rules: RULES.map(({ id }) => id),
      findings: found
        .map(({ fingerprint, severity, subject }) => ({ fingerprint, severity, subject: subject.name }))
        .sort((one, other) => (one.fingerprint < other.fingerprint ? -1 : 1)),
    },
    undefined,
    2,
  )}\n`;

/** Undefined for a text that is no baseline of this version. */
export const parseBaseline = (text: string): Baseline | undefined => {
  const { version, org, rules, findings } = (valueOf(text) ?? {}) as Record<string, unknown>;
  if (version !== VERSION || typeof org !== 'string' || !Array.isArray(rules) || !Array.isArray(findings)) {
    return undefined;
  }
  const entries = findings.map((one: unknown) => entryOf(one));
  if (entries.includes(undefined) || !rules.every((rule) => typeof rule === 'string')) return undefined;
  return { org, rules, findings: new Map(entries.filter((entry) => entry !== undefined)) };
};

const valueOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const entryOf = (one: unknown): [string, Severity] | undefined => {
  const { fingerprint, severity } = (one ?? {}) as Record<string, unknown>;
  const known = SEVERITIES.find((name) => name === severity);
  return typeof fingerprint === 'string' && known ? [fingerprint, known] : undefined;
};

/** Ids of rules that came after the baseline: their findings were never looked at. */
export const newRules = ({ rules }: Baseline): string[] =>
  RULES.map(({ id }) => id).filter((id) => !rules.includes(id));
