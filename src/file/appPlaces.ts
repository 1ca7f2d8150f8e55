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

const FILES = /\.(?:eca\.ya?ml|eca(?:-meta\.xml)?)$|^eca\.ya?ml$/i;

/** Metadata of an app, in the source format or in that of the Metadata API. */
const METADATA = /^(.+)\.eca(?:-meta\.xml)?$/;

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
 */
export const placesInCheckout = async (folder: string, left: string[]): Promise<PlaceInCheckout> => {
  const root = await rootOf(resolve(folder));
  const uriOf = (path: string): string => relative(root, path).split(sep).map(encodeURIComponent).join('/');
  const inYaml = new ByName<(field?: string) => CheckoutPlace>();
  const inMetadata = new ByName<CheckoutPlace>();
  const leftOut = new Set(left.map((path) => resolve(path)));
  for (const path of (await filesBelow(resolve(folder))).filter((one) => !leftOut.has(one))) {
    const uri = uriOf(path);
    const name = METADATA.exec(path.split(sep).at(-1) ?? '')?.[1];
    if (name !== undefined) {
      if (!inMetadata.has(name)) inMetadata.set(name, { uri, line: 1 });
      continue;
    }
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text.length > BYTES_MAX) continue;
    // Places do not need the values of variables.
    for (const { wish, at } of parseEcaFile(text, uri, {}).apps)
      if (!inYaml.has(wish.name)) inYaml.set(wish.name, (field) => ({ uri, line: at(field).line }));
  }
  return (app, [field]) => inYaml.get(app)?.(field) ?? inMetadata.get(app);
};
