import type { App, Flow, Oauth, Wish } from './app.ts';
import { NO_CERTIFICATE } from './certificate.ts';
import { changesOf } from './changes.ts';
import { checkWish } from './checkWish.ts';
import { fieldsSaid, wholeList } from './fields.ts';
import { FLOWS, parseFlow } from './flows.ts';
import { parseIpRange } from './ipRange.ts';
import { isProblem, type Problem } from './problem.ts';
import { parseScopes } from './scopes.ts';

/** The flags of `oauth set` whose values are more than the value of one field. */
type Said = Parameters<typeof fieldsSaid>[0] & {
  flow?: string[];
  scope?: string[];
  'trusted-ip-range'?: string[];
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
  const parsed = <T>(texts: string[] | undefined, parse: (text: string) => T | Problem): T[] | undefined =>
    texts && accepted(texts.map((text) => parse(text)));
  const oauth: Oauth = {
    ...fieldsSaid(flags).oauth,
    flows: parsed(flags.flow, parseFlow),
    trustedIpRanges: parsed(wholeList(flags['trusted-ip-range']), parseIpRange),
    ...((flags['no-certificate'] || flags['remove-certificate']) && { certificateFile: NO_CERTIFICATE }),
  };
  const wish: Wish = { name, oauth, scopes: flags.scope && accepted(parseScopes(flags.scope)) };
  return { wish, problems: [...problems, ...checkWish(wish)] };
};

/** The flows that an app has when a wish is carried out. */
export const flowsAfter = (app: App | undefined, wish: Wish): Flow[] => wish.oauth?.flows ?? app?.oauth?.flows ?? [];

export const mentionsClientCredentials = ({ oauth }: Wish): boolean =>
  oauth?.runAs !== undefined || oauth?.flows?.includes('client-credentials') === true;

/** Some of a flow's switches, and the run-as user, are the admin's: they are kept in the app's policies. */
export const writesPolicies = ({ oauth }: Wish): boolean =>
  oauth?.runAs !== undefined || oauth?.flows?.some((flow) => FLOWS[flow].switches.includes('admin')) === true;

/** Does a wish change the scopes of an app that has scopes? Setting OAuth may only give an app its first scopes. */
export const changesScopesThere = (stored: App, { name, scopes = [] }: Wish): boolean =>
  (stored.scopes?.length ?? 0) > 0 && scopes.length > 0 && changesOf(stored, { name, scopes }).length > 0;
