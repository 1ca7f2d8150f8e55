import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import mocha from 'mocha';

/**
 * Mocha's `spec` reporter. It also writes `{ passed, failed, skipped, failures }` to the file named by TEST_COUNTS.
 * `failures` has the titles of the tests that failed. scripts/check.ts adds the counts up.
 */
export default class CountingReporter extends mocha.reporters.Spec {
  done(failures, exit) {
    const { passes, failures: failed, pending } = this.stats;
    const file = process.env.TEST_COUNTS;
    if (file) {
      mkdirSync(dirname(file), { recursive: true });
      const titles = this.failures.map((test) => test.fullTitle());
      writeFileSync(file, JSON.stringify({ passed: passes, failed, skipped: pending, failures: titles }));
    }
    exit(failures);
  }
}
