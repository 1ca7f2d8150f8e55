/** The org that a command writes to, as results name it. */
export type TargetOrg = {
  /** Absent when the login has no alias. */
  alias?: string;
  username: string;
  /** 00D..., 18 characters. Absent when neither the org nor the login says it. */
  id?: string;
  production: boolean;
};

/** What an org says about itself (Object Reference, Organization). */
export type OrganizationFacts = {
  Id: string;
  IsSandbox: boolean;
  /** A text such as 2026-12-31T00:00:00.000+0000; null in an org without an end. */
  TrialExpirationDate: string | null;
  /** The edition, such as `Enterprise Edition`. */
  OrganizationType: string;
};

/**
 * Is it an org with real users? Not a sandbox, nor an org that ends, nor a Developer Edition.
 *
 * @param facts undefined when they could not be read: then the org counts as production
 */
export const isProduction = (facts: OrganizationFacts | undefined): boolean =>
  !facts || (!facts.IsSandbox && !facts.TrialExpirationDate && facts.OrganizationType !== 'Developer Edition');
