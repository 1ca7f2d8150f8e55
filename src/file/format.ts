import { Document, isMap, Scalar, visit } from 'yaml';
import type { App } from '../app/app.ts';
import { inEscapes, isPlain } from '../app/plainText.ts';
import { APP_SHAPE, type Shape } from './shape.ts';
import { withoutVariables } from './variables.ts';

const CERTIFICATE =
  ' certificateFile: certs/app.crt\n' +
  ' (Salesforce never gives a certificate back, so whether this app has one is not known here. Before you change these\n' +
  ' settings, name its file, or write: certificateFile: none)';

/** The apps as an eca.yaml that `parseEcaFile` reads back as they are. */
export const formatEcaFile = (apps: App[]): string => {
  const document = new Document({ apps: apps.map((app) => ordered(app, APP_SHAPE)) });
  apps.forEach((_app, index) => {
    const oauth = document.getIn(['apps', index, 'oauth']);
    if (isMap(oauth)) oauth.comment = CERTIFICATE;
  });
  // The file goes to terminals, and into reviews. Only between double quotes has YAML escapes.
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === 'string' && !isPlain(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  // Folding would break long texts over lines; they are easier to find and to compare whole.
  return inEscapes(document.toString({ lineWidth: 0 }));
};

/** A group with its keys in the shape's order, so that the same apps always give the same text; with no variables in its texts. */
const ordered = (value: object, shape: Shape): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(shape).flatMap(([key, kind]) => {
      const said = (value as Record<string, unknown>)[key];
      if (said === undefined) return [];
      if (typeof kind === 'string') return [[key, plain(said)]];
      return 'group' in kind
        ? [[key, ordered(said as object, kind.group)]]
        : [[key, (said as object[]).map((item) => ordered(item, kind.each))]];
    }),
  );

const plain = (value: unknown): unknown => {
  if (typeof value === 'string') return withoutVariables(value);
  return Array.isArray(value) ? value.map(plain) : value;
};
