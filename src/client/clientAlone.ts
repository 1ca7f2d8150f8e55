import type { Flow } from '../app/app.ts';
import type { AppFacts, OrgKind } from '../app/checks.ts';
import { isLoopback } from '../app/host.ts';
import { isProblem, type Problem } from '../app/problem.ts';
import { say } from '../app/text.ts';
import { type ClientFile, readClientFile } from './credentialsFile.ts';

/** A client that can be tried with what is in its credentials file alone. */
export type Client = ClientFile & { consumerKey: string; origin: string };

/**
 * Reads what a client says of itself in its file, enough to try the client without an org.
 *
 * @param path of the file, as it was given; `-` for standard input
 * @param signs does the client sign JWTs? Then it needs no secret
 * @returns a problem, which never quotes a key or a secret. The file may be unreadable, or lack something. A secret may not go
 *   over http
 */
export const readClient = async (path: string, signs: boolean): Promise<Client | Problem> => {
  const file = await readClientFile(path);
  if (isProblem(file)) return file;
  const { consumerKey, consumerSecret, origin } = file;
  if (consumerSecret === undefined && !signs) return { code: 'error.credentialsFileEmpty', values: [path] };
  if (consumerKey === undefined) return { code: 'error.credentialsFileNoKey', values: [path] };
  if (origin === undefined) return { code: 'error.credentialsFileNoHost', values: [path] };
  // Where the file sends them a key and a secret go, but only over a line that nobody listens on.
  if (!origin.startsWith('https:') && !isLoopback(origin))
    return { code: 'error.credentialsFileHttp', values: [path, new URL(origin).host] };
  return { ...file, consumerKey, origin };
};

/**
 * The flows to try when none is named: those of which the file has what they begin with. A secret beside a key that signs JWTs
 * does not mean the client-credentials flow, unless the file names that flow.
 */
export const flowsOfClient = ({ app, consumerSecret, client }: ClientFile, signs: boolean): Flow[] => {
  const named = app.flows?.includes('client-credentials') ?? !signs;
  const flows: Flow[] = [
    ...(consumerSecret !== undefined && named ? (['client-credentials'] as const) : []),
    ...(signs ? (['jwt-bearer'] as const) : []),
    ...(client.callbackUrl === undefined ? [] : (['web-server'] as const)),
  ];
  return flows.length > 0 ? flows : (app.flows ?? ['client-credentials']);
};

/** Every org has this version, and those that come after it. */
const ANY_ORGS_VERSION = '60.0';

/** What is known of an app before its client is tried without an org. */
export const situationOfClient = (
  { app, client, consumerKey, consumerSecret, origin }: Client,
  path: string,
  apiVersion = ANY_ORGS_VERSION,
): AppFacts => ({
  app: {
    name: app.name ?? '',
    oauth: {
      ...(app.flows && { flows: app.flows }),
      ...(client.callbackUrl !== undefined && { callbackUrls: [client.callbackUrl] }),
    },
    ...(app.scopes && { scopes: app.scopes }),
  },
  fileOnly: path,
  setupUrl: '',
  orgKind: kindOf(origin),
  myDomainUrl: origin,
  apiVersion,
  oauthPluginOn: true,
  clientCredentials: { global: true, policy: true },
  tokenExchange: { global: true, policy: true },
  allowedPermissionSets: [],
  consumerKey,
  secret:
    consumerSecret === undefined
      ? { from: 'nowhere', detail: say('detail.noSecretInFile'), fix: say('client.noSecretInFile', path) }
      : { from: 'file', secret: consumerSecret },
  client,
});

/** By its host, which is all that a client knows of an org. It says which audience of JWTs is tried first. */
const kindOf = (origin: string): OrgKind => {
  if (isLoopback(origin)) return 'practice';
  const { hostname } = new URL(origin);
  return hostname === 'test.salesforce.com' || /--|\.(sandbox|scratch|develop)\./.test(hostname)
    ? 'sandbox'
    : 'production';
};
