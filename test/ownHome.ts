/**
 * Loaded before every test run: a home folder and a temporary folder of its own. So no test reads or changes the logins,
 * settings and logs of whoever runs it. With SF_ECA_TEST_ORG the end-to-end tests use a real org, and so the real home.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

// Node loads this into worker threads as well, such as the logger's: they share the home of the run.
if (isMainThread && !process.env.SF_ECA_TEST_ORG) {
  const home = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-test-'));
  process.env.HOME = home;
  process.env.USERPROFILE = home;
  // Salesforce's test kit keeps the aliases of all runs in one file of the temporary folder. Runs side by side would spoil it.
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = home;
  for (const name of ['XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_STATE_HOME', 'SF_TARGET_ORG']) {
    delete process.env[name];
  }
  process.on('exit', () => rmSync(home, { recursive: true, force: true }));
}
process.env.SF_DISABLE_TELEMETRY = 'true';
// Some libraries take CI=true for a terminal with colours; what a test reads is to be the same everywhere.
process.env.NO_COLOR = '1';
// As with every command that a user runs: the libraries leave out what helps only their own developers. That costs most
// of a table's time.
process.env.NODE_ENV = 'production';
// What a table takes for the size where there is no terminal, after it has asked two programs.
process.env.COLUMNS ??= '80';
process.env.LINES ??= '24';
