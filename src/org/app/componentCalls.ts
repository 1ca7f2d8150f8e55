import type { Connection as OrgConnection } from '@salesforce/core';

import { isKeptBack, isRefusal } from '../../app/errorNature.ts';
import { operation } from '../request/operation.ts';
import { type Component, type Element, textOf } from './components.ts';
import { buildCall, callMetadata } from './metadataCall.ts';

/**
 * Components of one type, by name, in one call.
 *
 * @param names ten at most; those that are not there are left out of the answer
 */
export const readRecords = async (
  connection: OrgConnection,
  doing: string,
  type: string,
  names: string[],
): Promise<{ components: Component[]; arrived: number; began?: Date }> => {
  const call = buildCall('readMetadata', [
    { name: 'type', text: type },
    ...names.map((text) => ({ name: 'fullNames', text })),
  ]);
  const { results, arrived, began } = await callMetadata(connection, doing, call);
  return { components: recordsIn(results), arrived, ...(began && { began }) };
};

/** Did the org say no to a call, for no reason that a retrieve would meet as well? Which code it has for that is not known. */
export const isRefusedType = (error: unknown): boolean => isKeptBack(error) && !isRefusal(error);

/** A record is a component with its name before its elements. For a name that is not there, it is empty. */
const recordsIn = (results: Element[][]): Component[] =>
  results.flat().flatMap((record) => {
    if (record.name !== 'records' || !('children' in record)) return [];
    const at = record.children.findIndex(({ name }) => name === 'fullName');
    const fullName = textOf(record.children, 'fullName');
    return fullName ? [{ fullName, elements: record.children.filter((_element, index) => index !== at) }] : [];
  });

/** One component as the org lists it. `date`: when it was last changed, in milliseconds since 1970. */
type ListedComponent = { type: string; fullName: string; date: number };

/**
 * The components of metadata types, by one call.
 *
 * @param types three at most (Metadata API Developer Guide, listMetadata())
 * @returns undefined where the org refuses to list them
 */
export const listTypes = async (
  connection: OrgConnection,
  types: string[],
): Promise<{ components: ListedComponent[]; began?: Date } | undefined> => {
  const call = buildCall('listMetadata', [
    ...types.map((type) => ({ name: 'queries', children: [{ name: 'type', text: type }] })),
    { name: 'asOfVersion', text: connection.getApiVersion() },
  ]);
  try {
    const { results, began } = await callMetadata(connection, operation('readingApps'), call);
    const components = results
      .filter((one) => !textOf(one, 'manageableState')?.startsWith('installed'))
      .map((one) => ({
        type: textOf(one, 'type') ?? '',
        fullName: textOf(one, 'fullName') ?? '',
        date: Date.parse(textOf(one, 'lastModifiedDate') ?? ''),
      }));
    return { components, ...(began && { began }) };
  } catch (error) {
    if (isRefusedType(error)) return undefined;
    throw error;
  }
};
