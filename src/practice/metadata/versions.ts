/**
 * The API version that each element of the metadata types came with, which Salesforce's TypeScript types do not tell.
 * The versions v48 to v66 come from the Metadata WSDLs that Salesforce publishes. Those of v67 and v68 come from the
 * difference between versions 1.8.0 and 1.9.0 of the package `@salesforce/types`. An element sent at an older version
 * is refused.
 */
const ELEMENTS_BY_VERSION: Record<string, Record<number, string>> = {
  ExternalClientApplication: {
    56: 'contactEmail description iconUrl infoUrl isProtected logoUrl orgScopedExternalApp',
    57: 'contactPhone distributionState label',
    60: 'managedType',
  },
  ExtlClntAppOauthSettings: {
    57: 'externalClientApplication label oauthLink singleLogoutUrl',
    58: 'commaSeparatedOauthScopes trustedIpRanges',
    59: 'customAttributes',
    61: 'areAttributesIncludedInAssetToken areCustomPermsIncludedInAssetToken assetTokenAudiences assetTokenSigningCertificate assetTokenValidity commaSeparatedCustomScopes',
    62: 'clientAssertionCertificate isFirstPartyAppEnabled',
  },
  ExtlClntAppOauthSettingsAttribute: {
    59: 'formula key',
  },
  ExtlClntAppOauthIpRange: {
    58: 'description endIpAddress startIpAddress',
  },
  ExtlClntAppGlobalOauthSettings: {
    58: 'callbackUrl consumerKey consumerSecret externalClientApplication idTokenConfig isConsumerSecretOptional isIntrospectAllTokens isSecretRequiredForRefreshToken label',
    59: 'isPkceRequired shouldRotateConsumerKey shouldRotateConsumerSecret',
    60: 'certificate isClientCredentialsFlowEnabled isDeviceFlowEnabled isRefreshTokenRotationEnabled isSecretRequiredForTokenExchange isTokenExchangeEnabled',
    61: 'isCodeCredFlowEnabled isCodeCredPostOnly isNamedUserJwtEnabled',
    67: 'isEnforceRefreshTokenTTL',
    68: 'isDPopEnabled isMtlsEnabled',
  },
  ExternalAppIdTokenConfig: {
    56: 'idTokenAudience idTokenIncludeAttributes idTokenIncludeStandardClaims',
    58: 'idTokenValidityInMinutes',
    61: 'idTokenIncludeCustomPermissions',
  },
  ExtlClntAppOauthConfigurablePolicies: {
    57: 'externalClientApplication ipRelaxationPolicyType label permittedUsersPolicyType refreshTokenPolicyType refreshTokenValidityPeriod refreshTokenValidityUnit singleLogoutUrl startUrl',
    58: 'commaSeparatedPermissionSet policyAction requiredSessionLevel sessionTimeoutInMinutes',
    59: 'customAttributes',
    60: 'clientCredentialsFlowUser isClientCredentialsFlowEnabled isTokenExchangeFlowEnabled',
    61: 'apexHandler commaSeparatedCustomScopes executeHandlerAs guestJwtTimeout isGuestCodeCredFlowEnabled namedUserJwtTimeout',
    62: 'commaSeparatedProfile',
    65: 'guestJwtSessionTimeoutType namedUserJwtSessionTimeoutType',
  },
  ExtlClntAppOauthPoliciesAttribute: {
    59: 'formula key',
  },
  ExtlClntAppConfigurablePolicies: {
    60: 'externalClientApplication isEnabled isOauthPluginEnabled label',
    61: 'isNotificationPluginEnabled',
    62: 'isMobilePluginEnabled isPushPluginEnabled startPage startUrl',
    63: 'isSamlPluginEnabled',
    65: 'isCanvasPluginEnabled',
    68: 'isAttestPluginEnabled',
  },
  ExtlClntAppOauthSecuritySettings: {
    67: 'externalClientApplication label tokenIpRanges',
    68: 'tlsClientAuthCertParamType tlsClientAuthCertParamValue',
  },
  ExtlClntAppOauthSecurityTokenIpRange: {
    67: 'description endIpAddress startIpAddress',
  },
  ExtlClntAppNotificationSettings: {
    60: 'externalClientApplication label notificationTypes',
  },
  ExtlClntAppNotificationType: {
    60: 'notificationType',
    62: 'pushByDefault',
  },
  ExtlClntAppPushSettings: {
    62: 'androidPushConfig applePushConfig externalClientApplication label pushConfigLink pushServiceType',
  },
  ExtlClntAppAndroidPushConfig: {
    62: 'fcmProject serviceAccount',
  },
  ExtlClntAppApplePushConfig: {
    62: 'applicationBundle certificate environment keyIdentifier password signingKey teamIdentifier',
  },
  ExtlClntAppPushConfigurablePolicies: {
    62: 'externalClientApplication isFullContent label',
  },
  ExtlClntAppMobileSettings: {
    57: 'externalClientApplication label',
    59: 'isScreenLockEnabled',
  },
  ExtlClntAppMobileConfigurablePolicies: {
    57: 'externalClientApplication label',
    59: 'screenLockTimeout',
  },
  ExtlClntAppSamlConfigurablePolicies: {
    63: 'acsUrl certificate commaSeparatedPermissionSet commaSeparatedProfile customAttributes encryptionCertificate encryptionType entityUrl externalClientApplication issuer label nameIdFormat signingAlgorithmType singleLogoutBindingType singleLogoutUrl subjectCustomAttribute subjectType',
  },
  ExtlClntAppSamlConfigurablePoliciesAttribute: {
    63: 'formula key',
  },
  ExtlClntAppCanvasSettings: {
    66: 'accessMethod canvasLocationOptions canvasOptions canvasUrl externalClientApplication label lifeCycleHandler samlInitiationMethod',
  },
  OauthTokenExchangeHandler: {
    60: 'description developerName enablements isAccessTokenSupported isEnabled isIdTokenSupported isJwtSupported isProtected isRefreshTokenSupported isSaml2Supported isUserCreationAllowed masterLabel tokenHandlerApex',
    68: 'isContactCreationAllowed',
  },
  OauthTokenExchHandlerApp: {
    60: 'apexExecutionUser connectedApp externalClientApp isDefault',
  },
  ExternalClientAppSettings: {
    57: 'enableConsumerSecretApiAccess',
    60: 'enableClientSecretInRestApiAccess enablePackageEcaOauthFromDevOrg',
  },
  ConnectedApp: {
    29: 'contactEmail label oauthConfig',
    49: 'oauthPolicy sessionPolicy',
  },
  ConnectedAppOauthConfig: {
    56: 'isClientCredentialEnabled oauthClientCredentialUser',
    57: 'isCodeCredentialEnabled isCodeCredentialPostOnly',
    59: 'isNamedUserJwtEnabled isPkceRequired',
    60: 'isRefreshTokenRotationEnabled isSecretRequiredForTokenExchange isTokenExchangeEnabled',
    67: 'isEnforceRefreshTokenTTL',
    68: 'isDPopEnabled isDeviceFlowEnabled isIpBindingEnabled isPKImTLSEnabled',
  },
  BlacklistedConsumer: {
    49: 'blockedByApiWhitelisting consumerKey consumerName masterLabel',
  },
  ConnectedAppSettings: {
    48: 'enableAdminApprovedAppsOnly enableAdminApprovedAppsOnlyForExternalUser enableSkipUserProvisioningWizardWelcomePage',
  },
  OauthOidcSettings: {
    56: 'blockOAuthUnPwFlow blockOAuthUsrAgtFlow',
    57: 'oAuthCdCrdtFlowEnable',
    59: 'isPkceRequired',
    65: 'agentAuthLinking',
  },
};

/** Elements that newer API versions no longer have, so the types lack them. Each has its first and its last version. */
const GONE: Record<string, Record<string, { since: number; until: number; type?: 'string' }>> = {
  ConnectedApp: { pluginExecutionUser: { since: 47, until: 66, type: 'string' } },
  ExtlClntAppOauthConfigurablePolicies: { isNamedUserJwtEnabled: { since: 61, until: 63 } },
  ExternalClientAppSettings: { enableExternalClientApps: { since: 58, until: 62 } },
  // "For internal use only" in the guides up to v66; a file of a real org has it in a project of v61.
  OauthOidcSettings: { enableHdlessFgtPswFlow: { since: 57, until: 66 } },
};

const SINCE = new Map(
  Object.entries(ELEMENTS_BY_VERSION).map(([type, versions]) => [
    type,
    new Map(
      Object.entries(versions).flatMap(([version, elements]) =>
        elements.split(' ').map((element): [string, number] => [element, Number(version)]),
      ),
    ),
  ]),
);

/** Did this type have this element at an API version? An element that is not in the tables counts as always present. */
export const existsAt = (type: string, element: string, version: number): boolean => {
  const gone = GONE[type]?.[element];
  if (gone) return version >= gone.since && version <= gone.until;
  return version >= (SINCE.get(type)?.get(element) ?? 0);
};

/** Elements that a type had once, with the type of their value. */
export const goneElements = (type: string): Array<[element: string, type: 'boolean' | 'string']> =>
  Object.entries(GONE[type] ?? {}).map(([element, gone]) => [element, gone.type ?? 'boolean']);

/** The newest API version that still has an element; undefined for an element that is still there. */
export const lastVersionOf = (type: string, element: string): number | undefined => GONE[type]?.[element]?.until;

/** The API version that a type came with: that of its oldest element. */
export const typeSince = (type: string): number => Math.min(...(SINCE.get(type)?.values() ?? [0]));
