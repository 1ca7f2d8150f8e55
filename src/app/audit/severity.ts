/** The names of severities, the worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;

export type Severity = (typeof SEVERITIES)[number];

/**
 * The name of a severity from 0 to 10. The limits are those of GitHub code scanning for `security-severity`. A finding
 * with 0 is advice.
 */
export const severityOf = (score: number): Severity => {
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  return score > 0 ? 'low' : 'info';
};

/** Is a severity as bad as another one, or worse? */
export const isAtLeast = (one: Severity, limit: Severity): boolean =>
  SEVERITIES.indexOf(one) <= SEVERITIES.indexOf(limit);

/** A score with one decimal place, between what is above 0 and 10. */
export const bounded = (score: number): number => Math.round(Math.min(10, Math.max(0.1, score)) * 10) / 10;
