/** What is to be known of the metadata components that are one part of an app. */
type PartRow = {
  /** Metadata type, with its folder and suffix in a Metadata API zip (Metadata API Developer Guide). */
  type: string;
  folder: string;
  suffix: string;
  /**
   * The read-only object that names the components (Object Reference). Absent where there is none: then the only way to find one is
   * to read all.
   */
  sObject?: string;
  /** The first API version that has the type, where that is later than the plugin's oldest. */
  since?: number;
  /** Does the object have a NamespacePrefix? Policies are the subscriber's own, and have none. */
  namespaced: boolean;
  /** Whose part it is. Of an installed app only the admin's parts can be written, and only they are not in its package. */
  owner: 'developer' | 'admin';
  /** The name that Setup gives to a new one. */
  newName: (app: string) => string;
};

/** The parts of one external client app, each kept in a metadata component of its own. */
export const PARTS = {
  application: {
    type: 'ExternalClientApplication',
    folder: 'externalClientApps',
    suffix: 'eca',
    sObject: 'ExternalClientApplication',
    namespaced: true,
    owner: 'developer',
    newName: (app: string) => app,
  },
  oauthSettings: {
    type: 'ExtlClntAppOauthSettings',
    folder: 'extlClntAppOauthSettings',
    suffix: 'ecaOauth',
    sObject: 'ExtlClntAppOauthSettings',
    namespaced: true,
    owner: 'developer',
    newName: (app: string) => `${app}_oauth`,
  },
  globalOauthSettings: {
    type: 'ExtlClntAppGlobalOauthSettings',
    folder: 'extlClntAppGlobalOauthSets',
    suffix: 'ecaGlblOauth',
    namespaced: true,
    owner: 'developer',
    newName: (app: string) => `${app}_glbloauth`,
  },
  oauthSecuritySettings: {
    type: 'ExtlClntAppOauthSecuritySettings',
    folder: 'extlClntAppOauthSecuritySettings',
    suffix: 'ecaOauthSecurity',
    since: 67,
    namespaced: true,
    owner: 'developer',
    newName: (app: string) => `${app}_oauthSecurity`,
  },
  oauthPolicies: {
    type: 'ExtlClntAppOauthConfigurablePolicies',
    folder: 'extlClntAppOauthPolicies',
    suffix: 'ecaOauthPlcy',
    sObject: 'ExtlClntAppOauthPlcyCnfg',
    namespaced: false,
    owner: 'admin',
    newName: (app: string) => `${app}_oauthPlcy`,
  },
  policies: {
    type: 'ExtlClntAppConfigurablePolicies',
    folder: 'extlClntAppPolicies',
    suffix: 'ecaPlcy',
    sObject: 'ExtlClntAppPlcyCnfg',
    namespaced: false,
    owner: 'admin',
    newName: (app: string) => `${app}_plcy`,
  },
  samlPolicies: {
    type: 'ExtlClntAppSamlConfigurablePolicies',
    folder: 'extlClntAppSamlConfigurablePolicies',
    suffix: 'ecaSamlPlcy',
    since: 63,
    namespaced: false,
    owner: 'admin',
    newName: (app: string) => `${app}_samlPlcy`,
  },
} as const satisfies Record<string, PartRow>;

/** A part of an app. */
export type Part = keyof typeof PARTS;

export const partNames = Object.keys(PARTS) as Part[];

/**
 * The parts that only some apps have, and that cannot be queried. They are found among those that the org lists, so nobody asks for
 * them by a usual name.
 */
export const RARE_PARTS = ['oauthSecuritySettings', 'samlPolicies'] as const satisfies Part[];

/** What is known of a part, whichever it is. */
export const rowOf = (part: Part): PartRow => PARTS[part];

/** Is the part its admin's, and not its developer's? */
export const isAdmins = (part: Part): boolean => PARTS[part].owner === 'admin';

/** The element by which every part but the application itself points to its app. */
export const APP_REFERENCE = 'externalClientApplication';

/** An element of a metadata component: either text or children. The order is the org's. */
export type Element = { name: string; text: string } | { name: string; children: Element[] };

/** A metadata component as the org returned it, with all its elements, also those that this plugin does not manage. */
export type Component = {
  fullName: string;
  elements: Element[];
  /** Absent while it is not in the org yet. */
  lastModified?: Date;
};

/** The components of one app that the org has. */
export type Components = Partial<Record<Part, Component>>;

/** Full names of components, by the part of an app that they are. */
export type Names = Partial<Record<Part, string[]>>;

/**
 * What the components of an app are most likely called once these are deployed. An org makes the policies by itself that a
 * deploy does not bring. It was seen to call them `<app>_defaultPolicy` and `<OAuth settings>_defaultPolicy`. No document says
 * so, so whoever relies on a name has to look.
 */
export const likelyNames = (app: string, components: Components): Names => {
  const { oauthSettings, globalOauthSettings, oauthPolicies, policies } = components;
  const rare = RARE_PARTS.flatMap((part) => (components[part] ? [[part, [components[part].fullName]] as const] : []));
  return {
    application: [app],
    policies: [policies?.fullName ?? `${app}_defaultPolicy`],
    ...Object.fromEntries(rare),
    ...(oauthSettings && {
      oauthSettings: [oauthSettings.fullName],
      oauthPolicies: [oauthPolicies?.fullName ?? `${oauthSettings.fullName}_defaultPolicy`],
      globalOauthSettings: globalOauthSettings ? [globalOauthSettings.fullName] : [],
    }),
  };
};

/**
 * What the components of an app are called where nobody chose other names. Setup, this plugin and the org itself name them so.
 * It is worth while to ask for these names early; whether they are the app's the org says.
 */
export const usualNames = (app: string): Names =>
  Object.fromEntries(
    partNames
      .filter((part) => !RARE_PARTS.some((rare) => rare === part))
      .map((part) => [part, [...new Set([PARTS[part].newName(app), ...orgsNames(part, app)])]]),
  );

/** The names of the policies that an org made by itself (see likelyNames). */
const orgsNames = (part: Part, app: string): string[] => {
  if (part === 'policies') return [`${app}_defaultPolicy`];
  return part === 'oauthPolicies' ? [`${PARTS.oauthSettings.newName(app)}_defaultPolicy`] : [];
};

/** The text of the element at a path such as `idTokenConfig.idTokenAudience`. */
export const textOf = (elements: Element[] | undefined, path: string): string | undefined => {
  const [name, ...rest] = path.split('.');
  const found = elements?.find((element) => element.name === name);
  if (!found) return undefined;
  if (rest.length > 0) return 'children' in found ? textOf(found.children, rest.join('.')) : undefined;
  return 'text' in found ? found.text : undefined;
};

/** The children of each element of a name that may stand several times. */
export const groupsOf = (elements: Element[] | undefined, name: string): Element[][] =>
  (elements ?? []).flatMap((element) => (element.name === name && 'children' in element ? [element.children] : []));

/**
 * The elements with those of one name replaced. Elements of a name must stand side by side (a metadata file is a sequence of
 * its type). So the new ones take the first old one's place. Where there was none, they take their alphabetical place.
 */
export const withElements = (elements: Element[], name: string, replacement: Element[]): Element[] => {
  const first = elements.findIndex((element) => element.name === name);
  const others = elements.filter((element) => element.name !== name);
  const alphabetical = others.findIndex((element) => element.name > name);
  const at = first >= 0 ? first : alphabetical >= 0 ? alphabetical : others.length;
  return [...others.slice(0, at), ...replacement, ...others.slice(at)];
};

/** The elements with the text at a path set, or taken away where it is undefined. */
export const withText = (elements: Element[], path: string, text: string | undefined): Element[] => {
  const [name = '', ...rest] = path.split('.');
  if (rest.length === 0) return withElements(elements, name, text === undefined ? [] : [{ name, text }]);
  const children = withText(groupsOf(elements, name)[0] ?? [], rest.join('.'), text);
  return withElements(elements, name, children.length > 0 ? [{ name, children }] : []);
};
