import type { Connection } from '@salesforce/core';

import type { Wish } from '../../app/app.ts';
import { merge } from '../../app/changes.ts';
import { EXIT_CODE_FOR } from '../../app/exitCodes.ts';
import {
  type AccessSet,
  accessSetName,
  accessSetProblems,
  byName,
  INTEGRATION,
  type IntegrationProfile,
  type IntegrationSupply,
  type IntegrationUser,
  type PermissionSet,
  planIntegrationUser,
  usernamesOf,
  type UserPlan,
  userProblems,
  type UserSituation,
  type UserStep,
  type UserThere,
} from '../../app/integrationUser.ts';
import type { Problem } from '../../app/problem.ts';
import { SfError } from '../../salesforce.ts';
import { problemError, texts, textsUnder } from '../../texts.ts';
import type { StoredApp } from '../app/read.ts';
import { ensureLink, ensureRecord } from '../request/ensureRecord.ts';
import { operation } from '../request/operation.ts';
import { apiCodeOf, askOrg, orgError } from '../request/orgError.ts';
import { query } from '../request/query.ts';
import { resend } from '../request/resend.ts';
import { soql } from '../request/soql.ts';
import {
  type LicenceRow,
  readPermissionSetLicence,
  readPermissionSets,
  readSetContents,
  seatsOf,
} from './permissionSets.ts';

const messages = texts('org');

/** What is being done for a user, by the step and the name of what it makes. */
export const userStep = textsUnder('org', 'userStep');

const looking = operation('lookingForIntegration');

type ProfileRow = {
  Id: string;
  Name: string;
  PermissionsApiUserOnly: boolean;
  PermissionsModifyAllData: boolean;
  PermissionsViewAllData: boolean;
};

/** The parts of an org for integration users: licence, profiles that belong to the licence, permission set licence. */
export const readIntegrationSupply = async (connection: Connection): Promise<IntegrationSupply> => {
  const [[licence], profiles, permissionSetLicence] = await Promise.all([
    query<LicenceRow>(
      connection,
      looking,
      soql`SELECT Id, MasterLabel, Status, TotalLicenses, UsedLicenses FROM UserLicense WHERE Name = ${INTEGRATION.licence}`,
      { INVALID_TYPE: [] },
    ),
    query<ProfileRow>(
      connection,
      looking,
      'SELECT Id, Name, PermissionsApiUserOnly, PermissionsModifyAllData, PermissionsViewAllData ' +
        soql`FROM Profile WHERE UserLicense.Name = ${INTEGRATION.licence}`,
    ),
    readPermissionSetLicence(connection),
  ]);
  return {
    ...(licence && { licence: seatsOf(licence) }),
    profiles: profiles.map((row): IntegrationProfile => ({
      id: row.Id,
      name: row.Name,
      apiOnly: row.PermissionsApiUserOnly,
      powerful: row.PermissionsModifyAllData || row.PermissionsViewAllData,
    })),
    ...(permissionSetLicence && { permissionSetLicence }),
  };
};

type UserRow = {
  Id: string;
  Username: string;
  IsActive: boolean;
  Profile: { Name: string; UserLicense: { Name: string } | null } | null;
};

const readUsers = async (connection: Connection, usernames: string[]): Promise<UserThere[]> => {
  const rows = await query<UserRow>(
    connection,
    looking,
    soql`SELECT Id, Username, IsActive, Profile.Name, Profile.UserLicense.Name FROM User WHERE Username IN ${usernames}`,
  );
  if (rows.length === 0) return [];
  const ids = rows.map(({ Id }) => Id);
  const [sets, licences] = await Promise.all([
    query<{ AssigneeId: string; PermissionSetId: string }>(
      connection,
      looking,
      soql`SELECT AssigneeId, PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId IN ${ids}`,
    ),
    query<{ AssigneeId: string }>(
      connection,
      looking,
      soql`SELECT AssigneeId FROM PermissionSetLicenseAssign WHERE AssigneeId IN ${ids} ` +
        soql`AND PermissionSetLicense.DeveloperName = ${INTEGRATION.permissionSetLicence}`,
    ),
  ]);
  return rows.map((row) => ({
    id: row.Id,
    username: row.Username,
    active: row.IsActive,
    profileName: row.Profile?.Name ?? '',
    licence: row.Profile?.UserLicense?.Name ?? '',
    hasPermissionSetLicence: licences.some(({ AssigneeId }) => AssigneeId === row.Id),
    permissionSets: sets
      .filter(({ AssigneeId }) => AssigneeId === row.Id)
      .map(({ PermissionSetId }) => PermissionSetId),
  }));
};

/** An app and the integration user that it should have. */
export type WantedUser = { stored: StoredApp | undefined; wish: Wish; integrationUser: IntegrationUser };

/** The steps for one app's user, and the obstacles. */
export type PlannedUser<W extends WantedUser = WantedUser> = { wanted: W; plan: UserPlan; problems: Problem[] };

/**
 * Reads which parts exist and which are missing for the integration users of some apps; nothing is written. The org
 * gets the same number of requests for one app as for many.
 *
 * @returns a plan for each, in their order
 * @throws what orgSaidNo names
 */
export const planUsers = async <W extends WantedUser>(
  connection: Connection,
  wanted: W[],
): Promise<Array<PlannedUser<W>>> => {
  if (wanted.length === 0) return [];
  const [organization] = await query<{ Id: string }>(connection, looking, 'SELECT Id FROM Organization');
  const orgId = organization?.Id ?? '';
  const usernamesFor = ({ stored, integrationUser }: WantedUser): string[] =>
    usernamesOf(integrationUser.username, orgId, stored?.app.oauth?.runAs);
  const [supply, { permissionSets, contents }, users] = await Promise.all([
    readIntegrationSupply(connection),
    readPermissionSets(connection).then(async (sets) => ({
      permissionSets: sets,
      // Sent beside the request for the users' own permission sets: this costs no additional time.
      contents: await readSetContents(connection, accessSetsAmong(sets, wanted)),
    })),
    readUsers(connection, [...new Set(wanted.flatMap(usernamesFor))]),
  ]);
  const facts: UserSituation = { ...supply, permissionSets, users, contents };
  const taken = { licence: new Set<string>(), permissionSetLicence: new Set<string>() };
  return wanted.map((one) => {
    const { stored, wish, integrationUser } = one;
    const username = integrationUser.username.toLowerCase();
    const planned = planIntegrationUser(
      merge(stored?.app, wish),
      integrationUser,
      withoutTaken(facts, taken, username),
      usernamesFor(one),
    );
    const { user, accessSet } = planned.plan;
    if (stored) accessSet.appId = stored.id;
    if (!user) taken.licence.add(username);
    if (!user?.hasPermissionSetLicence) taken.permissionSetLicence.add(username);
    return { wanted: one, ...planned };
  });
};

/** The existing permission sets that have the names of the apps' access sets. */
const accessSetsAmong = (sets: PermissionSet[], wanted: WantedUser[]): Parameters<typeof readSetContents>[1] =>
  wanted.flatMap(({ stored, wish }) => {
    const set = byName(sets, accessSetName(wish.name));
    return set ? [{ id: set.id, name: set.name, appId: stored?.id }] : [];
  });

/**
 * The licences that are left after the users who were planned earlier. Two apps with the same user need one licence.
 */
const withoutTaken = (
  facts: UserSituation,
  taken: { licence: Set<string>; permissionSetLicence: Set<string> },
  username: string,
): UserSituation => {
  const { licence, permissionSetLicence } = facts;
  const byOthers = (usernames: Set<string>): number => [...usernames].filter((other) => other !== username).length;
  return {
    ...facts,
    ...(licence && { licence: { ...licence, used: licence.used + byOthers(taken.licence) } }),
    ...(permissionSetLicence && {
      permissionSetLicence: {
        ...permissionSetLicence,
        used: permissionSetLicence.used + byOthers(taken.permissionSetLicence),
      },
    }),
  };
};

/** The user as whom the app is to run. */
export type MadeUser = { id: string; username: string };

/**
 * Does the open steps of a plan, in their order. The permission set licence comes first, because a permission set may
 * grant more than the user's licence alone allows. Nothing is ever removed or changed.
 *
 * @param onStep is called when a step begins
 * @throws the org's error. `done` has the steps that were completed by then
 */
export const makeUser = async (
  connection: Connection,
  plan: UserPlan,
  done: UserStep[],
  onStep: (step: UserStep) => void,
): Promise<MadeUser> => {
  const missing = new Set(plan.steps.filter(({ there }) => !there));
  const step = async <T>(
    id: UserStep['id'],
    name: string,
    work: (doing: string) => Promise<T>,
  ): Promise<T | undefined> => {
    const planned = [...missing].find((one) => one.id === id && one.name === name);
    if (!planned) return undefined;
    onStep(planned);
    const result = await work(userStep(id, name));
    done.push(planned);
    return result;
  };

  const [{ name: username } = { name: '' }] = plan.steps;
  const user = (await step('user', username, (doing) => insertUser(connection, plan, doing))) ?? plan.user;
  if (!user) throw new Error('A plan for an integration user without a user.');
  const assignee = { AssigneeId: user.id };
  const { permissionSetLicence, permissionSets, accessSet } = plan;
  if (permissionSetLicence) {
    await step('permission-set-licence', permissionSetLicence.label, (doing) =>
      ensureLink(connection, doing, 'PermissionSetLicenseAssign', {
        ...assignee,
        PermissionSetLicenseId: permissionSetLicence.id,
      }),
    );
  }
  for (const { id, name } of permissionSets) {
    await step('permission-set', name, (doing) =>
      ensureLink(connection, doing, 'PermissionSetAssignment', { ...assignee, PermissionSetId: id }),
    );
  }
  const setId =
    (await step('access-set', accessSet.name, (doing) => makeAccessSet(connection, accessSet, doing))) ?? accessSet.id;
  await step('access', accessSet.name, async (doing) => {
    if (!setId) throw new Error('A plan for an integration user without a permission set.');
    await ensureLink(connection, doing, 'PermissionSetAssignment', { ...assignee, PermissionSetId: setId });
  });
  return { id: user.id, username: user.username };
};

/**
 * Creates the permission set that gives the user access. Such a set may have appeared since the plan, perhaps through
 * an earlier request whose answer was lost. This set must pass the same check as an older one.
 *
 * @returns its Id
 */
const makeAccessSet = async (connection: Connection, accessSet: AccessSet, doing: string): Promise<string> => {
  const { app, appId, name, label, description } = accessSet;
  const fields = { Name: name, Label: label, Description: description };
  const made = await ensureRecord(connection, doing, 'PermissionSet', fields);
  if ('id' in made) return made.id;
  const set = byName(await readPermissionSets(connection), name);
  if (!set) throw orgError(made.duplicate, doing);
  const contents = await readSetContents(connection, [{ id: set.id, name: set.name, appId }]);
  refuseTurnedUp(accessSetProblems(app, set, contents.get(set.id)));
  return set.id;
};

/** @throws the first problem, with the same error as in the plan */
const refuseTurnedUp = ([problem]: Problem[]): void => {
  if (problem) throw problemError(problem);
};

type Locale = { LanguageLocaleKey: string; DefaultLocaleSidKey: string; TimeZoneSidKey: string };

/**
 * Creates the user, with the first username that is free in all of Salesforce. No mail is sent: Salesforce sends mail
 * only with a certain header (REST API Developer Guide).
 */
const insertUser = async (connection: Connection, { toMake }: UserPlan, doing: string): Promise<MadeUser> => {
  const { usernames, email, lastName, profile } = toMake;
  const [locale] = await query<Locale>(
    connection,
    doing,
    'SELECT LanguageLocaleKey, DefaultLocaleSidKey, TimeZoneSidKey FROM Organization',
  );
  if (!profile || !locale) throw new Error('An integration user was planned without a profile, or for no org.');
  const insert = async (): Promise<MadeUser> => {
    for (const username of usernames) {
      try {
        const { id } = await connection.sobject('User').create({
          Username: username,
          LastName: lastName,
          Email: email,
          Alias: aliasOf(username),
          ProfileId: profile.id,
          LanguageLocaleKey: locale.LanguageLocaleKey,
          LocaleSidKey: locale.DefaultLocaleSidKey,
          TimeZoneSidKey: locale.TimeZoneSidKey,
          EmailEncodingKey: 'UTF-8',
        });
        if (id) return { id, username };
      } catch (error) {
        if (apiCodeOf(error) !== 'DUPLICATE_USERNAME') throw error;
        // Another org has the username, or this org got it a moment ago. Perhaps an earlier try of this run made it.
        const [there] = await readUsers(connection, [username]);
        if (there) {
          refuseTurnedUp(userProblems(there));
          return { id: there.id, username: there.username };
        }
        if (username === usernames.at(-1)) throw error;
      }
    }
    throw new Error('The org made a user without an ID.');
  };
  return resend(() => askOrg(connection, doing, insert));
};

/** Eight characters that stand for the user in lists. */
const aliasOf = (username: string): string => {
  const [local = ''] = username.split('@');
  return local.replace(/[^A-Za-z0-9]/g, '').slice(0, 8) || 'integ';
};

/**
 * Runs the work that follows some completed steps. If it fails, the error names the completed steps and says that the
 * same command continues from there. The error stays as it is if no step was completed. It also stays if the org is
 * still working (which has an exit code of its own).
 *
 * @throws error.userHalfDone (exit code 68) with `data: { done, failed }`
 */
export const sayingWhatIsDone = async <T>(done: UserStep[], work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (done.length === 0 || !(error instanceof SfError) || error.exitCode === EXIT_CODE_FOR.stillRunning) throw error;
    const steps = done.map(({ id, name }) => `- ${messages.getMessage(`userDone.${id}`, [name])}`);
    const half = messages.createError(
      'error.userHalfDone',
      [error.message.split('\n'), steps],
      [],
      EXIT_CODE_FOR.unfinished,
    );
    half.actions = [...(error.actions ?? []), ...(half.actions ?? [])];
    throw half.setData({ done: done.map(({ id, name }) => ({ id, name })), failed: error.name });
  }
};

/**
 * The wish that the org checks in a dry run. The org would refuse the names of parts that do not exist yet. So the
 * login's own user replaces the user, and the access set is left out.
 */
export const wishToCheck = (connection: Connection, wish: Wish, plan: UserPlan): Wish => ({
  ...wish,
  oauth: { ...wish.oauth, runAs: plan.user?.username ?? connection.getUsername() },
  policies: {
    ...wish.policies,
    permissionSets: (wish.policies?.permissionSets ?? []).filter(
      (name) => plan.accessSet.id || name !== plan.accessSet.name,
    ),
  },
});
