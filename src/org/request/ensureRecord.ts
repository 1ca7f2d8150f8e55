import type { Connection } from '@salesforce/core';
import { resend } from './resend.ts';
import { apiCodeOf, askOrg, orgError } from './orgError.ts';
import { query } from './query.ts';
import { soql } from './soql.ts';

/** Codes by which an org says that something is there already, perhaps since a moment ago. */
const alreadyThere = new Set(['DUPLICATE_VALUE', 'DUPLICATE_DEVELOPER_NAME']);

/**
 * Makes a record that others may make at the same time, or that was made already when the answer was lost.
 *
 * @param operation what is being done, for messages
 * @returns the Id of a record that was made now; else what the org said of the one that is there: somebody else may have made
 *   that one
 * @throws what orgSaidNo names
 */
export const ensureRecord = (
  connection: Connection,
  operation: string,
  sObject: string,
  fields: Record<string, string>,
): Promise<{ id: string } | { duplicate: Error }> =>
  resend(() =>
    askOrg(connection, operation, async () => {
      try {
        const { id } = await connection.sobject(sObject).create(fields);
        if (!id) throw new Error(`The org made a ${sObject} without an Id.`);
        return { id };
      } catch (error) {
        if (!(error instanceof Error) || !alreadyThere.has(apiCodeOf(error))) throw error;
        return { duplicate: error };
      }
    }),
  );

/**
 * Makes a record that only links two others. Where the org says that such a record is there, it is looked up: an org says the
 * same of another record that is in the way.
 *
 * @throws what orgSaidNo names
 */
export const ensureLink = async (
  connection: Connection,
  operation: string,
  sObject: string,
  fields: Record<string, string>,
): Promise<void> => {
  const made = await ensureRecord(connection, operation, sObject, fields);
  if ('id' in made) return;
  const same = Object.entries(fields).map(([field, value]) => field + soql` = ${value}`);
  const found = await query(connection, operation, `SELECT Id FROM ${sObject} WHERE ${same.join(' AND ')}`);
  if (found.length === 0) throw orgError(made.duplicate, operation);
};
