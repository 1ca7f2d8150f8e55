import { type Context, Hono, type MiddlewareHandler } from 'hono';

import { type PracticeEnv, restError } from './gate.ts';
import type { PracticeOrg } from './org.ts';
import { needsOne, notFound, since } from './resource.ts';

/** A value of a principal. An encrypted value never leaves the org. */
type CredentialValue = { value: string; encrypted: boolean };

type Principal = {
  id: string;
  principalName: string;
  principalType: string;
  sequenceNumber: number;
  credentials: Record<string, CredentialValue>;
};

type NewPrincipal = Pick<Principal, 'principalName' | 'principalType'>;

type ExternalCredential = {
  id: string;
  developerName: string;
  masterLabel: string;
  authenticationProtocol: string;
  authenticationProtocolVariant?: string;
  parameters: unknown[];
  principals: Principal[];
};

const credentialsByOrg = new WeakMap<PracticeOrg, Map<string, ExternalCredential>>();

/** Puts an external credential into the org, as a request makes it. Its principals have no values yet. */
export const addExternalCredential = (
  org: PracticeOrg,
  { principals, ...fields }: Omit<ExternalCredential, 'id' | 'principals'> & { principals: NewPrincipal[] },
): ExternalCredential => {
  const made = {
    ...fields,
    id: org.newId('ExternalCredential'),
    principals: principals.map(({ principalName, principalType }, index) => ({
      id: org.newId('ExternalCredentialParameter'),
      principalName,
      principalType,
      sequenceNumber: index + 1,
      credentials: {},
    })),
  };
  externalCredentials(org).set(made.developerName, made);
  return made;
};

const externalCredentials = (org: PracticeOrg): Map<string, ExternalCredential> => {
  const found = credentialsByOrg.get(org) ?? new Map<string, ExternalCredential>();
  credentialsByOrg.set(org, found);
  return found;
};

/**
 * The Connect REST API resources under /named-credentials: external credentials, and the values of their principals. Resources,
 * parameters, answers and permissions are those of the Connect REST API guide. What the guide does not say is in
 * docs/practice-org.md.
 */
export const namedCredentialRoutes = (org: PracticeOrg): Hono<PracticeEnv> => {
  const routes = new Hono<PracticeEnv>();
  const base = '/services/data/:version/named-credentials';
  const all = `${base}/external-credentials`;
  const one = `${base}/credential`;

  routes.use(`${base}/*`, since(56));
  routes.use(`${base}/*`, manages(org));

  routes.get(all, (c) =>
    c.json({ externalCredentials: [...externalCredentials(org).values()].map((found) => answerOf(c, found)) }),
  );

  routes.post(all, since(58), async (c) => {
    const body = await bodyOf(c);
    const { developerName, masterLabel, authenticationProtocol, authenticationProtocolVariant } = body;
    const principals = listOf(body.principals);
    if (!isText(developerName) || !isText(masterLabel) || !isText(authenticationProtocol))
      return refused(c, 'developerName, masterLabel and authenticationProtocol are required.');
    if (externalCredentials(org).has(developerName))
      return restError(c, 400, {
        errorCode: 'DUPLICATE_DEVELOPER_NAME',
        message: `${developerName} is there already.`,
      });
    const made = addExternalCredential(org, {
      developerName,
      masterLabel,
      authenticationProtocol,
      ...(isText(authenticationProtocolVariant) && { authenticationProtocolVariant }),
      parameters: listOf(body.parameters),
      principals: principals.map(({ principalName, principalType }) => ({
        principalName: String(principalName),
        principalType: String(principalType),
      })),
    });
    return c.json(answerOf(c, made), 201);
  });

  routes.get(`${all}/:developerName`, (c) => {
    const found = externalCredentials(org).get(c.req.param('developerName'));
    return found ? c.json(answerOf(c, found)) : notFound(c);
  });

  routes.get(one, (c) => {
    const found = principalIn(org, c.req.query());
    return found ? c.json(credentialAnswer(found.credential, found.principal)) : notFound(c);
  });

  routes.post(one, (c) => write(org, c, (names) => names.length === 0));
  routes.put(one, (c) => write(org, c, (names) => names.length > 0));
  return routes;
};

/** "Manage Named Credentials or Customize Application" (Salesforce Help, "Create or Edit an External Credential"). */
const manages = (org: PracticeOrg): MiddlewareHandler<PracticeEnv> =>
  needsOne(org, 'ManageNamedCredentials', 'CustomizeApplication');

type Json = Record<string, unknown>;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

const bodyOf = async (c: Context): Promise<Json> => {
  const body: unknown = await c.req.json().catch(() => undefined);
  return isObject(body) ? body : {};
};

const refused = (c: Context, message: string): Response => restError(c, 400, { errorCode: 'INVALID_INPUT', message });

const principalIn = (
  org: PracticeOrg,
  { externalCredential, principalName, principalType }: Json,
): { credential: ExternalCredential; principal: Principal } | undefined => {
  const credential = externalCredentials(org).get(String(externalCredential));
  const principal = credential?.principals.find(
    (one) => one.principalName === principalName && one.principalType === principalType,
  );
  return credential && principal && { credential, principal };
};

/** The values that an OAuth credential with a client secret takes, and which of them are encrypted. */
const OAUTH_VALUES: Record<string, boolean> = { clientId: false, clientSecret: true };

/** Writes all values of a principal. Those that the body does not name are deleted (Connect REST API guide, "Credential Input"). */
const write = async (org: PracticeOrg, c: Context, fits: (there: string[]) => boolean): Promise<Response> => {
  const body = await bodyOf(c);
  const found = principalIn(org, body);
  if (!found) return notFound(c);
  const { credential, principal } = found;
  for (const key of ['authenticationProtocol', 'authenticationProtocolVariant'] as const)
    if (body[key] !== credential[key] && (body[key] !== undefined || key === 'authenticationProtocol'))
      return refused(c, `The external credential ${credential.developerName} has another ${key}.`);
  if (!isObject(body.credentials)) return refused(c, 'credentials are required.');
  const values = Object.entries(body.credentials);
  const wrong = values.find(([name, value]) => !isCredentialValue(value) || !isAllowed(credential, name, value));
  if (wrong) return refused(c, `The credential ${wrong[0]} is not valid for ${credential.authenticationProtocol}.`);
  if (!fits(Object.keys(principal.credentials)))
    return c.req.method === 'PUT'
      ? notFound(c)
      : refused(c, `The principal ${principal.principalName} has credentials already.`);
  principal.credentials = Object.fromEntries(values) as Record<string, CredentialValue>;
  return c.json(credentialAnswer(credential, principal), c.req.method === 'PUT' ? 200 : 201);
};

const isCredentialValue = (value: unknown): value is CredentialValue =>
  isObject(value) && isText(value.value) && typeof value.encrypted === 'boolean';

const isAllowed = ({ authenticationProtocol }: ExternalCredential, name: string, { encrypted }: CredentialValue) =>
  authenticationProtocol !== 'OAuth' || OAUTH_VALUES[name] === encrypted;

const statusOf = ({ authenticationProtocol }: ExternalCredential, { credentials }: Principal): string => {
  if (authenticationProtocol === 'Custom') return 'Unknown';
  return Object.keys(OAUTH_VALUES).every((name) => name in credentials) ? 'Configured' : 'NotConfigured';
};

const credentialAnswer = (credential: ExternalCredential, principal: Principal): Json => ({
  externalCredential: credential.developerName,
  authenticationProtocol: credential.authenticationProtocol,
  authenticationProtocolVariant: credential.authenticationProtocolVariant ?? null,
  authenticationStatus: statusOf(credential, principal),
  principalName: principal.principalName,
  principalType: principal.principalType,
  credentials: Object.fromEntries(
    Object.entries(principal.credentials).map(([name, { value, encrypted }]) => [
      name,
      { encrypted, value: encrypted ? null : value },
    ]),
  ),
});

const answerOf = (c: Context, credential: ExternalCredential): Json => ({
  id: credential.id,
  developerName: credential.developerName,
  masterLabel: credential.masterLabel,
  authenticationProtocol: credential.authenticationProtocol,
  authenticationProtocolVariant: credential.authenticationProtocolVariant ?? null,
  authenticationStatus: credential.principals.some((one) => statusOf(credential, one) === 'Configured')
    ? 'Configured'
    : 'NotConfigured',
  parameters: credential.parameters,
  principals: credential.principals.map((one) => ({
    id: one.id,
    principalName: one.principalName,
    principalType: one.principalType,
    sequenceNumber: one.sequenceNumber,
    authenticationStatus: statusOf(credential, one),
    parameters: [],
    principalAccess: [],
  })),
  customHeaders: [],
  relatedNamedCredentials: [],
  url: `/services/data/${c.req.param('version')}/named-credentials/external-credentials/${credential.developerName}`,
});
