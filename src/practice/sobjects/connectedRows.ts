import { partId } from '../ids.ts';
import { type Component, type PracticeOrg, qualifiedName, type SObjectRecord } from '../org.ts';
import { stampsOf } from '../stamps.ts';

type Group = Record<string, unknown>;

/** ConnectedApplication: the org's own Connected Apps and those that are installed. Its Name is the label (reported). */
export const connectedApplicationRows = (org: PracticeOrg): SObjectRecord[] =>
  org.listedConnectedApps().map((app) => {
    const { label, startUrl, mobileStartUrl, oauthConfig = {}, oauthPolicy = {}, sessionPolicy = {} } = app.body;
    const config = oauthConfig as Group;
    const policy = oauthPolicy as Group;
    const [kind, period] = String(policy.refreshTokenPolicy ?? '').split(':');
    return {
      Id: app.id,
      Name: label,
      StartUrl: startUrl,
      MobileStartUrl: mobileStartUrl,
      OptionsAllowAdminApprovedUsersOnly: config.isAdminApproved === true,
      OptionsAppIssueJwtTokenEnabled: config.isNamedUserJwtEnabled === true,
      OptionsHasSessionLevelPolicy: (sessionPolicy as Group).sessionLevel !== undefined,
      OptionsRefreshTokenValidityMetric: kind === 'specific_inactivity',
      OptionsTokenExchangeManageBitEnabled: policy.isTokenExchangeFlowEnabled === true,
      RefreshTokenValidityPeriod: period === undefined ? null : Number(period),
      ...stampsOf(app),
    };
  });

/** The item of a Connected App in the app menu. An app that is not installed has none. */
export const connectedMenuItemId = (app: Component): string | null =>
  app.vendor?.isInstalled === false ? null : partId('AppMenuItem', app.id);

export const connectedMenuItems = (org: PracticeOrg): SObjectRecord[] =>
  org.listedConnectedApps().map((app) => ({
    Id: partId('AppMenuItem', app.id),
    ApplicationId: app.id,
    Name: app.fullName,
    Label: app.body.label ?? qualifiedName(app),
    NamespacePrefix: app.namespace ?? org.namespace ?? null,
    Description: app.body.description,
    Type: 'ConnectedApplication',
    StartUrl: app.body.startUrl,
    MobileStartUrl: app.body.mobileStartUrl,
    InfoUrl: app.body.infoUrl,
    IconUrl: app.body.iconUrl,
    LogoUrl: app.body.logoUrl,
    IsAccessible: true,
    IsUsingAdminAuthorization: (app.body.oauthConfig as Group | undefined)?.isAdminApproved === true,
    IsVisible: true,
    ...stampsOf(app),
  }));
