import { sameName } from '../name.ts';
import type { Baseline } from './baseline.ts';
import type { Failed, Judged } from './judge.ts';
import { SEVERITIES } from './severity.ts';

/** A finding that somebody decided to live with, and why. */
export type Exception = {
  /** Id of the rule. */
  rule: string;
  /** API name of an app; absent for all. */
  app?: string;
  /** Id of an org, with 15 or 18 characters; absent for all. */
  org?: string;
  reason: string;
  /** The last day of the exception, such as 2027-03-31. Absent for one without an end. */
  until?: string;
};

/** Why a finding does not count. */
export type Suppression = { by: 'file'; reason: string; until?: string } | { by: 'baseline' };

/** What an audit says of one rule and one subject. */
export type AuditResult = Judged & {
  /** Only with the status `fail`: the finding does not count. */
  suppression?: Suppression;
  /** Only with the status `fail`: the day on which an exception for the finding ended. */
  ended?: string;
};

const DAY = 86_400_000;

/** Has the last day of an exception passed? Days end at midnight UTC. */
const isOver = ({ until }: Exception, now: Date): boolean =>
  until !== undefined && now.getTime() >= Date.parse(until) + DAY;

export const concerns = ({ rule, app, org }: Exception, judged: Judged, orgId: string): boolean =>
  rule === judged.rule.id &&
  (app === undefined || sameName(app, judged.subject.name)) &&
  (org === undefined || org.slice(0, 15) === orgId.slice(0, 15));

/** A finding of the baseline that has become worse counts again. */
const isInBaseline = ({ fingerprint, severity }: Failed, baseline: Baseline | undefined): boolean => {
  const then = baseline?.findings.get(fingerprint);
  return then !== undefined && SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(then);
};

/** Sets the findings apart that do not count. An exception that ended is named, and its finding counts. */
export const withExceptions = (
  judged: Judged[],
  exceptions: Exception[],
  baseline: Baseline | undefined,
  { org, now }: { org: { id: string }; now: Date },
): AuditResult[] =>
  judged.map((one) => {
    if (one.status !== 'fail') return one;
    const own = exceptions.filter((exception) => concerns(exception, one, org.id));
    const inForce = own.find((exception) => !isOver(exception, now));
    if (inForce) {
      const { reason, until } = inForce;
      return { ...one, suppression: { by: 'file', reason, ...(until !== undefined && { until }) } };
    }
    if (isInBaseline(one, baseline)) return { ...one, suppression: { by: 'baseline' } };
    const ended = own
      .flatMap(({ until }) => until ?? [])
      .sort()
      .at(-1);
    return ended === undefined ? one : { ...one, ended };
  });

/** The exceptions that no finding needs any more. */
export const unneeded = (exceptions: Exception[], judged: Judged[], orgId: string): Exception[] =>
  exceptions.filter(
    (one) =>
      (one.org === undefined || one.org.slice(0, 15) === orgId.slice(0, 15)) &&
      !judged.some(
        (result) => result.status !== 'pass' && result.status !== 'notApplicable' && concerns(one, result, orgId),
      ),
  );
