import { lstat, readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';

import { ByName } from '../app/name.ts';
import { parseEcaFile } from './parse.ts';

/** A place of a checkout: a path from its root with slashes, and a line from 1. */
export type CheckoutPlace = { uri: string; line: number };

/** Where the checkout says an app, or a field of the app. */
export type PlaceInCheckout = (app: string, fields: readonly string[]) => CheckoutPlace | undefined;

/** Folders that hold what others made. */
const LEFT_OUT = /^(?:node_modules|\..*)$/;

const FILES = /\.(?:eca\.ya?ml|eca[A-Za-z]*(?:-meta\.xml)?)$|^eca\.ya?ml$/i;

/** Metadata of an app, in the source format or in that of the Metadata API. */
const METADATA = /^(.+)\.(eca[A-Za-z]*)(?:-meta\.xml)?$/;

/** How the other components of an app name the app. */
const APP_REFERENCE = /<externalClientApplication>\s*([^<\s]+)\s*</;

/** Where the metadata of an app keeps a field: the ending of the component's file, and the element. */
export type ElementInMetadata = { suffix: string; element: string };

/** A component of an app in a file: the first line of each of its elements. */
type ComponentPlace = { uri: string; lines: ReadonlyMap<string, number> };

const linesOf = (text: string): Map<string, number> => {
  const lines = new Map<string, number>();
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries())
    for (const [, name = ''] of line.matchAll(/<([A-Za-z]\w*)/g)) if (!lines.has(name)) lines.set(name, index + 1);
  return lines;
};

const FOLDERS_MAX = 5000;
const BYTES_MAX = 5_000_000;

/** The folder that has the repository, or else the given folder. */
const rootOf = async (folder: string): Promise<string> => {
  for (let at = folder; ; at = dirname(at)) {
    if (await lstat(join(at, '.git')).catch(() => undefined)) return at;
    if (dirname(at) === at) return folder;
  }
};

/** The files below a folder that may say an app. What cannot be read is left out: a place is a convenience. */
const filesBelow = async (folder: string): Promise<string[]> => {
  const found: string[] = [];
  const folders = [folder];
  for (let count = 0; folders.length > 0 && count < FOLDERS_MAX; count++) {
    const here = folders.shift() ?? folder;
    for (const entry of await readdir(here, { withFileTypes: true }).catch(() => [])) {
      const path = join(here, entry.name);
      if (entry.isDirectory() && !LEFT_OUT.test(entry.name)) folders.push(path);
      else if (entry.isFile() && FILES.test(entry.name)) found.push(path);
    }
  }
  return found.sort();
};

/**
 * Looks below a folder for the files that say apps: eca.yaml, and the metadata of a project.
 *
 * @param left files that are not looked at, such as those that this run writes
 * @param elementsOf where metadata keeps a field
 */
export const placesInCheckout = async (
  folder: string,
  left: string[],
  elementsOf: (field: string) => ElementInMetadata[],
): Promise<PlaceInCheckout> => {
  const root = await rootOf(resolve(folder));
  const uriOf = (path: string): string => relative(root, path).split(sep).map(encodeURIComponent).join('/');
  const inYaml = new ByName<(field?: string) => CheckoutPlace>();
  const inMetadata = new ByName<Map<string, ComponentPlace>>();
  const leftOut = new Set(left.map((path) => resolve(path)));
  for (const path of (await filesBelow(resolve(folder))).filter((one) => !leftOut.has(one))) {
    const uri = uriOf(path);
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text.length > BYTES_MAX) continue;
    const [, base, suffix] = METADATA.exec(path.split(sep).at(-1) ?? '') ?? [];
    if (base !== undefined && suffix !== undefined) {
      const name = suffix === 'eca' ? base : APP_REFERENCE.exec(text)?.[1];
      if (name === undefined) continue;
      const parts = inMetadata.get(name) ?? new Map<string, ComponentPlace>();
      if (!parts.has(suffix)) parts.set(suffix, { uri, lines: linesOf(text) });
      inMetadata.set(name, parts);
      continue;
    }
    // Places do not need the values of variables.
    for (const { wish, at } of parseEcaFile(text, uri, {}).apps)
      if (!inYaml.has(wish.name)) inYaml.set(wish.name, (field) => ({ uri, line: at(field).line }));
  }
  const inComponents = (app: string, fields: readonly string[]): CheckoutPlace | undefined => {
    const parts = inMetadata.get(app);
    if (!parts) return undefined;
    const kept = fields.flatMap(elementsOf);
    for (const { suffix, element } of kept) {
      const { uri, lines } = parts.get(suffix) ?? {};
      const line = lines?.get(element);
      if (uri !== undefined && line !== undefined) return { uri, line };
    }
    // A file that leaves the element out says the default. Without the file, the app itself stands for it.
    const whole = kept.map(({ suffix }) => parts.get(suffix)).find((one) => one !== undefined) ?? parts.get('eca');
    return whole && { uri: whole.uri, line: 1 };
  };
  return (app, fields) => inYaml.get(app)?.(fields[0]) ?? inComponents(app, fields);
};
