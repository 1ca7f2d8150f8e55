import { BadConnectedApp, type ConnectedAppFile } from './connectedAppFile.ts';
import { newConsumer } from './keyPairs.ts';
import { type Body, Problem, readBody } from './metadata/body.ts';
import { keepConnectedAccess } from './metadata/connectedAccess.ts';
import { completed } from './metadata/defaults.ts';
import { lastVersionOf } from './metadata/versions.ts';
import { type Component, CONNECTED_APP, type PracticeOrg, qualifiedName } from './org.ts';
import { permissionFields } from './permissions.ts';
import { newComponent } from './stamps.ts';
import { textOfFile } from './textFile.ts';
import { childText, parseXml, type XmlElement, XmlError } from './xml.ts';

/**
 * Connected Apps that are there from the start, as somebody made them before Spring '26: since then nobody can. Their
 * metadata files say what they are.
 */

const FILE_NAME = /\.connectedApp(?:-meta\.xml)?$/i;
const APP_NAME = /^(?:([a-zA-Z]\w*?)__)?([a-zA-Z]\w*)$/;

/** Reads the file of a Connected App and checks it. Throws BadConnectedApp. */
export const readConnectedAppFile = async (path: string): Promise<ConnectedAppFile> => {
  try {
    const xml = await textOfFile(path);
    const base = path.split(/[/\\]/).at(-1) ?? path;
    const named = FILE_NAME.test(base) ? decodeURIComponent(base.replace(FILE_NAME, '')) : undefined;
    const name = named ?? childText(parseXml(xml), 'fullName') ?? '';
    bodyOf({ name, xml });
    return { name, xml };
  } catch (error) {
    throw new BadConnectedApp((error as Error).message);
  }
};

/** Puts a Connected App into an org, with its consumer and with the access of whom it names. Throws BadConnectedApp. */
export const addConnectedApp = (org: PracticeOrg, file: ConnectedAppFile): Component => {
  const { name, isInstalled = true } = file;
  const body = bodyOf(file);
  const [, namespace, fullName = ''] = APP_NAME.exec(name) ?? [];
  if (org.component(CONNECTED_APP, name)) throw new BadConnectedApp(`There are two Connected Apps ${name}.`);
  const component = newComponent(org, org.seeded.admin.Id, {
    type: CONNECTED_APP,
    fullName,
    ...(namespace !== undefined && { namespace }),
    ...((namespace !== undefined || file.isOfVendor === true) && { vendor: { isInstalled } }),
    body,
  });
  org.putComponent(component);
  addConsumer(org, component);
  addPermissionSets(org, body);
  keepConnectedAccess(org, component);
  return component;
};

const bodyOf = ({ name, xml }: ConnectedAppFile): Body => {
  if (!APP_NAME.test(name)) throw new BadConnectedApp(`"${name}" is not the name of a Connected App.`);
  try {
    const root = parseXml(xml);
    if (root.name !== CONNECTED_APP) throw new BadConnectedApp(`It is a ${root.name}, not a ${CONNECTED_APP}.`);
    const { fullName: _fullName, ...body } = readBody(CONNECTED_APP, root, versionFor(root));
    return completed(CONNECTED_APP, body);
  } catch (error) {
    if (error instanceof Problem || error instanceof XmlError) throw new BadConnectedApp(error.message);
    throw error;
  }
};

/** Files of any API version are taken: an element that is gone is read as its last version has it. */
const versionFor = (root: XmlElement): number => {
  const last = root.children.flatMap(({ name }) => lastVersionOf(CONNECTED_APP, name) ?? []);
  return Math.min(Number.MAX_SAFE_INTEGER, ...last);
};

/** The key and secret of the file, if it has them, and new ones otherwise. */
const addConsumer = (org: PracticeOrg, app: Component): void => {
  const config = app.body.oauthConfig as Body | undefined;
  if (!config) return;
  const { consumerKey, consumerSecret } = config;
  const taken = [...org.consumers.values()].some(({ primary }) => primary.key === consumerKey);
  if (taken) throw new BadConnectedApp(`The consumer key of ${qualifiedName(app)} is already taken.`);
  const { primary } = newConsumer(org, app);
  if (typeof consumerKey === 'string') primary.key = consumerKey;
  if (typeof consumerSecret === 'string') primary.secret = consumerSecret;
  config.consumerKey = primary.key;
  delete config.consumerSecret;
};

/** A permission set that the file names by its label is made, if the org has none with the label. */
const addPermissionSets = (org: PracticeOrg, body: Body): void => {
  for (const label of (body.permissionSetName ?? []) as string[]) {
    if (org.records('PermissionSet').some((set) => set.Label === label)) continue;
    org.insert('PermissionSet', {
      ...permissionFields([]),
      Name: label
        .replace(/\W+/g, '_')
        .replace(/_{2,}/g, '_')
        .replace(/^[^a-zA-Z]+|_$/g, ''),
      Label: label,
      Description: null,
      Type: 'Regular',
      IsOwnedByProfile: false,
      IsCustom: true,
      ProfileId: null,
      LicenseId: null,
      NamespacePrefix: null,
      HasActivationRequired: false,
      PermissionSetGroupId: null,
    });
  }
};

/** Installs a vendor's Connected App or uninstalls it, as an admin does on a page of Setup. False for any other name. */
export const setInstalled = (org: PracticeOrg, name: string, isInstalled: boolean): boolean => {
  const app = org.component(CONNECTED_APP, name);
  if (!app?.vendor) return false;
  app.vendor.isInstalled = isInstalled;
  keepConnectedAccess(org, app);
  return true;
};
