import type { Connection as OrgConnection } from '@salesforce/core';

import { ofNature } from '../../app/errorNature.ts';
import { texts } from '../../texts.ts';
import { operation } from '../request/operation.ts';
import { askOrg } from '../request/orgError.ts';
import { poll } from '../request/polling.ts';
import { type Component, type Part, partNames, PARTS, rowOf } from './components.ts';
import { parseMetadata } from './metadataXml.ts';

const messages = texts('org');

const MINUTES = 10;

/** Components as they were retrieved, by part of the app. */
export type Retrieved = Record<Part, Component[]>;

/**
 * Reads components as whole metadata files, in one retrieve however many they are.
 *
 * Needs the SOAP Metadata API: Salesforce has no REST resource for a retrieve (Metadata API Developer Guide, "REST API calls":
 * deploy only).
 *
 * @param names full names by part; `*` for all of a part. Names that the org does not have are left out of the answer.
 *   Parts that came after the API version are not asked for.
 * @throws error.retrieveFailed, error.retrieveTimedOut, error.metadataUnreadable, error.jwtLogin, or what orgSaidNo names
 */
export const retrieve = async (
  connection: OrgConnection,
  names: Partial<Record<Part, string[]>>,
): Promise<Retrieved> => {
  const version = Number(connection.getApiVersion());
  const types = Object.entries(names)
    .filter(([part, members]) => members.length > 0 && (rowOf(part as Part).since ?? 0) <= version)
    .map(([part, members]) => ({ name: PARTS[part as Part].type, members }));
  const { zip, lastModified } = await retrieveZip(connection, types, operation('readingApps'));
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
  // jsforce's locator is a thenable that polls at its own pace. Only its promise of the job's id is wanted here.
  const { id } = await askOrg(
    connection,
    doing,
    async () => connection.metadata.retrieve(request as never) as PromiseLike<{ id: string }>,
  );
  const result = await poll(async () => {
    const status = await askOrg(connection, doing, () => connection.metadata.checkRetrieveStatus(id));
    return status.done ? status : undefined;
  }, MINUTES * 60_000);
  if (!result) throw messages.createError('error.retrieveTimedOut', [String(MINUTES)]);
  if (!result.success || typeof result.zipFile !== 'string') {
    const reason = String(result.errorMessage ?? result.errorStatusCode ?? result.status);
    throw ofNature({ failedJob: true }, messages.createError('error.retrieveFailed', [reason]));
  }
  const lastModified = new Map(
    result.fileProperties.map(({ fileName, lastModifiedDate }) => [fileName, new Date(lastModifiedDate)]),
  );
  return { zip: Buffer.from(result.zipFile, 'base64'), lastModified };
};

const fromZip = async (zip: Uint8Array, lastModified: Map<string, Date>): Promise<Retrieved> => {
  const retrieved = Object.fromEntries(partNames.map((part): [Part, Component[]] => [part, []])) as Retrieved;
  for (const [path, content] of Object.entries(await unzip(zip))) {
    for (const [part, { folder, suffix }] of Object.entries(PARTS)) {
      const match = new RegExp(`(?:^|/)${folder}/([^/]+)\\.${suffix}$`).exec(path);
      const name = match?.[1];
      if (name) {
        retrieved[part as Part].push({
          fullName: readable(path, () => decodeURIComponent(name)),
          elements: readable(path, () => parseMetadata(content).elements),
          lastModified: lastModified.get(path),
        });
      }
    }
  }
  return retrieved;
};

/** A thousand apps have five thousand entries, with a few thousand bytes each. */
const ENTRIES_MAX = 50_000;
const ENTRY_BYTES_MAX = 1_000_000;
const BYTES_MAX = 50_000_000;

/** Milliseconds. Entries that unpack to more than they say are cut, but take their time. */
const LONGEST_UNPACKING = 20_000;

/**
 * The texts of a zip by their paths. What it is to become is looked at before it is unpacked.
 *
 * @throws error.metadataUnreadable, also for more entries or bytes than a thousand apps can have
 */
export const unzip = async (zip: Uint8Array): Promise<Record<string, string>> => {
  // Loaded here, so that help does without.
  const { strFromU8, unzipSync } = await import('fflate');
  let bytes = 0;
  let entries = 0;
  const end = Date.now() + LONGEST_UNPACKING;
  const files = readable('zip', () =>
    unzipSync(zip, {
      // An entry is unpacked into as many bytes as the list of entries promises, and no more.
      filter: ({ size, originalSize }) => {
        entries++;
        bytes += originalSize;
        const isTooLarge = entries > ENTRIES_MAX || originalSize > ENTRY_BYTES_MAX || bytes > BYTES_MAX;
        // Packing adds a few bytes at most to what cannot be packed.
        if (isTooLarge || size > originalSize + 1000 || Date.now() > end)
          throw new Error(messages.getMessage('zip.tooLarge', [String(ENTRIES_MAX), String(BYTES_MAX / 1_000_000)]));
        return true;
      },
    }),
  );
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [path, strFromU8(content)]));
};

/**
 * Names what is wrong with what the org sent.
 *
 * @throws error.metadataUnreadable
 */
const readable = <T>(path: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw messages.createError('error.metadataUnreadable', [path, reason]);
  }
};
