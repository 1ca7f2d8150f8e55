import type { Policies, Wish } from '../app.ts';
import { distinctNames, sameName } from '../name.ts';
import type { NamesInOrg } from './context.ts';

/** Who may use a Connected App, as the org's records say: names of permission sets and of profiles. */
export type Access = { permissionSets: string[]; profiles: string[] };

/**
 * The org's names for the plan of one Connected App. Several permission sets may have one label. Then those count that
 * may use the app.
 */
export const namesFor = (names: NamesInOrg, access: Access | undefined): NamesInOrg => {
  if (!access) return names;
  const hasAccess = (name: string): boolean => access.permissionSets.some((one) => sameName(one, name));
  const labels = new Set(
    names.permissionSets.filter(({ name }) => hasAccess(name)).map(({ label }) => label.toLowerCase()),
  );
  return {
    ...names,
    permissionSets: names.permissionSets.filter(
      ({ name, label }) => !labels.has(label.toLowerCase()) || hasAccess(name),
    ),
  };
};

/**
 * The wish with everybody in its lists who may use the Connected App. An app that is open to all needs no lists.
 *
 * @returns `added`: those whom the metadata of the Connected App does not name
 */
export const withAccess = (wish: Wish, access: Access | undefined): { wish: Wish; added: Access } => {
  const { policies } = wish;
  const none = { wish, added: { permissionSets: [], profiles: [] } };
  if (!access || policies?.permittedUsers !== 'admin-approved') return none;
  const missing = (key: keyof Access): string[] =>
    distinctNames(access[key]).filter((name) => !policies[key]?.some((one) => sameName(one, name)));
  const added = { permissionSets: missing('permissionSets'), profiles: missing('profiles') };
  const lists: Partial<Policies> = {};
  for (const key of ['permissionSets', 'profiles'] as const)
    if (added[key].length > 0) lists[key] = [...(policies[key] ?? []), ...added[key]];
  return { wish: { ...wish, policies: { ...policies, ...lists } }, added };
};
