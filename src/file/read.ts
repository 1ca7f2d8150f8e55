import { dirname, isAbsolute, join, sep } from 'node:path';

import { NO_CERTIFICATE } from '../app/certificate.ts';
import { ByName } from '../app/name.ts';
import { endedBySignals } from '../local/endedBySignals.ts';
import { STANDARD_INPUT } from '../local/input.ts';
import type { Environment } from './documentReader.ts';
import type { AppInFile, FileContent, FileProblem } from './ecaFile.ts';
import { parseEcaFile } from './parse.ts';
import { readTextFiles, type TextFileKind } from './textFiles.ts';

const YAML_FILES: TextFileKind = {
  names: /\.ya?ml$/i,
  // Far more than a thousand apps need; a larger file is no eca.yaml.
  bytesMax: 5_000_000,
  tooLarge: 'file.tooLarge',
  folderEmpty: 'file.folderEmpty',
};

/**
 * Reads any number of files and folders. Of a folder, every .yaml and .yml file in it and below is read, in the order
 * of the names. The path of a certificate is relative to the file that names it; in standard input, to the current
 * folder.
 *
 * @param paths `-` for standard input
 * @param allowed the variables that may be used although their names look like names of secrets
 * @returns all apps of all files, and all problems; an app that two places name is a problem too
 */
export const readEcaFiles = async (
  paths: string[],
  environment: Environment,
  allowed: string[] = [],
): Promise<FileContent> => {
  const { files, problems: unreadable } = await readTextFiles(paths, YAML_FILES);
  const contents = files.map(({ file, text }) => {
    const { apps, problems } = endedBySignals(() => parseEcaFile(text, file, environment, allowed));
    return { apps: apps.map((app) => withCertificateFrom(dirname(file), app)), problems };
  });
  const apps = contents.flatMap((content) => content.apps);
  const problems = contents.flatMap((one) => one.problems);
  return { apps, problems: [...unreadable, ...problems, ...namedTwice(apps)] };
};

/** A path that always means a file, also where the name alone has another meaning: `./none`, `./-`. */
const asFile = (path: string): string => (path === NO_CERTIFICATE || path === STANDARD_INPUT ? `.${sep}${path}` : path);

const withCertificateFrom = (folder: string, app: AppInFile): AppInFile => {
  const { certificateFile } = app.wish.oauth ?? {};
  if (!certificateFile || certificateFile === NO_CERTIFICATE || isAbsolute(certificateFile)) return app;
  const besides = (path: string): string => asFile(join(folder, path));
  const oauth = { ...app.wish.oauth, certificateFile: besides(certificateFile) };
  const written = app.written.value(certificateFile, 'oauth.certificateFile');
  if (written !== certificateFile) app.written.note('oauth.certificateFile', oauth.certificateFile, besides(written));
  return { ...app, wish: { ...app.wish, oauth } };
};

const namedTwice = (apps: AppInFile[]): FileProblem[] => {
  const first = new ByName<AppInFile>();
  return apps.flatMap((app) => {
    const other = first.get(app.wish.name);
    if (!other) {
      first.set(app.wish.name, app);
      return [];
    }
    const { file, line } = other.at();
    return [
      { ...app.at(), code: 'file.appTwice', values: [app.written.value(app.wish.name, 'name'), `${file}:${line}`] },
    ];
  });
};
