import type { App, Flow, IpRange, Oauth, Wish } from './app.ts';
import { parseAttribute } from './attributes.ts';
import { parseCallbackUrls } from './callbackUrl.ts';
import { NO_CERTIFICATE } from './certificate.ts';
import { changesOf, merge } from './changes.ts';
import { checkWish } from './checkWish.ts';
import { fieldsSaid, wholeList } from './fields.ts';
import { FLOWS, parseFlows } from './flows.ts';
import { checkControls, withControls } from './hardened.ts';
import { parseIpRanges, withRanges } from './ipRange.ts';
import { isProblem, type Problem } from './problem.ts';
import { parseScopes } from './scopes.ts';

/** The flags that add IP ranges for refresh tokens to those of the app, or take some away. */
type RangesSaid = { 'add-refresh-token-ip-range'?: string[]; 'remove-refresh-token-ip-range'?: string[] };

/** The flags of `oauth set` whose values are more than the value of one field. */
type Said = Parameters<typeof fieldsSaid>[0] &
  RangesSaid & {
    flow?: string[];
    scope?: string[];
    'trusted-ip-range'?: string[];
    'refresh-token-ip-range'?: string[];
    'custom-attribute'?: string[];
    hardened: boolean;
    'no-certificate': boolean;
    'remove-certificate': boolean;
  };

/** The wish that flags make for the OAuth settings of an app, with the problems that need no org. */
export const oauthWishFrom = (flags: Said, name: string): { wish: Wish; problems: Problem[] } => {
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
  // Which ranges the app then has depends on its own. Here only their form can be wrong.
  parsed(flags['add-refresh-token-ip-range'], parseAllowed);
  parsed(flags['remove-refresh-token-ip-range'], parseAllowed);
  return { wish, problems: [...problems, ...checkWish(wish)] };
};

const parseAllowed = (texts: string[]): Array<IpRange | Problem> => parseIpRanges(texts, 'oauth.refreshTokenIpRanges');

/** The wish with the app's own IP ranges for refresh tokens, plus those to add, less those to remove. */
export const withAllowlist = (wish: Wish, app: App, flags: RangesSaid): Wish => {
  const { 'add-refresh-token-ip-range': add, 'remove-refresh-token-ip-range': remove } = flags;
  if (!add && !remove) return wish;
  const inRanges = (texts: string[] = []): IpRange[] =>
    parseAllowed(texts).filter((range): range is IpRange => !isProblem(range));
  const refreshTokenIpRanges = withRanges(app.oauth?.refreshTokenIpRanges ?? [], inRanges(add), inRanges(remove));
  return merge(wish, { name: wish.name, oauth: { refreshTokenIpRanges } });
};

/** The flows that an app has when a wish is carried out. */
export const flowsAfter = (app: App | undefined, wish: Wish): Flow[] => wish.oauth?.flows ?? app?.oauth?.flows ?? [];

export const mentionsClientCredentials = ({ oauth }: Wish): boolean =>
  oauth?.runAs !== undefined || oauth?.flows?.includes('client-credentials') === true;

/** Some of a flow's switches, and the run-as user, are the admin's: they are kept in the app's policies. */
export const writesPolicies = ({ oauth }: Wish): boolean =>
  oauth?.runAs !== undefined ||
  oauth?.guestCredentials !== undefined ||
  oauth?.flows?.some((flow) => FLOWS[flow].switches.includes('admin')) === true;

/** Does a wish change the scopes of an app that has scopes? Setting OAuth may only give an app its first scopes. */
export const changesScopesThere = (stored: App, { name, scopes = [] }: Wish): boolean =>
  (stored.scopes?.length ?? 0) > 0 && scopes.length > 0 && changesOf(stored, { name, scopes }).length > 0;
