import { plainText } from '../app/plainText.ts';
import type { Screen } from './screen.ts';

/**
 * Runs something that takes its time and tells how it goes. The spinner starts with the first news, since a write that
 * changes nothing has none, and shows at a terminal how long it has been going on.
 *
 * @param activity what is being done, such as `Deploying Order_Sync`
 * @param work is given a function to tell the status with
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
  // Off a terminal every status is a line of a log: there only news are worth one.
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
