import type { Connection } from '@salesforce/core';

import { operation } from '../request/operation.ts';
import { askOrg } from '../request/orgError.ts';

type OrganizationRow = { IsSandbox: boolean; TrialExpirationDate: string | null };

/**
 * The kind of this org. A scratch org is a sandbox with an end date (Object Reference, Organization).
 *
 * @throws what orgSaidNo names
 */
export const readOrgKind = async (connection: Connection): Promise<'production' | 'sandbox' | 'scratch'> => {
  const { records } = await askOrg(connection, operation('readingOrganization'), () =>
    connection.query<OrganizationRow>('SELECT IsSandbox, TrialExpirationDate FROM Organization'),
  );
  const [organization] = records;
  if (!organization?.IsSandbox) return 'production';
  return organization.TrialExpirationDate ? 'scratch' : 'sandbox';
};
