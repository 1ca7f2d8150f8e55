import { CALLBACK_URLS_MAX_LENGTH, checkCallbackUrl } from '../callbackUrl.ts';
import { NAME_MAX_LENGTH, splitNamespace, suggestName } from '../name.ts';
import { checkUrl } from '../url.ts';
import { type ConnectedApp, hasGroup, textsAt } from './connectedApp.ts';

/**
 * The certificate of a Connected App: the file to which it is written, for the new app's `certificateFile`. Or the reason
 * why a JWT client cannot use it, in words.
 */
export type CertificateInApp = { file: string; expires: Date } | { refused: string };

/** Does the org block the two flows that end? A blocked flow works with no Connected App. */
export type FlowSwitches = { passwordFlowBlocked: boolean; userAgentFlowBlocked: boolean };

/** What an org says that a plan looks at: names that a Connected App may have, and switches for flows. */
export type NamesInOrg = {
  permissionSets: ReadonlyArray<{ name: string; label: string }>;
  profiles: readonly string[];
  /** API names of the external client apps, as far as the user may see them. */
  apps?: readonly string[];
  /** Absent where the user may not see the settings of the org. */
  flowSwitches?: FlowSwitches;
};

export type MigrationOptions = {
  /** Name of the new app. */
  as?: string;
  /** Username of the user as whom the client-credentials flow runs. */
  runAs?: string;
  /** Close the new app to all but the users whom an admin approves. */
  adminApproved?: boolean;
  /** Absent when the Connected App has no certificate. */
  certificate?: CertificateInApp;
  /** Absent when nobody asked an org. */
  org?: NamesInOrg;
};

/** A Connected App and all that its elements are answered with. */
export type ConnectedAppContext = {
  app: ConnectedApp;
  /** Name of the new app. */
  name: string;
  options: MigrationOptions;
  /** Can the new app have OAuth? It needs a callback URL. */
  hasOauth: boolean;
  /** Can the new app have SAML? It needs both addresses of the service provider. */
  hasSaml: boolean;
  /** The callback URLs that the new app can have. */
  callbackUrls: string[];
  /** The first text at a path. */
  text: (path: string) => string | undefined;
  isOn: (path: string) => boolean;
};

/** Line breaks between the callback URLs of one element. */
export const LINE_BREAKS = /\r\n|\r|\n/;

const ENDING = '_ECA';

/** The name of the new app: a name of its own, because the old app stays beside it. */
export const newNameOf = (connectedApp: string): string => {
  const { name } = splitNamespace(connectedApp);
  const start = suggestName(name)
    .slice(0, NAME_MAX_LENGTH - ENDING.length)
    .replace(/_$/, '');
  return `${start}${ENDING}`;
};

export const contextOf = (app: ConnectedApp, options: MigrationOptions): ConnectedAppContext => {
  const text = (path: string): string | undefined => textsAt(app, path)[0];
  const callbackUrls = usable(
    textsAt(app, 'oauthConfig.callbackUrl').flatMap((urls) => urls.split(LINE_BREAKS).map((url) => url.trim())),
  );
  return {
    app,
    name: options.as ?? newNameOf(app.name),
    options,
    hasOauth: hasGroup(app, 'oauthConfig') && callbackUrls.length > 0,
    hasSaml: isUsableUrl(text('samlConfig.acsUrl')) && text('samlConfig.entityUrl') !== undefined,
    callbackUrls,
    text,
    isOn: (path) => text(path)?.toLowerCase() === 'true',
  };
};

const isUsableUrl = (url: string | undefined): boolean =>
  url !== undefined && checkUrl(url, 'saml.acsUrl') === undefined;

/** The URLs that an external client app takes, each once. All of them together have a limited length. */
const usable = (urls: string[]): string[] => {
  const kept: string[] = [];
  for (const url of new Set(urls)) {
    if (url === '' || checkCallbackUrl(url) !== undefined) continue;
    if ([...kept, url].join('\n').length <= CALLBACK_URLS_MAX_LENGTH) kept.push(url);
  }
  return kept;
};
