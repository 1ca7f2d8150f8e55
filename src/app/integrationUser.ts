import type { App, Wish } from './app.ts';
import { checkContactEmail } from './contactEmail.ts';
import { distinctNames, nameWithoutNamespace, sameName } from './name.ts';
import { labelOf } from './newApp.ts';
import { nearest } from './nearest.ts';
import { quotable, type Problem } from './problem.ts';
import { tooPowerful, type UserFacts, type UserPermission } from './user.ts';

/** What is wanted of an app's integration user: a user of its own who can call the API, and no more than its permission sets say. */
export type IntegrationUser = {
  /** Username to begin with. Where another org has it already, this org's ID is put behind it. */
  username: string;
  /** Names of the permission sets that say what the integration may do. */
  permissionSets?: string[];
  /** Where Salesforce writes to about this user; the app's contact email when absent. */
  email?: string;
  /** Last name in lists of users; the app's label when absent. */
  lastName?: string;
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

/** A kind of licence, and how many of it an org has and uses. */
export type Seats = { id: string; label: string; active: boolean; total: number; used: number };

/** A profile that goes with the integration licence. */
export type IntegrationProfile = { id: string; name: string; apiOnly: boolean; powerful: boolean };

/** What a permission set grants of the permissions that make a user mighty. */
export type Powers = Pick<UserFacts, 'modifyAllData' | 'viewAllData' | 'isAdmin'>;

/** A permission set; one that goes with a licence names it. */
export type PermissionSet = { id: string; name: string; label: string; licenceId?: string; powers: Powers };

/** What a permission set is, does and whom it reaches, as far as it was read. */
export type SetContents = {
  description: string;
  /** Everything that it grants besides access to the app, by API names, such as `ModifyAllData`. Undefined: not all was readable. */
  grants?: string[];
  /** Active users who have it. Undefined where this login may not count them. */
  users?: number;
};

/** A user who has one of the usernames that come into question. */
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

/** What an org has for an integration user. What it does not have, or does not show, is absent. */
export type IntegrationSupply = {
  licence?: Seats;
  profiles: IntegrationProfile[];
  permissionSetLicence?: Seats;
};

/** All that an integration user is planned with. */
export type UserSituation = IntegrationSupply & {
  permissionSets: PermissionSet[];
  users: UserThere[];
  /** Of the permission sets that would be taken for an app's access set, by ID. */
  contents: Map<string, SetContents>;
};

/** One thing to be seen to. `name` is that of the user, the licence or the permission set. */
export type UserStep = {
  id: 'user' | 'permission-set-licence' | 'permission-set' | 'access-set' | 'access';
  name: string;
  there: boolean;
};

/** What is to be done so that an app has its integration user, in this order. */
export type UserPlan = {
  steps: UserStep[];
  /** The user who is there. */
  user?: UserThere;
  /** As whom a user is made. */
  toMake: { usernames: string[]; email: string; lastName: string; profile?: IntegrationProfile };
  permissionSetLicence?: Seats;
  /** The permission sets to assign, with their IDs; the access set has none as long as it is to be made. */
  permissionSets: PermissionSet[];
  accessSet: AccessSet;
  /** Permission sets that the user has or is to have, and by which it can do more than an integration should. */
  mighty: Array<{ name: string; permissions: UserPermission[] }>;
};

/** The permission set that lets an app's integration user in. */
export type AccessSet = {
  /** The app that it lets into, by name and, once it is there, by Id (0xI..., 18 characters). */
  app: string;
  appId?: string;
  name: string;
  label: string;
  /** By this text a later run knows the set again: it names the app and this plugin. */
  description: string;
  /** Absent as long as it is to be made. */
  id?: string;
  /** Active users besides the integration user whom it lets in already. Absent where nobody could count them. */
  others?: number;
};

/** Longest username and permission set name. */
const NAME_MAX = 80;

/** What is behind a username that was taken: a dot and an org's ID of 18 characters. */
const SUFFIX_LENGTH = 19;

/**
 * The usernames that the integration user can have, the one to prefer first. Usernames are unique across all of Salesforce, so
 * the base may be taken by another org; the second is this org's own, and always the same, so that a later run finds the user.
 * A sandbox puts its name behind the usernames that it was copied with: such a user is known by the app that runs as it.
 */
export const usernamesOf = (base: string, orgId: string, runAs: string | undefined): string[] => {
  const isCopy = runAs?.toLowerCase().startsWith(`${base.toLowerCase()}.`) === true;
  return [...new Set([...(isCopy && runAs ? [runAs] : []), base, `${base}.${orgId.toLowerCase()}`])];
};

/** A username looks like an email address and has to leave room for what may come behind it. */
export const checkUsername = (username: string): Problem | undefined =>
  checkContactEmail(username) || username.length > NAME_MAX - SUFFIX_LENGTH
    ? {
        code: 'error.usernameInvalid',
        values: [quotable(username), String(NAME_MAX - SUFFIX_LENGTH)],
        field: 'integrationUser.username',
      }
    : undefined;

/** What can be seen to be wrong with an integration user without the org. */
export const checkIntegrationUser = ({ username, email }: IntegrationUser): Problem[] => {
  const emailProblem = email === undefined ? undefined : checkContactEmail(email);
  return [checkUsername(username), emailProblem && { ...emailProblem, field: 'integrationUser.email' }].filter(
    (problem) => problem !== undefined,
  );
};

const ACCESS = '_Access';

/**
 * Name of the permission set that lets an app's integration user in: `Order_Sync_Access`. Each app has its own, also where two
 * names differ by a namespace alone or are long and begin alike.
 */
export const accessSetName = (app: string): string => {
  const stem = nameWithoutNamespace(app);
  if (stem.length <= NAME_MAX - ACCESS.length) return `${stem}${ACCESS}`;
  const checksum = `_${checksumOf(app.toLowerCase())}`;
  const rest = stem.slice(0, NAME_MAX - ACCESS.length - checksum.length).replace(/_$/, '');
  return `${rest}${checksum}${ACCESS}`;
};

/** FNV-1a in eight digits: tells names apart, and protects nothing. */
const checksumOf = (text: string): string =>
  [...text]
    .reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0, 0x811c9dc5)
    .toString(16)
    .padStart(8, '0');

/** What the access set of an app is described as: the mark by which the plugin knows a permission set that it made. */
export const accessSetDescription = (app: string): string =>
  `Lets the integration user of the external client app ${app} in, and grants nothing else. Made by sf-plugin-eca (sf eca user create).`;

/**
 * What is to be done so that the org has the integration user, and everything that stands in the way, all at once.
 *
 * @param app whose user it is, as it is or is to be
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
 * What keeps a permission set that is there from being taken for the access set of an app. Its name proves nothing: it has to
 * be one that this plugin made for this app, and all that it grants has to have been read, and to be nothing.
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

/** A set may grant thousands of fields: so many are named. */
const GRANTS_SHOWN = 12;

/** What keeps a user who is there from being taken for an integration user. */
export const userProblems = ({ username, active, licence, profileName }: UserThere): Problem[] => {
  const field = 'integrationUser.username';
  const problems: Problem[] = [];
  if (licence !== INTEGRATION.licence)
    problems.push({ code: 'error.userNotForIntegrations', values: [username, profileName, licence], field });
  if (!active) problems.push({ code: 'error.userInactive', values: [username], field });
  return problems;
};

/** What is missing of the licence that the user needs. */
export const licenceProblems = (licence: Seats | undefined): Problem[] => {
  if (!licence) return [{ code: 'error.integrationLicenceMissing', values: [] }];
  if (!licence.active) return [{ code: 'error.integrationLicenceDisabled', values: [] }];
  return licence.used < licence.total
    ? []
    : [{ code: 'error.integrationLicenceFull', values: [String(licence.used), String(licence.total)] }];
};

/** What is missing of the permission set licence that lets the user have more than the profile grants. */
export const permissionSetLicenceProblems = (licence: Seats | undefined): Problem[] => {
  if (!licence?.active) return [{ code: 'error.permissionSetLicenceMissing', values: [] }];
  return licence.used < licence.total
    ? []
    : [{ code: 'error.permissionSetLicenceFull', values: [String(licence.used), String(licence.total)] }];
};

/**
 * The profile for integration users: one of the licence that allows the API alone and is not mighty. Where there are several, the
 * name tells; Salesforce translates it, so there may be none of that name.
 */
export const chooseProfile = ({
  licence,
  profiles,
}: IntegrationSupply): { profile?: IntegrationProfile; problem?: Problem } => {
  const fit = profiles.filter(({ apiOnly, powerful }) => apiOnly && !powerful);
  const named = fit.find(({ name }) => name === INTEGRATION.profile);
  const profile = named ?? (fit.length === 1 ? fit[0] : undefined);
  // Without the licence there is no profile either: that is said once.
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

/** No permission set has the name: which ones are meant, perhaps, by name or by label? */
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

/** The permission set of a name, which no org minds the case of. */
export const byName = (sets: PermissionSet[], name: string): PermissionSet | undefined =>
  sets.find((set) => sameName(set.name, name));

/**
 * What an app's wish is, so that it runs as the user and lets the user in. Whoever is let in already stays so.
 *
 * @param granted permission sets that grant access to the app beside the app's own list
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
