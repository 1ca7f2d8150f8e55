import { newConsumer } from '../../../src/practice/keyPairs.ts';
import type { Component, Consumer, PracticeOrg } from '../../../src/practice/org.ts';

type Body = Record<string, unknown>;

/** What a test wants of an app beside the defaults: elements of each of its components. */
export type AppOfTest = {
  name?: string;
  /** Elements of the app itself. */
  app?: Body;
  settings?: Body;
  global?: Body;
  oauthPolicies?: Body;
  policies?: Body;
};

export const CALLBACK = 'https://orders.example.com/oauth/callback';

/** Puts an app with all flows on into the org, the way a deploy leaves it there. */
export const appInOrg = (org: PracticeOrg, wanted: AppOfTest = {}): { app: Component; consumer: Consumer } => {
  const name = wanted.name ?? 'Order_Sync';
  const put = (type: string, fullName: string, body: Body): Component => {
    const { Id: userId } = org.seeded.admin;
    const now = org.now();
    const component: Component = {
      id: org.newId(type),
      type,
      fullName,
      body: type === 'ExternalClientApplication' ? body : { externalClientApplication: name, ...body },
      createdById: userId,
      createdDate: now,
      lastModifiedById: userId,
      lastModifiedDate: now,
    };
    org.putComponent(component);
    return component;
  };
  const app = put('ExternalClientApplication', name, {
    label: 'Order Sync',
    contactEmail: 'it@example.com',
    ...wanted.app,
  });
  put('ExtlClntAppOauthSettings', `${name}_oauth`, {
    commaSeparatedOauthScopes: 'Api, RefreshToken, OpenID',
    ...wanted.settings,
  });
  put('ExtlClntAppGlobalOauthSettings', `${name}_glbloauth`, {
    callbackUrl: `${CALLBACK}\nhttp://localhost:1717/OauthRedirect`,
    isClientCredentialsFlowEnabled: true,
    isDeviceFlowEnabled: true,
    isConsumerSecretOptional: false,
    isSecretRequiredForRefreshToken: true,
    isPkceRequired: true,
    ...wanted.global,
  });
  put('ExtlClntAppOauthConfigurablePolicies', `${name}_oauthPlcy`, {
    isClientCredentialsFlowEnabled: true,
    clientCredentialsFlowUser: org.seeded.integrationUser.Username,
    permittedUsersPolicyType: 'AllSelfAuthorized',
    refreshTokenPolicyType: 'SpecificLifetime',
    refreshTokenValidityPeriod: 365,
    refreshTokenValidityUnit: 'Days',
    ...wanted.oauthPolicies,
  });
  put('ExtlClntAppConfigurablePolicies', `${name}_plcy`, {
    isEnabled: true,
    isOauthPluginEnabled: true,
    ...wanted.policies,
  });
  return { app, consumer: newConsumer(org, app) };
};
