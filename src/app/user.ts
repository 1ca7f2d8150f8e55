/** The facts about a user as whom an app runs, as far as an integration needs them. */
export type UserFacts = {
  /** 18 characters. */
  id: string;
  username: string;
  active: boolean;
  /** Frozen, or locked out after wrong passwords. Absent when the login in use may not see it. */
  locked?: boolean;
  profileName: string;
  /** UserLicense.Name; absent for a user without a profile. */
  licence?: string;
  /** Has rights of an administrator: may manage users or customise the application. */
  isAdmin: boolean;
  modifyAllData: boolean;
  viewAllData: boolean;
  apiEnabled: boolean;
  /** "API Only User": cannot log in to the user interface. */
  apiOnly: boolean;
  /** Names of the permission sets assigned to the user, without the sets that belong to profiles. */
  permissionSets: string[];
};

/** A permission of a user, by its API name and its label in Setup. */
export type UserPermission = { name: string; label: string };

/** The permissions of this user that an integration's user should not have. */
export const tooPowerful = (user: Pick<UserFacts, 'modifyAllData' | 'viewAllData' | 'isAdmin'>): UserPermission[] => [
  ...(user.modifyAllData ? [{ name: 'ModifyAllData', label: 'Modify All Data' }] : []),
  // Modify All Data already includes this permission.
  ...(user.viewAllData && !user.modifyAllData ? [{ name: 'ViewAllData', label: 'View All Data' }] : []),
  ...(user.isAdmin
    ? [{ name: 'CustomizeApplication or ManageUsers', label: 'Customize Application or Manage Users' }]
    : []),
];
