/**
 * Mocha loads this before the tests. What one test file registers as secret is not taken out of the texts of the next.
 * In a run side by side, many files follow each other in one process. Their order changes from run to run.
 */
import { forgetSecrets } from '../src/app/secret.ts';

export const mochaHooks = (): { afterAll: () => void } => ({ afterAll: forgetSecrets });
