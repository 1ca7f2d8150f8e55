import { readdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { NO_CERTIFICATE } from '../app/certificate.ts';
import { ByName } from '../app/name.ts';
import { endedBySignals } from '../local/endedBySignals.ts';
import { TooLargeError } from '../local/smallFile.ts';
import { NotRegularError } from '../local/wholeFile.ts';
import type { AppInFile, FileContent, FileProblem } from './ecaFile.ts';
import { inputName, readInput, standardInput } from '../local/input.ts';
import type { Environment } from './documentReader.ts';
import { parseEcaFile } from './parse.ts';

/** Far more than a thousand apps need; a larger file is no eca.yaml. */
const BYTES_MAX = 5_000_000;

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
  const files = await Promise.all(paths.map(filesAt));
  const contents: FileContent[] = [];
  for (const file of [...new Set(files.flatMap(({ found }) => found))]) {
    contents.push(await readEcaFile(file, environment, allowed));
  }
  const apps = contents.flatMap((content) => content.apps);
  const problems = [...files, ...contents].flatMap((one) => one.problems);
  return { apps, problems: [...problems, ...namedTwice(apps)] };
};

type FilesAt = { found: string[]; problems: FileProblem[] };

const filesAt = async (path: string): Promise<FilesAt> => {
  const kind = path === standardInput ? 'file' : await kindOf(path);
  if (kind === 'file') return { found: [path], problems: [] };
  if (kind !== 'folder') return { found: [], problems: [ofWholeFile(path, kind)] };
  const found = await yamlFilesIn(path);
  return { found, problems: found.length > 0 ? [] : [ofWholeFile(path, 'file.folderEmpty')] };
};

/** What is at a path, or the code of what keeps it from being read. */
const kindOf = async (path: string): Promise<'folder' | 'file' | WholeFile> => {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'folder';
    if (!found.isFile()) return 'file.notAFile';
    return found.size > BYTES_MAX ? 'file.tooLarge' : 'file';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'file.notFound' : 'file.unreadable';
  }
};

const yamlFilesIn = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(async (entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return yamlFilesIn(path);
        return entry.isFile() && /\.ya?ml$/i.test(entry.name) ? [path] : [];
      }),
  );
  return found.flat();
};

const readEcaFile = async (path: string, environment: Environment, allowed: string[]): Promise<FileContent> => {
  const file = inputName(path);
  const problem = (code: WholeFile): FileContent => ({ apps: [], problems: [ofWholeFile(file, code)] });
  let bytes: Buffer;
  try {
    bytes = await readInput(path, BYTES_MAX);
  } catch (error) {
    if (error instanceof TooLargeError) return problem('file.tooLarge');
    return problem(error instanceof NotRegularError ? 'file.notAFile' : 'file.unreadable');
  }
  if (bytes[0] === 0xff || bytes[0] === 0xfe) return problem('file.notUtf8');
  if (bytes.includes(0)) return problem('file.binary');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const { apps, problems } = endedBySignals(() => parseEcaFile(text, file, environment, allowed));
    return { apps: apps.map((app) => withCertificateFrom(dirname(file), app)), problems };
  } catch (error) {
    if (error instanceof TypeError) return problem('file.notUtf8');
    throw error;
  }
};

/** What can be wrong with a file before it is read as YAML. */
type WholeFile =
  | 'file.notFound'
  | 'file.notAFile'
  | 'file.unreadable'
  | 'file.tooLarge'
  | 'file.binary'
  | 'file.notUtf8'
  | 'file.folderEmpty';

const ofWholeFile = (file: string, code: WholeFile): FileProblem => ({ file, line: 1, column: 1, code, values: [] });

/** A path that always means a file, also where the name alone has another meaning: `./none`, `./-`. */
const asFile = (path: string): string => (path === NO_CERTIFICATE || path === standardInput ? `.${sep}${path}` : path);

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
