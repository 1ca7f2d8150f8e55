import type { Connection } from '@salesforce/core';

import type { RunningUser } from '../../app/runningUser.ts';
import type { UserFacts } from '../../app/user.ts';
import { operation } from '../request/operation.ts';
import { askOrgIfSeen } from '../request/orgError.ts';
import { query } from '../request/query.ts';
import { soql } from '../request/soql.ts';

type UserRow = { ProfileId: string; LastLoginDate: string | null };

type Powers = {
  PermissionsAuthorApex: boolean;
  PermissionsManageUsers: boolean;
  PermissionsCustomizeApplication: boolean;
};

/**
 * Adds all facts about a user's power to the result of findUser.
 *
 * @throws what orgSaidNo names
 */
export const describeUser = async (connection: Connection, facts: UserFacts): Promise<RunningUser> => {
  const looking = operation('readingRunningUser');
  const [[user], sets, licences, logins] = await Promise.all([
    query<UserRow>(connection, looking, soql`SELECT ProfileId, LastLoginDate FROM User WHERE Id = ${facts.id}`),
    query<{ PermissionSet: Powers }>(
      connection,
      looking,
      'SELECT PermissionSet.PermissionsAuthorApex, PermissionSet.PermissionsManageUsers, ' +
        'PermissionSet.PermissionsCustomizeApplication ' +
        soql`FROM PermissionSetAssignment WHERE AssigneeId = ${facts.id}`,
    ),
    query<{ PermissionSetLicense: { MasterLabel: string } }>(
      connection,
      looking,
      soql`SELECT PermissionSetLicense.MasterLabel FROM PermissionSetLicenseAssign WHERE AssigneeId = ${facts.id}`,
      { INVALID_TYPE: [] },
    ),
    // Logins through the API count here; User.LastLoginDate may only have other logins.
    query<{ LoginTime: string }>(
      connection,
      looking,
      soql`SELECT LoginTime FROM LoginHistory WHERE UserId = ${facts.id} ORDER BY LoginTime DESC LIMIT 1`,
      { INVALID_TYPE: [], INSUFFICIENT_ACCESS: [] },
    ),
  ]);
  const can = (power: keyof Powers): boolean => sets.some(({ PermissionSet }) => PermissionSet[power]);
  const lastLogin = logins[0]?.LoginTime ?? user?.LastLoginDate;
  return {
    ...facts,
    permissionSetLicences: licences.map(({ PermissionSetLicense }) => PermissionSetLicense.MasterLabel),
    authorApex: can('PermissionsAuthorApex'),
    manageUsers: can('PermissionsManageUsers'),
    customizeApplication: can('PermissionsCustomizeApplication'),
    ...(lastLogin && { lastLogin }),
    ...(user && (await loginRestrictions(connection, user.ProfileId))),
  };
};

type ProfileMetadata = {
  loginIpRanges?: Array<{ startAddress: string; endAddress: string }> | null;
  loginHours?: object | null;
};

/**
 * The times and addresses at which a profile allows logins (Tooling API, Profile.Metadata). Empty when this login may
 * not see them.
 */
const loginRestrictions = async (
  connection: Connection,
  profileId: string,
): Promise<Pick<RunningUser, 'loginIpRanges' | 'loginHours'>> => {
  const seen = await askOrgIfSeen(connection, operation('readingRunningUser'), () =>
    connection.tooling.query<{ Metadata: ProfileMetadata | null }>(
      soql`SELECT Metadata FROM Profile WHERE Id = ${profileId}`,
    ),
  );
  const metadata = seen?.records[0]?.Metadata;
  if (!metadata) return {};
  return {
    loginIpRanges: (metadata.loginIpRanges ?? []).map(({ startAddress, endAddress }) => ({
      start: startAddress,
      end: endAddress,
    })),
    loginHours: Object.keys(metadata.loginHours ?? {}).length > 0,
  };
};
