import type { App, Flow, IpRange, Oauth, Wish } from './app.ts';
import { parseAttribute } from './attributes.ts';
import { checkCallbackUrls, parseCallbackUrls } from './callbackUrl.ts';
import { NO_CERTIFICATE } from './certificate.ts';
import { changesOf, merge } from './changes.ts';
import { checkWish } from './checkWish.ts';
import { type FieldPath, fieldsSaid, wholeList } from './fields.ts';
import { FLOWS, parseFlows } from './flows.ts';
import { checkControls, withControls } from './hardened.ts';
import { checkIntegrationUser, type IntegrationUser } from './integrationUser.ts';
import { parseIpRanges, withRanges } from './ipRange.ts';
import { isProblem, type Problem } from './problem.ts';
import { parseScopes } from './scopes.ts';

/** The flags that add to a list of the app, or take something away. */
type AddedSaid = {
  'add-callback-url'?: string[];
  'remove-callback-url'?: string[];
  'add-flow'?: string[];
  'remove-flow'?: string[];
  'add-refresh-token-ip-range'?: string[];
  'remove-refresh-token-ip-range'?: string[];
};

/** The flags of `oauth set` whose values are more than the value of one field. */
type Said = Parameters<typeof fieldsSaid>[0] &
  AddedSaid & {
    flow?: string[];
    scope?: string[];
    'trusted-ip-range'?: string[];
    'refresh-token-ip-range'?: string[];
    'custom-attribute'?: string[];
    hardened: boolean;
    'no-certificate': boolean;
    'remove-certificate': boolean;
  };

/** What flags say of the OAuth settings of an app, and of the integration user to create for it. */
export const oauthSaid = (
  flags: Said & { 'create-user'?: string },
  name: string,
): { said: Wish; integrationUser?: IntegrationUser; problems: Problem[] } => {
  const { wish, problems } = oauthWishFrom(flags, name);
  const username = flags['create-user']?.trim();
  if (username === undefined) return { said: wish, problems };
  const said = merge(wish, { name, oauth: { runAs: username } });
  return { said, integrationUser: { username }, problems: [...problems, ...checkIntegrationUser({ username })] };
};

/** The wish that flags make for the OAuth settings of an app, with the problems that need no org. */
const oauthWishFrom = (flags: Said, name: string): { wish: Wish; problems: Problem[] } => {
  const problems: Problem[] = [];
  const accepted = <T>(values: Array<T | Problem>): T[] =>
    values.flatMap((value) => {
      if (!isProblem(value)) return [value];
      problems.push(value);
      return [];
    });
  const parsed = <T>(texts: string[] | undefined, parse: (texts: string[]) => Array<T | Problem>): T[] | undefined =>
    texts && accepted(parse(texts));
  const { oauth: said } = fieldsSaid(flags);
  if (flags.hardened) problems.push(...checkControls(said));
  const oauth: Oauth = {
    ...(flags.hardened ? withControls(said) : said),
    callbackUrls: said?.callbackUrls && parseCallbackUrls(said.callbackUrls),
    flows: parsed(flags.flow, parseFlows),
    trustedIpRanges: parsed(wholeList(flags['trusted-ip-range']), (texts) => parseIpRanges(texts)),
    refreshTokenIpRanges: parsed(wholeList(flags['refresh-token-ip-range']), parseAllowed),
    customAttributes: parsed(wholeList(flags['custom-attribute']), (texts) =>
      texts.map((text) => parseAttribute(text, 'oauth.customAttributes')),
    ),
    ...((flags['no-certificate'] || flags['remove-certificate']) && { certificateFile: NO_CERTIFICATE }),
  };
  const wish: Wish = { name, oauth, scopes: flags.scope && accepted(parseScopes(flags.scope)) };
  // What the app then has depends on its own. Here only the form can be wrong.
  parsed(flags['add-refresh-token-ip-range'], parseAllowed);
  parsed(flags['remove-refresh-token-ip-range'], parseAllowed);
  parsed(flags['add-flow'], parseFlows);
  parsed(flags['remove-flow'], parseFlows);
  problems.push(...checkCallbackUrls(parseCallbackUrls(flags['add-callback-url'] ?? [])));
  return { wish, problems: [...problems, ...checkWish(wish)] };
};

const parseAllowed = (texts: string[]): Array<IpRange | Problem> => parseIpRanges(texts, 'oauth.refreshTokenIpRanges');

/** The wish with lists of the app. What is to be added is added, and what is to be removed is left out. */
export const withAdded = (wish: Wish, app: App, flags: AddedSaid): Wish => {
  const { callbackUrls = [], flows = [], refreshTokenIpRanges = [] } = app.oauth ?? {};
  const says = (list: 'callback-url' | 'flow' | 'refresh-token-ip-range'): boolean =>
    (flags[`add-${list}`] ?? flags[`remove-${list}`]) !== undefined;
  const oauth: Oauth = {
    ...(says('callback-url') && {
      callbackUrls: together(
        callbackUrls,
        parseCallbackUrls(flags['add-callback-url'] ?? []),
        parseCallbackUrls(flags['remove-callback-url'] ?? []),
      ),
    }),
    ...(says('flow') && { flows: together(flows, flowsIn(flags['add-flow']), flowsIn(flags['remove-flow'])) }),
    ...(says('refresh-token-ip-range') && {
      refreshTokenIpRanges: withRanges(
        refreshTokenIpRanges,
        good(parseAllowed(flags['add-refresh-token-ip-range'] ?? [])),
        good(parseAllowed(flags['remove-refresh-token-ip-range'] ?? [])),
      ),
    }),
  };
  return merge(wish, { name: wish.name, oauth });
};

/** Fields of which the user named what goes away. */
export const removedByName = (flags: AddedSaid): FieldPath[] => [
  ...(flags['remove-callback-url'] ? (['oauth.callbackUrls'] as const) : []),
  ...(flags['remove-flow'] ? (['oauth.flows'] as const) : []),
  ...(flags['remove-refresh-token-ip-range'] ? (['oauth.refreshTokenIpRanges'] as const) : []),
];

const together = <T>(has: T[], added: T[], removed: T[]): T[] =>
  [...new Set([...has, ...added])].filter((one) => !removed.includes(one));

const good = <T>(parsed: Array<T | Problem>): T[] => parsed.filter((one): one is T => !isProblem(one));

const flowsIn = (texts: string[] = []): Flow[] => good(parseFlows(texts));

/** All flows that flags name: those of the whole set, those to add, and those to remove. */
export const flowsNamed = (flags: AddedSaid & { flow?: string[] }): Flow[] =>
  [flags.flow, flags['add-flow'], flags['remove-flow']].flatMap(flowsIn);

/** The flows that an app has when a wish is carried out. */
export const flowsAfter = (app: App | undefined, wish: Wish): Flow[] => wish.oauth?.flows ?? app?.oauth?.flows ?? [];

export const mentionsClientCredentials = ({ oauth }: Wish): boolean =>
  oauth?.runAs !== undefined || oauth?.flows?.includes('client-credentials') === true;

/** Some of a flow's switches, and the run-as user, are the admin's: they are kept in the app's policies. */
export const writesPolicies = ({ oauth }: Wish, flows: Flow[]): boolean =>
  oauth?.runAs !== undefined ||
  oauth?.guestCredentials !== undefined ||
  flows.some((flow) => FLOWS[flow].switches.includes('admin'));

/** Does a wish change the scopes of an app that has scopes? Setting OAuth may only give an app its first scopes. */
export const changesScopesThere = (stored: App, { name, scopes = [] }: Wish): boolean =>
  (stored.scopes?.length ?? 0) > 0 && scopes.length > 0 && changesOf(stored, { name, scopes }).length > 0;
