import { ConfigAggregator, Lifecycle } from '@salesforce/core';
import { TestContext } from '@salesforce/core/testSetup';
import { expect } from 'chai';

import hook from '../../src/hooks/doctor.ts';
import { type LoggedIn, logInToPractice } from '../commands/practice.ts';

describe('the hook of sf doctor', () => {
  const $$ = new TestContext();
  let org: LoggedIn | undefined;
  afterEach(async () => {
    await org?.close();
    org = undefined;
  });

  const run = async () => {
    const told: Array<{ testName: string; status: string }> = [];
    const suggestions: string[] = [];
    const data: unknown[] = [];
    Lifecycle.getInstance().on('Doctor:diagnostic', (one: { testName: string; status: string }) => {
      told.push(one);
      return Promise.resolve();
    });
    await hook({
      doctor: {
        addSuggestion: (suggestion) => suggestions.push(suggestion),
        addPluginData: (...given) => data.push(given),
      },
    });
    Lifecycle.getInstance().removeAllListeners('Doctor:diagnostic');
    return { told, suggestions, data };
  };

  it('tells what is amiss in the default org', async () => {
    org = await logInToPractice($$);
    await $$.stubConfig({ 'target-org': org.username });
    // Another test of the same process may have read the configuration already.
    await (await ConfigAggregator.create()).reload();
    org.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess = true;
    const { told, suggestions, data } = await run();
    expect(told).to.deep.include({ testName: '[sf-plugin-eca] secret-access', status: 'warn' });
    expect(told).to.deep.include({ testName: '[sf-plugin-eca] external-client-apps', status: 'pass' });
    expect(suggestions).to.have.length(1);
    expect(suggestions[0]).to.include('switch it off');
    expect(data).to.have.length(1);
  });

  it('knows nothing without a default org', async () => {
    await $$.stubConfig({});
    const { told, suggestions } = await run();
    expect(told).to.deep.equal([{ testName: '[sf-plugin-eca] default org', status: 'unknown' }]);
    expect(suggestions).to.deep.equal([]);
  });
});
