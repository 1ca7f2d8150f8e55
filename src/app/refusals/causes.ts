import type { Flow } from '../app.ts';
import { flowsOf } from '../checks.ts';
import { fixes, type Known } from '../fixes.ts';
import type { Text } from '../text.ts';

type Remedy = (known: Known, flow?: Flow) => Text;

const adminApproved = (known: Known): boolean => known.app.policies?.permittedUsers === 'admin-approved';

/** May the app call the REST API? */
export const mayUseApi = ({ app }: Known): boolean =>
  app.scopes?.some((scope) => scope === 'api' || scope === 'full') === true;

/** Salesforce's hosted MCP servers take JWT-based access tokens alone (reported from live orgs). */
export const servesMcp = ({ app }: Known): boolean => app.scopes?.includes('mcp_api') === true;

/** A flow that is off is switched on by name; client credentials needs its run-as user besides. */
const switchOn: Remedy = (known, flow) =>
  flow !== undefined && flow !== 'client-credentials' && !flowsOf(known.app).includes(flow)
    ? fixes.addFlow(known, flow)
    : fixes.clientCredentials(known);

/** Every cause with what fixes it. The text of a cause is the message `cause.<id>`. */
export const remedies = {
  accessDenied: fixes.approveInBrowser,
  apiAccessControl: fixes.apiAccessControl,
  apiDisabled: fixes.apiAccess,
  apiLimit: fixes.apiLimit,
  apiVersion: fixes.apiVersion,
  appBlocked: fixes.unblock,
  appDeleted: fixes.listApps,
  appNotInOrg: fixes.rightOrg,
  assertionType: fixes.assertionType,
  assertionWrong: fixes.certificate,
  attestation: fixes.loginAnew,
  audienceWrong: fixes.audience,
  basicHeader: fixes.basicHeader,
  browserNotAllowed: fixes.browserUser,
  certificateWrong: fixes.certificate,
  challengeMissing: fixes.sendPkce,
  challengeWrong: fixes.sendPkce,
  clientOld: fixes.updateClient,
  codeExpired: fixes.startAgain,
  codeVerifierWrong: fixes.startAgain,
  concurrentRequests: fixes.fewerRequests,
  connectionFailed: fixes.checkConnection,
  corsBlocked: fixes.allowOrigin,
  crossOrg: fixes.rightOrg,
  devHub: fixes.devHub,
  distribution: fixes.rightOrg,
  dpop: fixes.dpop,
  experienceSite: fixes.experienceSite,
  flowOff: switchOn,
  grantTypeOff: fixes.otherFlow,
  hostCertificateExpired: fixes.checkClock,
  hostNameMismatch: fixes.checkHostOfCertificate,
  hostNotFound: fixes.checkHostName,
  hostUntrusted: fixes.trustHostOfClient,
  httpMethod: fixes.completeRequest,
  httpsNeeded: fixes.useHttps,
  immediate: fixes.showLogin,
  insufficientAccess: fixes.permission,
  ipRestricted: (known, flow) =>
    // An app's policies relax nothing in this flow (Salesforce Help, "OAuth 2.0 JWT Bearer Flow").
    flow === 'jwt-bearer' ? fixes.allowIpAddress() : fixes.ipAddress(known),
  ipRestrictedByApp: fixes.ipAddressOfApp,
  jwtForSoap: (known) => (servesMcp(known) ? fixes.otherAppForSoap(known) : fixes.opaqueTokens(known)),
  jwtUsedTwice: fixes.newAssertion,
  keyMissing: fixes.readKey,
  keyNotSpread: fixes.waitLonger,
  keyRefused: fixes.pairRefused,
  keyUnreadable: fixes.keyForm,
  keyUnknown: fixes.readKey,
  licence: fixes.licence,
  loginFailed: fixes.otherFlow,
  loginHours: fixes.loginHours,
  loginPending: fixes.keepPolling,
  loginRate: fixes.loginRate,
  loginSucceeded: fixes.notALoginError,
  mcpNeedsJwt: fixes.jwtTokens,
  mutualTls: fixes.mutualTls,
  noAnswerInTime: fixes.checkConnection,
  noHandler: fixes.handler,
  noRunAs: fixes.clientCredentials,
  noScopes: (known) => fixes.addScope(known, 'api'),
  notApproved: fixes.approveUser,
  notMyDomain: (known) => fixes.useMyDomain(known),
  notOverTls: fixes.checkTls,
  notPreapproved: (known) => (adminApproved(known) ? fixes.approveUser(known) : fixes.preapprove(known)),
  oauth1: fixes.otherFlow,
  oneTimeCode: fixes.loginAnew,
  orgInactive: fixes.reactivateOrg,
  orgTrouble: fixes.tryLater,
  packageOld: fixes.upgradePackage,
  pageNoAnswer: fixes.checkTokenUrl,
  parameterMissing: fixes.completeRequest,
  passwordExpired: fixes.setPassword,
  pathWrong: fixes.apiPath,
  policiesMissing: fixes.showApp,
  pollingTooFast: fixes.keepPolling,
  proxyRefused: fixes.checkProxy,
  recordState: fixes.readAgain,
  redirectMismatch: fixes.sameRedirect,
  redirectMissing: fixes.sameRedirect,
  refreshTokenScope: (known) => fixes.addScope(known, 'refresh_token'),
  registration: fixes.readKey,
  requestMalformed: fixes.completeRequest,
  responseType: fixes.responseType,
  restrictedPlace: fixes.allowIpAddress,
  saml: fixes.samlValidator,
  scopeMissing: (known) => fixes.addScope(known, 'api'),
  scopeNotAllowed: fixes.askFewerScopes,
  scratchOrg: fixes.scratchOrg,
  secretNotSpread: fixes.waitLonger,
  secretRefused: fixes.pairRefused,
  secretWrong: fixes.readSecret,
  securityPolicy: fixes.securityPolicy,
  sessionInvalid: fixes.logInAgain,
  sessionLevel: fixes.sessionLevel,
  statusOnly: fixes.showAnswer,
  tokenExpired: fixes.logInAgain,
  tokenType: fixes.completeRequest,
  userInactive: fixes.activateUser,
  userLocked: fixes.unlockUser,
  userRefused: fixes.unlockUser,
  userUnknown: fixes.checkUser,
  verificationNeeded: fixes.withoutVerification,
  wrapperOnly: fixes.readWholeError,
} satisfies Record<string, Remedy>;

export type CauseId = keyof typeof remedies;

/** Which answers of Salesforce have these causes. */
export type Row = {
  /** One cause, or all that were reported for this answer, the likeliest first. */
  causes: [CauseId, ...CauseId[]];
  /** The error's names, in small letters; any error when they are left out. */
  codes?: string[];
  /** What its description says; any description when it is left out. */
  says?: RegExp;
  /** How the answer reads where a client passes on the description alone; `says` stands for it when it is left out. */
  words?: RegExp;
  flows?: Flow[];
  when?: (known: Known) => boolean;
  mayPass?: boolean;
};

/** A login from the wrong place, or at the wrong time: Salesforce answers both alike. */
export const RESTRICTED: Row['causes'] = ['ipRestricted', 'loginHours'];
