/**
 * `npm run test:mutation`: plants faults in src/app, one at a time, and looks which of them a test finds.
 * docs/mutation.md has the score. Node runs the TypeScript as it is, so the mutated sources need no build.
 *
 * With MUTATION_FILE=callbackUrl it is src/app/callbackUrl.ts alone, with the test that bears its name.
 *
 * Mocha is started anew for each fault: Stryker's own runner for mocha does not load with mocha 12.
 */
const file = process.env.MUTATION_FILE ?? '**/*';

export default {
  testRunner: 'command',
  // Without .mocharc.json: src/app is pure, and loading Salesforce's libraries would take longer than the tests.
  commandRunner: { command: `mocha --no-config --bail --exit --reporter dot "test/app/${file}.test.ts"` },
  mutate: [`src/app/${file}.ts`],
  ignorePatterns: ['/lib', '/coverage', '/.tmp'],
  // Stryker would write `@ts-nocheck` above each file; nothing here reads it.
  disableTypeChecks: false,
  tempDirName: '.tmp/stryker',
  reporters: ['clear-text'],
  clearTextReporter: { allowColor: false, reportTests: false },
  concurrency: 2,
  timeoutMS: 60_000,
};
