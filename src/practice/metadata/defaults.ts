import { CONNECTED_APP } from '../org.ts';
import type { Body } from './body.ts';

/**
 * The values that an org adds for elements that a deploy leaves out, and returns from then on. These elements and
 * values stand in files retrieved from real orgs, though nobody deployed them. An element outside this list stays
 * absent when a deploy leaves it out.
 */
const DEFAULTS: Record<string, Body> = {
  ExternalClientApplication: { distributionState: 'Local', isProtected: false },
  ExtlClntAppOauthSettings: { isFirstPartyAppEnabled: false },
  ExtlClntAppGlobalOauthSettings: {
    isClientCredentialsFlowEnabled: false,
    isCodeCredFlowEnabled: false,
    isCodeCredPostOnly: false,
    isConsumerSecretOptional: false,
    isDPopEnabled: false,
    isDeviceFlowEnabled: false,
    isEnforceRefreshTokenTTL: false,
    isIntrospectAllTokens: false,
    isNamedUserJwtEnabled: false,
    isPkceRequired: true,
    isRefreshTokenRotationEnabled: false,
    isSecretRequiredForRefreshToken: true,
    isSecretRequiredForTokenExchange: false,
    isTokenExchangeEnabled: false,
    shouldRotateConsumerKey: false,
    shouldRotateConsumerSecret: false,
  },
  ExtlClntAppOauthConfigurablePolicies: {
    ipRelaxationPolicyType: 'Enforce',
    isClientCredentialsFlowEnabled: false,
    isGuestCodeCredFlowEnabled: false,
    // Of API versions 61 to 63 alone, whose files have it.
    isNamedUserJwtEnabled: false,
    isTokenExchangeFlowEnabled: false,
    permittedUsersPolicyType: 'AllSelfAuthorized',
    refreshTokenPolicyType: 'SpecificLifetime',
    requiredSessionLevel: 'STANDARD',
  },
  ExtlClntAppConfigurablePolicies: { isEnabled: true, isOauthPluginEnabled: true, startPage: 'None' },
};

/** The life that a refresh token has when nothing is said about it. */
const REFRESH_TOKEN_LIFE: Body = { refreshTokenValidityPeriod: 365, refreshTokenValidityUnit: 'Days' };

/**
 * The defaults of a Connected App's groups (Metadata API guide, `ConnectedApp`). An org returns them at a version that has
 * the elements.
 */
const CONNECTED_APP_DEFAULTS: Record<string, Body> = {
  oauthConfig: {
    isAdminApproved: false,
    isClientCredentialEnabled: false,
    isCodeCredentialEnabled: false,
    isCodeCredentialPostOnly: false,
    isConsumerSecretOptional: false,
    isIntrospectAllTokens: false,
    isNamedUserJwtEnabled: false,
    isPkceRequired: false,
    isRefreshTokenRotationEnabled: false,
    isSecretRequiredForRefreshToken: true,
    isSecretRequiredForTokenExchange: false,
    isTokenExchangeEnabled: false,
  },
  oauthPolicy: { ipRelaxation: 'ENFORCE', refreshTokenPolicy: 'infinite' },
};

const completedConnectedApp = (body: Body): Body => {
  if (body.oauthConfig === undefined) return body;
  const groups = Object.entries(CONNECTED_APP_DEFAULTS).map(([group, defaults]): [string, Body] => [
    group,
    { ...defaults, ...(body[group] as Body | undefined) },
  ]);
  return { ...body, ...Object.fromEntries(groups) };
};

/** A component's body with what the org fills in. */
export const completed = (type: string, body: Body): Body => {
  if (type === CONNECTED_APP) return completedConnectedApp(body);
  const life = type === 'ExtlClntAppOauthConfigurablePolicies' && body.refreshTokenPolicyType === undefined;
  return { ...DEFAULTS[type], ...(life ? REFRESH_TOKEN_LIFE : {}), ...body };
};

/**
 * The name of the policies that an org makes by itself for what is called `owner`. The name has no namespace, also for
 * an installed app (reported). A number at the end makes it different from the policies of another app.
 */
export const defaultPolicyName = (owner: string, isTaken: (name: string) => boolean): string => {
  const name = `${owner}_defaultPolicy`;
  if (!isTaken(name)) return name;
  let nth = 1;
  while (isTaken(name + String(nth))) nth += 1;
  return name + String(nth);
};
