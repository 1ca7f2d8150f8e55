import { strFromU8, unzipSync } from 'fflate';

import { BLOCKED_CONSUMER } from '../blockedConsumers.ts';
import { sharerOf } from '../keyPairs.ts';
import { APP_TYPE, type Component, CONNECTED_APP, OLDEST_API_VERSION, type PracticeOrg } from '../org.ts';
import { parseXml, XmlError } from '../xml.ts';
import { Problem } from './body.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { checkTogether } from './rules.ts';
import { Staging } from './staging.ts';
import { isAppType, METADATA_TYPES, type MetadataType, metadataType, SETTINGS } from './types.ts';
import { addPolicies, takeEffect, writeComponent } from './write.ts';
export type DeployOptions = {
  allowMissingFiles: boolean;
  autoUpdatePackage: boolean;
  checkOnly: boolean;
  ignoreWarnings: boolean;
  performRetrieve: boolean;
  purgeOnDelete: boolean;
  rollbackOnError: boolean;
  runTests: string[];
  singlePackage: boolean;
  testLevel?: string;
};

/** A deploy's message about one component, or about one of the package's own files. */
export type DeployMessage = {
  changed: boolean;
  componentType: string;
  created: boolean;
  createdDate: string;
  deleted: boolean;
  fileName: string;
  fullName: string;
  id?: string;
  problem?: string;
  problemType?: 'Error' | 'Warning';
  success: boolean;
};

export type DeployResult = {
  id: string;
  options: DeployOptions;
  userId: string;
  messages: DeployMessage[];
  status: 'Succeeded' | 'SucceededPartial' | 'Failed' | 'Canceled';
  at: Date;
};

/** A deploy that is refused as a whole, before its content is read. */
export class DeployRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const TEST_LEVELS = ['NoTestRun', 'RunSpecifiedTests', 'RunLocalTests', 'RunAllTestsInOrg', 'RunRelevantTests'];

/** The org's answer to the options of a deploy; production is stricter. */
const checkOptions = (org: PracticeOrg, options: DeployOptions): void => {
  const { testLevel, runTests } = options;
  if (testLevel !== undefined && !TEST_LEVELS.includes(testLevel)) {
    throw new DeployRefused('INVALID_OPERATION', `'${testLevel}' is not a valid value for the enum 'TestLevel'`);
  }
  if (testLevel === 'RunSpecifiedTests' && runTests.length === 0) {
    throw new DeployRefused('INVALID_OPERATION', 'runTests must be specified with testLevel RunSpecifiedTests');
  }
  if (testLevel !== 'RunSpecifiedTests' && runTests.length > 0) {
    throw new DeployRefused('INVALID_OPERATION', 'runTests can be used only with a testLevel of RunSpecifiedTests');
  }
  if (!org.production || options.checkOnly) return;
  if (testLevel === 'NoTestRun') {
    throw new DeployRefused('INVALID_OPERATION', 'testLevel of NoTestRun cannot be used in production organizations');
  }
  if (!options.rollbackOnError) {
    throw new DeployRefused('INVALID_OPERATION', 'rollbackOnError must be true in production organizations');
  }
};

/** The files of a package by their path in it. A path is a name here, and leads nowhere. */
const filesOf = (zip: Uint8Array, options: DeployOptions): Map<string, string> => {
  const room = { bytes: MOST_BYTES, files: MOST_FILES };
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(zip, { filter: (file) => takesRoom(file, room) });
  } catch (error) {
    if (error instanceof DeployRefused) throw error;
    throw new DeployRefused('INVALID_ZIP_FILE', 'Zip file is not valid');
  }
  const files = new Map<string, string>();
  for (const [path, content] of Object.entries(entries)) {
    if (path.endsWith('/')) continue;
    files.set(options.singlePackage ? path : path.replace(/^[^/]+\//, ''), strFromU8(content));
  }
  return files;
};

/**
 * The limits of an unpacked package. As many files as Salesforce accepts, and fewer bytes, because everything here is
 * in memory.
 */
const MOST_FILES = 10_000;
const MOST_BYTES = 100_000_000;

/** Checked before a file is unpacked, so that a small zip cannot fill the memory. */
const takesRoom = ({ originalSize }: { originalSize: number }, room: { bytes: number; files: number }): boolean => {
  room.bytes -= originalSize;
  room.files -= 1;
  if (room.files < 0) throw new DeployRefused('LIMIT_EXCEEDED', `Too many files in zip. Limit is ${MOST_FILES}`);
  if (room.bytes >= 0) return true;
  throw new DeployRefused('LIMIT_EXCEEDED', `Unpacked, the zip has more than ${MOST_BYTES} bytes`);
};

/** A deploy that was taken on. `components` is how many it brings or deletes, by its files, before anything is checked. */
export type PreparedDeploy = {
  components: number;
  /** Runs it to its end: all components are checked, then all are written, or none. */
  run: (lockedRow: boolean) => Pick<DeployResult, 'messages' | 'status'>;
};

/** Takes a deploy on. Throws DeployRefused for what is wrong with the request as a whole. */
export const prepareDeploy = (
  org: PracticeOrg,
  userId: string,
  zip: Uint8Array,
  options: DeployOptions,
): PreparedDeploy => {
  checkOptions(org, options);
  const files = filesOf(zip, options);
  return {
    components: componentsIn(files),
    run: (lockedRow) => {
      const run = new DeployRun(org, userId, files, options);
      run.work(lockedRow);
      return { messages: run.messages, status: run.status() };
    },
  };
};

const componentsIn = (files: Map<string, string>): number => {
  const counts = [...files].map(([path, text]) => {
    if (!MANIFEST.test(path)) return 1;
    return path === 'package.xml' ? 0 : (text.match(/<members>/g) ?? []).length;
  });
  return counts.reduce((sum, count) => sum + count, 0);
};

/** The files of a package that are no components. */
const MANIFEST = /^(package|destructiveChanges(Pre|Post)?)\.xml$/;

class DeployRun {
  readonly messages: DeployMessage[] = [];
  readonly #org: PracticeOrg;
  readonly #userId: string;
  readonly #files: Map<string, string>;
  readonly #options: DeployOptions;
  readonly #staging: Staging;
  readonly #written: Array<{ component: Component; message: DeployMessage }> = [];

  constructor(org: PracticeOrg, userId: string, files: Map<string, string>, options: DeployOptions) {
    this.#org = org;
    this.#userId = userId;
    this.#files = files;
    this.#options = options;
    this.#staging = new Staging(org);
  }

  status(): DeployResult['status'] {
    const failed = this.messages.some((message) => !message.success);
    if (!failed) return 'Succeeded';
    return this.#options.rollbackOnError || this.#written.length === 0 ? 'Failed' : 'SucceededPartial';
  }

  work(lockedRow: boolean): void {
    const manifest = this.#manifest('package.xml');
    if (!manifest) return;
    const version = manifest.version ?? this.#org.apiVersion;
    this.#say('package.xml', { fileName: 'package.xml' });
    this.#destroy('destructiveChangesPre.xml');
    this.#writeAll(manifest, version);
    this.#destroy('destructiveChanges.xml');
    this.#destroy('destructiveChangesPost.xml');
    for (const { component, message } of [...this.#written]) {
      this.#attempt(message, () => checkTogether(this.#staging, component));
    }
    if (lockedRow) {
      this.#fail(
        this.#written[0]?.message ?? this.#message('package.xml', { fileName: 'package.xml' }),
        'UNABLE_TO_LOCK_ROW: unable to obtain exclusive access to this record or 1 records',
      );
    }
    const wanted = this.status();
    if (this.#options.checkOnly || wanted === 'Failed') return;
    this.#staging.commit();
    for (const { component, message } of this.#written) {
      if (!message.success) continue;
      takeEffect(this.#org, component);
      if (component.id) message.id = component.id;
    }
  }

  #manifest(fileName: string): Manifest | undefined {
    const text = this.#files.get(fileName);
    if (text === undefined) {
      this.#fail(this.#message(fileName, { fileName }), `No ${fileName} found`);
      return undefined;
    }
    try {
      const manifest = readManifest(text);
      checkVersion(this.#org, manifest.version);
      return manifest;
    } catch (error) {
      this.#fail(this.#message(fileName, { fileName }), problemOf(error));
      return undefined;
    }
  }

  #writeAll(manifest: Manifest, version: number): void {
    for (const [name] of manifest.members) {
      const type = metadataType(name);
      if (!type || type.since > version) {
        const message = this.#message('package.xml', { fileName: 'package.xml' });
        this.#fail(message, `Unknown type name '${name}' specified in package.xml`);
      }
    }
    const used = new Set<string>();
    for (const type of METADATA_TYPES.filter((one) => one.since <= version)) {
      for (const fullName of this.#members(type, manifest)) {
        const paths = this.#pathsOf(type, fullName);
        for (const path of paths) used.add(path);
        this.#writeFile(type, fullName, paths, version);
      }
    }
    this.#addPolicies();
    this.#blameStrayFiles(used);
  }

  /** The members named, `*` being every file of the type's folder. */
  #members(type: MetadataType, manifest: Manifest): string[] {
    const named = manifest.members.get(type.name) ?? [];
    if (!named.includes('*')) return [...new Set(named)];
    const files = [...this.#files.keys()].flatMap((path) => nameInFolder(type, path) ?? []);
    return [...new Set([...named.filter((name) => name !== '*'), ...files])];
  }

  /** The paths in the zip that hold a component: clients send the name with or without `-meta.xml`. */
  #pathsOf(type: MetadataType, fullName: string): string[] {
    const path = `${type.folder}/${fullName}.${type.suffix}`;
    return [path, path + META_XML].filter((one) => this.#files.has(one));
  }

  #writeFile(type: MetadataType, fullName: string, [path, second]: string[], version: number): void {
    const text = path === undefined ? undefined : this.#files.get(path);
    const message = this.#message(fullName, { componentType: type.name, fileName: path ?? 'package.xml' });
    if (text === undefined) {
      if (this.#options.allowMissingFiles) return;
      this.#fail(
        message,
        `An object '${fullName}' of type ${type.name} was named in package.xml, but was not found in zipped directory`,
      );
      return;
    }
    if (second !== undefined) {
      this.#fail(message, `Duplicate files for ${type.name} '${fullName}': ${path} and ${second}`);
      return;
    }
    this.#attempt(message, () => {
      const root = parseXml(text);
      const expected = type.name === 'Settings' ? SETTINGS[fullName] : type.name;
      if (expected !== undefined && root.name !== expected) {
        throw new Problem(
          `Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}${root.name} invalid at this location in type ${expected}`,
        );
      }
      const written = writeComponent(this.#staging, { type: type.name, fullName, root, version, userId: this.#userId });
      Object.assign(message, {
        created: written.created,
        changed: written.changed,
        ...(written.id ? { id: written.id } : {}),
      });
      this.messages.push(message);
      if (written.component) this.#written.push({ component: written.component, message });
    });
  }

  /** New apps and OAuth settings that came without policies get the org's own. */
  #addPolicies(): void {
    for (const { component, message } of this.#written) {
      if (message.created) addPolicies(this.#staging, component, this.#userId);
    }
  }

  /** A file that the manifest does not name is an error, so that nobody thinks it was deployed. */
  #blameStrayFiles(used: Set<string>): void {
    for (const path of this.#files.keys()) {
      if (used.has(path) || MANIFEST.test(path)) continue;
      this.#fail(this.#message(path, { fileName: path }), 'Not in package.xml');
    }
  }

  #destroy(fileName: string): void {
    if (!this.#files.has(fileName)) return;
    const manifest = this.#manifest(fileName);
    for (const [type, names] of manifest?.members ?? []) {
      for (const fullName of names) this.#destroyOne(fileName, type, fullName);
    }
  }

  #destroyOne(fileName: string, type: string, fullName: string): void {
    const message = this.#message(fullName, { componentType: type, fileName });
    const component = this.#staging.component(type, fullName);
    if (!component) {
      this.messages.push({
        ...message,
        problem: `No ${type} named: ${fullName} found`,
        problemType: 'Warning',
      });
      return;
    }
    this.#attempt(message, () => {
      removeComponent(this.#staging, component, this.#userId);
      this.messages.push({ ...message, id: component.id, changed: true, deleted: true });
    });
  }

  #message(fullName: string, fields: Partial<DeployMessage>): DeployMessage {
    return {
      changed: false,
      componentType: '',
      created: false,
      createdDate: this.#org.now().toISOString(),
      deleted: false,
      fileName: '',
      fullName,
      success: true,
      ...fields,
    };
  }

  #say(fullName: string, fields: Partial<DeployMessage>): void {
    this.messages.push(this.#message(fullName, fields));
  }

  #fail(message: DeployMessage, problem: string): void {
    Object.assign(message, { success: false, problem, problemType: 'Error', created: false, changed: false });
    if (!this.messages.includes(message)) this.messages.push(message);
  }

  /** An error in one component is a failure of this component, and does not end the deploy. */
  #attempt(message: DeployMessage, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(message, problemOf(error));
      const at = this.#written.findIndex((one) => one.message === message);
      const [failed] = at < 0 ? [] : this.#written.splice(at, 1);
      if (failed) this.#staging.restore(failed.component);
    }
  }
}

/** The names of a project's files; a zip may have such names too (reported by several who deploy them). */
const META_XML = '-meta.xml';

/** The component that a file stands for, by its path, if it is of this type. */
const nameInFolder = ({ folder, suffix }: MetadataType, path: string): string | undefined => {
  const file = path.endsWith(META_XML) ? path.slice(0, -META_XML.length) : path;
  if (!file.startsWith(`${folder}/`) || !file.endsWith(`.${suffix}`)) return undefined;
  return file.slice(folder.length + 1, -suffix.length - 1);
};

const checkVersion = (org: PracticeOrg, version: number | undefined): void => {
  if (version === undefined || (version >= OLDEST_API_VERSION && version <= org.apiVersion)) return;
  throw new Problem(`Invalid version specified: ${version.toFixed(1)}`);
};

/** The text of an error about the request's content; any other error is a fault of the practice org. */
export const problemOf = (error: unknown): string => {
  if (error instanceof XmlError) return `Error parsing file: ${error.message}`;
  if (error instanceof Problem) return error.message;
  throw error;
};

/** Takes a component away, with an app its children. */
export const removeComponent = (staging: Staging, component: Component, userId: string): void => {
  if (component.namespace || component.vendor) {
    throw new Problem(
      `Cannot delete managed object: entity=${component.type}, component=${component.id.slice(0, 15)}, state=installed`,
      'CANNOT_MODIFY_MANAGED_OBJECT',
    );
  }
  if (isAppType(component.type) && !staging.org.can(userId, 'ExternalClientAppDeveloper')) {
    throw new Problem(
      `INSUFFICIENT_ACCESS_OR_READONLY: insufficient access rights on ${component.type}`,
      'INSUFFICIENT_ACCESS_OR_READONLY',
    );
  }
  if (component.type === BLOCKED_CONSUMER && staging.org.variants['unblock-by-deletion'] === 'refused') {
    throw new Problem(`Cannot delete this component: ${component.fullName}`, 'DELETE_FAILED');
  }
  if (component.type === CONNECTED_APP) removeMigrated(staging, component, userId);
  if (component.type === APP_TYPE) {
    for (const { name } of METADATA_TYPES) {
      const one = isAppType(name) && staging.childOf(name, component.fullName);
      if (one) staging.remove(one);
    }
  }
  staging.remove(component);
};

/** What becomes of the external client app that Salesforce's button made of a Connected App: it has the same key. */
const removeMigrated = (staging: Staging, old: Component, userId: string): void => {
  const { org } = staging;
  const made = sharerOf(org, old);
  if (!made) return;
  const answer = org.variants['delete-migrated-app'];
  if (answer === 'refused') throw new Problem(`Cannot delete this component: ${old.fullName}`, 'DELETE_FAILED');
  if (answer === 'with-new-app') removeComponent(staging, made, userId);
};
