import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaApply from '../../src/commands/eca/apply.ts';
import EcaCredentialsSend from '../../src/commands/eca/credentials/send.ts';
import EcaDisplay from '../../src/commands/eca/display.ts';
import EcaVerify from '../../src/commands/eca/verify.ts';
import { failure } from './practice.ts';

describe('a flag that a command does not have', () => {
  const $$ = new TestContext();

  beforeEach(() => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });

  const RUNS: Array<[what: string, flag: string, run: () => Promise<unknown>]> = [
    ['a missing default org', '--scopes', () => EcaDisplay.run(['--scopes', 'api'])],
    ['an org that nobody knows', '--scopes', () => EcaDisplay.run(['--target-org', 'nobody', '--scopes', 'api'])],
    [
      'a value that another flag took',
      '--key-file',
      () => EcaVerify.run(['--flow', 'web-server', '--key-file', 'a/b']),
    ],
    ['a value that is wrong', '--nothing', () => EcaVerify.run(['--wait', 'soon', '--nothing'])],
    ['a required flag that is missing', '--fil', () => EcaApply.run(['--fil', 'eca.yaml'])],
    ['a program with flags of its own', '--nothing', () => EcaCredentialsSend.run(['--nothing', '--', 'a', '--own'])],
  ];

  for (const [what, flag, run] of RUNS) {
    it(`is named before ${what}`, async () => {
      const error = await failure(run());
      expect(error.message).to.include(`Nonexistent flag: ${flag}`).and.not.include('--own');
    });
  }

  it('is not blamed when there is none', async () => {
    const error = await failure(EcaDisplay.run(['--name', 'Order_Sync', '--flags-dir', '.', '--json']));
    expect(error.message).to.not.include('Nonexistent flag');
  });
});
