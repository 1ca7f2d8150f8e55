import type { Known } from '../fixes.ts';
import { FLOW_NAMES, FLOWS } from '../flows.ts';
import { RESTRICTED, type Row } from './causes.ts';

/** Is it the key that the org itself has for the app? Then it is correct. */
const isTheKey = ({ consumerKey, orgConsumerKey }: Known): boolean =>
  orgConsumerKey !== undefined && consumerKey === orgConsumerKey;

/** Is the app's last change older than the time that a change needs to reach every server? */
const isSettled = ({ settled }: Known): boolean => settled === true;

/** Flows in which nobody logs in with a password. */
const withoutPassword = FLOW_NAMES.filter((flow) => FLOWS[flow].passwordless);

/** The codes of sign-ups that are not about an external client app. */
const SIGNUP_CODES = [
  ...['c_1007', 'c_1015', 'c_1017', 'c_1018', 'c_1019', 'c_1020', 'c_1027', 'c_1033', 'c_1034', 'c_9998', 'c_9999'],
  ...['s_1006', 's_1017', 's_1018', 's_1019', 's_1026', 's_2006', 's_9999'],
  ...['sh_0001', 'sh_0002', 'sh_0003', 'sh_9999', 'sn_0001', 'sn_0002'],
  ...['t_0002', 't_0003', 't_0004', 'vr_0001', 'vr_0002'],
];

/** Answers that are about the app, its secret, a token, or the user who logs in. `explanations.ts` names their sources. */
export const LOGIN_ROWS: Row[] = [
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
  { causes: ['scratchOrg'], codes: SIGNUP_CODES },

  // The key and the app
  {
    causes: ['keyRefused'],
    codes: ['invalid_client_id'],
    when: (known) => isTheKey(known) && isSettled(known),
    mayPass: true,
  },
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
    causes: ['audienceWrong'],
    codes: ['invalid_client'],
    says: /audience/i,
  },
  {
    causes: ['certificateWrong'],
    codes: ['invalid_client'],
    says: /client assertion|no certificate/i,
    words: /invalid client assertion|no certificate found/i,
    mayPass: true,
  },
  {
    causes: ['secretRefused'],
    codes: ['invalid_client', 'invalid_client_credentials'],
    says: /invalid client credentials/i,
    when: (known) => known.secret?.from === 'org' && isSettled(known),
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
    words: /invalid client (credentials|secret)/i,
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
    says: /no start line|ENOENT: .*\.(key|pem|p8)\b|decoder routines|asn1 encoding routines|secretorprivatekey|could not (deserialize|parse) .*key|invalid ?key ?(spec)? ?exception|unable to load (private )?key|error in libcrypto|bad decrypt/i,
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
    words: /^(\d{4} )?(failed: ?)?(invalid (access )?token|oauth api token invalid)\.?$/i,
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
  { causes: RESTRICTED, codes: ['invalid_grant'], says: /ip restricted or invalid login hours/i },
  { causes: ['ipRestricted'], codes: ['invalid_grant'], says: /ip (restricted|address|not allowed)|ip range/i },
  { causes: RESTRICTED, codes: ['login_oauth_invalid_ip', '1708'], words: /ip address not allowed/i },
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
  { causes: ['loginFailed'], codes: ['invalid_grant'], says: /authentication failure(?!!)|invalid user credentials/i },
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
];
