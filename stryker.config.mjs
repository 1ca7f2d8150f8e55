/**
 * `npm run test:mutation`: plants faults in src/app, one at a time, and looks which of them a test of test/app finds.
 * docs/mutation.md has the score. Node runs the TypeScript as it is, so the mutated sources need no build.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  testRunner: 'mocha',
  plugins: ['@stryker-mutator/mocha-runner'],
  // Mocha's own settings name a reporter that Stryker replaces, and load files before Stryker does.
  mochaOptions: { 'no-config': true, spec: ['test/app/**/*.test.ts'], timeout: 40000 },
  testRunnerNodeArgs: ['--import=./test/ownHome.ts', '--import=./src/salesforce.ts'],
  mutate: ['src/app/**/*.ts'],
  ignorePatterns: ['/lib', '/coverage', '/.tmp', '/docs'],
  coverageAnalysis: 'perTest',
  // A type cannot be wrong at run time: these mutants would only fill the report.
  disableTypeChecks: false,
  tempDirName: '.tmp/stryker',
  reporters: ['clear-text', 'progress-append-only', 'json'],
  jsonReporter: { fileName: '.tmp/mutation.json' },
  clearTextReporter: { logTests: false, allowColor: false, reportTests: false },
  concurrency: 2,
};
