import { Document, isMap, Scalar, visit } from 'yaml';

import type { App } from '../app/app.ts';
import { type CertificateKnowledge, shownCertificate } from '../app/certificate.ts';
import { inEscapes, isPlain } from '../app/plainText.ts';
import { APP_SHAPE, type Shape } from './shape.ts';
import { withoutVariables } from './variables.ts';

/**
 * The lines below `oauth` when the file names no certificate: what is known of the app's certificate. The lines also
 * say what to write before somebody changes the settings with this file. Empty for an app that has no certificate.
 */
const certificateComment = (known: CertificateKnowledge): string | undefined => {
  if (known.there === 'no') return undefined;
  const which =
    known.there === 'unknown'
      ? ' (The org did not return whether this app has a certificate. Before you change these settings, name its file, or\n' +
        ' write: certificateFile: none)'
      : ` (This app has a certificate, which is not in this file. Its SHA-256 fingerprint:\n ${shownCertificate(known)})`;
  return ` certificateFile: certs/app.crt\n${which}`;
};

/** The lines below a complete app: what it leaves out all the same. */
const leftComment = (left: readonly string[] = []): string | undefined =>
  left.length === 0 ? undefined : ` No value in the org, and apply cannot take one away:\n ${left.join(', ')}`;

/**
 * The apps as an eca.yaml; `parseEcaFile` reads the same apps back.
 *
 * @param certificates what is known of each app's certificate, by the app's name
 * @param left what each complete app leaves out, by the app's name
 */
export const formatEcaFile = (
  apps: App[],
  certificates: ReadonlyMap<string, CertificateKnowledge> = new Map(),
  left: ReadonlyMap<string, readonly string[]> = new Map(),
): string => {
  const document = new Document({ apps: apps.map((app) => ordered(app, APP_SHAPE)) });
  apps.forEach((app, index) => {
    const oauth = document.getIn(['apps', index, 'oauth']);
    const known = certificates.get(app.name);
    if (isMap(oauth) && known && app.oauth?.certificateFile === undefined) oauth.comment = certificateComment(known);
    const item = document.getIn(['apps', index]);
    if (isMap(item)) item.comment = leftComment(left.get(app.name));
  });
  // Terminals and reviews show the file. YAML has escapes only between double quotes.
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === 'string' && (!isPlain(node.value) || node.value.includes('\n')))
        node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  // Folding would break long texts over several lines; an unbroken text is easier to find and to compare. A text with
  // several lines also stays on one line. A text from the org must not look like another line of the file.
  return inEscapes(document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Infinity }));
};

/**
 * A group with its keys in the order of the shape. So the same apps always give the same text. No text in the group has
 * variables.
 */
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
