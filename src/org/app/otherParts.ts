import type { Connection } from '@salesforce/core';

import { sameName } from '../../app/name.ts';
import { useNewestVersion } from '../request/apiVersion.ts';
import { operation } from '../request/operation.ts';
import { listTypes, readRecords } from './componentCalls.ts';
import { APP_REFERENCE, textOf } from './components.ts';

/** The types of an app that no command writes, with the first API version of each (Metadata WSDLs). */
const TYPES = {
  ExtlClntAppCanvasSettings: 66,
  ExtlClntAppMobileConfigurablePolicies: 57,
  ExtlClntAppMobileSettings: 57,
  ExtlClntAppNotificationSettings: 60,
  ExtlClntAppPushConfigurablePolicies: 62,
  ExtlClntAppPushSettings: 62,
} as const;

/** A metadata type of an app that no command writes. */
export type OtherPart = keyof typeof TYPES;

/** Types that one listing takes, and names that one reading takes. */
const [typesInCall, namesInCall] = [3, 10];

/**
 * The parts of an app that no command shows or writes, such as its mobile settings. An org without any is asked in one trip.
 *
 * @returns their types, in alphabetical order; none where the org does not list them
 * @throws what orgSaidNo names
 */
export const readOtherParts = async (connection: Connection, app: string): Promise<OtherPart[]> => {
  const version = Number(await useNewestVersion(connection));
  const known = (Object.keys(TYPES) as OtherPart[]).filter((type) => TYPES[type] <= version);
  const listed = await Promise.all(
    inTurns(known, typesInCall).map(async (some) => (await listTypes(connection, some))?.components ?? []),
  );
  const has = await Promise.all(
    known.map(async (type) => {
      const names = listed.flat().flatMap((one) => (one.type === type ? [one.fullName] : []));
      const read = await Promise.all(
        inTurns(names, namesInCall).map((some) => readRecords(connection, operation('readingApps'), type, some)),
      );
      return read.some(({ components }) =>
        components.some(({ elements }) => sameName(textOf(elements, APP_REFERENCE) ?? '', app)),
      );
    }),
  );
  return known.filter((_type, index) => has[index]);
};

const inTurns = <Item>(items: Item[], most: number): Item[][] =>
  items.length === 0 ? [] : [items.slice(0, most), ...inTurns(items.slice(most), most)];
