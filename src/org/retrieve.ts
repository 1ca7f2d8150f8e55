import type { Connection as OrgConnection } from '@salesforce/core';
import { plainText } from '../app/plainText.ts';
import { Messages } from '../salesforce.ts';
import { parts, type Component, type Part } from './components.ts';
import { doing } from './doing.ts';
import { parseMetadata } from './metadataXml.ts';
import { asking } from './orgSaidNo.ts';
import { poll } from './polling.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'org');

const minutes = 10;

/** Components as they were retrieved, by part of the app. */
export type Retrieved = Record<Part, Component[]>;

/**
 * Reads components as whole metadata files, in one retrieve however many they are.
 *
 * Needs the SOAP Metadata API: Salesforce has no REST resource for a retrieve (Metadata API Developer Guide, "REST API calls":
 * deploy only).
 *
 * @param names full names by part; `*` for all of a part. Names that the org does not have are left out of the answer.
 * @throws error.retrieveFailed, error.retrieveTimedOut, error.jwtLogin, or what orgSaidNo names
 */
export const retrieve = async (
  connection: OrgConnection,
  names: Partial<Record<Part, string[]>>,
): Promise<Retrieved> => {
  const types = Object.entries(names)
    .filter(([, members]) => members.length > 0)
    .map(([part, members]) => ({ name: parts[part as Part].type, members }));
  const { zip, lastModified } = await retrieveZip(connection, types, doing('readingApps'));
  return fromZip(zip, lastModified);
};

/**
 * One retrieve: the files of components, and when each was last changed.
 *
 * @param types metadata types by name, each with full names
 * @throws as retrieve does
 */
export const retrieveZip = async (
  connection: OrgConnection,
  types: Array<{ name: string; members: string[] }>,
  doing: string,
): Promise<{ zip: Uint8Array; lastModified: Map<string, Date> }> => {
  const version = connection.getApiVersion();
  const request = { apiVersion: version, singlePackage: true, unpackaged: { types, version } };
  // jsforce's locator is a thenable that polls at its own pace; its promise of the job's id is all that is wanted here.
  const { id } = await asking(
    connection,
    doing,
    async () => connection.metadata.retrieve(request as never) as PromiseLike<{ id: string }>,
  );
  const result = await poll(async () => {
    const status = await asking(connection, doing, () => connection.metadata.checkRetrieveStatus(id));
    return status.done ? status : undefined;
  }, minutes * 60_000);
  if (!result) throw messages.createError('error.retrieveTimedOut', [String(minutes)]);
  if (!result.success || typeof result.zipFile !== 'string') {
    throw messages.createError('error.retrieveFailed', [
      plainText(String(result.errorMessage ?? result.errorStatusCode ?? result.status)),
    ]);
  }
  const lastModified = new Map(
    result.fileProperties.map(({ fileName, lastModifiedDate }) => [fileName, new Date(lastModifiedDate)]),
  );
  return { zip: Buffer.from(result.zipFile, 'base64'), lastModified };
};

const fromZip = async (zip: Uint8Array, lastModified: Map<string, Date>): Promise<Retrieved> => {
  // Loaded here, so that help does without.
  const { strFromU8, unzipSync } = await import('fflate');
  const retrieved: Retrieved = {
    application: [],
    oauthSettings: [],
    globalOauthSettings: [],
    oauthPolicies: [],
    policies: [],
  };
  for (const [path, content] of Object.entries(unzipSync(zip))) {
    for (const [part, { folder, suffix }] of Object.entries(parts)) {
      const match = new RegExp(`(?:^|/)${folder}/([^/]+)\\.${suffix}$`).exec(path);
      if (match?.[1]) {
        retrieved[part as Part].push({
          fullName: decodeURIComponent(match[1]),
          elements: parseMetadata(strFromU8(content)).elements,
          lastModified: lastModified.get(path),
        });
      }
    }
  }
  return retrieved;
};
