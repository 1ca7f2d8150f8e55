import type { ApplicationLogin, AuditedApp, AuditFacts, TokenUse } from './facts.ts';

const keyOf = (name: string): string => name.trim().toLowerCase();

/** Rows by the name of their app. An org may have tokens by the ten thousand, so each list is gone through once. */
const byApp = <Row>(nameOf: (row: Row) => string): ((rows: Row[], one: AuditedApp) => Row[]) => {
  const indexes = new WeakMap<Row[], Map<string, Row[]>>();
  return (rows, { app }) => {
    const index = indexes.get(rows) ?? Map.groupBy(rows, (row) => keyOf(nameOf(row)));
    indexes.set(rows, index);
    // An org names an app by its label there, or by its API name.
    const names = new Set([keyOf(app.name), keyOf(app.label ?? app.name)]);
    return [...names].flatMap((name) => index.get(name) ?? []);
  };
};

const tokensByApp = byApp<TokenUse>(({ appName }) => appName);
const loginsByApp = byApp<ApplicationLogin>(({ application }) => application);

/** The tokens of an app. */
export const tokensOf = (one: AuditedApp, { tokens }: AuditFacts): TokenUse[] => tokensByApp(tokens, one);

/** When anybody last used the app, by its tokens and by logins. Undefined where neither shows a use. */
export const lastUseOf = (one: AuditedApp, facts: AuditFacts): Date | undefined => {
  const times = [
    ...tokensOf(one, facts).flatMap(({ lastUsed }) => lastUsed ?? []),
    ...loginsByApp(facts.logins, one).map(({ last }) => last),
  ];
  return times.reduce<Date | undefined>((latest, time) => (latest && latest > time ? latest : time), undefined);
};

const DAY = 86_400_000;

/** The moment before which a use is too long ago to count. */
export const unusedSince = ({ now, unusedDays }: AuditFacts): Date => new Date(now.getTime() - unusedDays * DAY);
