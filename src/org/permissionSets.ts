import type { Connection } from '@salesforce/core';
import { INTEGRATION, type PermissionSet, type Seats } from '../app/integrationUser.ts';
import { doing } from './doing.ts';
import { query } from './query.ts';
import { soql } from './soql.ts';

type SetRow = { Id: string; Name: string; Label: string; NamespacePrefix: string | null; LicenseId: string | null };

/**
 * The org's permission sets, profiles' own ones and groups left out; with a namespace where they have one (`ns__Name`).
 *
 * @returns none where the login may not see them
 */
export const readPermissionSets = async (connection: Connection): Promise<PermissionSet[]> => {
  const rows = await query<SetRow>(
    connection,
    doing('readingPermissionSets'),
    soql`SELECT Id, Name, Label, NamespacePrefix, LicenseId FROM PermissionSet WHERE IsOwnedByProfile = false AND Type != ${'Group'}`,
    { INVALID_TYPE: [] },
  );
  return rows.map(({ Id, Name, Label, NamespacePrefix, LicenseId }) => ({
    id: Id,
    name: NamespacePrefix ? `${NamespacePrefix}__${Name}` : Name,
    label: Label,
    ...(LicenseId && { licenceId: LicenseId }),
  }));
};

export type LicenceRow = {
  Id: string;
  MasterLabel: string;
  Status: string;
  TotalLicenses: number;
  UsedLicenses: number;
};

/** A row of UserLicense or PermissionSetLicense as seats. */
export const seatsOf = ({ Id, MasterLabel, Status, TotalLicenses, UsedLicenses }: LicenceRow): Seats => ({
  id: Id,
  label: MasterLabel,
  active: Status === 'Active',
  total: TotalLicenses,
  used: UsedLicenses,
});

/** The permission set licence for integrations. A permission set that is tied to it can't hold assigned apps. */
export const readPermissionSetLicence = async (connection: Connection): Promise<Seats | undefined> => {
  const [row] = await query<LicenceRow>(
    connection,
    doing('readingPermissionSetLicences'),
    soql`SELECT Id, MasterLabel, Status, TotalLicenses, UsedLicenses FROM PermissionSetLicense WHERE DeveloperName = ${INTEGRATION.permissionSetLicence}`,
    { INVALID_TYPE: [], INVALID_FIELD: [] },
  );
  return row && seatsOf(row);
};
