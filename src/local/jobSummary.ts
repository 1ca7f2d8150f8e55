import { appendFile } from 'node:fs/promises';

import { masked } from '../app/secret.ts';

/** The variable with the path of the file for a job's summary (GitHub Docs, "Workflow commands for GitHub Actions"). */
export const JOB_SUMMARY = 'GITHUB_STEP_SUMMARY';

/**
 * Adds Markdown to the summary of a job in GitHub Actions. Elsewhere this does nothing. A known secret is masked.
 *
 * @throws Node's error, such as ENOENT
 */
export const addToJobSummary = async (markdown: string): Promise<void> => {
  const path = process.env[JOB_SUMMARY];
  if (path) await appendFile(path, masked(`${markdown}\n`));
};
