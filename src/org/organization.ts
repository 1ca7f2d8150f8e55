import type { Connection } from '@salesforce/core';
import { doing } from './doing.ts';
import { asking, askingWhatIsSeen } from './orgSaidNo.ts';
import { soql } from './soql.ts';

type OrganizationRow = { IsSandbox: boolean; TrialExpirationDate: string | null };

/**
 * What kind of org this is. A scratch org is a sandbox that ends by itself (Object Reference, Organization).
 *
 * @throws what orgSaidNo names
 */
export const readOrgKind = async (connection: Connection): Promise<'production' | 'sandbox' | 'scratch'> => {
  const { records } = await asking(connection, doing('readingOrganization'), () =>
    connection.query<OrganizationRow>('SELECT IsSandbox, TrialExpirationDate FROM Organization'),
  );
  const [organization] = records;
  if (!organization?.IsSandbox) return 'production';
  return organization.TrialExpirationDate ? 'scratch' : 'sandbox';
};

/**
 * Permission sets that allow an app, beside those that its policies name (Object Reference, SetupEntityAccess). Who may not see
 * them gets none, and still learns from Salesforce's answer whether the user is let in.
 *
 * @throws what orgSaidNo names
 */
export const permissionSetsAllowing = async (connection: Connection, appId: string): Promise<string[]> => {
  const seen = await askingWhatIsSeen(connection, doing('readingPermissionSets'), () =>
    connection.query<{ Parent: { Name: string } | null }>(
      soql`SELECT Parent.Name FROM SetupEntityAccess WHERE SetupEntityId = ${appId}`,
    ),
  );
  return (seen?.records ?? []).flatMap(({ Parent }) => (Parent ? [Parent.Name] : []));
};
