import type { PracticeOrg } from '../org.ts';
import { SUPPORTED_SCOPES } from './scopes.ts';

/** GET /.well-known/openid-configuration, with the members that Salesforce's own login host shows to anyone. */
export const discovery = (org: PracticeOrg): Record<string, unknown> => {
  const at = org.instanceUrl;
  return {
    issuer: at,
    authorization_endpoint: `${at}/services/oauth2/authorize`,
    token_endpoint: `${at}/services/oauth2/token`,
    revocation_endpoint: `${at}/services/oauth2/revoke`,
    userinfo_endpoint: `${at}/services/oauth2/userinfo`,
    jwks_uri: `${at}/id/keys`,
    registration_endpoint: `${at}/services/oauth2/register`,
    introspection_endpoint: `${at}/services/oauth2/introspect`,
    scopes_supported: SUPPORTED_SCOPES,
    response_types_supported: ['code', 'token', 'token id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    display_values_supported: ['page', 'popup', 'touch'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    claims_supported: [
      'active',
      'address',
      'email',
      'email_verified',
      'family_name',
      'given_name',
      'is_app_installed',
      'language',
      'locale',
      'name',
      'nickname',
      'organization_id',
      'photos',
      'picture',
      'preferred_username',
      'profile',
      'sub',
      'updated_at',
      'urls',
      'user_id',
      'user_type',
      'utcOffset',
      'zoneinfo',
    ],
    end_session_endpoint: `${at}/services/auth/idp/oidc/logout`,
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: false,
  };
};
