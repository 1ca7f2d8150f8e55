import { describeFiveSteps } from './fiveSteps.ts';
import { openOrg, type TestOrg } from './org.ts';

describe('the five steps, with the built commands', () => {
  let org: TestOrg;

  before(async () => {
    org = await openOrg();
  });

  after(() => org?.close());

  describeFiveSteps(() => org);
});
