import type { App, Wish } from './app.ts';
import { checkContactEmail } from './contactEmail.ts';
import { distinctNames, nameWithoutNamespace, sameName } from './name.ts';
import { nearest } from './nearest.ts';
import { labelOf } from './newApp.ts';
import { type Problem, quotable } from './problem.ts';
import { tooPowerful, type UserFacts, type UserPermission } from './user.ts';

/**
 * The wish for an app's integration user. This separate user can call the API, and has only the rights of its
 * permission sets.
 */
export type IntegrationUser = {
  /** The preferred username. If another org already has this username, this org's ID is added to its end. */
  username: string;
  /** Names of the permission sets with the integration's rights. */
  permissionSets?: string[];
  /** Salesforce's address for mail about this user; the app's contact email when absent. */
  email?: string;
  /** Last name in lists of users; the app's label when absent. */
  lastName?: string;
};

/** Salesforce takes usernames of up to 80 characters. The rest is for the domain, and for an org's ID at the end. */
const LONGEST_LOCAL_PART = 30;

/**
 * A username for an app's integration user: the app's name at the domain of its contact email. The app's present user
 * gets a successor with another username.
 *
 * @returns undefined when the app's contact email is unknown
 */
export const suggestUsername = ({ name, contactEmail, oauth }: App): string | undefined => {
  const domain = contactEmail?.split('@')[1];
  if (name === '' || !domain) return undefined;
  const local = name.toLowerCase().replaceAll(/_+/g, '-').slice(0, LONGEST_LOCAL_PART);
  const [first, second] = [`${local}@${domain}`, `${local}-2@${domain}`];
  return oauth?.runAs?.toLowerCase() === first.toLowerCase() ? second : first;
};

/** The licence, profile and permission set licence that Salesforce made for integrations (Help, "Give Integration Users API Only Access"). */
export const INTEGRATION = {
  /** UserLicense.Name, which is not translated. */
  licence: 'Salesforce Integration',
  /** Profile.Name, which an org shows in the user's language. */
  profile: 'Minimum Access - API Only Integrations',
  /** PermissionSetLicense.DeveloperName. */
  permissionSetLicence: 'SalesforceAPIIntegrationPsl',
} as const;

/** A kind of licence: how many an org has, and how many are in use. */
export type Seats = { id: string; label: string; active: boolean; total: number; used: number };

/** A profile that belongs to the integration licence. */
export type IntegrationProfile = { id: string; name: string; apiOnly: boolean; powerful: boolean };

/** The powerful permissions that a permission set grants. */
export type Powers = Pick<UserFacts, 'modifyAllData' | 'viewAllData' | 'isAdmin'>;

/** A permission set; a permission set that belongs to a licence names the licence. */
export type PermissionSet = { id: string; name: string; label: string; licenceId?: string; powers: Powers };

/** The content, the purpose and the users of a permission set, as far as they were read. */
export type SetContents = {
  description: string;
  /**
   * Everything that the set grants besides access to the app, by API names, such as `ModifyAllData`. Undefined when
   * some of it could not be read.
   */
  grants?: string[];
  /** Active users with the set. Undefined when this login may not count them. */
  users?: number;
};

/** A user with one of the possible usernames. */
export type UserThere = {
  id: string;
  username: string;
  active: boolean;
  profileName: string;
  /** UserLicense.Name. */
  licence: string;
  hasPermissionSetLicence: boolean;
  /** IDs of the permission sets assigned. */
  permissionSets: string[];
};

/**
 * The parts of an org that an integration user needs. A part that the org does not have, or does not show, is absent.
 */
export type IntegrationSupply = {
  licence?: Seats;
  profiles: IntegrationProfile[];
  permissionSetLicence?: Seats;
};

/** All facts for the plan of an integration user. */
export type UserSituation = IntegrationSupply & {
  permissionSets: PermissionSet[];
  users: UserThere[];
  /** The permission sets that could serve as an app's access set, by ID. */
  contents: Map<string, SetContents>;
};

/** One step of the plan. `name` is the name of the user, the licence or the permission set. */
export type UserStep = {
  id: 'user' | 'permission-set-licence' | 'permission-set' | 'access-set' | 'access';
  name: string;
  there: boolean;
};

/** The steps after which an app has its integration user, in this order. */
export type UserPlan = {
  steps: UserStep[];
  /** The existing user. */
  user?: UserThere;
  /** The data of a user to create. */
  toMake: { usernames: string[]; email: string; lastName: string; profile?: IntegrationProfile };
  permissionSetLicence?: Seats;
  /** The permission sets to assign, with their IDs; the access set has no ID before it is created. */
  permissionSets: PermissionSet[];
  accessSet: AccessSet;
  /** Permission sets, assigned or to be assigned, that give the user more power than an integration should have. */
  mighty: Array<{ name: string; permissions: UserPermission[] }>;
};

/** The permission set that gives an app's integration user access to the app. */
export type AccessSet = {
  /** The app that the set gives access to, by name and, once the app exists, by Id (0xI..., 18 characters). */
  app: string;
  appId?: string;
  name: string;
  label: string;
  /** A later run recognises the set by this text: the text names the app and this plugin. */
  description: string;
  /** Absent until the set is created. */
  id?: string;
  /**
   * Active users besides the integration user who already have access through the set. Absent when nobody could count
   * them.
   */
  others?: number;
};

/** Longest username and permission set name. */
const NAME_MAX = 80;

/** The ending of a username that another org already had: a dot and an org's ID of 18 characters. */
const SUFFIX_LENGTH = 19;

/**
 * The possible usernames of the integration user, the preferred one first. Usernames are unique across all of
 * Salesforce, so another org may have the preferred one. The second username belongs to this org and is always the
 * same, so that a later run finds the user. A sandbox adds its name to the usernames that were copied. Such a user is
 * found through the app that runs as this user.
 */
export const usernamesOf = (base: string, orgId: string, runAs: string | undefined): string[] => {
  const isCopy = runAs?.toLowerCase().startsWith(`${base.toLowerCase()}.`) === true;
  return [...new Set([...(isCopy && runAs ? [runAs] : []), base, `${base}.${orgId.toLowerCase()}`])];
};

/** A username looks like an email address and must leave room for the ending. */
export const checkUsername = (username: string): Problem | undefined =>
  checkContactEmail(username) || username.length > NAME_MAX - SUFFIX_LENGTH
    ? {
        code: 'error.usernameInvalid',
        values: [quotable(username), String(NAME_MAX - SUFFIX_LENGTH)],
        field: 'integrationUser.username',
      }
    : undefined;

/** The problems with an integration user that are visible without the org. */
export const checkIntegrationUser = ({ username, email }: IntegrationUser): Problem[] => {
  const emailProblem = email === undefined ? undefined : checkContactEmail(email);
  return [checkUsername(username), emailProblem && { ...emailProblem, field: 'integrationUser.email' }].filter(
    (problem) => problem !== undefined,
  );
};

const ACCESS = '_Access';

/**
 * Name of the permission set that gives an app's integration user access: `Order_Sync_Access`. Each app has its own
 * name for the set. This is also true for apps that differ by a namespace alone, and for long names with the same
 * beginning.
 */
export const accessSetName = (app: string): string => {
  const stem = nameWithoutNamespace(app);
  if (stem.length <= NAME_MAX - ACCESS.length) return `${stem}${ACCESS}`;
  const checksum = `_${checksumOf(app.toLowerCase())}`;
  const rest = stem.slice(0, NAME_MAX - ACCESS.length - checksum.length).replace(/_$/, '');
  return `${rest}${checksum}${ACCESS}`;
};

/** FNV-1a in eight digits: makes names different, and protects nothing. */
const checksumOf = (text: string): string =>
  [...text]
    .reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0, 0x811c9dc5)
    .toString(16)
    .padStart(8, '0');

/**
 * The description of an app's access set. By this text the plugin recognises a permission set that the plugin created.
 */
export const accessSetDescription = (app: string): string =>
  `Lets the integration user of the external client app ${app} in, and grants nothing else. Made by sf-plugin-eca (sf eca user create).`;

/**
 * The steps after which the org has the integration user, and all obstacles at once.
 *
 * @param app the app of the user, as the app is or will be
 */
export const planIntegrationUser = (
  app: App,
  wanted: IntegrationUser,
  facts: UserSituation,
  usernames: string[],
): { plan: UserPlan; problems: Problem[] } => {
  const user = usernames.flatMap((username) => facts.users.find((one) => sameName(one.username, username)) ?? [])[0];
  const named = (wanted.permissionSets ?? []).map((name) => ({ name, set: byName(facts.permissionSets, name) }));
  const accessSet = byName(facts.permissionSets, accessSetName(app.name));
  const has = (set: PermissionSet | undefined): boolean =>
    set !== undefined && user?.permissionSets.includes(set.id) === true;
  const { profile, problem: profileProblem } = chooseProfile(facts);
  const contents = accessSet && facts.contents.get(accessSet.id);
  const own = has(accessSet) && user?.active ? 1 : 0;

  const plan: UserPlan = {
    steps: [
      { id: 'user', name: user?.username ?? wanted.username, there: user !== undefined },
      {
        id: 'permission-set-licence',
        name: facts.permissionSetLicence?.label ?? INTEGRATION.permissionSetLicence,
        there: user?.hasPermissionSetLicence === true,
      },
      ...named.map(({ name, set }): UserStep => ({ id: 'permission-set', name: set?.name ?? name, there: has(set) })),
      { id: 'access-set', name: accessSetName(app.name), there: accessSet !== undefined },
      { id: 'access', name: accessSetName(app.name), there: has(accessSet) },
    ],
    ...(user && { user }),
    toMake: {
      usernames,
      email: wanted.email ?? app.contactEmail ?? wanted.username,
      lastName: (wanted.lastName ?? app.label ?? labelOf(app.name)).slice(0, NAME_MAX),
      ...(profile && { profile }),
    },
    ...(facts.permissionSetLicence && { permissionSetLicence: facts.permissionSetLicence }),
    permissionSets: named.flatMap(({ set }) => set ?? []),
    accessSet: {
      app: app.name,
      name: accessSetName(app.name),
      label: `${(app.label ?? labelOf(app.name)).slice(0, NAME_MAX - ' Access'.length)} Access`,
      description: accessSetDescription(app.name),
      ...(accessSet && { id: accessSet.id }),
      ...(contents?.users !== undefined && { others: contents.users - own }),
    },
    mighty: facts.permissionSets
      .filter((set) => has(set) || named.some(({ set: wantedSet }) => wantedSet === set))
      .map(({ name, powers }) => ({ name, permissions: tooPowerful(powers) }))
      .filter(({ permissions }) => permissions.length > 0),
  };
  const problems = [
    ...(user ? userProblems(user) : [...licenceProblems(facts.licence), ...(profileProblem ? [profileProblem] : [])]),
    ...(user?.hasPermissionSetLicence ? [] : permissionSetLicenceProblems(facts.permissionSetLicence)),
    ...named.flatMap(({ name, set }) => (has(set) ? [] : permissionSetProblems(name, set, facts))),
    ...(accessSet ? accessSetProblems(app.name, accessSet, contents) : []),
  ];
  return { plan, problems };
};

/**
 * The reasons why an existing permission set cannot serve as the access set of an app. The name proves nothing. This
 * plugin must have created the set for this app. All grants of the set must have been read, and there must be none.
 */
export const accessSetProblems = (app: string, set: PermissionSet, contents: SetContents | undefined): Problem[] => {
  if (set.licenceId) return [{ code: 'error.accessSetHasLicence', values: [set.name] }];
  if (!contents?.grants) return [{ code: 'error.accessSetUnreadable', values: [set.name] }];
  const users = contents.users === undefined ? '?' : String(contents.users);
  const { grants } = contents;
  if (grants.length > 0) {
    const more = grants.length > GRANTS_SHOWN ? `, ... (${grants.length})` : '';
    return [
      { code: 'error.accessSetGrants', values: [set.name, grants.slice(0, GRANTS_SHOWN).join(', ') + more, users] },
    ];
  }
  const description = accessSetDescription(app);
  return contents.description.trim() === description
    ? []
    : [{ code: 'error.accessSetForeign', values: [set.name, description, users] }];
};

/** The most grants that a text names: a set may grant thousands of fields. */
const GRANTS_SHOWN = 12;

/** Is a user for integrations only? A user whose licence is not known may be one. */
export const isForIntegrations = ({ licence }: { licence?: string }): boolean =>
  licence === undefined || licence === INTEGRATION.licence;

/** What keeps a user who is there from being taken for an integration user. */
export const userProblems = (user: UserThere): Problem[] => {
  const { username, active, licence, profileName } = user;
  const field = 'integrationUser.username';
  const problems: Problem[] = [];
  if (!isForIntegrations(user))
    problems.push({ code: 'error.userNotForIntegrations', values: [username, profileName, licence], field });
  if (!active) problems.push({ code: 'error.userInactive', values: [username], field });
  return problems;
};

/** The missing parts of the licence that the user needs. */
export const licenceProblems = (licence: Seats | undefined): Problem[] => {
  if (!licence) return [{ code: 'error.integrationLicenceMissing', values: [] }];
  if (!licence.active) return [{ code: 'error.integrationLicenceDisabled', values: [] }];
  return licence.used < licence.total
    ? []
    : [{ code: 'error.integrationLicenceFull', values: [String(licence.used), String(licence.total)] }];
};

/** The missing parts of the permission set licence that lets the user have more rights than the profile grants. */
export const permissionSetLicenceProblems = (licence: Seats | undefined): Problem[] => {
  if (!licence?.active) return [{ code: 'error.permissionSetLicenceMissing', values: [] }];
  return licence.used < licence.total
    ? []
    : [{ code: 'error.permissionSetLicenceFull', values: [String(licence.used), String(licence.total)] }];
};

/**
 * The profile for integration users: a profile without powerful permissions, of the licence that allows the API alone.
 * If there are several, the name decides; Salesforce translates the name, so possibly no profile has it.
 */
export const chooseProfile = ({
  licence,
  profiles,
}: IntegrationSupply): { profile?: IntegrationProfile; problem?: Problem } => {
  const fit = profiles.filter(({ apiOnly, powerful }) => apiOnly && !powerful);
  const named = fit.find(({ name }) => name === INTEGRATION.profile);
  const profile = named ?? (fit.length === 1 ? fit[0] : undefined);
  // Without the licence there is no profile either: only the licence is reported.
  if (profile || !licence) return { profile };
  return fit.length > 1
    ? { problem: { code: 'error.integrationProfileUnclear', values: [fit.map(({ name }) => name).join(', ')] } }
    : { problem: { code: 'error.integrationProfileMissing', values: [] } };
};

const permissionSetProblems = (
  name: string,
  set: PermissionSet | undefined,
  { licence, permissionSetLicence, permissionSets }: UserSituation,
): Problem[] => {
  const field = 'integrationUser.permissionSets';
  if (!set) return [permissionSetUnknown(name, permissionSets, field)];
  const fits = [undefined, licence?.id, permissionSetLicence?.id].includes(set.licenceId);
  return fits ? [] : [{ code: 'error.permissionSetOtherLicence', values: [set.name], field }];
};

/** No permission set has this name: suggest permission sets with a similar name or label. */
export const permissionSetUnknown = (name: string, sets: PermissionSet[], field: string): Problem => {
  const labelled = sets.filter(({ label }) => sameName(label, name)).map((set) => set.name);
  const close =
    labelled.length > 0
      ? labelled
      : nearest(
          name,
          sets.map((set) => set.name),
        );
  return close.length > 0
    ? { code: 'error.permissionSetUnknown', values: [quotable(name), close.join(', ')], field }
    : { code: 'error.permissionSetUnlike', values: [quotable(name)], field };
};

/** The permission set of a name; no org distinguishes upper and lower case here. */
export const byName = (sets: PermissionSet[], name: string): PermissionSet | undefined =>
  sets.find((set) => sameName(set.name, name));

/**
 * The app's wish after which the app runs as the user, and the user may use the app. Users who already have access keep
 * it.
 *
 * @param granted permission sets that grant access to the app without being in the app's own list
 */
export const withIntegrationUser = (
  app: App | undefined,
  wish: Wish,
  username: string,
  accessSet: string,
  granted: string[] = [],
): Wish => {
  const letIn = wish.policies?.permissionSets ?? distinctNames([...(app?.policies?.permissionSets ?? []), ...granted]);
  return {
    ...wish,
    oauth: { ...wish.oauth, runAs: username },
    policies: {
      ...wish.policies,
      permittedUsers: wish.policies?.permittedUsers ?? 'admin-approved',
      permissionSets: letIn.some((name) => sameName(name, accessSet)) ? letIn : [...letIn, accessSet],
    },
  };
};
