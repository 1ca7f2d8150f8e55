import type { Flow } from '../app.ts';
import { checkCallbackUrl } from '../callbackUrl.ts';
import type { FieldPath } from '../fields.ts';
import { FLOWS } from '../flows.ts';
import { parseScope } from '../scopes.ts';
import {
  type Answer,
  carried,
  changed,
  keeps,
  keepsNumber,
  keepsSwitch,
  needsYou,
  type Row,
  unreadable,
  whenOn,
  yesNoIn,
} from './answer.ts';
import { type ConnectedAppContext, LINE_BREAKS } from './context.ts';
import { tell } from './migrationText.ts';

const callbackUrl = (url: string, { callbackUrls }: ConnectedAppContext): Answer => {
  if (callbackUrls.includes(url)) return carried({ 'oauth.callbackUrls': [url] });
  const problem = checkCallbackUrl(url);
  return problem ? needsYou(tell('reason.refused'), problem) : needsYou(tell('reason.callbackUrlsTooLong'));
};

/** The tokens that Salesforce returns as the one scope for identity (live orgs). */
const IDENTITY = new Set(['profile', 'email', 'address', 'phone']);

/** Scopes of a Connected App that no source names for an external client app. An org may refuse the whole app for them. */
const UNSURE = new Set(['a2a_api', 'cmdb_discovery_api', 'semantic_layer_api']);

const scope = (token: string): Answer => {
  const wire = parseScope(token);
  if (typeof wire !== 'string') return needsYou(tell('reason.refused'), wire);
  if (IDENTITY.has(wire)) return changed(tell('reason.scopeIdentity', wire), { scopes: ['id'] });
  if (token.toLowerCase() === 'sfap') return changed(tell('reason.scopeSfap'), { scopes: [wire] });
  if (UNSURE.has(wire)) return needsYou(tell('reason.scopeUnsure', wire));
  return carried({ scopes: [wire] });
};

const flowSwitch = (
  flow: Flow,
  answer: (context: ConnectedAppContext) => Answer | undefined = () => undefined,
): Row => ({
  ofOauth: true,
  absent: 'false',
  answer: ({ text }, context) => {
    const isOn = yesNoIn(text);
    if (isOn === undefined) return unreadable(text, 'true, false');
    if (!isOn) return carried({}, tell('reason.off'));
    return answer(context) ?? { ...carried({}, tell('reason.flow', FLOWS[flow].label)), flow };
  },
});

const clientCredentials = ({ options, text }: ConnectedAppContext): Answer | undefined => {
  const flow = 'client-credentials';
  if (options.runAs !== undefined)
    return { ...carried({ 'oauth.runAs': options.runAs }, tell('reason.flow', FLOWS[flow].label)), flow };
  return text('oauthConfig.oauthClientCredentialUser') === undefined
    ? needsYou(tell('reason.runAsMissing'))
    : undefined;
};

/** The new app has both switches, too, and the flow works with both of them. */
const tokenExchange = ({ isOn }: ConnectedAppContext): Answer | undefined =>
  isOn('oauthConfig.isTokenExchangeEnabled') && isOn('oauthPolicy.isTokenExchangeFlowEnabled')
    ? undefined
    : changed(tell('reason.tokenExchangeHalf'));

const runAs = (user: string, { options, isOn }: ConnectedAppContext): Answer => {
  if (!isOn('oauthConfig.isClientCredentialEnabled')) return changed(tell('reason.runAsWithoutFlow'));
  return options.runAs === undefined || options.runAs === user
    ? carried({ 'oauth.runAs': user })
    : changed(tell('reason.runAsGiven', options.runAs), { 'oauth.runAs': options.runAs });
};

const certificate = ({ options }: ConnectedAppContext): Answer => {
  const found = options.certificate;
  if (found === undefined || 'refused' in found)
    return needsYou(tell('reason.certificateRefused', found?.refused ?? ''));
  return {
    ...carried({ 'oauth.certificateFile': found.file }, tell('reason.certificate', found.file)),
    flow: 'jwt-bearer',
  };
};

const permittedUsers = (isAdminApproved: boolean, { options }: ConnectedAppContext): Answer => {
  if (isAdminApproved) return carried({ 'policies.permittedUsers': 'admin-approved' });
  return options.adminApproved
    ? changed(tell('reason.closed'), { 'policies.permittedUsers': 'admin-approved' })
    : carried({ 'policies.permittedUsers': 'all-users' });
};

const ofOauth = (row: Row): Row => ({ ...row, ofOauth: true });

const ASSET_TOKEN = 'oauthConfig.assetTokenConfig';

/** Its default is true in a Connected App, and false in an external client app (Metadata API guide). */
const inAssetToken = (field: FieldPath): Row => ({ ...keepsSwitch(field, { absent: 'true' }), absentIn: ASSET_TOKEN });

/**
 * The elements of `oauthConfig`. All switches are written, also when the Connected App does not have them. The reason: the
 * two kinds of apps have different defaults (Metadata API guide).
 */
export const OAUTH: Readonly<Record<string, Row>> = {
  'oauthConfig.callbackUrl': {
    isList: true,
    split: LINE_BREAKS,
    answer: ({ text }, context) => callbackUrl(text, context),
  },
  'oauthConfig.certificate': {
    ofOauth: true,
    shown: () => '…',
    answer: (_item, context) => certificate(context),
  },
  'oauthConfig.consumerKey': { answer: () => changed(tell('reason.consumerKey')) },
  'oauthConfig.consumerSecret': { answer: () => needsYou(tell('reason.consumerSecret')) },
  'oauthConfig.scopes': { isList: true, ofOauth: true, answer: ({ text }) => scope(text) },
  'oauthConfig.isAdminApproved': {
    ofOauth: true,
    absent: 'false',
    answer: ({ text }, context) => {
      const isOn = yesNoIn(text);
      return isOn === undefined ? unreadable(text, 'true, false') : permittedUsers(isOn, context);
    },
  },
  'oauthConfig.isClientCredentialEnabled': flowSwitch('client-credentials', clientCredentials),
  'oauthConfig.oauthClientCredentialUser': ofOauth({ answer: ({ text }, context) => runAs(text, context) }),
  'oauthConfig.isCodeCredentialEnabled': flowSwitch('code-and-credentials'),
  'oauthConfig.isCodeCredentialPostOnly': whenOn(carried({ 'oauth.credentialsByPostOnly': true })),
  'oauthConfig.isDeviceFlowEnabled': flowSwitch('device'),
  'oauthConfig.isTokenExchangeEnabled': flowSwitch('token-exchange', tokenExchange),
  'oauthPolicy.isTokenExchangeFlowEnabled': flowSwitch('token-exchange', tokenExchange),
  'oauthConfig.isPkceRequired': keepsSwitch('oauth.pkceRequired', { absent: 'false' }),
  'oauthConfig.isConsumerSecretOptional': keepsSwitch('oauth.secretRequired', { absent: 'false', inverted: true }),
  'oauthConfig.isSecretRequiredForRefreshToken': keepsSwitch('oauth.secretRequiredForRefresh', { absent: 'true' }),
  'oauthConfig.isSecretRequiredForTokenExchange': keepsSwitch('oauth.secretRequiredForTokenExchange', {
    absent: 'false',
  }),
  'oauthConfig.isRefreshTokenRotationEnabled': keepsSwitch('oauth.refreshTokenRotation', { absent: 'false' }),
  'oauthConfig.isIntrospectAllTokens': keepsSwitch('oauth.introspectAllTokens', { absent: 'false' }),
  'oauthConfig.isNamedUserJwtEnabled': keepsSwitch('oauth.jwtAccessTokens', { absent: 'false' }),
  'oauthConfig.isEnforceRefreshTokenTTL': whenOn(carried({ 'oauth.refreshTokenIdleLimit': true })),
  'oauthConfig.isDPopEnabled': whenOn(carried({ 'oauth.dpop': true })),
  'oauthConfig.isPKImTLSEnabled': whenOn(needsYou(tell('reason.mutualTls'))),
  'oauthConfig.isIpBindingEnabled': whenOn(needsYou(tell('reason.ipBinding'))),
  'oauthConfig.singleLogoutUrl': ofOauth(keeps('oauth.singleLogoutUrl')),
  'oauthConfig.idTokenConfig.idTokenAudience': ofOauth(keeps('oauth.idToken.audience')),
  'oauthConfig.idTokenConfig.idTokenValidity': keepsNumber('oauth.idToken.validityMinutes'),
  'oauthConfig.idTokenConfig.idTokenIncludeStandardClaims': keepsSwitch('oauth.idToken.standardClaims'),
  'oauthConfig.idTokenConfig.idTokenIncludeAttributes': keepsSwitch('oauth.idToken.attributes'),
  'oauthConfig.idTokenConfig.idTokenIncludeCustomPerms': keepsSwitch('oauth.idToken.customPermissions'),
  [`${ASSET_TOKEN}.assetAudiences`]: ofOauth(keeps('oauth.assetToken.audiences')),
  [`${ASSET_TOKEN}.assetValidityPeriod`]: keepsNumber('oauth.assetToken.validitySeconds'),
  [`${ASSET_TOKEN}.assetIncludeAttributes`]: inAssetToken('oauth.assetToken.attributes'),
  [`${ASSET_TOKEN}.assetIncludeCustomPerms`]: inAssetToken('oauth.assetToken.customPermissions'),
  [`${ASSET_TOKEN}.assetSigningCertId`]: ofOauth({
    answer: ({ text }) => needsYou(tell('reason.assetCertificate', text)),
  }),
};
