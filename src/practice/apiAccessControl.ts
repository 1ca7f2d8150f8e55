import { appById, isPermitted } from './oauth/oauthApp.ts';
import type { PracticeOrg, Session } from './org.ts';

/**
 * May this login call the APIs at all? With API Access Control (the setting `enableAdminApprovedAppsOnly`), only apps
 * that an admin approved may call the APIs. Approved apps have policies that limit their users, and only these users
 * may call. The org's own logins, also those of `sf`, count as approved. An admin who turns the setting on must be able
 * to turn it off.
 */
export const mayCallApis = (org: PracticeOrg, session: Session): boolean => {
  if (org.settings.ConnectedAppSettings?.enableAdminApprovedAppsOnly !== true || !session.appId) return true;
  const app = appById(org, session.appId);
  return app !== undefined && app.adminApprovedOnly && isPermitted(org, app, session.userId);
};
