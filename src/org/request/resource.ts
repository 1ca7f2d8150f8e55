import type { Connection } from '@salesforce/core';

/**
 * The path of a resource, at the login's own version unless this version is older than the resource.
 *
 * @param since the API version that first had the resource
 * @param path below the version, such as `named-credentials/credential`
 */
export const resourcePath = (connection: Connection, since: number, path: string): string => {
  const version = connection.getApiVersion();
  return `/services/data/v${Number(version) >= since ? version : `${since}.0`}/${path}`;
};

/** A request to a resource, which takes JSON. */
export type ResourceRequest = { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path: string; body?: object };

/** Sends one request. Throws what the connection throws: askOrg names it. */
export const askResource = <T>(connection: Connection, { method, path, body }: ResourceRequest): PromiseLike<T> =>
  connection.request<T>({
    method,
    url: path,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
