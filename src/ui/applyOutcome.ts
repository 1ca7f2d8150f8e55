import { commandLine } from '../app/commandLine.ts';
import { texts } from '../texts.ts';
import { showGrants, showNext, warnOfNotApplied, type Written } from './writeResult.ts';

const messages = texts('eca.apply');

/** The result for an app and its integration user, as far as it is shown. */
type Applied = Omit<Written, 'created' | 'changes'> & {
  action: string;
  integrationUser?: { steps: Array<{ status: string }> };
};

type ApplyFlags = { 'dry-run': boolean; 'result-format': 'human' | 'markdown' };

type Screen = Parameters<typeof showGrants>[0] &
  Parameters<typeof warnOfNotApplied>[0] & { logSuccess(message: string): void };

/**
 * Shows the results for the apps of files, and the next step. Sets exit code 68 if the org did not keep all values.
 *
 * @param command the words of the same command, without `--dry-run`
 */
export const showApplied = (screen: Screen, applied: Applied[], flags: ApplyFlags, command: string[]): void => {
  const dryRun = flags['dry-run'];
  // Markdown has stdout for itself.
  const say = (text: string): void =>
    flags['result-format'] === 'markdown' ? screen.logToStderr(text) : screen.logSuccess(text);
  if (applied.every(wasThere)) {
    say(messages.getMessage('done.nothing'));
    return;
  }
  say(messages.getMessage(dryRun ? 'done.dryRun' : 'done'));
  for (const result of applied) {
    // A dry run has shown the grants with the plan.
    if (!dryRun) showGrants(screen, result);
    warnOfNotApplied(screen, result);
  }
  showNext(
    screen,
    dryRun
      ? { text: messages.getMessage('next.withoutDryRun'), commandLine: commandLine(command) }
      : {
          text: messages.getMessage('next.drift'),
          commandLine: commandLine([...command, '--dry-run', '--detailed-exitcode']),
        },
  );
};

const wasThere = ({ action, integrationUser }: Applied): boolean =>
  action === 'none' && (integrationUser?.steps.every(({ status }) => status === 'there') ?? true);
