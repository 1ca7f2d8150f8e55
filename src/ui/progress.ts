import { plainText } from '../app/plainText.ts';
import { texts } from '../texts.ts';
import type { Screen } from './screen.ts';

const messages = texts('eca');

/** What a dry run does: the org checks, and nothing is written. */
export const checking = (what: string): string => messages.getMessage('progress.checking', [what]);

/** What a write does. The reader of a dry run must not think that something is written. */
export const activityOf = (flags: { 'dry-run': boolean }, name: string, writing: string): string =>
  flags['dry-run'] ? checking(name) : writing;

/**
 * Runs work that takes time, and shows its progress. The spinner starts with the first status, because a write that
 * changes nothing has no status. At a terminal, the spinner shows the elapsed time.
 *
 * @param activity the name of the work, such as `Deploying Order_Sync`
 * @param work gets a function that shows a status
 */
export const showingProgress = async <T>(
  spinner: Screen['spinner'],
  activity: string,
  work: (onProgress: (status: string) => void) => Promise<T>,
): Promise<T> => {
  const begun = Date.now();
  let latest: string | undefined;
  const show = (): void => {
    spinner.status = `${plainText(latest ?? '')} (${Math.round((Date.now() - begun) / 1000)} s)`;
  };
  // Without a terminal every status is a line of a log, so a repeated status is not printed.
  const clock = process.stderr.isTTY ? setInterval(() => latest !== undefined && show(), 1000) : undefined;
  try {
    const result = await work((status) => {
      if (status === latest) return;
      if (latest === undefined) spinner.start(activity);
      latest = status;
      show();
    });
    if (latest !== undefined) spinner.stop();
    return result;
  } finally {
    clearInterval(clock);
  }
};

/** Shows steps while they are done, each by its name. */
export const showingSteps =
  <Step>(spinner: Screen['spinner'], activity: string, nameOf: (step: Step) => string) =>
  <T>(work: (onStep: (step: Step) => void) => Promise<T>): Promise<T> =>
    showingProgress(spinner, activity, (onProgress) => work((step) => onProgress(nameOf(step))));
