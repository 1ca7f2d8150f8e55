import type { AddressGroup, InventoryFacts, ListedApp, LoginGroup, TokenRow } from './inventoryFacts.ts';

/** What a Connected App was used with. The last two are flows that end, the third last is a login without OAuth. */
export const SEEN_FLOWS = [
  'web-server',
  'client-credentials',
  'token-exchange',
  'refresh',
  'unnamed',
  'soap',
  'user-agent',
  'username-password',
] as const;

export type SeenFlow = (typeof SEEN_FLOWS)[number];

/**
 * LoginHistory.LoginSubType (Object Reference). JWT bearer, device, and code and credentials have no value of their own,
 * so a login of theirs is unnamed.
 */
const FLOW_OF: Readonly<Record<string, SeenFlow>> = {
  OauthUsernamePassword: 'username-password',
  OauthUserAgent: 'user-agent',
  OauthUserAgentIdToken: 'user-agent',
  OauthHybridUserAgent: 'user-agent',
  OauthWebServer: 'web-server',
  OauthHybridWebServer: 'web-server',
  OauthRefreshToken: 'refresh',
  OauthHybridRefresh: 'refresh',
  OauthClientCredentials: 'client-credentials',
  OauthTokenExchange: 'token-exchange',
};

export const flowOf = (subType = ''): SeenFlow =>
  FLOW_OF[subType] ?? (/^SoapApiLogin/.test(subType) ? 'soap' : 'unnamed');

/** The LoginType of OAuth logins. Salesforce's guide, a live org and a query spell it in three ways. */
const OAUTH_TYPES = /^(?:remote access|oauth)/i;

/** Did the login come through a client app? */
export const isOfClientApp = ({ loginType, subType = '' }: LoginGroup): boolean =>
  OAUTH_TYPES.test(loginType) || /^Oauth/.test(subType);

/** What was seen of one app, and of all that have its label. */
export type Use = { tokens: TokenRow[]; logins: LoginGroup[]; addresses: AddressGroup[] };

/** An app that the org lists, or an app that is known by its use alone. */
export type KnownApp = {
  label: string;
  listed?: ListedApp;
  /** Other apps with this label. Logins do not say which of them it was. */
  sameLabel: string[];
  use: Use;
};

const fold = (text: string): string => text.trim().toLowerCase();

/** Groups by a text whose case does not count. */
const byLabel = <Row>(rows: Row[], labelOf: (row: Row) => string): Map<string, Row[]> =>
  Map.groupBy(rows, (row) => fold(labelOf(row)));

const labelOf = (app: ListedApp, { applications, menu }: InventoryFacts): string => {
  const inMetadata = app.app?.elements.find(({ name }) => name === 'label');
  return (
    applications.find(({ id }) => id === app.id)?.label ??
    menu.find(({ appId }) => appId === app.id)?.label ??
    (inMetadata && 'text' in inMetadata ? inMetadata.text.trim() : app.name)
  );
};

/** Every app that the org lists, or whose tokens or logins were seen, with what was seen of it. */
export const appsWithUse = (facts: InventoryFacts): KnownApp[] => {
  const listed = [...facts.listed, ...onlyInRecords(facts)].map((app) => ({ app, label: labelOf(app, facts) }));
  const tokens = sortTokens(facts, listed);
  const logins = byLabel(facts.logins, ({ application }) => application);
  const addresses = byLabel(facts.addresses, ({ application }) => application);
  const useOf = (label: string, own: TokenRow[]): Use => ({
    tokens: own,
    logins: logins.get(fold(label)) ?? [],
    addresses: addresses.get(fold(label)) ?? [],
  });
  const labels = [
    ...listed.map(({ app, label }) => ({ name: app.name, label })),
    ...facts.externalApps,
    ...[...tokens.unlisted.values()].flatMap(([first]) => (first ? [{ name: '', label: first.label }] : [])),
  ];
  const others = (label: string, name: string): string[] =>
    labels.filter((one) => fold(one.label) === fold(label) && one.name !== name).map((one) => one.name || one.label);
  return [
    ...listed.map(({ app, label }): KnownApp => ({
      label,
      listed: app,
      sameLabel: others(label, app.name),
      use: useOf(label, tokens.ofListed.get(app) ?? []),
    })),
    ...onlySeen(facts, listed, tokens.unlisted).map((label): KnownApp => ({
      label,
      sameLabel: others(label, ''),
      use: useOf(label, tokens.unlisted.get(fold(label)) ?? []),
    })),
  ];
};

/** Apps of ConnectedApplication that the list of the Metadata API lacks: it may be closed to the user. */
const onlyInRecords = ({ listed, applications, sources }: InventoryFacts): ListedApp[] => {
  const isListRead = sources.some(({ source, seen }) => source === 'list' && seen === 'all');
  const known = new Set(listed.map(({ id }) => id));
  return applications
    .filter(({ id }) => !known.has(id))
    .map(({ id, label }) => ({ id, name: label, isInstalled: isListRead }));
};

type Labelled = { app: ListedApp; label: string };

/** Tokens by app. A token names the item of its app in the app menu, or else only a label. */
const sortTokens = (
  { tokens, menu, externalApps }: InventoryFacts,
  listed: Labelled[],
): { ofListed: Map<ListedApp, TokenRow[]>; unlisted: Map<string, TokenRow[]> } => {
  const itemsById = new Map(menu.map((item) => [item.id, item]));
  const ofListed = new Map<ListedApp, TokenRow[]>();
  const unlisted = new Map<string, TokenRow[]>();
  const external = new Set(externalApps.map(({ label }) => fold(label)));
  const add = <Key>(map: Map<Key, TokenRow[]>, key: Key, token: TokenRow): void => {
    const there = map.get(key);
    if (there) there.push(token);
    else map.set(key, [token]);
  };
  for (const token of tokens) {
    const item = token.menuItemId === undefined ? undefined : itemsById.get(token.menuItemId);
    if (item?.isConnectedApp === false) continue;
    const label = fold(token.label);
    const owner = item
      ? listed.find(({ app }) => app.id === item.appId)
      : listed.find((one) => fold(one.label) === label && (token.menuItemId !== undefined || menu.length === 0));
    if (owner) add(ofListed, owner.app, token);
    else if (!external.has(label)) add(unlisted, label, token);
  }
  return { ofListed, unlisted };
};

/** Labels of apps that only tokens or logins show. A login of an external client app has the label of that app. */
const onlySeen = (
  { logins, externalApps }: InventoryFacts,
  listed: Labelled[],
  unlisted: Map<string, TokenRow[]>,
): string[] => {
  const known = new Set([...listed.map(({ label }) => fold(label)), ...externalApps.map(({ label }) => fold(label))]);
  const labels = new Map([...unlisted].map(([key, rows]) => [key, rows[0]?.label ?? key]));
  for (const login of logins) {
    const key = fold(login.application);
    if (key !== '' && !known.has(key) && !labels.has(key) && isOfClientApp(login)) labels.set(key, login.application);
  }
  return [...labels.values()];
};
