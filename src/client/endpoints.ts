import * as oauth from 'oauth4webapi';

import { isLoopback, isOwnHost } from '../app/host.ts';
import { say, type Text } from '../app/text.ts';
import { NoAnswerError } from '../net/noAnswer.ts';
import type { HttpClient } from './httpClient.ts';
import { overHttp } from './salesforceOauth.ts';

/** Where an org takes OAuth requests. */
export type Endpoints = {
  server: oauth.AuthorizationServer;
  /** Why the org's own description could not be used, and Salesforce's documented paths are taken instead. */
  undescribed?: Text | string;
  /** The host that the org calls its own, when it is another one than was asked. Nothing is sent there. */
  myDomainUrl?: string;
};

/** The paths of Salesforce's guide ("OAuth Endpoints"), for an org that does not describe itself. */
export const documentedEndpoints = (myDomainUrl: string): oauth.AuthorizationServer => {
  const at = (path: string): string => new URL(path, myDomainUrl).href;
  return {
    issuer: new URL(myDomainUrl).origin,
    authorization_endpoint: at('/services/oauth2/authorize'),
    token_endpoint: at('/services/oauth2/token'),
    revocation_endpoint: at('/services/oauth2/revoke'),
    introspection_endpoint: at('/services/oauth2/introspect'),
    userinfo_endpoint: at('/services/oauth2/userinfo'),
  };
};

/**
 * Asks an org for its endpoints, at /.well-known/openid-configuration.
 *
 * Endpoints on another host than the one that was asked are not used. A consumer secret goes to the org's own host only.
 *
 * @throws NoAnswerError when the host does not answer at all
 */
export const findEndpoints = async (http: HttpClient, myDomainUrl: string): Promise<Endpoints> => {
  const documented = documentedEndpoints(myDomainUrl);
  const issuer = new URL(documented.issuer);
  try {
    const response = await oauth.discoveryRequest(issuer, overHttp(http, issuer));
    const itself = await issuerOf(response.clone());
    if (itself !== undefined && itself !== issuer.origin) {
      const undescribed = say('detail.endpoints.ofAnother', itself);
      return { server: documented, undescribed, ...(isMyDomain(itself, issuer) && { myDomainUrl: itself }) };
    }
    const described = await oauth.processDiscoveryResponse(issuer, response);
    const elsewhere = Object.keys(documented).find((key) => !isOnHost(described[key], issuer));
    return elsewhere
      ? { server: documented, undescribed: say('detail.endpoints.elsewhere', elsewhere) }
      : { server: { ...documented, ...described } };
  } catch (error) {
    if (error instanceof NoAnswerError) throw error;
    return { server: documented, undescribed: error instanceof Error ? error.message : String(error) };
  }
};

/** Whom a description says that it describes; undefined for what is none. */
const issuerOf = async (response: Response): Promise<string | undefined> => {
  const { issuer } = ((await response.json().catch(() => undefined)) ?? {}) as { issuer?: unknown };
  return typeof issuer === 'string' && /^https?:/.test(issuer) && URL.canParse(issuer)
    ? new URL(issuer).origin
    : undefined;
};

/** Is it surely an org's own host? People are sent there to log in. A practice org's is on the same machine. */
const isMyDomain = (url: string, asked: URL): boolean =>
  /\.my\.(salesforce|sfcrmproducts)\.(com|mil|cn)$/.test(new URL(url).hostname) ||
  (isLoopback(url) && isLoopback(asked));

const isOnHost = (url: unknown, issuer: URL): boolean =>
  typeof url === 'string' && URL.canParse(url) && isOwnHost(url, issuer);

/** Hosts that are no My Domain: the general login hosts, the old instances, Lightning's and Setup's own. */
const GENERAL = [
  /^(login|test|www)\.salesforce\.com$/,
  /^[a-z]+\d+\.salesforce\.com$/,
  /\.lightning\.force\.com$/,
  /\.my\.salesforce-setup\.com$/,
];

/** Is it one of Salesforce's general login hosts, which give every org's tokens but those of client credentials? */
export const isLoginHost = (host: string): boolean => /^(login|test)\.salesforce\.com$/.test(host);

/**
 * May a token that was got at one host be used at another one? Only the general login hosts give tokens for other hosts than
 * their own: for every org's My Domain.
 *
 * @param url as the token's answer names the org
 */
export const isOrgsHost = (url: string, askedUrl: string): boolean => {
  if (!URL.canParse(url)) return false;
  const asked = new URL(askedUrl);
  if (isOwnHost(url, asked)) return true;
  return isLoginHost(asked.hostname) && new URL(url).protocol === 'https:' && isMyDomain(url, asked);
};

/** Can this be an org's My Domain, the only host that gives client-credentials tokens? */
export const looksLikeMyDomain = (url: string): boolean =>
  isLoopback(url) || !GENERAL.some((pattern) => pattern.test(new URL(url).hostname));
