import { expect } from 'chai';

import { parseRefusal } from '../../src/app/answer.ts';
import { causesOf, explain } from '../../src/app/explanations.ts';

const idsOf = (text: string): string[] => causesOf(explain(parseRefusal(text))).map(({ id }) => id);

const CLI_SAYS = 'Invalid client credentials. Verify the OAuth client secret and ID.';
const AUTH_CODE = 'Error authenticating with auth code due to:';

/** What a client makes of an answer, and what the answer means. */
const WRAPPED: [client: string, text: string, ids: string[]][] = [
  ['sf', `${CLI_SAYS} ${AUTH_CODE} user hasn't approved this consumer`, ['notPreapproved']],
  ['sf, in lines', `Error (1): ${CLI_SAYS}\n${AUTH_CODE} grant type not supported`, ['grantTypeOff']],
  ['sf, with an answer that is not known', `${CLI_SAYS}\n${AUTH_CODE} something new`, ['unknown']],
  ['sf, without the answer', CLI_SAYS, ['wrapperOnly']],
  ['sf, without the answer, as an error', `Error (1): ${CLI_SAYS}\n\n`, ['wrapperOnly']],
  [
    'sf as JSON',
    JSON.stringify({ status: 1, name: 'AuthCodeExchangeError', message: `${AUTH_CODE} invalid code verifier` }),
    ['codeVerifierWrong'],
  ],
  ['sf with a JWT', 'Error authenticating with JWT config due to: audience is invalid', ['audienceWrong']],
  [
    'sf with a JWT that is not taken',
    'Error (JwtAuthError): Error authenticating with JWT config due to: invalid assertion',
    ['assertionWrong'],
  ],
  [
    'jsforce',
    'Error: invalid_grant: expired access/refresh token\n    at OAuth2._postParams (oauth2.js:1:2)',
    ['tokenExpired'],
  ],
  [
    'simple-salesforce',
    "Expired session for https://a.my.salesforce.com/services/data/. Response content: [{'message': 'Session expired or invalid', 'errorCode': 'INVALID_SESSION_ID'}]",
    ['sessionInvalid'],
  ],
  [
    'Spring',
    'o.s.s.oauth2.core.OAuth2AuthorizationException: [invalid_token_response] An error occurred: 400 Bad Request: "{"error":"invalid_client_id","error_description":"client identifier invalid"}"',
    ['keyUnknown'],
  ],
  [
    'Java',
    'java.lang.IllegalStateException: login failed\n\tat a.B.c(B.java:1)\nCaused by: d.E: invalid_grant: expired authorization code\n\tat d.E.f(E.java:2)',
    ['codeExpired'],
  ],
  [
    'passport',
    'TokenError: invalid code verifier\n    at parseErrorResponse (strategy.js:358:12)',
    ['codeVerifierWrong'],
  ],
  [
    'passport, with the answer',
    'InternalOAuthError: Failed to obtain access token (status: 400 data: {"error":"redirect_uri_mismatch","error_description":"redirect_uri must match configuration"})',
    ['redirectMismatch'],
  ],
  ['openid-client', 'OPError: invalid_grant (expired authorization code)', ['codeExpired']],
  [
    'axios',
    "AxiosError: Request failed with status code 400 { data: { error: 'invalid_grant', error_description: 'no client credentials user enabled' } }",
    ['noRunAs'],
  ],
  ['axios, without the answer', 'AxiosError: Request failed with status code 503', ['orgTrouble']],
  [
    'MuleSoft',
    'HTTP POST on resource failed: bad request (400). Payload: {\\"error\\":\\"invalid_grant\\",\\"error_description\\":\\"request not supported on this domain\\"}',
    ['notMyDomain'],
  ],
  [
    'Ruby',
    'Faraday::Error {"error"=>"invalid_client", "error_description"=>"invalid client credentials"}',
    ['secretWrong'],
  ],
  [
    'SOAP',
    '<sf:exceptionCode>API_DISABLED_FOR_ORG</sf:exceptionCode><sf:exceptionMessage>API is not enabled</sf:exceptionMessage>',
    ['apiDisabled'],
  ],
  ['Node', 'getaddrinfo ENOTFOUND acme.my.salesforce.com', ['hostNotFound']],
  [
    'Node, printed whole',
    "TypeError: fetch failed\n    at node:internal/x:1:2 {\n  [cause]: Error: read ECONNRESET\n      at y {\n    errno: -104,\n    code: 'ECONNRESET'\n  }\n}",
    ['connectionFailed'],
  ],
  ['Node, without the cause', 'TypeError: fetch failed', ['hostNotFound', 'connectionFailed', 'hostUntrusted']],
  [
    'Node, of a certificate',
    "ERR_TLS_CERT_ALTNAME_INVALID: Hostname/IP does not match certificate's altnames: Host: a.example.com. is not in",
    ['hostNameMismatch'],
  ],
  [
    'sf, behind a proxy',
    'Error (1): Error authenticating with JWT config due to: self-signed certificate in certificate chain',
    ['hostUntrusted'],
  ],
  [
    'jsforce, that waited',
    'FetchError: request to https://a.my.salesforce.com/x failed, reason: connect ETIMEDOUT 136.146.1.1:443',
    ['noAnswerInTime'],
  ],
  ['curl', 'curl: (60) SSL certificate problem: certificate has expired', ['hostCertificateExpired']],
  ['curl, behind a proxy', 'curl: (56) CONNECT tunnel failed, response 407', ['proxyRefused']],
  ['curl on the wrong port', 'curl: (35) error:0A00010B:SSL routines::wrong version number', ['notOverTls']],
  [
    'requests',
    `requests.exceptions.SSLError: HTTPSConnectionPool(host='a.my.salesforce.com', port=443): Max retries exceeded with url: /x (Caused by SSLError(SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not valid for 'a'. (_ssl.c:1007)")))`,
    ['hostNameMismatch'],
  ],
  [
    'requests, behind a proxy',
    "requests.exceptions.ProxyError: (Caused by ProxyError('Unable to connect to proxy', OSError('Tunnel connection failed: 407 Proxy Authentication Required')))",
    ['proxyRefused'],
  ],
  ['Java’s name lookup', 'java.net.UnknownHostException: acme.my.salesforce.com', ['hostNotFound']],
  ['Java’s connection', 'java.net.ConnectException: Connection refused (Connection refused)', ['connectionFailed']],
  [
    'Java’s trust store',
    'javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid certification path to requested target',
    ['hostUntrusted'],
  ],
  [
    'Salesforce’s answer after an error of the network',
    'retrying after ECONNRESET ... 400 {"error":"invalid_grant","error_description":"expired authorization code"}',
    ['codeExpired'],
  ],
  [
    'sf, for a scratch org',
    'Error (RemoteOrgSignupFailed): The request to create a scratch org failed with error code: C-1020.',
    ['scratchOrg'],
  ],
  [
    'sf as JSON, for a scratch org of a Dev Hub',
    JSON.stringify({ name: 'RemoteOrgSignupFailed', message: 'failed with error code: C-1016.' }),
    ['devHub'],
  ],
  [
    'sf as JSON, for a scratch org',
    JSON.stringify({ name: 'RemoteOrgSignupFailed', message: 'failed with error code: SH-0003.' }),
    ['scratchOrg'],
  ],
  ['Postman', 'Error: Cannot complete OAuth 2.0 token: "unsupported_grant_type"', ['grantTypeOff']],
];

/** A name alone, in the spellings of clients. */
const NAMES: [text: string, ids: string[]][] = [
  ['app_not_found', ['appNotInOrg']],
  ['APP-NOT-FOUND', ['appNotInOrg']],
  ['C-1016', ['devHub']],
  ['The request to create a scratch org failed with error code: C-1016.', ['devHub']],
  ['RemoteOrgSignupFailed: We encountered a problem', ['devHub', 'scratchOrg']],
  ['SN-0002', ['scratchOrg']],
  ['ECONNREFUSED', ['connectionFailed']],
  ['EHOSTUNREACH', ['connectionFailed']],
  ['HTTP 407', ['proxyRefused']],
  ['ERROR_HTTP_401: <html>', ['sessionInvalid']],
  ['ERROR_HTTP_503', ['orgTrouble']],
  ['invalid_grant: no valid scopes defined', ['noScopes']],
  ['invalid_client: invalid client assertion', ['certificateWrong']],
  ['Failed: Username-Password Flow Disabled', ['grantTypeOff']],
  ['Failed: OAuth flow disabled', ['flowOff', 'grantTypeOff']],
  ['Refresh token expired due to inactivity', ['tokenExpired']],
  ['error:0909006C:PEM routines:get_name:no start line', ['keyUnreadable']],
  ['secretOrPrivateKey must be an asymmetric key when using RS256', ['keyUnreadable']],
  ['The page that you ask for is missing', ['unknown']],
  ['slow_down', ['pollingTooFast']],
  ['use_dpop_nonce', ['dpop']],
  ['LOGIN_SAML_REPLAY_ATTEMPTED', ['saml']],
  ['LOGIN_OAUTH_INVALID_IP', ['ipRestricted', 'loginHours']],
  ['HTTP 401 Unauthorized', ['sessionInvalid']],
  ['HTTP/1.1 431', ['requestMalformed']],
  [
    'OAUTH_APPROVAL_ERROR_GENERIC',
    ['browserNotAllowed', 'appNotInOrg', 'notApproved', 'scopeNotAllowed', 'challengeMissing'],
  ],
  ['INVALID_SESSION_ID: This session is not valid for use with the API', ['apiAccessControl', 'scopeMissing']],
  ['invalid_grant: ip restricted or invalid login hours', ['ipRestricted', 'loginHours']],
  ['invalid login hours', ['loginHours']],
  // The login history's texts
  ['Failed: Missing Consumer Key Parameter', ['keyMissing', 'keyUnknown']],
  ['Failed: Not approved for access', ['notApproved']],
  ['IP Restricted', ['ipRestricted']],
  ['Failed: Consumer Deleted', ['appDeleted']],
  ['Failed: Nonce Replay Detected', ['oauth1']],
  ['Failed: API-only user', ['browserNotAllowed']],
  ['Failed: OAuth Api Access Disabled', ['apiDisabled']],
  ['Package for this consumer is not installed in your organization', ['appNotInOrg']],
  ['Organization suspended', ['orgInactive']],
  ['Password Lockout', ['userLocked']],
  ['Success', ['loginSucceeded']],
  // Words that are a part of others, or in many texts
  ['Failed: App blocked', ['appBlocked']],
  ['invalid_grant: user is locked', ['userLocked']],
  ['Failed: Client update required', ['clientOld']],
  ['Failed: Activation secret missing', ['attestation']],
  ['Failed: Computer activation required', ['verificationNeeded']],
  ['Trial expired', ['orgInactive']],
  ['session expired', ['sessionInvalid']],
  ['the licence expired', ['unknown']],
  ['token validity expired', ['tokenExpired']],
  ['invalid_grant: jwt expired', ['assertionWrong']],
  ['invalid client id', ['keyUnknown']],
  ['account_selection_required', ['immediate']],
  ['invalid_redirect_uri', ['redirectMismatch']],
  // The fault codes of OAuth 1.0.A, and what an identity URL answers
  ['1708', ['ipRestricted', 'loginHours']],
  ['{"error_code": "1713"}', ['appDeleted']],
  ['1703 Failed: Invalid Access Token', ['tokenExpired']],
  ['Wrong_Org', ['crossOrg']],
  ['Bad_Id', ['userUnknown']],
  ['HTTPS_Required', ['httpsNeeded']],
];

/** Texts that were made up beside those from reports. */
const FURTHER: typeof WRAPPED = [
  [
    'jsforce, at a call',
    'Error: INVALID_SESSION_ID: Session expired or invalid\n    at HttpApi.getError (/app/node_modules/jsforce/lib/http-api.js:297:17)',
    ['sessionInvalid'],
  ],
  ['jsforce, at a refresh', 'Error: Unable to refresh session due to: expired access/refresh token', ['tokenExpired']],
  [
    'simple-salesforce, at the token',
    'simple_salesforce.exceptions.SalesforceAuthenticationFailed: invalid_client: invalid client credentials',
    ['secretWrong'],
  ],
  [
    'simple-salesforce, at the SOAP login',
    'SalesforceAuthenticationFailed: INVALID_LOGIN: Invalid username, password, security token; or user locked out.',
    ['loginFailed'],
  ],
  [
    'simple-salesforce, at a call',
    "SalesforceRefusedRequest: Request refused for https://acme.my.salesforce.com/services/data/v59.0/. Response content: [{'message': 'The REST API is not enabled for this Organization.', 'errorCode': 'API_DISABLED_FOR_ORG'}]",
    ['apiDisabled'],
  ],
  [
    'axios, with its data',
    "AxiosError: Request failed with status code 400\n  data: { error: 'invalid_grant', error_description: 'audience is invalid' }",
    ['audienceWrong'],
  ],
  ['axios, without the answer', 'AxiosError: Request failed with status code 400', ['statusOnly', 'requestMalformed']],
  [
    'axios as JSON',
    '{"message":"Request failed with status code 400","name":"AxiosError","code":"ERR_BAD_REQUEST","status":400}',
    ['statusOnly', 'requestMalformed'],
  ],
  [
    'curl -v',
    '< HTTP/2 400 \n< content-type: application/json;charset=UTF-8\n< \n* Connection #0 to host acme.my.salesforce.com left intact\n{"error":"invalid_app_access","error_description":"user is not admin approved to access this app"}',
    ['notApproved'],
  ],
  [
    'curl -v, at a redirection',
    '< HTTP/1.1 302 Found\n< Location: https://client.example.com/cb?error=OAUTH_APP_BLOCKED&error_description=this+app+is+blocked+by+admin&state=x',
    ['appBlocked'],
  ],
  [
    'curl, without trust',
    'curl: (60) SSL certificate problem: unable to get local issuer certificate',
    ['hostUntrusted'],
  ],
  ['curl, without TLS', 'curl: (35) OpenSSL/3.0.2: error:0A00010B:SSL routines::wrong version number', ['notOverTls']],
  [
    'Postman',
    'Error: Could not complete OAuth 2.0 login. Check the console: {"error":"redirect_uri_mismatch","error_description":"redirect_uri must match configuration"}',
    ['redirectMismatch'],
  ],
  ['Postman’s console', 'Couldn\'t complete OAuth 2.0 token request. error: "invalid_client_id"', ['keyUnknown']],
  [
    'MuleSoft',
    'org.mule.runtime.api.connection.ConnectionException: Unable to login: invalid_grant: invalid assertion\nCaused by: org.mule.extension.salesforce.api.exception.SalesforceException: Expected a 200 HTTP status code but received 400',
    ['assertionWrong'],
  ],
  [
    'MuleSoft’s error type',
    'Message: Invalid status code: 400, response body: {"error":"unsupported_grant_type","error_description":"grant type not supported"}\nError type: SALESFORCE:CONNECTIVITY',
    ['grantTypeOff'],
  ],
  [
    'the Java web service connector',
    'com.sforce.ws.SoapFaultException: INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session hash',
    ['sessionInvalid', 'apiAccessControl', 'scopeMissing'],
  ],
  [
    'the Java connector’s fault',
    "[LoginFault [ApiFault  exceptionCode='INVALID_LOGIN'\n exceptionMessage='Invalid username, password, security token; or user locked out.'\n extendedErrorDetails='{[0]}'\n]\n]",
    ['loginFailed'],
  ],
  [
    'a log of GitHub Actions',
    '2026-11-20T08:12:33.1234567Z ##[error]Error (JwtGrantError): Error authenticating with JWT config due to: invalid_client_id\n2026-11-20T08:12:33.2Z ##[error]Process completed with exit code 1.',
    ['keyUnknown'],
  ],
  [
    'a log of GitHub Actions, with the command',
    "Run sf org login jwt --client-id *** --jwt-key-file server.key\n Error (1): Error authenticating with JWT config due to: user hasn't approved this consumer\nError: Process completed with exit code 1.",
    ['notPreapproved'],
  ],
  [
    'sf, without its key file',
    "Error (JwtAuthError): ENOENT: no such file or directory, open 'server.key'",
    ['keyUnreadable'],
  ],
  ['the login history', 'Invalid Client Secret', ['secretWrong']],
  ['the login history, of a token', 'OAuth API Token Invalid', ['tokenExpired']],
  [
    'a page’s address',
    'https://acme.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp?retURL=%2Fapp%2Fmgmt&error=OAUTH_AUTHORIZATION_BLOCKED&error_description=Cross-org%20OAuth%20flows%20are%20not%20supported%20for%20this%20external%20client%20app',
    ['crossOrg'],
  ],
  [
    'an address that is encoded twice',
    'https%3A%2F%2Fclient.example.com%2Fcb%3Ferror%3Dinvalid_scope%26error_description%3Dthe%2520requested%2520scope%2520is%2520not%2520allowed',
    ['scopeNotAllowed'],
  ],
  [
    'the fragment of an address',
    'https://client.example.com/cb#error=access_denied&error_description=end-user%20denied%20authorization&state=1',
    ['accessDenied'],
  ],
  ['a text with two causes', 'invalid_grant: ip restricted or invalid login hours', ['ipRestricted', 'loginHours']],
  [
    'a log of two tries',
    'First try: {"error":"invalid_client_id","error_description":"client identifier invalid"}\nSecond try: {"error":"invalid_grant","error_description":"no client credentials user enabled"}',
    ['noRunAs'],
  ],
  [
    'Go',
    'oauth2: cannot fetch token: 400 Bad Request\nResponse: {"error":"invalid_client","error_description":"invalid client credentials"}',
    ['secretWrong'],
  ],
  ['Go, in quotes', 'oauth2: "invalid_grant" "authentication failure"', ['loginFailed']],
  ['oauthlib', '(invalid_grant) expired authorization code', ['codeExpired']],
  [
    'Python’s requests, without the answer',
    'requests.exceptions.HTTPError: 400 Client Error: Bad Request for url: https://acme.my.salesforce.com/services/oauth2/token',
    ['statusOnly', 'requestMalformed'],
  ],
  [
    'OmniAuth, of its own check',
    'omniauth: (salesforce) Authentication failure! csrf_detected: OmniAuth::Strategies::OAuth2::CallbackError, csrf_detected | CSRF detected',
    ['unknown'],
  ],
  [
    'passport, at the token',
    'InternalOAuthError: failed to obtain access token\n TokenError: invalid code verifier',
    ['codeVerifierWrong'],
  ],
  ['.NET', 'Salesforce.Common.ForceException: inactive user', ['userInactive']],
  [
    'Terraform',
    'Error: [TooManyRequests] {"message":"ConcurrentRequests (Concurrent API Requests) Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}',
    ['concurrentRequests'],
  ],
  ['a Python tuple', "('400', 'invalid_grant', 'token validity expired')", ['tokenExpired']],
  [
    'Zapier',
    'Hmm. We encountered an error. authentication failed: {"error_description":"IP not allowed","error":"invalid_grant"}',
    ['ipRestricted'],
  ],
  ['a connector of Kafka', '{"errorCode":"INVALID_AUTH_HEADER","message":"INVALID_HEADER_TYPE"}', ['requestMalformed']],
  [
    'gRPC',
    'StatusRuntimeException: UNAUTHENTICATED: sfdc.platform.eventbus.grpc.service.auth.error: SRVC_4.1.1 An authentication exception occurred. Provide valid authentication.',
    ['unknown'],
  ],
  [
    'a page in HTML',
    '<html><head><title>Error</title></head><body>error=invalid_client&amp;error_description=app%20must%20be%20installed%20into%20org</body></html>',
    ['appNotInOrg'],
  ],
  [
    'SOAP',
    '<sf:exceptionCode>API_CURRENTLY_DISABLED</sf:exceptionCode><sf:exceptionMessage>API is disabled for this User</sf:exceptionMessage>',
    ['apiDisabled'],
  ],
  [
    'PowerShell',
    'Invoke-RestMethod: {"error":"invalid_client","error_description":"client assertion audience is invalid"}',
    ['audienceWrong'],
  ],
  [
    'a log with quotes in quotes',
    'level=error msg="token request failed" err="oauth2: \\"invalid_request\\" \\"refresh_token scope is required and the connected app should be installed and preauthorized\\""',
    ['refreshTokenScope'],
  ],
  [
    'an org that wants more than a password',
    'invalid_grant: Multi-factor authentication is required',
    ['verificationNeeded'],
  ],
  [
    'undici',
    'TypeError: fetch failed { [cause]: Error: getaddrinfo ENOTFOUND acme.my.salesforce.com',
    ['hostNotFound'],
  ],
  [
    'Deno',
    'error sending request for url (https://acme.my.salesforce.com/services/oauth2/token): client error (Connect): dns error: failed to lookup address information: Name or service not known',
    ['hostNotFound'],
  ],
  ['an org with too many logins', 'invalid_grant: login rate exceeded', ['loginRate']],
  ['a client that passes on something new', 'oauth_totally_new: please read the docs', ['unknown']],
  [
    'a browser',
    "Access to fetch at 'https://acme.my.salesforce.com/services/oauth2/token' from origin 'http://localhost:3000' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.",
    ['corsBlocked'],
  ],
  [
    'a login page',
    "We can't log you in because of an issue with single sign-on. Contact your Salesforce admin for help.",
    ['saml'],
  ],
  ['JavaScript, of a page', 'Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON', ['pageNoAnswer']],
  [
    'sf, at a login',
    'Error (AuthInfoCreationError): Error creating AuthInfo due to: invalid_client_id: client identifier invalid',
    ['keyUnknown'],
  ],
  [
    'the CLI of old',
    'ERROR running auth:jwt:grant:  We encountered a JSON web token error, which is likely not an issue with Salesforce CLI. Here’s the error: invalid_grant - audience is invalid',
    ['audienceWrong'],
  ],
];

/** Addresses and their parts; the echo is what Salesforce said, undamaged. */
const ADDRESSES: [text: string, error: string, description: string][] = [
  [
    'https://x.example.com/cb?oauth_error=invalid_client&oauth_error_description=app+must+be+installed',
    'invalid_client',
    'app must be installed',
  ],
  ['error_code=OAUTH_APP_BLOCKED&error_description=this%20app', 'OAUTH_APP_BLOCKED', 'this app'],
  ['error_description=this%20app&error=app_blocked', 'app_blocked', 'this app'],
  ['https://a.example.com/cb#error=access_denied&state=1', 'access_denied', ''],
  ['?ErrorCode=OAUTH_EC_APP_NOT_FOUND&amp;ErrorDescription=not+installed', 'OAUTH_EC_APP_NOT_FOUND', 'not installed'],
  [
    'https://l.example.com/?next=https%3A%2F%2Fx.example.com%2Fcb%3Ferror%3Dinvalid_scope%26error_description%3Dnot%2520allowed',
    'invalid_scope',
    'not allowed',
  ],
  [
    'GET /cb?error=invalid_grant&error_description=authentication failure HTTP/1.1',
    'invalid_grant',
    'authentication failure',
  ],
  ['(invalid_grant: invalid code verifier) If this persists, call us', 'invalid_grant', 'invalid code verifier'],
  ['InvalidGrantError: (invalid_grant) expired access/refresh token', 'invalid_grant', 'expired access/refresh token'],
  ['(invalid_client): client secret is wrong', 'invalid_client', 'client secret is wrong'],
  ['oauth2: "invalid_grant" "ip restricted"', 'invalid_grant', 'ip restricted'],
  ["['invalid_grant', 'user hasn't approved this consumer']", 'invalid_grant', "user hasn't approved this consumer"],
  ['{"error":{"code":"invalid_grant","message":"jwt expired"}}', 'invalid_grant', 'jwt expired'],
  ['OAuthError(code=invalid_client, message=invalid client)', 'invalid_client', 'invalid client'],
  ['error: invalid_grant\nerror_description: ip restricted', 'invalid_grant', 'ip restricted'],
  ['error = invalid_grant, errorDescription = ip restricted', 'invalid_grant', 'ip restricted'],
  ['https://acme.my.salesforce.com/_ui/identity/oauth/ui/AppInstallErrorPage?x=1', 'AppInstallErrorPage', ''],
  ['https://acme.my.salesforce.com/some/page', '', 'https://acme.my.salesforce.com/some/page'],
];

describe('an answer', () => {
  for (const [client, text, ids] of [...WRAPPED, ...FURTHER])
    it(`is found in what ${client} makes of it`, () => expect(idsOf(text)).to.deep.equal(ids));

  for (const [text, ids] of NAMES) it(`is found by "${text}"`, () => expect(idsOf(text)).to.deep.equal(ids));

  for (const [text, error, description] of ADDRESSES)
    it(`is read from ${text}`, () => expect(parseRefusal(text)).to.deep.equal({ error, description }));

  it('is told for the app: MCP servers take JWT-based tokens alone, other APIs do not mind', () => {
    const refusal = parseRefusal('HTTP 401');
    const app = (scope: string, jwtAccessTokens?: boolean) => ({
      app: { name: 'Mcp', scopes: [scope], oauth: { jwtAccessTokens } },
    });
    expect(explain(refusal, undefined, app('mcp_api')).id).to.equal('mcpNeedsJwt');
    expect(JSON.stringify(explain(refusal, undefined, app('mcp_api')).fix)).to.include('--jwt-access-tokens');
    expect(explain(refusal, undefined, app('mcp_api', true)).id).to.equal('sessionInvalid');
    expect(explain(refusal, undefined, app('api')).id).to.equal('sessionInvalid');
    const soap = parseRefusal('SOAP API does not support JWT-based access tokens.');
    expect(JSON.stringify(explain(soap, undefined, app('api', true)).fix)).to.include('--no-jwt-access-tokens');
    expect(explain(soap, undefined, app('mcp_api', true)).fix.code).to.equal('fix.otherAppForSoap');
  });

  it('has only the causes that what is known of the app leaves', () => {
    const generic = parseRefusal('OAUTH_APPROVAL_ERROR_GENERIC');
    const app = { name: 'A', oauth: { pkceRequired: false }, policies: { permittedUsers: 'all-users' as const } };
    const ids = causesOf(explain(generic, 'web-server', { app, orgConsumerKey: 'k' })).map(({ id }) => id);
    expect(ids).to.deep.equal(['browserNotAllowed', 'scopeNotAllowed']);
  });
});
