import { appById, isPermitted } from './oauth/oauthApp.ts';
import type { PracticeOrg, Session } from './org.ts';

/**
 * May this login call the APIs at all? With API Access Control (the setting `enableAdminApprovedAppsOnly`) only apps may that an
 * admin has approved: those whose policies say which users they are for, and only for these users. The org's own logins, of
 * `sf` among them, are taken to be approved: an admin who turns this on has to be able to turn it off.
 */
export function mayCallApis(org: PracticeOrg, session: Session): boolean {
  if (org.settings.ConnectedAppSettings?.enableAdminApprovedAppsOnly !== true || !session.appId) return true;
  const app = appById(org, session.appId);
  return app !== undefined && app.adminApprovedOnly && isPermitted(org, app, session.userId);
}
