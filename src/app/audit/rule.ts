import type { Wish } from '../app.ts';
import type { FieldPath } from '../fields.ts';
import type { AuditText, RuleId } from './auditText.ts';
import type { AuditedApp, AuditedConnectedApp, AuditFacts, Knowledge } from './facts.ts';

/** How an org is judged: as anybody's, as that of a partner who sells apps, or by tighter limits. */
export const PROFILES = ['standard', 'partner', 'strict'] as const;

export type Profile = (typeof PROFILES)[number];

/** The limits that a profile sets. */
export type Limits = {
  /** Days that a refresh token may live. */
  refreshTokenDays: number;
  /** Minutes that a session may live. */
  sessionMinutes: number;
  /** Must an app set the time of its sessions itself? */
  sessionTimeoutNeeded: boolean;
};

const STANDARD: Limits = { refreshTokenDays: 90, sessionMinutes: 120, sessionTimeoutNeeded: false };

/** The standard limit of 90 days and the strict 15 minutes are those of Security Benchmark for Salesforce, DEP-006. */
export const LIMITS: Record<Profile, Limits> = {
  standard: STANDARD,
  partner: STANDARD,
  strict: { refreshTokenDays: 30, sessionMinutes: 15, sessionTimeoutNeeded: true },
};

/** What a rule found. `score` replaces the rule's own severity. */
export type Found = { text: AuditText; score?: number };

/** `undefined` is a pass. A rule that lacks a piece of knowledge says which. */
export type Verdict = Found | { unknown: Knowledge } | undefined;

/** How to mend a finding. */
export type Fix = {
  /** The fields to set. The command and the file of fixes come from them. */
  wish?: Omit<Wish, 'name'>;
  /** Words of commands, without the target org. The first word is the program. */
  commands?: string[][];
};

/** Whose word a rule follows. */
export type RuleSource = string;

type Row = {
  id: RuleId;
  /** Stable words for the rule, such as `pkce-not-required`. */
  name: string;
  /** From 0 (advice) to 10, as for GitHub's `security-severity`. */
  score: number;
  /** The severity with the profile `partner`, where it differs. */
  partner?: number;
  /** Does the severity depend on what the scopes of the app give to an attacker? */
  byReach?: true;
  sources: RuleSource[];
  /** What has to have been read. */
  needs: Knowledge[];
};

/** A rule about one external client app. */
export type AppRule = Row & {
  about: 'app';
  looksAt: FieldPath[];
  /** Is the rule also about apps whose OAuth is off? */
  withoutOauth?: true;
  applies?: (one: AuditedApp, facts: AuditFacts) => boolean;
  judge: (one: AuditedApp, facts: AuditFacts, limits: Limits) => Verdict;
  fix?: (one: AuditedApp, facts: AuditFacts, limits: Limits) => Fix;
};

/** A rule about the org itself. */
export type OrgRule = Row & {
  about: 'org';
  /** Settings or permissions, as Salesforce names them. */
  looksAt: string[];
  judge: (facts: AuditFacts) => Verdict;
  fix?: (facts: AuditFacts) => Fix;
};

/** A rule about one Connected App. */
export type ConnectedAppRule = Row & {
  about: 'connectedApp';
  looksAt: string[];
  applies?: (one: AuditedConnectedApp, facts: AuditFacts) => boolean;
  judge: (one: AuditedConnectedApp, facts: AuditFacts, limits: Limits) => Verdict;
  fix?: (one: AuditedConnectedApp, facts: AuditFacts) => Fix;
};

export type Rule = AppRule | OrgRule | ConnectedAppRule;
