import type { Connection } from '@salesforce/core';

import type { TargetOrg } from '../../app/targetOrg.ts';
import { readTargetOrg } from '../organization/organization.ts';
import { answersInOrder } from '../request/answersInOrder.ts';
import { requirePermissions } from '../users/permissions.ts';
import { type ReadAlso, requireApp, type StoredApp } from './read.ts';

/** The org in which a command is about to change something, by its connection and as the user named it. */
type InOrg = { connection: Connection; targetOrg: string | undefined };

type Command = Parameters<typeof requirePermissions>[1];

/** Names the org to the user, as soon as its kind is known. */
type Naming = (reading: Promise<TargetOrg>) => Promise<TargetOrg>;

/** Further permissions that this run needs. */
type Also = { also?: Parameters<typeof requirePermissions>[2] };

/**
 * The org that a command is about to change, and whose user may do that.
 *
 * @throws what requirePermissions throws
 */
export const orgToChange = async (
  { connection, targetOrg }: InOrg,
  command: Command,
  naming: Naming,
  { also }: Also = {},
): Promise<TargetOrg> => {
  const [org] = await answersInOrder(
    naming(readTargetOrg(connection, targetOrg)),
    requirePermissions(connection, command, also),
  );
  return org;
};

/**
 * The same, with the app that the command is about to change. A missing permission is told first: it explains why the
 * app cannot be read.
 *
 * @throws what requirePermissions throws; what requireApp throws
 */
export const appToChange = (
  begun: InOrg & { given: string },
  command: Command,
  naming: Naming,
  { also, ...reading }: Also & Pick<ReadAlso, 'grants'> = {},
): Promise<[TargetOrg, StoredApp]> =>
  answersInOrder(orgToChange(begun, command, naming, { also }), requireApp(begun.connection, begun.given, reading));
