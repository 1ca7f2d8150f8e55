import { mayUseApi, RESTRICTED, type Row, servesMcp } from './causes.ts';

/** Answers that are about the request, the browser, a call of an API, or the org. `explanations.ts` names their sources. */
export const REQUEST_ROWS: Row[] = [
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
    words: /issue with single sign-on|single sign-on gateway|invalid gateway|company.s authentication service is down/i,
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
  // A token without the scope "api" and an app that nobody approved get the same answer (reported from live orgs).
  { causes: ['apiAccessControl'], says: /not valid for use with the (rest )?api/i, when: mayUseApi },
  { causes: ['scopeMissing', 'apiAccessControl'], says: /not valid for use with the rest api/i },
  { causes: ['apiAccessControl', 'scopeMissing'], says: /not valid for use with the api/i },
  { causes: ['scopeMissing'], codes: ['insufficient_scope'], words: /insufficient.?scope/i },
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
  { causes: ['requestMalformed'], codes: ['invalid_auth_header', 'missing_oauth_token'] },
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
    codes: ['http_405', 'http_414', 'http_415', 'http_420', 'http_428', 'http_431'],
  },
  // The token endpoint has this one status for every refusal.
  { causes: ['statusOnly', 'requestMalformed'], codes: ['http_400'] },
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
      ...RESTRICTED,
    ],
    codes: ['invalid_grant'],
  },
  { causes: ['parameterMissing'], codes: ['invalid_request'] },
  { causes: ['notApproved', 'flowOff'], codes: ['unauthorized_client'] },
];
