import type { Flow } from './app.ts';
import type { Text } from './text.ts';
import { flowsOf } from './checks.ts';
import { say } from './text.ts';
import type { Known } from './fixes.ts';
import { FLOW_NAMES, FLOWS } from './flows.ts';
import { fixes, nothingKnown } from './fixes.ts';

/** What Salesforce answered instead of a token, a login page or data: the error's name and its text. */
export type Refusal = { error: string; description: string };

/** One possible cause, and what to do about it. */
export type Cause = {
  /** The cause's name, for tests, scripts and documentation. */
  id: string;
  cause: Text;
  fix: Text;
};

/** Why Salesforce refused, and what fixes it. */
export type Explanation = Cause & {
  /** Further possible causes of the same answer, the likeliest first; empty where the answer has one cause alone. */
  others: Cause[];
  /** May go away by itself: a new app, or a change of one, needs some minutes until every server knows it. */
  mayPass: boolean;
};

type Remedy = (known: Known, flow?: Flow) => Text;

const adminApproved = (known: Known): boolean => known.app.policies?.permittedUsers === 'admin-approved';

/** Is it the key that the org itself has for the app? Then it is right, and the login servers do not know it yet. */
const isTheKey = ({ consumerKey, orgConsumerKey }: Known): boolean =>
  orgConsumerKey !== undefined && consumerKey === orgConsumerKey;

const mayUseApi = ({ app }: Known): boolean =>
  app.scopes?.some((scope) => scope === 'api' || scope === 'full') === true;

/** Salesforce's hosted MCP servers take JWT-based access tokens alone (reported from live orgs). */
const servesMcp = ({ app }: Known): boolean => app.scopes?.includes('mcp_api') === true;

/** Flows in which nobody logs in with a password. */
const withoutPassword = FLOW_NAMES.filter((flow) => FLOWS[flow].passwordless);

/** A flow that is off is switched on by name; client credentials needs its run-as user besides. */
const switchOn: Remedy = (known, flow) =>
  flow !== undefined && flow !== 'client-credentials' && !flowsOf(known.app).includes(flow)
    ? fixes.addFlow(known, flow)
    : fixes.clientCredentials(known);

/** Every cause with what fixes it. The text of a cause is the message `cause.<id>`. */
const remedies = {
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
  secretWrong: fixes.readSecret,
  securityPolicy: fixes.securityPolicy,
  sessionInvalid: fixes.logInAgain,
  sessionLevel: fixes.sessionLevel,
  tokenExpired: fixes.logInAgain,
  tokenType: fixes.completeRequest,
  userInactive: fixes.activateUser,
  userLocked: fixes.unlockUser,
  userRefused: fixes.unlockUser,
  userUnknown: fixes.checkUser,
  verificationNeeded: fixes.withoutVerification,
  wrapperOnly: fixes.readWholeError,
} satisfies Record<string, Remedy>;

type CauseId = keyof typeof remedies;

type Row = {
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

/** The codes of sign-ups that are not about an external client app. */
const signupCodes = [
  ...['c_1007', 'c_1015', 'c_1017', 'c_1018', 'c_1019', 'c_1020', 'c_1027', 'c_1033', 'c_1034', 'c_9998', 'c_9999'],
  ...['s_1006', 's_1017', 's_1018', 's_1019', 's_1026', 's_2006', 's_9999'],
  ...['sh_0001', 'sh_0002', 'sh_0003', 'sh_9999', 'sn_0001', 'sn_0002'],
  ...['t_0002', 't_0003', 't_0004', 'vr_0001', 'vr_0002'],
];

const restricted: Row['causes'] = ['ipRestricted', 'loginHours'];

/**
 * From what Salesforce answers to its causes; the first row that fits counts. The answers were reported from live orgs, or stand
 * in Salesforce's lists:
 * - Salesforce Help, "OAuth 2.0 Authorization Errors" and "OAuth 1.0.A Authorization Error Codes"
 * - the token endpoint's codes in the Salesforce Mobile SDK (`OAuthErrorCode`)
 * - Object Reference, EventLogFile, "Login Event Type: LOGIN_STATUS Values", whose texts the login history shows
 * - REST API Developer Guide, "Status Codes and Error Responses"; SOAP API Developer Guide, `ExceptionCode`
 * - Salesforce DX Developer Guide, "Scratch Org Error Codes", and the texts for these codes in `@salesforce/core`
 *
 * Errors of the network are no answer of Salesforce. Their codes are those of Node (`os.constants.errno`, tls), undici and
 * browsers; their texts are those of curl, OpenSSL, Python, Java, Ruby, Go and .NET.
 *
 * No source was found for three codes of the identity URL: Wrong_Org, Bad_Id and HTTPS_Required.
 *
 * Of the first page, what was at hand has the examples of each flow, and not the whole table of codes: codes of the later lists
 * fill the gap, and the rest are the standard ones (RFC 6749, 6750, 8628, 9449; OpenID Connect Core). Where the wording is not
 * certain the row goes by the error's name alone.
 */
const rows: Row[] = [
  // The CLI puts this before every code that could not be exchanged, whatever Salesforce answered (its plugin-auth).
  { causes: ['wrapperOnly'], codes: ['authcodeexchangeerror'] },
  {
    causes: ['wrapperOnly'],
    says: /^(error[^:]*: *)?invalid client credentials\. *verify the oauth client secret and id\.?$/i,
  },
  // The CLI has this name for every code of a sign-up (`@salesforce/core`, scratchOrgErrorCodes).
  { causes: ['devHub'], codes: ['c_1016'] },
  { causes: ['devHub'], codes: ['remoteorgsignupfailed'], says: /\bC-1016\b/ },
  {
    causes: ['scratchOrg'],
    codes: ['remoteorgsignupfailed'],
    says: /\b[A-Z]{1,2}-\d{4}\b/,
    words: /create a scratch org failed/i,
  },
  { causes: ['devHub', 'scratchOrg'], codes: ['remoteorgsignupfailed'] },
  { causes: ['scratchOrg'], codes: signupCodes },

  // No answer of Salesforce at all
  {
    causes: ['proxyRefused'],
    codes: ['http_407', 'err_proxy_connection_failed', 'err_tunnel_connection_failed'],
    words:
      /proxy authentication required|tunnel(ing)? (connection|socket)|connect tunnel failed|unable to connect to proxy|could not resolve proxy|proxyerror|proxy response \(\d+\)/i,
  },
  {
    causes: ['hostCertificateExpired'],
    says: /certificate (has expired|is not yet valid)|certificate has expired or is not yet valid|certificate ?(expired|notyetvalid) ?exception/i,
  },
  { causes: ['hostCertificateExpired'], codes: ['cert_has_expired', 'cert_not_yet_valid', 'err_cert_date_invalid'] },
  {
    causes: ['hostNameMismatch'],
    says: /match certificate.s altnames|hostname mismatch|no (subject alternative|alternative certificate subject) |certificate is (not )?valid for/i,
  },
  { causes: ['hostNameMismatch'], codes: ['err_tls_cert_altname_invalid', 'err_cert_common_name_invalid'] },
  {
    causes: ['hostUntrusted'],
    codes: [
      'cert_chain_too_long',
      'cert_revoked',
      'cert_signature_failure',
      'cert_untrusted',
      'certificate_verify_failed',
      'depth_zero_self_signed_cert',
      'err_cert_authority_invalid',
      'invalid_ca',
      'self_signed_cert_in_chain',
      'unable_to_get_issuer_cert',
      'unable_to_get_issuer_cert_locally',
      'unable_to_verify_leaf_signature',
    ],
    words:
      /self.signed certificate|unable to verify the first certificate|unable to get (local )?issuer certificate|certificate verify failed|pkix path|valid certification path|signed by unknown authority|ssl connection could not be established|ssl certificate problem|remote certificate is invalid|trust relationship for the ssl/i,
  },
  {
    causes: ['notOverTls'],
    codes: ['eproto', 'err_ssl_protocol_error'],
    words: /wrong.version.number|unrecognized ssl message|first record does not look like a tls handshake/i,
  },
  {
    causes: ['hostNotFound'],
    codes: ['enotfound', 'eai_again', 'err_name_not_resolved'],
    words:
      /could not resolve host|getaddrinfo|(name or service|host is) not known|nodename nor servname|no such host|unknown ?host ?exception|failed to resolve|name resolution|(name does not|could not be) resolve/i,
  },
  {
    causes: ['noAnswerInTime'],
    codes: [
      'econnaborted',
      'err_connection_timed_out',
      'err_timed_out',
      'esockettimedout',
      'etimedout',
      'http_408',
      'und_err_body_timeout',
      'und_err_connect_timeout',
      'und_err_headers_timeout',
    ],
    words:
      /(connect|connection|request|operation|read|write|handshake)( attempt)?( has| was)? timed out|(connect|headers|body|read|open|socket) ?timeout|timeout of \d+ ?ms|timeout was reached|deadline exceeded|i\/o timeout/i,
  },
  {
    causes: ['connectionFailed'],
    codes: [
      'econnrefused',
      'econnreset',
      'ehostunreach',
      'enetunreach',
      'epipe',
      'err_connection_closed',
      'err_connection_refused',
      'err_connection_reset',
      'und_err_socket',
    ],
    words:
      /connection (was )?(refused|reset|aborted)|socket hang up|failed to connect to|couldn.t connect to server|remotedisconnected|premature close|other side closed|actively refused|forcibly closed|no route to host|network is unreachable|empty reply from server|failed to establish a new connection/i,
  },
  // Clients say so for each of these, where they do not show the cause.
  {
    causes: ['hostNotFound', 'connectionFailed', 'hostUntrusted'],
    codes: ['err_network'],
    words: /\bfetch failed|failed to fetch|^(axioserror: )?network error/i,
  },

  // The key and the app
  { causes: ['keyNotSpread'], codes: ['invalid_client_id'], when: isTheKey, mayPass: true },
  {
    causes: ['keyUnknown'],
    codes: ['invalid_client_id'],
    words: /client identifier invalid|invalid client (identifier|id)\b/i,
    mayPass: true,
  },
  {
    causes: ['appNotInOrg'],
    codes: ['oauth_ec_app_not_found', 'app_not_found', 'installation_error', 'oauth_app_not_installed'],
    mayPass: true,
  },
  { causes: ['appNotInOrg'], codes: ['appinstallerrorpage'] },
  { causes: ['crossOrg'], codes: ['oauth_authorization_blocked'], says: /cross.?org/i },
  { causes: ['crossOrg', 'appBlocked'], codes: ['oauth_authorization_blocked'] },
  { causes: ['crossOrg'], codes: ['wrong_org'] },
  { causes: ['crossOrg'], says: /cross.?org oauth flows are not supported/i },
  {
    causes: ['appNotInOrg'],
    says: /(app|package for this consumer) is not installed in (this|your) org|app must be installed/i,
    mayPass: true,
  },
  { causes: ['appNotInOrg'], codes: ['login_oauth_package_missing'] },
  {
    causes: ['packageOld'],
    codes: ['login_oauth_package_old'],
    words: /installed package for this consumer is out of date/i,
  },
  { causes: ['distribution'], codes: ['invalid_distribution_state'] },
  {
    causes: ['keyMissing', 'keyUnknown'],
    codes: ['login_oauth_no_consumer', '1702'],
    words: /missing consumer key parameter/i,
  },
  { causes: ['appDeleted'], codes: ['login_oauth_consumer_deleted', '1713'], words: /consumer deleted/i },
  {
    causes: ['appBlocked'],
    codes: ['oauth_app_blocked', 'app_blocked', 'fail_close_app_blocked'],
    words: /\bapp(lication)? ((is|was|has been) )?blocked/i,
  },
  { causes: ['policiesMissing'], codes: ['ecapp_policy_not_found', 'oauth_policy_not_found'], mayPass: true },
  {
    causes: ['registration'],
    codes: ['registration_error', 'failed_registration', 'exceeded_registration_limit'],
  },

  // The secret
  // This flow knows no secret, and yet the org may speak of one (reported from a live org).
  { causes: ['certificateWrong'], codes: ['invalid_client'], flows: ['jwt-bearer'], mayPass: true },
  {
    causes: ['certificateWrong'],
    codes: ['invalid_client'],
    says: /client assertion|no certificate/i,
    words: /invalid client assertion|no certificate found/i,
    mayPass: true,
  },
  {
    causes: ['secretNotSpread'],
    codes: ['invalid_client', 'invalid_client_credentials'],
    says: /invalid client credentials/i,
    when: ({ secret }) => secret?.from === 'org',
    mayPass: true,
  },
  {
    causes: ['secretWrong'],
    codes: ['invalid_client', 'invalid_client_credentials'],
    words: /invalid client credentials/i,
    mayPass: true,
  },
  { causes: ['basicHeader'], codes: ['invalid_basic_auth_header'] },
  { causes: ['dpop'], codes: ['invalid_dpop_proof', 'use_dpop_nonce'] },
  {
    causes: ['mutualTls'],
    codes: ['mutual_authentication_failed', 'login_error_mutual_authentication'],
    words: /mutual authentication failed/i,
  },

  // Client credentials, and the user it runs as
  { causes: ['noRunAs'], codes: ['invalid_grant'], says: /no client credentials user/i, mayPass: true },
  { causes: ['notMyDomain'], codes: ['invalid_grant'], says: /not supported on this domain/i },
  { causes: ['notMyDomain'], codes: ['login_error_switch_sfdc_instance', 'login_error_switch_sfdc_login'] },
  {
    causes: ['notApproved'],
    codes: ['invalid_app_access'],
    words: /not admin approved|not approved for access/i,
    mayPass: true,
  },
  { causes: ['notApproved'], says: /not admin approved|not approved for access/i, mayPass: true },
  { causes: ['notPreapproved'], codes: ['invalid_grant'], says: /hasn.{0,8}t approved this (consumer|application)/i },

  { causes: ['noScopes'], says: /no valid scopes? (is |are )?defined/i, mayPass: true },

  // JWT bearer
  // Clients that cannot read their key say so in the words of OpenSSL, jsonwebtoken, PyJWT and Java.
  {
    causes: ['keyUnreadable'],
    says: /no start line|decoder routines|asn1 encoding routines|secretorprivatekey|could not (deserialize|parse) .*key|invalid ?key ?(spec)? ?exception|unable to load (private )?key|error in libcrypto|bad decrypt/i,
  },
  {
    causes: ['assertionWrong'],
    codes: ['invalid_grant'],
    says: /invalid assertion|jwt (is |has )?(invalid|expired)|(invalid|expired) jwt|jwt validation failed/i,
  },
  {
    causes: ['assertionWrong'],
    codes: ['login_oauth_invalid_dsig'],
    words: /^(failed: ?)?signature invalid\.?$/i,
  },
  { causes: ['audienceWrong'], codes: ['invalid_grant'], says: /audience/i },
  { causes: ['jwtUsedTwice'], codes: ['bad_jti_claim'] },
  { causes: ['assertionType'], codes: ['invalid_assertion_type'] },

  // Tokens and codes
  {
    causes: ['tokenExpired'],
    codes: ['invalid_grant'],
    says: /expired (access|refresh)|invalid refresh.?token|token (validity |is |was |has been |has )?(revoked|expired)/i,
  },
  {
    causes: ['tokenExpired'],
    codes: ['invalid_token', 'login_oauth_invalid_token', '1703'],
    words: /^(\d{4} )?failed: ?invalid (access )?token\.?$/i,
  },
  { causes: ['tokenType'], codes: ['unsupported_token_type'] },
  {
    causes: ['codeExpired'],
    codes: ['invalid_grant'],
    says: /device code|(expired|invalid) authorization code|expired code/i,
  },
  {
    causes: ['codeExpired'],
    codes: ['login_oauth_exceed_get_at_lmt', 'expired_token', '1712'],
    words: /get access token limit exceeded/i,
  },
  {
    causes: ['codeVerifierWrong'],
    codes: ['invalid_grant', 'login_oauth_invalid_code_verifier'],
    says: /code verifier/i,
  },
  { causes: ['codeVerifierWrong'], codes: ['login_oauth_invalid_code_verifier'] },
  { causes: ['loginPending'], codes: ['authorization_pending'] },
  { causes: ['pollingTooFast'], codes: ['slow_down'] },

  // Where and when a user may log in
  { causes: ['ipRestrictedByApp'], codes: ['invalid_grant'], says: /ip restricted by app/i },
  { causes: restricted, codes: ['invalid_grant'], says: /ip restricted or invalid login hours/i },
  { causes: ['ipRestricted'], codes: ['invalid_grant'], says: /ip (restricted|address)|ip range/i },
  { causes: restricted, codes: ['login_oauth_invalid_ip', '1708'], words: /ip address not allowed/i },
  {
    causes: ['ipRestricted'],
    codes: ['login_error_restricted_domain', 'login_during_restricted_domain'],
    words: /restricted ip|ip restricted/i,
  },
  {
    causes: ['loginHours'],
    codes: ['login_error_restricted_time', 'login_during_restricted_time'],
    words: /login hours|restricted time/i,
  },
  { causes: ['loginHours'], codes: ['invalid_grant'], says: /login hours|restricted time/i },
  {
    causes: ['restrictedPlace'],
    codes: ['login_error_export_restricted', 'login_error_global_block_domain'],
    words: /restricted (country|domain)/i,
  },

  // The user
  {
    causes: ['userInactive'],
    codes: ['inactive_user', 'login_error_user_inactive'],
    words: /inactive user|user is inactive/i,
  },
  { causes: ['userInactive'], codes: ['invalid_grant'], says: /inactive user|user is inactive/i },
  {
    causes: ['userLocked'],
    codes: [
      'login_error_user_frozen',
      'login_error_css_frozen',
      'login_error_password_lockout',
      'login_error_css_pw_lockout',
      'password_lockout',
    ],
    words: /user is frozen|password lockout|user is locked/i,
  },
  { causes: ['userLocked'], codes: ['invalid_grant'], says: /\b(locked|frozen|lockout)/i },
  { causes: ['userRefused'], codes: ['invalid_grant'], says: /authentication failure/i, flows: withoutPassword },
  { causes: ['loginFailed'], codes: ['invalid_grant'], says: /authentication failure|invalid user credentials/i },
  {
    causes: ['loginFailed'],
    codes: [
      'invalid_login',
      'login_error_invalid_password',
      'login_error_invalid_username',
      'login_error_sso_pwd_invalid',
      'login_error_must_use_api_token',
      'login_must_use_security_token',
      'login_error_password_empty',
      'login_error_username_empty',
      'login_error_duplicate_username',
      'login_error_unknown_error',
      'login_error_invalid_id_field',
    ],
    words: /invalid password|invalid login|login invalid|api security token required|invalid username, password/i,
  },
  {
    causes: ['passwordExpired'],
    codes: ['password_expired', 'invalid_operation_with_expired_password', 'login_error_session_timeout'],
    words: /password (has |is )?expired/i,
  },
  {
    causes: ['verificationNeeded'],
    codes: [
      'login_challenge_issued',
      'login_challenge_pending',
      'login_twofactor_req',
      'login_lightning_login',
      'otp_required',
    ],
    words: /computer activation (required|pending)|(multi|two).factor .*required|lightning login required/i,
  },
  { causes: ['oneTimeCode'], codes: ['invalid_otp', 'otp_error'] },
  {
    causes: ['licence'],
    codes: [
      'login_error_user_non_mobile',
      'login_error_wireless_disabled',
      'login_error_wireless_trial_exp',
      'login_error_syncoffline_disbld',
      'login_error_outlook_disabled',
      'login_error_avantgo_disabled',
      'login_error_avantgo_trial_exp',
      'login_error_no_ht_access',
    ],
    words: /mobile (license required|disabled)|wireless (disabled|trial expired)|outlook integration disabled/i,
  },
  {
    causes: ['notApproved', 'licence'],
    codes: ['login_error_client_no_access', 'client_not_accessible_for_user'],
  },
  {
    causes: ['userUnknown'],
    codes: ['no_access', 'bad_id', 'invalid_sso_gateway_url', 'login_error_user_store_access'],
    words: /user (does not exist|not found)/i,
  },
  {
    causes: ['loginRate'],
    codes: ['rate_limit_exceeded', 'login_error_rate_exceeded', 'login_error_logins_exceeded', 'login_rate_exceeded'],
    words: /login rate exceeded|(number of|maximum) logins exceeded|login limit exceeded/i,
  },
  { causes: ['securityPolicy'], codes: ['login_end_session_txn_security_policy'] },
  { causes: ['sessionLevel'], codes: ['invalid_session_level'] },

  // The request
  {
    causes: ['redirectMismatch'],
    codes: ['redirect_uri_mismatch', 'invalid_redirect_uri', 'login_oauth_no_callback_url', '1710'],
    words: /redirect.uri (must match|mismatch)|invalid callback url|callback url mismatch/i,
    mayPass: true,
  },
  { causes: ['redirectMissing'], codes: ['redirect_uri_missing'], words: /redirect_uri not provided/i },
  {
    causes: ['challengeWrong'],
    codes: ['invalid_request', 'login_oauth_invalid_code_challenge'],
    says: /invalid code challenge/i,
  },
  { causes: ['challengeWrong'], codes: ['login_oauth_invalid_code_challenge'] },
  { causes: ['challengeMissing'], codes: ['invalid_request'], says: /code challenge/i },
  { causes: ['refreshTokenScope'], codes: ['invalid_request'], says: /refresh_token scope is required/i },
  {
    causes: ['scopeNotAllowed'],
    codes: ['invalid_scope'],
    words: /requested scope is|scope is (not allowed|invalid)/i,
    mayPass: true,
  },
  {
    causes: ['flowOff'],
    codes: ['unsupported_grant_type', 'oauth_flow_disabled'],
    flows: ['client-credentials', 'jwt-bearer', 'device', 'token-exchange', 'code-and-credentials'],
    mayPass: true,
  },
  {
    causes: ['grantTypeOff'],
    codes: ['unsupported_grant_type'],
    words: /grant type not supported|username.password flow (is )?disabled/i,
  },
  {
    causes: ['flowOff', 'grantTypeOff'],
    codes: ['oauth_flow_disabled'],
    words: /\boauth flow (is )?(disabled|not enabled)/i,
    mayPass: true,
  },
  {
    causes: ['noHandler'],
    says: /no token.exchange handler|handler (is )?not (enabled|found)/i,
    flows: ['token-exchange'],
    mayPass: true,
  },
  {
    causes: ['responseType'],
    codes: ['unsupported_response_type'],
    words: /response type (is )?not supported/i,
  },
  { causes: ['httpsNeeded'], codes: ['invalid_request'], says: /https required/i },
  {
    causes: ['httpsNeeded'],
    codes: ['login_error_insecure_login', 'https_required'],
    words: /login over insecure channel|https required/i,
  },
  {
    causes: ['httpMethod'],
    codes: ['login_error_htp_methd_invalid'],
    words: /invalid http method|must use http (get|post)/i,
  },
  { causes: ['httpMethod'], codes: ['invalid_request'], says: /must use http/i },
  {
    causes: ['immediate'],
    codes: [
      'immediate_unsuccessful',
      'login_required',
      'interaction_required',
      'consent_required',
      'account_selection_required',
    ],
    words: /immediate unsuccessful/i,
  },
  { causes: ['experienceSite'], codes: ['invalid_expid', 'unsupported_expid'] },
  {
    causes: ['oauth1'],
    codes: [
      'login_oauth_invalid_nonce',
      'login_oauth_nonce_replay',
      'login_oauth_invalid_sig_method',
      'login_oauth_invalid_timestamp',
      'login_oauth_invalid_verifier',
      'login_oauth_invalid_version',
      'login_oauth_no_token',
      'login_oauth_unexpected_param',
      // The fault codes of the first of these lists
      '1701',
      '1704',
      '1705',
      '1706',
      '1707',
      '1709',
      '1711',
    ],
    words:
      /invalid nonce|nonce replay|invalid signature method|invalid timestamp|invalid verifier|version not supported|missing oauth token parameter|unexpected parameter/i,
  },
  {
    causes: ['attestation'],
    codes: [
      'app_attest_failed',
      'app_attest_failed_retry',
      'login_oauth_invalid_device',
      'login_oauth_invalid_ds',
      'login_oauth_missing_ds',
      'login_oauth_ds_not_expected',
    ],
    words: /device id missing|activation secret/i,
  },

  // In the browser
  {
    causes: ['browserNotAllowed', 'appNotInOrg', 'notApproved', 'scopeNotAllowed', 'challengeMissing'],
    codes: ['oauth_approval_error_generic'],
    words: /unexpected error has occ?ured during authentication/i,
  },
  { causes: ['notApproved', 'browserNotAllowed'], codes: ['oauth_app_access_denied'] },
  {
    causes: ['browserNotAllowed'],
    codes: ['login_error_user_api_only'],
    words: /api.only user/i,
  },
  { causes: ['accessDenied'], codes: ['access_denied'], words: /denied authorization/i },
  {
    causes: ['saml'],
    says: /assertion (invalid|expired)|issuer mismatched|recipient mismatched|saml|sso id invalid|configured certificate mismatch/i,
  },
  {
    causes: ['saml'],
    codes: ['login_error_invalid_gateway', 'login_error_sso_svc_down', 'login_error_sso_url_invalid'],
    words: /single sign-on gateway|invalid gateway|company.s authentication service is down/i,
  },
  {
    causes: ['experienceSite'],
    codes: ['login_error_network_inactive', 'login_error_no_network_access', 'login_error_portal_inactive'],
    words: /experience cloud site|portal disabled|specified site is inactive/i,
  },

  // Calls of an API
  {
    causes: ['jwtForSoap'],
    says: /soap api does not support jwt|jwt.based access tokens? (is |are )?not supported/i,
  },
  // The org says the same to a token without the scope "api", and to an app that nobody approved (reported from live orgs).
  { causes: ['apiAccessControl'], says: /not valid for use with the (rest )?api/i, when: mayUseApi },
  { causes: ['scopeMissing', 'apiAccessControl'], says: /not valid for use with the rest api/i },
  { causes: ['apiAccessControl', 'scopeMissing'], says: /not valid for use with the api/i },
  { causes: ['scopeMissing'], codes: ['missing_oauth_token', 'insufficient_scope'], words: /insufficient.?scope/i },
  { causes: ['scopeMissing'], says: /insufficient.?scope/i },
  {
    causes: ['mcpNeedsJwt', 'sessionInvalid'],
    codes: ['invalid_session_id', 'bad_oauth_token', 'http_401', 'invalid_auth_header'],
    when: (known) => servesMcp(known) && known.app.oauth?.jwtAccessTokens !== true,
  },
  {
    causes: ['sessionInvalid'],
    codes: ['invalid_session_id', 'bad_oauth_token'],
    says: /expired/i,
    words: /session expired|expired session/i,
  },
  {
    causes: ['sessionInvalid', 'apiAccessControl', 'scopeMissing'],
    codes: ['invalid_session_id'],
  },
  { causes: ['sessionInvalid'], codes: ['bad_oauth_token', 'http_401'] },
  { causes: ['requestMalformed'], codes: ['invalid_auth_header'] },
  {
    causes: ['concurrentRequests'],
    codes: ['request_limit_exceeded', 'concurrent_requests_limit_exceeded'],
    says: /concurrent/i,
  },
  { causes: ['apiLimit'], codes: ['request_limit_exceeded'], words: /totalrequests limit exceeded/i },
  {
    causes: ['apiDisabled'],
    codes: ['api_disabled_for_org', 'api_currently_disabled', 'login_oauth_api_disabled', '1716'],
    words: /oauth api access disabled|api is (not enabled|disabled) for this/i,
  },
  {
    causes: ['apiAccessControl'],
    says: /api access control|not (allowed|approved) to (use|access) .*api/i,
  },
  {
    causes: ['insufficientAccess'],
    codes: ['insufficient_access', 'insufficient_access_or_readonly', 'functionality_not_enabled', 'http_403'],
  },
  { causes: ['pathWrong'], codes: ['not_found', 'url_no_longer_exists', 'http_404', 'http_410'] },
  {
    causes: ['apiVersion'],
    codes: ['unsupported_api_version', 'login_error_api_too_old'],
    words: /api version removed/i,
  },
  {
    causes: ['clientOld'],
    codes: [
      'login_error_client_req_update',
      'client_require_update_for_user',
      'unsupported_client',
      'login_error_store',
      'http_426',
    ],
    words: /client update required/i,
  },
  {
    causes: ['requestMalformed'],
    codes: ['http_400', 'http_405', 'http_414', 'http_415', 'http_420', 'http_428', 'http_431'],
  },
  { causes: ['recordState'], codes: ['http_300', 'http_304', 'http_409', 'http_412'] },
  { causes: ['concurrentRequests', 'loginRate'], codes: ['http_429'] },

  // The org
  {
    causes: ['orgInactive'],
    codes: [
      'inactive_org',
      'org_locked',
      'trial_expired',
      'login_org_trial_exp',
      'login_error_org_inactive',
      'login_error_org_lockout',
      'login_error_org_suspended',
      'login_error_org_is_dot_org',
      'login_error_org_signing_up',
      'login_data_download_only',
    ],
    words: /organization (is )?(inactive|locked|suspended)|org is locked|trial expired|organization is a dot/i,
  },
  {
    causes: ['orgTrouble'],
    codes: [
      'server_error',
      'server_unavailable',
      'service_unavailable',
      'temporarily_unavailable',
      'functionality_temporarily_unavailable',
      'system_down',
      'unknown_error',
      'unknown_exception',
      'login_error',
      'login_error_system_down',
      'login_error_appexchange_down',
      'login_error_ht_down',
      'login_error_store_down',
      'login_error_async_user_create',
      'login_error_page_requires_login',
      'login_readonly_cannot_validate',
      'http_500',
      'http_502',
      'http_503',
      'http_504',
    ],
    words: /retry your request|unable to process your login request/i,
  },
  { causes: ['loginSucceeded'], codes: ['login_no_error'], words: /^success\.?$/i },

  // These words are in many texts: what the other rows know of comes first.
  {
    causes: ['parameterMissing'],
    codes: ['invalid_request'],
    says: /must provide|missing|required/i,
    words: /must provide [a-z]+_|(missing|required) (a |the )?(required )?parameter/i,
  },

  // A name that goes with many texts, without any of them
  {
    causes: ['assertionWrong', 'audienceWrong', 'notPreapproved', 'userRefused'],
    codes: ['invalid_grant'],
    flows: ['jwt-bearer'],
  },
  { causes: ['noRunAs', 'notMyDomain', 'userRefused'], codes: ['invalid_grant'], flows: ['client-credentials'] },
  {
    causes: ['codeExpired', 'codeVerifierWrong', 'tokenExpired', 'redirectMismatch'],
    codes: ['invalid_grant'],
    flows: ['web-server', 'device', 'code-and-credentials'],
  },
  {
    causes: [
      'tokenExpired',
      'codeExpired',
      'notPreapproved',
      'assertionWrong',
      'noRunAs',
      'loginFailed',
      ...restricted,
    ],
    codes: ['invalid_grant'],
  },
  { causes: ['parameterMissing'], codes: ['invalid_request'] },
  { causes: ['notApproved', 'flowOff'], codes: ['unauthorized_client'] },
];

/** What is known of the app may rule a cause out. */
const possible: Partial<Record<CauseId, (known: Known) => boolean>> = {
  appNotInOrg: ({ orgConsumerKey }) => orgConsumerKey === undefined,
  challengeMissing: ({ app }) => app.oauth?.pkceRequired !== false,
  notApproved: ({ app }) => app.policies?.permittedUsers !== 'all-users',
  scopeMissing: (known) => !mayUseApi(known),
};

/** An error's name without what clients change in it: capital letters, and underscores. */
const plainCode = (code: string): string =>
  code
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');

const SAML_CODES = /^login_saml_/;

const fits = (row: Row, { error, description }: Refusal, flow: Flow | undefined, known: Known): boolean =>
  (error === ''
    ? (row.words ?? row.says)?.test(description) === true
    : (row.codes === undefined || row.codes.includes(plainCode(error))) &&
      (row.says === undefined || row.says.test(description))) &&
  (row.flows === undefined || (flow !== undefined && row.flows.includes(flow))) &&
  (row.when === undefined || row.when(known));

const rowFor = (refusal: Refusal, flow: Flow | undefined, known: Known): Row | undefined => {
  if (SAML_CODES.test(plainCode(refusal.error))) return { causes: ['saml'] };
  return (
    rows.find((row) => fits(row, refusal, flow, known)) ??
    // A name that nobody knows may come with words that are known.
    (refusal.error === '' ? undefined : rows.find((row) => fits(row, { ...refusal, error: '' }, flow, known)))
  );
};

/** Explains a refusal. An answer that no row knows is passed on as it is, with the way to the app's page. */
export const explain = (refusal: Refusal, flow?: Flow, known: Known = nothingKnown): Explanation => {
  const row = rowFor(refusal, flow, known);
  if (!row)
    return { id: 'unknown', cause: say('cause.unknown'), fix: fixes.askSalesforce(known), others: [], mayPass: false };
  const left = row.causes.filter((id) => possible[id]?.(known) ?? true);
  const [first = row.causes[0], ...others] = left;
  const causeOf = (id: CauseId): Cause => ({ id, cause: say(`cause.${id}`), fix: remedies[id](known, flow) });
  return { ...causeOf(first), others: others.map(causeOf), mayPass: row.mayPass ?? false };
};

/** All causes of a refusal, the likeliest first. */
export const causesOf = ({ others, ...first }: Explanation): [Cause, ...Cause[]] => [
  { id: first.id, cause: first.cause, fix: first.fix },
  ...others,
];

/** Is this the name of an error that the table knows? */
export const isKnownCode = (code: string): boolean =>
  SAML_CODES.test(plainCode(code)) || knownCodes.has(plainCode(code));

/** The names of errors that the table knows, in small letters. */
export const knownCodes: ReadonlySet<string> = new Set(rows.flatMap(({ codes = [] }) => codes));

/** All that the table knows, for its tests and for the documentation. */
export const explanationIds: readonly string[] = Object.keys(remedies);
