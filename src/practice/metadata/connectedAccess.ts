import type { Component, PracticeOrg } from '../org.ts';

/**
 * Adjusts the SetupEntityAccess records of a Connected App to the permission sets and profiles in its metadata. Its
 * metadata names a permission set by its label (135 real files), so all sets with the label get access. An app that is
 * not installed has no policies here, and no records.
 */
export const keepConnectedAccess = (org: PracticeOrg, app: Component): void => {
  for (const { Id, SetupEntityId } of org.records('SetupEntityAccess')) {
    if (SetupEntityId === app.id) org.delete('SetupEntityAccess', Id);
  }
  if (app.vendor?.isInstalled === false) return;
  const labels = new Set((app.body.permissionSetName ?? []) as string[]);
  const profiles = new Set((app.body.profileName ?? []) as string[]);
  for (const set of org.records('PermissionSet')) {
    const isNamed =
      set.IsOwnedByProfile === true
        ? profiles.has(String(org.record('Profile', String(set.ProfileId))?.Name))
        : labels.has(String(set.Label));
    if (!isNamed) continue;
    org.insert('SetupEntityAccess', {
      ParentId: set.Id,
      SetupEntityId: app.id,
      SetupEntityType: 'ConnectedApplication',
    });
  }
};
