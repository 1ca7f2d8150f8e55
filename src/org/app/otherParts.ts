import type { Connection } from '@salesforce/core';
import { sameName } from '../../app/name.ts';
import { operation } from '../request/operation.ts';
import { appReference, textOf } from './components.ts';
import { parseMetadata } from './metadataXml.ts';
import { retrieveZip, unzip } from './retrieve.ts';

/** The types of an app that no command writes, with the first API version of each (Metadata WSDLs). */
const types = {
  ExtlClntAppCanvasSettings: 66,
  ExtlClntAppMobileConfigurablePolicies: 57,
  ExtlClntAppMobileSettings: 57,
  ExtlClntAppNotificationSettings: 60,
  ExtlClntAppPushConfigurablePolicies: 62,
  ExtlClntAppPushSettings: 62,
} as const;

/** A metadata type of an app that no command writes. */
export type OtherPart = keyof typeof types;

/**
 * The parts of an app that no command shows or writes, such as its mobile settings.
 *
 * @returns their types, in alphabetical order
 * @throws what retrieveZip and unzip throw
 */
export const readOtherParts = async (connection: Connection, app: string): Promise<OtherPart[]> => {
  const version = Number(connection.getApiVersion());
  const known = (Object.keys(types) as OtherPart[]).filter((type) => types[type] <= version);
  const { zip } = await retrieveZip(
    connection,
    known.map((name) => ({ name, members: ['*'] })),
    operation('readingApps'),
  );
  const found = Object.entries(await unzip(zip))
    .filter(([path]) => !path.endsWith('package.xml'))
    .map(([, content]) => parseMetadata(content))
    .filter(({ elements }) => sameName(textOf(elements, appReference) ?? '', app))
    .map(({ type }) => type);
  return known.filter((type) => found.includes(type));
};
