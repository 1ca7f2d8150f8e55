/**
 * An OAuth request that Salesforce would refuse: `error` and `error_description` of the answer. The wording is what live orgs
 * were reported to say, where someone reported it.
 */
export class OauthRefusal extends Error {
  readonly error: string;
  readonly description: string;

  constructor(error: string, description: string) {
    super(`${error}: ${description}`);
    this.error = error;
    this.description = description;
  }
}

/** The refusals that more than one endpoint gives. */
export const refusals = {
  unknownClient: () => new OauthRefusal('invalid_client_id', 'client identifier invalid'),
  wrongSecret: () => new OauthRefusal('invalid_client', 'invalid client credentials'),
  noClientCredentialsUser: () => new OauthRefusal('invalid_grant', 'no client credentials user enabled'),
  otherDomain: () => new OauthRefusal('invalid_grant', 'request not supported on this domain'),
  notAdminApproved: () => new OauthRefusal('invalid_app_access', 'user is not admin approved to access this app'),
  notApproved: () => new OauthRefusal('invalid_grant', "user hasn't approved this consumer"),
  blocked: () => new OauthRefusal('OAUTH_APP_BLOCKED', 'this app is blocked by admin'),
  inactiveUser: () => new OauthRefusal('inactive_user', 'user is inactive'),
  authenticationFailure: () => new OauthRefusal('invalid_grant', 'authentication failure'),
  ipRestrictedByDeveloper: () => new OauthRefusal('invalid_grant', 'ip restricted by app developer'),
  ipRestricted: () => new OauthRefusal('invalid_grant', 'ip restricted'),
  wrongAssertion: () => new OauthRefusal('invalid_grant', 'invalid assertion'),
  wrongAudience: () => new OauthRefusal('invalid_grant', 'Audience validation failed'),
  expiredToken: () => new OauthRefusal('invalid_grant', 'expired access/refresh token'),
  expiredCode: () => new OauthRefusal('invalid_grant', 'expired authorization code'),
  wrongCode: () => new OauthRefusal('invalid_grant', 'invalid authorization code'),
  wrongVerifier: () => new OauthRefusal('invalid_grant', 'invalid code verifier'),
  wrongRedirect: () => new OauthRefusal('redirect_uri_mismatch', 'redirect_uri must match configuration'),
  noChallenge: () => new OauthRefusal('invalid_request', 'missing required code challenge'),
  wrongChallenge: () => new OauthRefusal('invalid_request', 'invalid code challenge'),
  wrongScope: () => new OauthRefusal('invalid_scope', 'the requested scope is not allowed'),
  approvalError: () =>
    new OauthRefusal(
      'OAUTH_APPROVAL_ERROR_GENERIC',
      'An unexpected error has occurred during authentication. Please try again.',
    ),
  unsupportedResponse: () => new OauthRefusal('unsupported_response_type', 'response type not supported'),
  notInstalled: () => new OauthRefusal('OAUTH_EC_APP_NOT_FOUND', 'External client app is not installed in this org'),
  crossOrg: () =>
    new OauthRefusal(
      'OAUTH_AUTHORIZATION_BLOCKED',
      'Cross-org OAuth flows are not supported for this external client app',
    ),
  unsupportedGrant: () => new OauthRefusal('unsupported_grant_type', 'grant type not supported'),
  missing: (parameter: string) => new OauthRefusal('invalid_request', `must provide ${parameter}`),
};
