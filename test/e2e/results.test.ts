import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv } from 'ajv';
import { expect } from 'chai';

import { fiveSteps } from './fiveSteps.ts';
import { openOrg, type TestOrg } from './org.ts';

const schemas = join(import.meta.dirname, '..', '..', 'schemas', 'results');

/** What is wrong with a result according to the schema of its command. */
const faults = (schema: string, result: unknown): unknown => {
  const validate = new Ajv({ allErrors: true, strict: false }).compile(
    JSON.parse(readFileSync(join(schemas, schema), 'utf8')) as object,
  );
  return validate(result) ? [] : validate.errors;
};

describe('the results under --json', () => {
  let org: TestOrg;
  let steps: ReturnType<typeof fiveSteps>;

  before(async () => {
    org = await openOrg();
    steps = fiveSteps(org, org.appName('Results'));
  });

  after(() => org?.close());

  for (const [step, schema] of [
    ['create', 'eca-create.json'],
    ['oauth', 'eca-oauth-set.json'],
    ['scopes', 'eca-scopes-set.json'],
    ['credentials', 'eca-credentials.json'],
    ['verify', 'eca-verify.json'],
  ] as const) {
    it(`of ${step} are as its schema says, and stdout has nothing else`, async () => {
      const { status, result, message } = await org.cli.json(steps[step]);
      expect(status, message).to.equal(0);
      expect(faults(schema, result)).to.deep.equal([]);
    });
  }

  it('say what a dry run would do, and do not do it', async () => {
    const name = org.appName('Dry_Run');
    const { status, result, message } = await org.cli.json<{ dryRun: boolean; created: boolean }>([
      ...fiveSteps(org, name).create,
      '--dry-run',
    ]);
    expect(status, message).to.equal(0);
    expect(result).to.include({ dryRun: true, created: true });
    expect(faults('eca-create.json', result)).to.deep.equal([]);
    const { name: error } = await org.cli.json(fiveSteps(org, name).credentials);
    expect(error).to.equal('AppNotFoundError');
  });

  it('keep their shape when there is nothing to do', async () => {
    const { result } = await org.cli.json<{ created: boolean; changes: unknown[] }>(steps.create);
    expect(result).to.deep.include({ created: false, changes: [], notApplied: [] });
    expect(faults('eca-create.json', result)).to.deep.equal([]);
  });

  it('of a verify that does not pass come with exit code 1, and a fix for each failed check', async () => {
    const name = org.appName('No_Oauth');
    await org.cli.json(fiveSteps(org, name).create);
    const outcome = await org.cli.run([...fiveSteps(org, name).verify, '--json']);
    expect(outcome.code).to.equal(1);
    const { result } = JSON.parse(outcome.stdout) as {
      result?: { passed: boolean; checks: Array<{ status: string; fix?: string }> };
    };
    if (!result) return; // Refused before the first check, with an error.
    expect(result.passed).to.equal(false);
    expect(result.checks.filter((check) => check.status === 'failed' && !check.fix)).to.deep.equal([]);
  });
});
