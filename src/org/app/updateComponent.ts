import type { Connection as OrgConnection } from '@salesforce/core';

import { isPassing } from '../../app/errorNature.ts';
import { resend } from '../request/resend.ts';
import { isRefusedType, readRecords } from './componentCalls.ts';
import type { Element } from './components.ts';
import { buildWrite, callMetadata, saveProblem } from './metadataCall.ts';

/** One component, whole, by its type's name. */
export type WholeComponent = { type: string; fullName: string; elements: Element[] };

/**
 * Writes one component by a call that the org carries out at once (Metadata API Developer Guide, updateMetadata()). A deploy
 * would be a job in a queue. An answer that was lost is looked up before the call is sent again.
 *
 * @param doing what is being done, for messages
 * @param signal no call is sent after it
 * @returns when it was done, by the org's clock, as far as the org says. Undefined where nothing was written and a deploy has
 *   to do it. Then the org does not take the call, refuses the component, or would change a value
 * @throws what orgSaidNo names; the signal's reason
 */
export const updateComponent = async (
  connection: OrgConnection,
  doing: string,
  component: WholeComponent,
  signal?: AbortSignal,
): Promise<{ completed?: Date } | undefined> => {
  const { type, fullName, elements } = component;
  if (!isKept(elements)) return undefined;
  const call = buildWrite('updateMetadata', type, fullName, elements);
  try {
    return await resend(async (tries) => {
      signal?.throwIfAborted();
      if (tries > 0 && (await isWritten(connection, doing, component))) return {};
      const answer = await callMetadata(connection, doing, call);
      if (saveProblem(answer)) return undefined;
      return { ...(answer.answered && { completed: answer.answered }) };
    }, isPassing);
  } catch (error) {
    if (isRefusedType(error)) return undefined;
    throw error;
  }
};

/** "When storing values in string fields, the API trims any leading and trailing white space" (updateMetadata()). */
const isKept = (elements: Element[]): boolean =>
  elements.every((element) =>
    'children' in element ? isKept(element.children) : element.text === element.text.trim(),
  );

const isWritten = async (
  connection: OrgConnection,
  doing: string,
  { type, fullName, elements }: WholeComponent,
): Promise<boolean> => {
  const { components } = await readRecords(connection, doing, type, [fullName]);
  return JSON.stringify(components[0]?.elements) === JSON.stringify(elements);
};
