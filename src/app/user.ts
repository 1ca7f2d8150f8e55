/** What is known of a user whom an app runs as, as far as it matters for an integration. */
export type UserFacts = {
  /** 18 characters. */
  id: string;
  username: string;
  active: boolean;
  /** Frozen, or locked out after wrong passwords. Absent when the login in use may not see it. */
  locked?: boolean;
  profileName: string;
  /** May do what only an administrator may: manage users or customise the application. */
  isAdmin: boolean;
  modifyAllData: boolean;
  viewAllData: boolean;
  apiEnabled: boolean;
  /** "API Only User": cannot log in to the user interface. */
  apiOnly: boolean;
  /** Names of the permission sets assigned to the user, profiles' own ones left out. */
  permissionSets: string[];
};

/** A permission of a user, by its API name and its label in Setup. */
export type UserPermission = { name: string; label: string };

/** The permissions that an integration's user should not have, of those that this user has. */
export const tooPowerful = (user: Pick<UserFacts, 'modifyAllData' | 'viewAllData' | 'isAdmin'>): UserPermission[] => [
  ...(user.modifyAllData ? [{ name: 'ModifyAllData', label: 'Modify All Data' }] : []),
  // Modify All Data holds it already.
  ...(user.viewAllData && !user.modifyAllData ? [{ name: 'ViewAllData', label: 'View All Data' }] : []),
  ...(user.isAdmin
    ? [{ name: 'CustomizeApplication or ManageUsers', label: 'Customize Application or Manage Users' }]
    : []),
];
