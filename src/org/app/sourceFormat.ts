import { isAdmins, partNames, PARTS, rowOf, withText } from './components.ts';
import { fields } from './fields.ts';
import { buildSource } from './metadataXml.ts';
import type { StoredApp } from './read.ts';

/** A file as `sf project retrieve` lays it out, its path below the package directory. */
export type SourceFile = { path: string; text: string };

/**
 * What belongs to one org alone, or to nobody's files. An org fills in keys and links by itself, and gives no secret back. Some
 * switches would make a new key on the next deploy.
 */
const OF_THIS_ORG = [
  'consumerKey',
  'consumerSecret',
  'oauthLink',
  'orgScopedExternalApp',
  'shouldRotateConsumerKey',
  'shouldRotateConsumerSecret',
];

/**
 * An app's components as source-format files, for teams that deploy with `sf project deploy start`. Of an installed app its
 * policies alone: the rest comes with its package.
 */
export const sourceFiles = ({ components, installed }: StoredApp): SourceFile[] =>
  partNames
    .filter((part) => !installed || isAdmins(part))
    .flatMap((part) => {
      const component = components[part];
      if (!component) return [];
      const { folder, suffix, type } = PARTS[part];
      const elements = OF_THIS_ORG.reduce((rest, name) => withText(rest, name, undefined), component.elements);
      return [
        {
          // A name is a path's last word here, whatever an org calls it.
          path: `${folder}/${encodeURIComponent(component.fullName)}.${suffix}-meta.xml`,
          text: buildSource(type, elements),
        },
      ];
    });

/** Where files of this format keep a field of an app: the endings of the files, and the elements. */
export const placesOfField = (path: string): Array<{ suffix: string; element: string }> =>
  (fields.find((field) => field.path === path)?.elements ?? []).map(({ part, element }) => ({
    suffix: rowOf(part).suffix,
    // Of a nested element, the innermost.
    element: element.split('.').at(-1) ?? element,
  }));
