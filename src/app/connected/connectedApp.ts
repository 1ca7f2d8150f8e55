import { MASK } from '../secret.ts';

/** An element of a Connected App: it has a text or children. The order is the file's. */
export type ConnectedAppElement = { name: string; text: string } | { name: string; children: ConnectedAppElement[] };

/**
 * A Connected App as its metadata has it (Metadata API guide, `ConnectedApp`). Elements that this plugin does not know
 * are there too. A consumer secret never is: whoever reads the metadata puts a mask in its place.
 */
export type ConnectedApp = {
  /** API name. A Connected App of a package carries its namespace: `ns__Portal`. */
  name: string;
  elements: ConnectedAppElement[];
};

/** The names of files with a Connected App: in a project, and in a zip file of the Metadata API. */
export const CONNECTED_APP_FILE = /\.connectedApp(?:-meta\.xml)?$/i;

/** The elements at a path such as `oauthConfig.scopes`, in their order. */
export const elementsAt = ({ elements }: Pick<ConnectedApp, 'elements'>, path: string): ConnectedAppElement[] => {
  const [name, ...rest] = path.split('.');
  const found = elements.filter((element) => element.name === name);
  if (rest.length === 0) return found;
  return found.flatMap((element) =>
    'children' in element ? elementsAt({ elements: element.children }, rest.join('.')) : [],
  );
};

/** The texts at a path, without blanks around them. Empty texts and groups are left out. */
export const textsAt = (app: Pick<ConnectedApp, 'elements'>, path: string): string[] =>
  elementsAt(app, path).flatMap((element) => ('text' in element ? element.text.trim() || [] : []));

/** Does the Connected App have a group of this name, such as `oauthConfig`? An empty group is the same as none. */
export const hasGroup = (app: ConnectedApp, name: string): boolean =>
  elementsAt(app, name).some((element) => 'children' in element);

/** Did the metadata hold a secret? A mask stands in its place. */
export const hadSecret = ({ elements }: Pick<ConnectedApp, 'elements'>): boolean =>
  elements.some((element) =>
    'children' in element ? hadSecret({ elements: element.children }) : element.text === MASK,
  );

/** The label of a Connected App, or its name where the metadata has none. */
export const labelOf = (app: ConnectedApp): string => textsAt(app, 'label')[0] ?? app.name;

/** The consumer key of a Connected App; absent where its metadata has none. */
export const keyOf = (app: ConnectedApp): string | undefined => textsAt(app, 'oauthConfig.consumerKey')[0];
