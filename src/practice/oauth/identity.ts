import type { PracticeOrg, SObjectRecord } from '../org.ts';

type Claims = Record<string, unknown>;

/** The identity URL of a user. Salesforce puts the general login host in it; here it is the org's own, so that it can be fetched. */
export const identityUrl = (org: PracticeOrg, userId: string): string => `${org.instanceUrl}/id/${org.orgId}/${userId}`;

/** The claims of OpenID Connect for a user's profile scopes. */
export const standardClaims = (user: SObjectRecord): Claims => ({
  preferred_username: user.Username,
  nickname: user.CommunityNickname,
  name: user.Name,
  email: user.Email,
  email_verified: true,
  given_name: user.FirstName,
  family_name: user.LastName,
  zoneinfo: user.TimeZoneSidKey,
  updated_at: user.LastModifiedDate,
});

/** What both answers say of a user's account. */
const accountOf = (org: PracticeOrg, user: SObjectRecord): Claims => ({
  urls: urls(org, user),
  active: user.IsActive,
  user_type: 'STANDARD',
  language: user.LanguageLocaleKey,
  locale: user.LocaleSidKey,
  utcOffset: 0,
});

/** The answer of /services/oauth2/userinfo. */
export const userInfo = (org: PracticeOrg, user: SObjectRecord): Claims => ({
  sub: identityUrl(org, user.Id),
  user_id: user.Id,
  organization_id: org.orgId,
  ...standardClaims(user),
  photos: photos(org),
  profile: `${org.instanceUrl}/${user.Id}`,
  picture: photos(org).picture,
  address: {},
  is_salesforce_integration_user: false,
  ...accountOf(org, user),
  is_app_installed: true,
});

/** The answer of the identity URL. */
export const identity = (org: PracticeOrg, user: SObjectRecord, assertedUserId: string): Claims => ({
  id: identityUrl(org, user.Id),
  asserted_user: user.Id === assertedUserId,
  user_id: user.Id,
  organization_id: org.orgId,
  username: user.Username,
  nick_name: user.CommunityNickname,
  display_name: user.Name,
  email: user.Email,
  email_verified: true,
  first_name: user.FirstName,
  last_name: user.LastName,
  timezone: user.TimeZoneSidKey,
  photos: photos(org),
  addr_street: null,
  addr_city: null,
  addr_state: null,
  addr_country: null,
  addr_zip: null,
  mobile_phone: null,
  mobile_phone_verified: false,
  is_lightning_login_user: false,
  status: { created_date: null, body: null },
  ...accountOf(org, user),
  last_modified_date: user.LastModifiedDate,
  is_app_installed: true,
});

const photos = (org: PracticeOrg): { picture: string; thumbnail: string } => ({
  picture: `${org.instanceUrl}/profilephoto/005/F`,
  thumbnail: `${org.instanceUrl}/profilephoto/005/T`,
});

const urls = (org: PracticeOrg, user: SObjectRecord): Record<string, string> => {
  const soap = `${org.instanceUrl}/services/Soap`;
  const data = `${org.instanceUrl}/services/data/v{version}`;
  const orgOfSoap = org.orgId.slice(0, 15);
  return {
    enterprise: `${soap}/c/{version}/${orgOfSoap}`,
    metadata: `${soap}/m/{version}/${orgOfSoap}`,
    partner: `${soap}/u/{version}/${orgOfSoap}`,
    rest: `${data}/`,
    sobjects: `${data}/sobjects/`,
    search: `${data}/search/`,
    query: `${data}/query/`,
    recent: `${data}/recent/`,
    tooling_soap: `${soap}/T/{version}/${orgOfSoap}`,
    tooling_rest: `${data}/tooling/`,
    profile: `${org.instanceUrl}/${user.Id}`,
    custom_domain: org.instanceUrl,
  };
};
