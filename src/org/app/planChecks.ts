import { merge } from '../../app/changes.ts';
import { checkNewApp, checkWholeApp, checkWish } from '../../app/checkWish.ts';
import { judgePolicies } from '../../app/policies.ts';
import type { Advice, Problem } from '../../app/problem.ts';
import { judgeScopes } from '../../app/scopes.ts';
import type { Permission } from '../users/permissions.ts';
import { certificateProblem } from './certificateTerms.ts';
import { isAdmins, type Part } from './components.ts';
import { partsSent } from './draft.ts';
import type { Plan } from './plan.ts';

/** All that is known to be wrong with a plan before the org is asked, each with its field. */
export const checkPlan = (planned: Plan): Problem[] => {
  const { app, action, stored, wish } = planned;
  if (action === 'none') return stored ? certificateMissing(planned) : [];
  if (action === 'delete') {
    return stored?.installed ? [{ code: 'plan.installedAppDeletion', values: [app] }] : [];
  }
  if (stored?.installed) return [...checkWish(wish, stored.app), ...notTheirs(planned)];
  return [
    ...(stored ? checkWish(wish, stored.app) : checkNewApp(wish)),
    ...newlyIncomplete(planned),
    ...certificateMissing(planned),
    ...certificateProblems(planned),
  ];
};

/** What an app would lack to work, if it does not lack it already. */
const newlyIncomplete = ({ app, stored, wish }: Plan): Problem[] => {
  const whole = merge(stored?.app, wish);
  const before = new Set(stored && checkWholeApp(stored.app).map(({ code }) => code));
  // Scopes are kept in the OAuth settings, and policies belong to them. Neither needs the global OAuth settings.
  const hasHome = stored?.components.oauthSettings !== undefined;
  const homeless = (['scopes', 'customScopes', 'policies'] as const).find((field) => wish[field] !== undefined);
  const incomplete = checkWholeApp(whole).filter(({ code }) => !before.has(code));
  return homeless && !whole.oauth && !hasHome
    ? [...incomplete, { code: 'plan.oauthMissing', values: [app], field: homeless }]
    : incomplete;
};

/** A flow that needs a certificate, for an app that is known to have none and is given none. */
const certificateMissing = ({ app, stored, wish }: Plan): Problem[] => {
  const { flows, certificateFile } = wish.oauth ?? {};
  const hasNone = (stored?.certificate.there ?? 'no') === 'no';
  return hasNone && certificateFile === undefined && flows?.includes('jwt-bearer')
    ? [{ code: 'plan.certificateMissing', values: [app], field: 'oauth.flows' }]
    : [];
};

const certificateProblems = (planned: Plan): Problem[] => {
  const problem = certificateProblem(planned);
  if (!problem) return [];
  const field = planned.changes.find(({ field: changed }) => changed.startsWith('oauth.'))?.field ?? 'oauth';
  if (problem.code === 'error.certificateNeeded')
    return [{ code: 'plan.certificateNeeded', values: problem.values, field }];
  if (problem.code === 'error.certificateFileNeeded')
    return [{ code: 'plan.certificateFileNeeded', values: problem.values, field }];
  return [{ ...problem, field }];
};

/** Of an installed app only the policies are its admin's. */
const notTheirs = (planned: Plan): Problem[] => {
  const foreign = planned.changes
    .filter((change) => partsSent({ ...planned, changes: [change] }).some((part) => !isAdmins(part)))
    .map(({ field }) => field);
  return foreign.length > 0
    ? [{ code: 'plan.installedApp', values: [planned.app, foreign.join(', ')], field: foreign[0] }]
    : [];
};

/** The user permissions that writing all of this needs. */
export const permissionsFor = (plans: Plan[]): Permission[] => {
  const parts = new Set(
    plans.flatMap((planned): Part[] => {
      if (planned.action === 'none') return [];
      return planned.action === 'delete' ? ['application'] : partsSent(planned);
    }),
  );
  return [
    ...([...parts].some(isAdmins) ? (['ExternalClientAppAdmin'] as const) : []),
    ...([...parts].some((part) => !isAdmins(part)) ? (['ExternalClientAppDeveloper'] as const) : []),
  ];
};

/** What is unwise about an app that is written; of the others nobody asked. */
export const judgePlan = ({ action, stored, wish }: Plan): Advice[] => {
  if (action !== 'create' && action !== 'change') return [];
  const app = merge(stored?.app, wish);
  return app.oauth ? [...judgeScopes(app.scopes ?? [], app.oauth.flows ?? []), ...judgePolicies(app)] : [];
};
