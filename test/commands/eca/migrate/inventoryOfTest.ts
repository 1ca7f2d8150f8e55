import { noteLogin, SUCCESS, type Way } from '../../../../src/practice/loginHistory.ts';
import type { PracticeOrg } from '../../../../src/practice/org.ts';
import type { PracticeServerOptions } from '../../../../src/practice/practice.ts';
import { rows } from '../../../../src/practice/sobjects/rows.ts';

/** The metadata of a Connected App with OAuth. */
export const connectedAppXml = (label: string, oauthConfig = '', more = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?><ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata"><contactEmail>it@example.com</contactEmail><label>${label}</label><oauthConfig><callbackUrl>https://p.example.com/cb</callbackUrl><scopes>Api</scopes><scopes>RefreshToken</scopes>${oauthConfig}</oauthConfig>${more}</ConnectedApp>`;

/** What was put into an org about one application. */
export type PutIn = {
  logins: number;
  failed: number;
  users: Set<string>;
  addresses: Set<string>;
  ways: Set<Way>;
  tokens: number;
};

/** An org with many apps, and the account of what was put into it. */
export type LargeOrg = { putIn: Map<string, PutIn>; usernames: string[] };

const WAYS: readonly Way[] = ['web-server', 'refresh', 'client-credentials', 'username-password', 'jwt-bearer'];

/** Numbers that look random and are the same each time. */
const numbers = (): ((below: number) => number) => {
  let state = 42;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
};

const labelsOf = (count: number): string[] => Array.from({ length: count }, (_, nth) => `App ${nth}`);

/** Connected Apps for an org: most are its own, and each tenth is a vendor's. */
export const manyApps = (count: number): NonNullable<PracticeServerOptions['connectedApps']> =>
  labelsOf(count).map((label, nth) => ({
    name: nth % 10 === 9 ? `ns__App_${nth}` : `App_${nth}`,
    xml: connectedAppXml(label),
    ...(nth % 20 === 19 && { isInstalled: false }),
  }));

type Amounts = { apps: number; users: number; logins: number; tokens: number; days: number };

/** Fills an org with users, logins and tokens of the apps. The time of the org goes on while it is filled. */
export const fill = (org: PracticeOrg, { apps, users, logins, tokens, days }: Amounts): LargeOrg => {
  const pick = numbers();
  // The first app stays unused.
  const ids = Array.from({ length: users }, (_, nth) => {
    const { Id: _id, ...fields } = org.seeded.standardUser;
    return org.insert('User', { ...fields, Username: `user${nth}@large.example` }).Id;
  });
  const putIn = new Map<string, PutIn>();
  const of = (label: string): PutIn => {
    const there = putIn.get(label);
    if (there) return there;
    const made = {
      logins: 0,
      failed: 0,
      users: new Set<string>(),
      addresses: new Set<string>(),
      ways: new Set<Way>(),
      tokens: 0,
    };
    putIn.set(label, made);
    return made;
  };
  const step = (days * 86_400_000) / (logins + tokens);
  const usernameOf = (nth: number): string => `user${nth}@large.example`;
  const login = (): void => {
    const app = 1 + pick(apps - 1);
    // An app has users and addresses of its own, and some of them in common with others.
    const [user, address] = [(app + pick(20)) % users, `10.0.${app % 7}.${pick(30)}`];
    const way = WAYS[(app + pick(2)) % WAYS.length] ?? 'refresh';
    const failed = pick(20) === 0;
    noteLogin(
      org,
      { userId: ids[user] ?? '', way, application: `App ${app}`, sourceIp: address },
      failed ? 'Failed: expired access/refresh token' : SUCCESS,
    );
    const account = of(`App ${app}`);
    account[failed ? 'failed' : 'logins'] += 1;
    if (failed) return;
    account.users.add(usernameOf(user));
    account.addresses.add(address);
    account.ways.add(way);
  };
  const menu = new Map(org.components('ConnectedApp').map((app) => [String(app.body.label), app] as const));
  const items = new Map(menuItems(org));
  const addToken = (): void => {
    const [app, user] = [1 + pick(apps - 1), pick(users)];
    const label = `App ${app}`;
    org.insert('OauthToken', {
      AppName: label,
      AppMenuItemId: items.get(menu.get(label)?.id ?? '') ?? null,
      UserId: ids[user],
      LastUsedDate: org.now().toISOString(),
      UseCount: 1 + pick(9),
      DeleteToken: `delete-${app}-${user}-${pick(1e9)}`,
    });
    of(label).tokens += 1;
    of(label).users.add(usernameOf(user));
  };
  for (let nth = 0; nth < logins + tokens; nth++) {
    if (nth % Math.ceil((logins + tokens) / tokens) === 0 && tokensIn(putIn) < tokens) addToken();
    else login();
    org.advance(step);
  }
  while (tokensIn(putIn) < tokens) addToken();
  return { putIn, usernames: ids.map((_, nth) => usernameOf(nth)) };
};

const tokensIn = (putIn: Map<string, PutIn>): number =>
  [...putIn.values()].reduce((sum, account) => sum + account.tokens, 0);

/** The items of the app menu, by the id of the app. */
const menuItems = (org: PracticeOrg): Array<[string, string]> =>
  rows(org, 'AppMenuItem', org.seeded.admin.Id).map((item) => [String(item.ApplicationId), item.Id]);
