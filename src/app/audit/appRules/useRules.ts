import { tell } from '../auditText.ts';
import type { AppRule } from '../rule.ts';
import { lastUseOf, tokensOf, unusedSince } from '../use.ts';

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

/** The usernames of tokens, each once. */
const usersOf = (tokens: Array<{ username: string }>): string[] => [...new Set(tokens.map(({ username }) => username))];

/** More users than this are not named. */
const NAMED_MAX = 5;

const named = (usernames: string[]): string =>
  [...usernames.slice(0, NAMED_MAX), ...(usernames.length > NAMED_MAX ? ['...'] : [])].join(', ');

const revoke = (app: string, usernames: string[]): { commands: string[][] } => ({
  commands: usernames.map((username) => ['sf', 'eca', 'tokens', 'revoke', '--name', app, '--username', username]),
});

/** Rules about who uses the app and its tokens, and who answers for it. */
export const USE_RULES: readonly AppRule[] = [
  {
    about: 'app',
    id: 'ECA601',
    name: 'unused',
    looksAt: ['enabled'],
    score: 3.5,
    sources: ['Security Benchmark for Salesforce, SBS-OAUTH-003'],
    needs: ['tokens', 'logins'],
    // An app that somebody changed lately is being set up.
    applies: ({ app, lastModified }, facts) => app.enabled !== false && lastModified < unusedSince(facts),
    judge: (one, facts) => {
      const last = lastUseOf(one, facts);
      if (last !== undefined && last >= unusedSince(facts)) return undefined;
      const days = String(facts.unusedDays);
      return { text: last ? tell('ECA601.found', dayOf(last), days) : tell('ECA601.found.never', days) };
    },
    fix: () => ({ wish: { enabled: false } }),
  },
  {
    about: 'app',
    id: 'ECA602',
    name: 'tokens-of-inactive-users',
    looksAt: [],
    score: 5.9,
    sources: ['Object Reference, OauthToken and User.IsActive'],
    needs: ['tokens'],
    judge: (one, facts) => {
      const users = usersOf(tokensOf(one, facts).filter(({ userActive }) => userActive === false));
      return users.length > 0 ? { text: tell('ECA602.found', String(users.length), named(users)) } : undefined;
    },
    fix: (one, facts) =>
      revoke(one.app.name, usersOf(tokensOf(one, facts).filter(({ userActive }) => userActive === false))),
  },
  {
    about: 'app',
    id: 'ECA603',
    name: 'stale-tokens',
    looksAt: [],
    score: 4.2,
    sources: ['Object Reference, OauthToken.LastUsedDate'],
    needs: ['tokens'],
    judge: (one, facts) => {
      const users = usersOf(staleTokens(one, facts));
      const values = [String(users.length), String(facts.unusedDays), named(users)] as const;
      return users.length > 0 ? { text: tell('ECA603.found', ...values) } : undefined;
    },
    fix: (one, facts) => revoke(one.app.name, usersOf(staleTokens(one, facts))),
  },
  {
    about: 'app',
    id: 'ECA604',
    name: 'tokens-older-than-policies',
    looksAt: ['policies.permittedUsers'],
    score: 4.9,
    sources: ['Object Reference, OauthToken.CreatedDate'],
    needs: ['tokens', 'policies'],
    applies: ({ app }) => app.policies?.permittedUsers === 'admin-approved',
    judge: (one, facts) => {
      const { policiesModified } = one;
      if (policiesModified === undefined) return undefined;
      const old = tokensOf(one, facts).filter(({ created }) => created !== undefined && created < policiesModified);
      return old.length > 0 ? { text: tell('ECA604.found', String(old.length), dayOf(policiesModified)) } : undefined;
    },
    fix: ({ app }) => ({ commands: [['sf', 'eca', 'tokens', 'revoke', '--name', app.name, '--all-users']] }),
  },
  {
    about: 'app',
    id: 'ECA701',
    name: 'owner-unknown',
    looksAt: ['contactEmail', 'description'],
    withoutOauth: true,
    score: 0,
    sources: ['Security Benchmark for Salesforce, SBS-OAUTH-003'],
    needs: ['contacts'],
    applies: ({ installed }) => !installed,
    judge: ({ app }, { contacts }) => {
      const isKnown = app.contactEmail !== undefined && contacts.has(app.contactEmail.toLowerCase());
      if (isKnown || app.description) return undefined;
      return { text: tell('ECA701.found', app.contactEmail ?? '-') };
    },
  },
];

const staleTokens: (...given: Parameters<typeof tokensOf>) => ReturnType<typeof tokensOf> = (one, facts) =>
  tokensOf(one, facts).filter(
    ({ lastUsed, created }) =>
      (lastUsed ?? created) !== undefined && (lastUsed ?? created ?? facts.now) < unusedSince(facts),
  );
