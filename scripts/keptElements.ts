/**
 * The elements of an app's metadata types that are no field. A write sends them back as the org has them. Each has a reason. docs/fields.md shows the list, and test/rules/keptElements.test.ts compares it with Salesforce's types.
 */
export const KEPT_ELEMENTS: Record<string, Record<string, string>> = {
  ExternalClientApplication: {
    isProtected: 'about packages; Salesforce sets it',
    managedType: 'Salesforce sets it',
    orgScopedExternalApp: 'the org makes it of its ID and the name',
  },
  ExtlClntAppOauthSettings: {
    clientAssertionCertificate: 'headless identity of first-party apps',
    externalClientApplication: 'the app itself',
    isFirstPartyAppEnabled: 'headless identity of first-party apps',
    label: 'a name that Setup does not show',
    oauthLink: 'the org makes it of its ID and the consumer',
  },
  ExtlClntAppGlobalOauthSettings: {
    consumerKey: 'the org makes it; "sf eca credentials" shows it',
    consumerSecret: 'a secret, which no org returns; "sf eca credentials --show-secret" reads it in another way',
    externalClientApplication: 'the app itself',
    label: 'a name that Setup does not show',
    shouldRotateConsumerKey: 'never sent: it makes a new key at once; see "sf eca credentials rotate"',
    shouldRotateConsumerSecret: 'never sent: it makes a new secret at once; see "sf eca credentials rotate"',
  },
  ExtlClntAppOauthSecuritySettings: {
    externalClientApplication: 'the app itself',
    label: 'a name that Setup does not show',
  },
  ExtlClntAppOauthConfigurablePolicies: {
    commaSeparatedCustomScopes: 'custom scopes are those of the OAuth settings (customScopes)',
    externalClientApplication: 'the app itself',
    label: 'a name that Setup does not show',
  },
  ExtlClntAppConfigurablePolicies: {
    externalClientApplication: 'the app itself',
    isAttestPluginEnabled: 'another plugin of the app',
    isCanvasPluginEnabled: 'another plugin of the app',
    isMobilePluginEnabled: 'another plugin of the app',
    isNotificationPluginEnabled: 'another plugin of the app',
    isOauthPluginEnabled: 'read with the flows; "sf eca oauth set" switches it on',
    isPushPluginEnabled: 'another plugin of the app',
    label: 'a name that Setup does not show',
  },
  ExtlClntAppSamlConfigurablePolicies: {
    externalClientApplication: 'the app itself',
    label: 'a name that Setup does not show',
  },
};

/** Types of an app that no command writes, whole. */
export const KEPT_TYPES = [
  'ExtlClntAppCanvasSettings',
  'ExtlClntAppMobileConfigurablePolicies',
  'ExtlClntAppMobileSettings',
  'ExtlClntAppNotificationSettings',
  'ExtlClntAppPushConfigurablePolicies',
  'ExtlClntAppPushSettings',
];
