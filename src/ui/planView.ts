import type { UserPlan } from '../app/integrationUser.ts';
import { withValues, type Advice } from '../app/problem.ts';
import type { Written } from '../app/written.ts';
import { texts } from '../texts.ts';
import { confirmIfAsked, confirmLoss } from './confirmation.ts';
import { adviceLines, planLines, planSummary, type PlannedApp } from './planLines.ts';
import { warnOf } from './problems.ts';
import { userPlanLines, warnOfLockedOut, warnOfMighty } from './userPlan.ts';
import { showPlannedGrants } from './writeResult.ts';

const messages = texts('eca.apply');

/** A plan for an app of a file, with all that is to be said of it before it is carried out. */
export type PlanView = Omit<PlannedApp, 'user'> & {
  /** What the file writes as variables: it is shown as the file has it. */
  written: Written;
  /** What is unwise about the app. */
  advice: Advice[];
  /** What is to be said of the certificate that the app has or gets. */
  certificateAdvice: Advice[];
  /** The flows of the file leave JWT bearer out, and the certificate keeps it on. */
  keepsJwtBearer: boolean;
  /** A certificate that is known to be there is taken away. */
  removesCertificate: boolean;
  /** What is to be done for the integration user, if the file says one. */
  user?: UserPlan;
  /** Does the integration user take a step that is not done? */
  hasUserSteps: boolean;
  /** Who is locked out by the plan, if anybody; `users` is absent where they cannot be read. */
  lockedOut?: { users?: string[] };
  /** Who has access to an app that changes beside its lists. */
  grants?: { listed: string[]; unlisted: string[] };
};

/** The parts of a command that are needed here. */
type Screen = Parameters<typeof confirmLoss>[0] & {
  log(message?: string): void;
  logToStderr(message?: string): void;
  warn(input: string | { name: string; message: string; actions?: string[] }): unknown;
};

/**
 * Shows what is to be done, and warns of what is unwise about it. Who has access beside the lists of the policies is told here:
 * after the question it is too late to say no.
 *
 * @param target an app in its org, as `sameApp` gives it
 */
export const showPlan = (screen: Screen, views: PlanView[], target: (app: string) => string): void => {
  const apps = views.map(asWritten);
  for (const line of [...planLines(apps), '', planSummary(apps)]) screen.log(line);
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

/** Asks whether to go on, and names what would be lost. */
export const confirmPlan = async (
  screen: Screen,
  flags: { 'no-prompt': boolean },
  views: PlanView[],
): Promise<void> => {
  const namesOf = (which: (view: PlanView) => boolean): string =>
    views
      .filter(which)
      .map(({ name, written }) => written.value(name, 'name'))
      .join(', ');
  const deletions = namesOf(({ action }) => action === 'delete');
  const removals = namesOf(({ removesCertificate }) => removesCertificate);
  const losses = [
    ...(deletions ? [messages.getMessage('prompt.deletion', [deletions])] : []),
    ...(removals ? [messages.getMessage('prompt.removal', [removals])] : []),
  ];
  const question = [...losses, messages.getMessage('prompt')].join(' ');
  await (losses.length === 0 ? confirmIfAsked(screen, flags, question) : confirmLoss(screen, flags, question));
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

/** Advice that quotes the file as it is written, variables by their names. */
const inQuotes = ({ certificateAdvice, written }: PlanView): Advice[] =>
  certificateAdvice.map((advice) => withValues(advice, (value) => written.quoted(value)));
