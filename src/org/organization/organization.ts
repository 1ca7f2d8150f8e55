import type { Connection } from '@salesforce/core';

import { isProduction, type OrganizationFacts, type TargetOrg } from '../../app/targetOrg.ts';
import { StateAggregator } from '../../salesforce.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';

/** @throws what orgSaidNo names */
export const readOrganization = async (connection: Connection): Promise<OrganizationFacts | undefined> => {
  const [organization] = await query<OrganizationFacts>(
    connection,
    operation('readingOrganization'),
    'SELECT Id, IsSandbox, TrialExpirationDate, OrganizationType FROM Organization',
  );
  return organization;
};

/**
 * The kind of this org. A scratch org is a sandbox with an end date (Object Reference, Organization).
 *
 * @throws what orgSaidNo names
 */
export const readOrgKind = async (connection: Connection): Promise<'production' | 'sandbox' | 'scratch'> =>
  kindOf(await readOrganization(connection));

/** The kind of an org by its record. */
export const kindOf = (organization: OrganizationFacts | undefined): 'production' | 'sandbox' | 'scratch' => {
  if (!organization?.IsSandbox) return 'production';
  return organization.TrialExpirationDate ? 'scratch' : 'sandbox';
};

/**
 * The org that a command is about to write to. This never fails: another request meets the same fault, and has better words for
 * it.
 *
 * @param given the org as the user named it; undefined for the default org
 */
export const readTargetOrg = async (connection: Connection, given: string | undefined): Promise<TargetOrg> => {
  const username = connection.getUsername() ?? '';
  const [organization, alias] = await Promise.all([
    readOrganization(connection).catch(() => undefined),
    given === undefined || given === username ? aliasOf(username) : given,
  ]);
  const id = organization?.Id ?? connection.getAuthInfoFields().orgId;
  return {
    ...(alias !== undefined && { alias }),
    username,
    ...(id !== undefined && { id }),
    production: isProduction(organization),
  };
};

const aliasOf = async (username: string): Promise<string | undefined> =>
  (await StateAggregator.getInstance()).aliases.get(username) ?? undefined;
