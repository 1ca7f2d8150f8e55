import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';
import EcaVerifyExplain from '../../../../src/commands/eca/verify/explain.ts';

describe('eca verify explain', () => {
  const $$ = new TestContext();
  let ux: ReturnType<typeof stubSfCommandUx>;

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
  });

  it('says what an answer means and what mends it, without an org', async () => {
    const result = await EcaVerifyExplain.run(['invalid_grant: no client credentials user enabled']);
    expect(result).to.deep.equal({
      error: 'invalid_grant',
      description: 'no client credentials user enabled',
      known: true,
      cause: "The client-credentials flow is off in the app's policies, or no run-as user is set there.",
      fix:
        'Run: sf eca oauth set --name <name> --flow client-credentials --run-as <username> --no-certificate ' +
        '(If the app has a certificate for the JWT bearer flow, give it with --certificate-file instead of --no-certificate, or the app loses it.)',
      mayPass: true,
    });
    const shown = ux.log.args.flat().join('\n');
    expect(shown).to.include(result.cause).and.to.include(result.fix).and.to.include('go away by itself');
  });

  it('heeds the flow, and fills in the name', async () => {
    const result = await EcaVerifyExplain.run(['invalid_client', '--flow', 'jwt-bearer', '--name', 'Order_Sync']);
    expect(result).to.include({ flow: 'jwt-bearer', mayPass: true });
    expect(result.cause).to.include('JWT');
    expect(result.fix).to.include('--name Order_Sync');
  });

  it('owns up to what it does not know', async () => {
    expect(await EcaVerifyExplain.run(['quite_new: \u001b[31mx'])).to.include({ known: false, mayPass: false });
    expect(ux.log.args.flat().join()).not.to.include('\u001b');
  });
});
