import type { App, Change } from '../app/app.ts';
import type { CertificateKnowledge } from '../app/certificate.ts';
import type { UserPlan, UserStep } from '../app/integrationUser.ts';
import { tooPowerful, type UserFacts } from '../app/user.ts';
import { texts } from '../texts.ts';
import type { Screen } from './screen.ts';
import { appChangeLines, permissionsInWords, userPlanLines, warnOfPowers } from './userPlan.ts';
import { forReal, type NextStep, showGrants, showNext, showPlannedGrants, warnOfNotApplied } from './writeResult.ts';

const messages = texts('eca.user.create');

type Steps = Array<{ id: UserStep['id']; name: string; status: 'there' | 'done' | 'planned' }>;

/** The steps of a plan, which a run has done or would do. */
export const stepsOf = ({ steps }: UserPlan, status: 'done' | 'planned', username?: string): Steps =>
  steps.map(({ id, name, there }) => ({
    id,
    name: id === 'user' ? (username ?? name) : name,
    status: there ? 'there' : status,
  }));

/** Shows what is done for the user and what changes of the app, before anything is done. */
export const showUserPlan = (
  command: Parameters<typeof showPlannedGrants>[0] & Pick<Screen, 'log'>,
  name: string,
  userPlan: UserPlan,
  {
    changes,
    lockOut,
    grants,
  }: { changes: Change[]; lockOut?: string; grants: Parameters<typeof showPlannedGrants>[2] },
): void => {
  command.log(messages.getMessage('plan', [name]));
  const lines = [...userPlanLines(userPlan), ...appChangeLines(changes), messages.getMessage('plan.legend')];
  for (const line of lines) command.log(`  ${line}`);
  if (lockOut) command.log(lockOut);
  showPlannedGrants(command, name, grants);
};

/** Warns of what a new user can do. The profile and permission set groups may grant more than the plan saw. */
export const warnOfNewPowers = (command: Pick<Screen, 'warn'>, user: UserFacts | undefined): void => {
  const powers = user ? tooPowerful(user) : [];
  if (user && powers.length > 0) warnOfPowers(command, user.username, [permissionsInWords(powers)]);
};

/**
 * Shows how it ended, and the next step.
 *
 * @param app what goes behind `--name`: the app, and the org where it is not the default one
 * @param certificate what was known before the write, which leaves the settings with the certificate alone
 */
export const showUserOutcome = (
  command: Parameters<typeof showGrants>[0] &
    Parameters<typeof warnOfNotApplied>[0] &
    Parameters<typeof forReal>[0] &
    Pick<Screen, 'config' | 'logSuccess'>,
  result: Parameters<typeof showGrants>[1] &
    Parameters<typeof warnOfNotApplied>[1] & {
      app: App;
      user: { username: string };
      steps: Steps;
      changes: Change[];
      dryRun: boolean;
    },
  app: string,
  certificate: CertificateKnowledge,
): void => {
  const { user, steps, changes, dryRun } = result;
  const nothing = changes.length === 0 && steps.every(({ status }) => status === 'there');
  const outcome = nothing ? 'written.nothing' : 'written.ready';
  command.logSuccess(
    dryRun && !nothing
      ? messages.getMessage('written.dryRun')
      : messages.getMessage(outcome, [result.app.name, user.username]),
  );
  // A dry run has said it with the plan.
  if (!dryRun) showGrants(command, result);
  warnOfNotApplied(command, result);
  showNext(command, dryRun && !nothing ? forReal(command) : nextStep(result.app, certificate, command.config.bin, app));
};

const nextStep = ({ name, oauth }: App, certificate: CertificateKnowledge, bin: string, target: string): NextStep => {
  const flows = oauth?.flows ?? [];
  if (flows.includes('client-credentials')) {
    return { text: messages.getMessage('next.verify'), commandLine: `${bin} eca verify --name ${target}` };
  }
  const jwtLine = `${bin} eca verify --name ${target} --flow jwt-bearer --jwt-key-file ${name}.key`;
  // Such an app has a flow already: its client signs with the certificate's key, and names the user.
  if (certificate.there === 'yes') {
    return { text: messages.getMessage('next.verifyJwt', [`${name}.key`]), commandLine: jwtLine };
  }
  const set = `${bin} eca oauth set --name ${target} --add-flow client-credentials`;
  if (certificate.there === 'no') return { text: messages.getMessage('next.flow'), commandLine: set };
  // Nobody knows whether the app has a flow already, so neither way is the next one.
  return { text: messages.getMessage('next.flowUnknown', [set, `${name}.key`]), commandLine: jwtLine };
};
