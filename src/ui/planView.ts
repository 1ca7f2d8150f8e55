import type { UserPlan } from '../app/integrationUser.ts';
import { type Advice, withValues } from '../app/problem.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import type { Written } from '../app/written.ts';
import { texts } from '../texts.ts';
import { confirmDeletion, confirmIfAsked, confirmLoss } from './confirmation.ts';
import { adviceLines, planLines, planMarkdown, type PlannedApp, planSummary } from './planLines.ts';
import { warnOf } from './problems.ts';
import { askedOf } from './targetOrg.ts';
import { userPlanLines, warnOfLockedOut, warnOfMighty } from './userPlan.ts';
import { showPlannedGrants } from './writeResult.ts';

const messages = texts('eca.apply');

/** A plan for an app of a file, with everything that the user should know before it runs. */
export type PlanView = Omit<PlannedApp, 'user'> & {
  /** The texts that came from variables; the screen shows them as the file has them. */
  written: Written;
  /** Advice about the app. */
  advice: Advice[];
  /** Advice about the certificate that the app has or gets. */
  certificateAdvice: Advice[];
  /** True if the file's flows omit JWT bearer and the certificate keeps this flow on. */
  keepsJwtBearer: boolean;
  /** True if the plan removes a certificate of the app. */
  removesCertificate: boolean;
  /** The steps for the integration user, if the file has one. */
  user?: UserPlan;
  /** True if a step for the integration user is open. */
  hasUserSteps: boolean;
  /** The users whom the plan locks out, if any; `users` is absent if the org does not show them. */
  lockedOut?: { users?: string[] };
  /** For an app that changes: who has access beside its lists. */
  grants?: { listed: string[]; unlisted: string[] };
};

/** The parts of a command that show a plan. */
type Screen = Parameters<typeof confirmLoss>[0] & {
  log(message?: string): void;
  logToStderr(message?: string): void;
  warn(input: string | { name: string; message: string; actions?: string[] }): unknown;
};

/**
 * Shows the plans and their advice. This also shows who has access beside the lists of the policies. After the question
 * the user cannot say no any more.
 *
 * @param target gives the flags that name an app and its org, as `sameApp` does
 * @param markdown the plan as `markdownOf` gives it, to be shown instead of lines
 */
export const showPlan = (
  screen: Screen,
  views: PlanView[],
  target: (app: string) => string,
  markdown: string | undefined,
): void => {
  const apps = views.map(asWritten);
  for (const line of markdown === undefined ? [...planLines(apps), '', planSummary(apps)] : [markdown])
    screen.log(line);
  for (const { name, advice, written } of views) {
    if (advice.length === 0) continue;
    const quoted = (text: string): string => written.quoted(text);
    screen.warn(messages.createWarning('warning.unwise', [quoted(name), adviceLines(advice).map(quoted)]));
  }
  for (const view of views) warnOfUser(screen, view, target(view.name));
  for (const view of views) {
    warnOf(screen, inQuotes(view), view.name);
    if (view.keepsJwtBearer) screen.warn(messages.createWarning('warning.jwtBearerStays', [view.name]));
  }
  for (const { name, grants, written } of views) if (grants) showPlannedGrants(screen, written.quoted(name), grants);
};

/** The plans for a ticket or a pull request. */
export const markdownOf = (views: PlanView[], org: TargetOrg): string => planMarkdown(views.map(asWritten), org);

/** Asks whether to continue, and names what would be lost. */
export const confirmPlan = async (
  screen: Screen,
  flags: { 'no-prompt': boolean },
  views: PlanView[],
  org: TargetOrg,
): Promise<void> => {
  const namesOf = (which: (view: PlanView) => boolean): string[] =>
    views.filter(which).map(({ name, written }) => written.value(name, 'name'));
  const deletions = namesOf(({ action }) => action === 'delete');
  const removals = namesOf(({ removesCertificate }) => removesCertificate);
  const losses = [
    ...(deletions.length > 0 ? [messages.getMessage('prompt.deletion', [deletions.join(', ')])] : []),
    ...(removals.length > 0 ? [messages.getMessage('prompt.removal', [removals.join(', ')])] : []),
  ];
  const question = [...losses, messages.getMessage('prompt')].join(' ');
  if (losses.length === 0) await confirmIfAsked(screen, flags, askedOf(org, question));
  else if (deletions.length === 0) await confirmLoss(screen, flags, askedOf(org, question));
  else await confirmDeletion(screen, flags, question, { org, names: deletions });
};

const asWritten = ({ name, action, changes, notCompared, written, user, hasUserSteps }: PlanView): PlannedApp => ({
  name: written.value(name, 'name'),
  action,
  changes: changes.map((change) => ({ ...change, after: written.value(change.after, change.field) })),
  notCompared,
  ...(user && hasUserSteps && { user: userPlanLines(user).map((line) => written.text(line)) }),
});

const warnOfUser = (screen: Screen, { name, user, lockedOut, written }: PlanView, target: string): void => {
  if (!user) return;
  const inVariables: Parameters<typeof warnOfMighty>[0] = {
    warn: (warning) => screen.warn({ ...warning, message: written.text(warning.message) }),
  };
  if (lockedOut) warnOfLockedOut(inVariables, name, lockedOut.users, target);
  warnOfMighty(inVariables, user);
};

/** Advice that quotes the file with the names of its variables, not with their values. */
const inQuotes = ({ certificateAdvice, written }: PlanView): Advice[] =>
  certificateAdvice.map((advice) => withValues(advice, (value) => written.quoted(value)));
