import type { App, Saml, Wish } from './app.ts';
import { checkAttributes } from './attributes.ts';
import { checkCallbackUrls, wantsAllowlist } from './callbackUrl.ts';
import { CERTIFICATE_FIELD, NO_CERTIFICATE } from './certificate.ts';
import { changesOf, fieldOf, leaves } from './changes.ts';
import { checkContactEmail } from './contactEmail.ts';
import { type FieldPath, type FieldRow, fieldRow } from './fields.ts';
import { FLOW_NAMES, FLOWS } from './flows.ts';
import { checkIpRanges, checkRefreshTokenRanges } from './ipRange.ts';
import { checkName } from './name.ts';
import { checkOneOf, checkPolicies, checkWholeNumber, INT_MAX, takesValidity } from './policies.ts';
import { type Problem, quotable } from './problem.ts';
import { checkSaml, checkWholeSaml } from './saml.ts';
import { parseScope } from './scopes.ts';
import { checkUrl } from './url.ts';

/**
 * All problems with a wish, each with its field; fields that the wish leaves out are not checked. Flows and scopes must
 * already be in the app's own words (`parseFlow`, `parseScope`). If the existing app is given, its current values pass,
 * even unusual values. So an app that an org returned can be written back.
 */
export const checkWish = (wish: Wish, before?: App): Problem[] => {
  const problems: Problem[] = [
    ...checkTexts(wish),
    ...checkBasics(wish),
    ...checkOauth(wish),
    ...checkAllowlistUse(wish, before),
    ...checkScopes(wish, before),
    ...checkAccess(wish),
    ...(wish.saml ? [...checkSaml(wish.saml), ...checkSamlNames(wish.saml)] : []),
  ];
  if (before === undefined) return problems;
  const changed = new Set(changesOf(before, wish).map(({ field }) => field));
  return problems.filter(({ field }) => field === undefined || changed.has(field));
};

/** Further needs of a new app: a valid API name and a contact e-mail. Without them an org refuses the app. */
export const checkNewApp = (wish: Wish): Problem[] => {
  const name = checkName(wish.name);
  const problems: Problem[] = name === undefined ? [] : [name];
  if (wish.contactEmail === undefined)
    problems.push({ code: 'error.contactEmailMissing', values: [wish.name], field: 'contactEmail' });
  return [...problems, ...checkWish(wish)];
};

/** The missing parts that keep a complete app, as it is after a write, from working: see the flows' needs. */
export const checkWholeApp = (app: App): Problem[] => {
  const { name, oauth, policies = {}, saml } = app;
  const problems: Problem[] = [];
  if (oauth !== undefined && (oauth.callbackUrls ?? []).length === 0)
    problems.push({ code: 'error.callbackUrlMissing', values: [name], field: 'oauth.callbackUrls' });
  const needs = new Set((oauth?.flows ?? []).flatMap((flow) => FLOWS[flow]?.needs ?? []));
  if (needs.has('run-as-user') && !oauth?.runAs)
    problems.push({ code: 'error.runAsMissing', values: [name], field: 'oauth.runAs' });
  if (takesValidity(policies.refreshToken) && policies.refreshTokenValidity === undefined) {
    problems.push({
      code: 'error.refreshTokenValidityMissing',
      values: [name, policies.refreshToken!],
      field: 'policies.refreshTokenValidity',
    });
  }
  return [...problems, ...(saml ? checkWholeSaml(name, saml) : [])];
};

const CONTROL = /\p{Cc}/u;
/** Characters that XML 1.0 cannot contain: most control characters, and halves of surrogate pairs. */
const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u;
const checkTexts = (wish: Wish): Problem[] =>
  leaves(wish)
    .filter(([field, value]) => textsIn(value).some((text) => isUnwritable(text, fieldRow(field)?.freeText)))
    .map(([field]): Problem => ({ code: 'error.valueControlCharacters', values: [field], field }));

const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};

/** Texts with a check of their own are left to this check. */
const isUnwritable = (text: string, freeText: FieldRow['freeText']): boolean => {
  if (freeText === undefined) return false;
  return NOT_IN_XML.test(text) || (freeText === 'line' && CONTROL.test(text));
};

/** Where users can start an app. */
export const START_PAGES = ['none', 'custom', 'oauth', 'saml'] as const;

/** The fields of a client's certificate that mutual TLS can compare. */
export const CERTIFICATE_FIELDS = ['subject-dn', 'san-dns', 'san-uri', 'san-ip', 'san-email', 'san-spiffe'] as const;

/** The fields that are web addresses. Their checks come with those of the basics, wherever they stand. */
const WEB_ADDRESSES: FieldPath[] = [
  'infoUrl',
  'logoUrl',
  'iconUrl',
  'startUrl',
  'oauth.singleLogoutUrl',
  'policies.singleLogoutUrl',
  'policies.startUrl',
];

const checkBasics = (wish: Wish): Problem[] => {
  const { label, contactEmail, distributionState, startPage, startUrl } = wish;
  const problems: (Problem | undefined)[] = [
    label !== undefined && label.trim() === ''
      ? { code: 'error.valueEmpty', values: ['label'], field: 'label' }
      : undefined,
    contactEmail === undefined ? undefined : checkContactEmail(contactEmail),
    ...WEB_ADDRESSES.map((field) => {
      const url = fieldOf(wish, field);
      // An empty value removes the field.
      return typeof url !== 'string' || url === '' ? undefined : checkUrl(url, field);
    }),
    // Managed and auto-installed are Salesforce's own values (Metadata API guide).
    checkOneOf(distributionState, ['local', 'packaged'], 'distributionState'),
    checkOneOf(startPage, START_PAGES, 'startPage'),
    startUrl !== undefined && startUrl !== '' && startPage !== undefined && startPage !== 'custom'
      ? { code: 'error.startUrlUnused', values: [quotable(startUrl), startPage], field: 'startUrl' }
      : undefined,
  ];
  return problems.filter((problem) => problem !== undefined);
};

const checkOauth = ({ oauth }: Wish): Problem[] => {
  if (oauth === undefined) return [];
  const { callbackUrls, flows = [], certificateFile, idToken, trustedIpRanges, refreshTokenIpRanges } = oauth;
  const problems: (Problem | undefined)[] = [
    ...(callbackUrls === undefined ? [] : checkCallbackUrls(callbackUrls)),
    callbackUrls?.length === 0
      ? { code: 'error.callbackUrlsEmpty', values: [], field: 'oauth.callbackUrls' }
      : undefined,
    ...flows.map((flow) => checkOneOf(flow, FLOW_NAMES, 'oauth.flows')),
    flows.includes('jwt-bearer') && certificateFile === NO_CERTIFICATE
      ? { code: 'error.certificateOrFlow', values: [FLOWS['jwt-bearer'].label], field: CERTIFICATE_FIELD }
      : undefined,
    // Metadata API guide: 1 to 720.
    checkWholeNumber(idToken?.validityMinutes, 1, 720, 'oauth.idToken.validityMinutes'),
    ...(trustedIpRanges === undefined ? [] : checkIpRanges(trustedIpRanges)),
    ...(refreshTokenIpRanges === undefined ? [] : checkRefreshTokenRanges(refreshTokenIpRanges)),
    ...checkAttributes(oauth.customAttributes ?? [], 'oauth.customAttributes'),
    // No document says the most seconds; the validity has to end within 3 minutes of the assertion's (Metadata API guide).
    checkWholeNumber(oauth.assetToken?.validitySeconds, 1, INT_MAX, 'oauth.assetToken.validitySeconds'),
    checkOneOf(oauth.mutualTls?.certificateField, CERTIFICATE_FIELDS, 'oauth.mutualTls.certificateField'),
  ];
  return problems.filter((problem) => problem !== undefined);
};

/** Salesforce has no list of addresses for refresh tokens that stay on a user's own device. */
const checkAllowlistUse = ({ oauth }: Wish, before?: App): Problem[] => {
  const callbackUrls = oauth?.callbackUrls ?? before?.oauth?.callbackUrls ?? [];
  if (!oauth?.refreshTokenIpRanges?.length || callbackUrls.length === 0 || callbackUrls.some(wantsAllowlist)) return [];
  const values: [string] = [quotable(callbackUrls.join(', '))];
  return [{ code: 'error.refreshIpRangesUnused', values, field: 'oauth.refreshTokenIpRanges' }];
};

const checkScopes = ({ scopes = [], customScopes = [] }: Wish, before?: App): Problem[] => {
  const unknown = scopes.flatMap((scope): Problem[] => {
    const known = parseScope(scope, before?.scopes);
    if (typeof known !== 'string') return [known];
    return known === scope ? [] : [{ code: 'error.scopeUnknown', values: [quotable(scope), known], field: 'scopes' }];
  });
  return [...unknown, ...checkNames(customScopes, 'customScopes')];
};

const checkAccess = ({ policies }: Wish): Problem[] => {
  if (policies === undefined) return [];
  return [
    ...checkPolicies(policies),
    ...checkAttributes(policies.customAttributes ?? [], 'policies.customAttributes'),
    ...checkNames(policies.permissionSets, 'policies.permissionSets'),
    ...checkNames(policies.profiles, 'policies.profiles'),
  ];
};

const checkSamlNames = ({ permissionSets, profiles }: Saml): Problem[] => [
  ...checkNames(permissionSets, 'saml.permissionSets'),
  ...checkNames(profiles, 'saml.profiles'),
];

/** Salesforce keeps such a list as one text, separated by commas: a comma would split a name in two. */
const checkNames = (names: readonly string[] = [], field: string): Problem[] =>
  names
    .filter((name) => name.includes(',') || name.trim() === '')
    .map((name): Problem => ({ code: 'error.nameInList', values: [field, quotable(name)], field }));
