import { type AuditText, tell } from './auditText.ts';
import { type AuditedConnectedApp, type AuditFacts, INCLUDED_BY, type Knowledge } from './facts.ts';
import { weighReach } from './reach.ts';
import { type Fix, LIMITS, type Profile, type Rule, type Verdict } from './rule.ts';
import { type Severity, severityOf } from './severity.ts';

/** What a rule was asked about. */
export type Subject = {
  kind: 'app' | 'org' | 'connectedApp';
  /** The first 15 characters, which do not differ from the whole id. */
  id: string;
  /** API name of an app, name of a Connected App, or the username with which the org was asked. */
  name: string;
};

type Base = {
  rule: Rule;
  subject: Subject;
  /** Stays the same while the rule and its subject do, whatever the subject is called. */
  fingerprint: string;
  score: number;
  severity: Severity;
};

export type Failed = Base & { status: 'fail'; text: AuditText; fix: Fix };
export type NotChecked = Base & { status: 'notChecked'; text: AuditText; what: Knowledge };
export type Judged = Failed | NotChecked | (Base & { status: 'pass' | 'notApplicable'; text?: AuditText });

/** How a rule that applies to its subject judges it. */
type Case = {
  subject: Subject;
  /** False where the rule is about OAuth, and the app has none. */
  concerns?: boolean;
  unread: (what: Knowledge) => AuditText | undefined;
  /** What has to have been read before anything else, where the subjects themselves are unknown. */
  unseen?: Knowledge;
  applies: () => boolean;
  judge: () => Verdict;
  fix: () => Fix;
  weigh: (score: number) => number;
};

/** A strict profile takes advice for a finding. */
const STRICT_ADVICE = 3;

const short = (id: string): string => id.slice(0, 15);

/**
 * Judges an org by rules. Each rule gives one result for each of its subjects, and never a pass without having read
 * what it needs.
 */
export const judgeAll = (facts: AuditFacts, rules: readonly Rule[], profile: Profile): Judged[] =>
  rules.flatMap((rule) => casesOf(rule, facts, profile).map((one) => judgeCase(rule, one, facts, profile)));

const casesOf = (rule: Rule, facts: AuditFacts, profile: Profile): Case[] => {
  const org: Subject = { kind: 'org', id: short(facts.org.id), name: facts.org.username };
  const ofOrg = {
    unread: (what: Knowledge) => facts.unread[what],
    applies: () => true,
    weigh: (score: number) => score,
  };
  const unseen = { ...ofOrg, subject: org, judge: () => undefined, fix: () => ({}) };
  switch (rule.about) {
    case 'org':
      return [{ ...ofOrg, subject: org, judge: () => rule.judge(facts), fix: () => rule.fix?.(facts) ?? {} }];
    case 'connectedApp':
      if (facts.unread.connectedApps || facts.notAsked.has('connectedApps'))
        return [{ ...unseen, unseen: 'connectedApps' }];
      return facts.connectedApps.map((one) => caseOfConnectedApp(rule, one, facts, profile));
    case 'app':
      if (facts.unread.apps) return [{ ...unseen, unseen: 'apps' }];
      return facts.apps.map((one) => ({
        subject: { kind: 'app', id: short(one.id), name: one.app.name },
        concerns: one.oauthOn || rule.withoutOauth === true,
        unread: (what) => one.unread[what] ?? facts.unread[what],
        applies: () => rule.applies?.(one, facts) ?? true,
        judge: () => rule.judge(one, facts, LIMITS[profile]),
        fix: () => rule.fix?.(one, facts, LIMITS[profile]) ?? {},
        weigh: (score) => weighReach(rule, one.app, score),
      }));
  }
};

const caseOfConnectedApp = (
  rule: Rule & { about: 'connectedApp' },
  one: AuditedConnectedApp,
  facts: AuditFacts,
  profile: Profile,
): Case => ({
  subject: { kind: 'connectedApp', id: short(one.id), name: one.name },
  unread: (what) => one.unread[what] ?? facts.unread[what],
  applies: () => rule.applies?.(one, facts) ?? true,
  judge: () => rule.judge(one, facts, LIMITS[profile]),
  fix: () => rule.fix?.(one, facts) ?? {},
  weigh: (score) => score,
});

const judgeCase = (rule: Rule, one: Case, facts: AuditFacts, profile: Profile): Judged => {
  const own = profile === 'partner' ? (rule.partner ?? rule.score) : rule.score;
  const of = (score: number): Base => {
    const weighed = score === 0 && profile === 'strict' ? STRICT_ADVICE : score;
    const fingerprint = `${rule.id}/${short(facts.org.id)}/${one.subject.id}`;
    return { rule, subject: one.subject, fingerprint, score: weighed, severity: severityOf(weighed) };
  };
  const base = of(one.weigh(own));
  const notAsked = rule.needs.find((what) => facts.notAsked.has(what));
  if (notAsked !== undefined)
    return { ...base, status: 'notApplicable', text: tell('notAsked', INCLUDED_BY[notAsked] ?? '') };
  if (one.concerns === false) return { ...base, status: 'notApplicable' };
  const needs = one.unseen === undefined ? rule.needs : [one.unseen, ...rule.needs];
  const missing = needs.find((what) => one.unread(what) !== undefined);
  const reason = missing === undefined ? undefined : one.unread(missing);
  if (missing !== undefined && reason) return { ...base, status: 'notChecked', what: missing, text: reason };
  if (!one.applies()) return { ...base, status: 'notApplicable' };
  const verdict = one.judge();
  if (verdict === undefined) return { ...base, status: 'pass' };
  if ('unknown' in verdict) {
    const text = one.unread(verdict.unknown) ?? tell('unread.notReturned');
    return { ...base, status: 'notChecked', what: verdict.unknown, text };
  }
  // A rule with a severity for this profile alone means it, and the finding's own can only make it worse.
  const score = Math.max(verdict.score ?? own, profile === 'partner' && rule.partner !== undefined ? rule.partner : 0);
  return { ...of(one.weigh(score)), status: 'fail', text: verdict.text, fix: one.fix() };
};
