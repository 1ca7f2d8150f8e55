import { plainText } from '../app/plainText.ts';
import { texts } from '../texts.ts';
import { type WriteFlags, writeOptions } from './flags.ts';
import type { Screen } from './screen.ts';

const messages = texts('eca');

/** What a dry run does: the org checks, and nothing is written. */
const checking = (what: string): string => messages.getMessage('progress.checking', [what]);

/** Milliseconds after which a log gets a line again, so that nobody believes that a waiting run hangs. */
export const HEARTBEAT = 30_000;

/** Does the spinner move? oclif's rule: elsewhere, such as in a log, the spinner writes lines. */
export const isAnimated = (): boolean =>
  process.stderr.isTTY === true && !process.env.CI && !['dumb', 'emacs-color'].includes(process.env.TERM ?? '');

/** Shows what an activity does now. A log gets a line for each status: its spinner would put all of them into one. */
export const showStatus = (spinner: Screen['spinner'], activity: string, status: string): void => {
  if (isAnimated()) spinner.status = status;
  else spinner.start(messages.getMessage('progress.status', [activity, status]));
};

/**
 * Runs work that takes time, and shows its progress. The spinner starts with the first status, because a write that
 * changes nothing has no status. The elapsed time is shown, at a terminal by the second, and in a log now and then.
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
  let clock: NodeJS.Timeout | undefined;
  const show = (): void => {
    const elapsed = messages.getMessage('progress.elapsed', [String(Math.round((Date.now() - begun) / 1000))]);
    showStatus(spinner, activity, `${plainText(latest ?? '')} ${elapsed}`.trim());
  };
  try {
    const result = await work((status) => {
      if (status === latest) return;
      if (latest === undefined) spinner.start(activity);
      latest = status;
      if (status !== '') show();
      clearInterval(clock);
      clock = setInterval(show, isAnimated() ? 1000 : HEARTBEAT);
    });
    if (latest !== undefined) spinner.stop();
    return result;
  } finally {
    clearInterval(clock);
  }
};

type WriteOptions = ReturnType<typeof writeOptions<(status: string) => void>>;

/**
 * Carries out a write as the flags of a write say it, and shows its progress.
 *
 * @param what the names of the apps, and what the write does, such as `Deploying Order_Sync`
 */
export const showingWrite = <T>(
  spinner: Screen['spinner'],
  flags: WriteFlags,
  what: { name: string; writing: string },
  write: (options: WriteOptions) => Promise<T>,
): Promise<T> =>
  // The reader of a dry run must not think that something is written.
  showingProgress(spinner, flags['dry-run'] ? checking(what.name) : what.writing, (onProgress) =>
    write(writeOptions(flags, onProgress)),
  );

/** Runs work that has no steps to tell of, and shows how long it takes. The spinner stops whatever comes of the work. */
export const showingWork = <T>(spinner: Screen['spinner'], activity: string, work: () => Promise<T>): Promise<T> =>
  showingProgress(spinner, activity, (onProgress) => {
    onProgress('');
    return work();
  }).catch((error: unknown) => {
    spinner.stop();
    throw error;
  });

/** Shows steps while they are done, each by its name. */
export const showingSteps =
  <Step>(spinner: Screen['spinner'], activity: string, nameOf: (step: Step) => string) =>
  <T>(work: (onStep: (step: Step) => void) => Promise<T>): Promise<T> =>
    showingProgress(spinner, activity, (onProgress) => work((step) => onProgress(nameOf(step))));
