import type { Include } from './facts.ts';
import type { Profile } from './rule.ts';
import type { Severity } from './severity.ts';

/** A place in the checkout, or one that stands for an app of an org. */
export type FindingPlace = { uri: string; line?: number };

/** A finding in words. */
export type FindingInWords = {
  /** Id of the rule, such as `ECA102`. */
  rule: string;
  title: string;
  kind: 'app' | 'org' | 'connectedApp';
  /** API name of the app; the username of the login for a finding about the org. */
  subject: string;
  severity: Severity;
  /** 0 to 10. */
  score: number;
  detail: string;
  reason: string;
  /** What to do, in words. */
  fix: string;
  /** The commands of the fix, filled in. Empty where somebody has to decide first. */
  commands: string[];
  /** What the fix may break. */
  breaks: string;
  /** Stays the same while the rule and its subject do. */
  fingerprint: string;
  /** The exception for this finding ended on this day. */
  ended?: string;
};

/** A finding that does not count, and why. */
export type SuppressedInWords = FindingInWords & { suppressedBy: 'file' | 'baseline'; suppression: string };

/** What could not be checked: what was missing, and why. */
export type NotCheckedInWords = {
  rule: string;
  title: string;
  kind: 'app' | 'org' | 'connectedApp';
  subject: string;
  /** What could not be read. */
  what: string;
  why: string;
  fingerprint: string;
};

/** An app in the table of apps. */
export type AppInAudit = {
  name: string;
  label?: string;
  installed: boolean;
  enabled: boolean;
  /** The package of an installed app, or else the contact's email address. */
  owner?: string;
  /** Absent where no use is known, or nobody asked. */
  lastUsed?: string;
  /** Absent for an app without findings. */
  worst?: Severity;
  /** Findings that count. */
  findings: number;
  notChecked: number;
};

/** A rule in words, as reports describe it. */
export type RuleInWords = {
  id: string;
  name: string;
  title: string;
  reason: string;
  fix: string;
  breaks: string;
  except: string;
  severity: Severity;
  score: number;
  sources: string[];
  looksAt: string[];
};

/** How often each status came up. */
export type StatusCounts = {
  pass: number;
  fail: number;
  suppressed: number;
  notApplicable: number;
  notChecked: number;
};

/** A whole audit in words: what all outputs are made of. */
export type AuditReport = {
  org: { id: string; username: string; url: string };
  auditedAt: string;
  profile: Profile;
  include: Include[];
  /** By worst finding. */
  apps: AppInAudit[];
  /** The worst first. */
  findings: FindingInWords[];
  suppressed: SuppressedInWords[];
  notChecked: NotCheckedInWords[];
  counts: StatusCounts;
};

/** A pass of a rule, which only reports for test tools list. */
export type PassInWords = { rule: string; title: string; subject: string };
