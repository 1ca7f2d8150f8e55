import { expect } from 'chai';

import type { SfError } from '../../src/salesforce.ts';
import { moveInPlace } from '../../src/ui/migrationInPlace.ts';

describe('a move by the button of Salesforce', () => {
  const steps: string[] = [];
  const screen = {
    confirm: () => Promise.resolve(true),
    jsonEnabled: () => false,
    log: () => undefined,
    logSuccess: () => undefined,
    logToStderr: () => undefined,
    warn: () => undefined,
    spinner: { start: () => undefined, stop: () => undefined, status: undefined },
  };
  const org = { username: 'a@b.example', production: true } as never;
  const url = 'https://x.my.salesforce.com/lightning/setup/NavigationMenus/home';
  const step = <T>(name: string, value: T) => {
    return () => {
      steps.push(name);
      return Promise.resolve(value);
    };
  };

  it('ends with code 68 when nobody pressed it in time, and says how to go on', async () => {
    const error = await moveInPlace<never, never>(
      screen,
      { flags: { 'dry-run': false, 'no-prompt': true }, inSameOrg: () => '' },
      { org, name: 'Portal', obstacles: [], url },
      {
        changed: step('changed', undefined),
        save: step('save', '/tmp/portal.xml'),
        open: step('open', true),
        wait: step('wait', undefined),
        compare: () => {
          throw new Error('There is nothing to compare.');
        },
      },
    ).then(
      () => undefined,
      (reason: SfError) => reason,
    );
    expect(error).to.include({ name: 'NotPressedError', exitCode: 68 });
    expect(error?.data).to.deep.equal({ url, snapshot: '/tmp/portal.xml' });
    expect(error?.actions?.join('\n')).to.include(url).and.include('run the same command again');
    // The snapshot comes before anybody is sent to the page.
    expect(steps).to.deep.equal(['save', 'wait']);
  });
});
