import type { Connection } from '@salesforce/core';

import { apiCodeOf, askOrg, orgError } from './orgError.ts';
import { query } from './query.ts';
import { resend } from './resend.ts';
import { soql } from './soql.ts';

/** Codes by which an org says that something is there already, perhaps since a moment ago. */
const ALREADY_THERE = new Set(['DUPLICATE_VALUE', 'DUPLICATE_DEVELOPER_NAME']);

/**
 * Creates a record that others may create at the same time. An earlier request may also have created it, though its
 * answer was lost.
 *
 * @param operation the operation's name, for messages
 * @returns the Id of the created record; else the org's error about the existing record, which somebody else may have
 *   created
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
        if (!(error instanceof Error) || !ALREADY_THERE.has(apiCodeOf(error))) throw error;
        return { duplicate: error };
      }
    }),
  );

/**
 * Creates a record that only links two others. If the org says that such a record exists, the record is looked up. An
 * org gives the same answer for a different record that conflicts.
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
