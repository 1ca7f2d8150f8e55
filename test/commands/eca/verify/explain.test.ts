import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaVerifyExplain from '../../../../src/commands/eca/verify/explain.ts';

// Every command that runs in this process listens for its signals, and never stops.
process.setMaxListeners(0);

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
      fix: 'Run:\n  sf eca oauth set --flow client-credentials',
      commands: ['sf eca oauth set --flow client-credentials'],
      causes: [{ id: 'noRunAs', cause: result.cause, fix: result.fix, commands: result.commands }],
      mayPass: true,
    });
    const shown = ux.log.args.flat().join('\n');
    expect(shown).to.include(result.cause).and.to.include(result.fix).and.to.include('go away without a change');
  });

  /** What Salesforce was seen to answer, in which flow, why, and what mends it. */
  const answers: [answer: string, flow: string | undefined, cause: RegExp, fix: RegExp][] = [
    ['invalid_client_id: client identifier invalid', undefined, /does not know this consumer key/, /eca credentials/],
    [
      'invalid_client: invalid client credentials',
      'client-credentials',
      /does not belong to the consumer key/,
      /--show-secret/,
    ],
    [
      'invalid_grant: no client credentials user enabled',
      'client-credentials',
      /no run-as user/,
      /oauth set --flow client-credentials$/,
    ],
    ['invalid_grant: request not supported on this domain', undefined, /only on the org's My Domain/, /sf org open/],
    [
      'invalid_app_access: user is not admin approved to access this app',
      undefined,
      /an administrator approved/,
      /sf eca user create/,
    ],
    ["invalid_grant: user hasn't approved this consumer", 'jwt-bearer', /cannot ask the user/, /sf eca user create/],
    ['invalid_grant: invalid assertion', 'jwt-bearer', /signature does not match/, /sf eca certificate create/],
    ['invalid_client', 'jwt-bearer', /not signed with the private key/, /sf eca certificate create/],
    ['invalid_grant: Audience validation failed', 'jwt-bearer', /"aud"/, /login\.salesforce\.com/],
    ['invalid_grant: expired access/refresh token', 'web-server', /expired or revoked/, /--session-timeout/],
    ['invalid_grant: expired authorization code', 'web-server', /used before/, /Start the login again/],
    ['invalid_grant: authentication failure', undefined, /user name or the password/, /Use a flow that the app has/],
    ['invalid_grant: authentication failure', 'client-credentials', /The org refused the user/, /unfreeze or unlock/],
    ['invalid_grant: invalid code verifier', 'web-server', /PKCE/, /code_verifier/],
    ['redirect_uri_mismatch: redirect_uri must match configuration', undefined, /letter for letter/, /sf eca display/],
    ['invalid_request: missing required code challenge', 'web-server', /requires PKCE/, /code_challenge_method=S256/],
    ['invalid_scope: the requested scope is not allowed', undefined, /does not have/, /scopes set --help/],
    [
      'unsupported_grant_type: grant type not supported',
      undefined,
      /do not support the username-password flow/,
      /sf eca verify/,
    ],
    ['unsupported_grant_type: grant type not supported', 'device', /flow is off/, /--flow device/],
    ['OAUTH_APPROVAL_ERROR_GENERIC', undefined, /API-only user/, /without a browser/],
    ['OAUTH_APP_ACCESS_DENIED', undefined, /an administrator approved/, /sf eca user create/],
    [
      'OAUTH_EC_APP_NOT_FOUND: External client app is not installed in this org',
      undefined,
      /does not exist in the org/,
      /sf eca list\n[^]*sf eca export\n[^]*packaged app has to be installed/,
    ],
    [
      'invalid_request: refresh_token scope is required and the connected app should be installed and preauthorized',
      'jwt-bearer',
      /needs the scope "refresh_token"/,
      /--add refresh_token/,
    ],
  ];
  for (const [answer, flow, cause, fix] of answers) {
    it(`knows "${answer}"${flow ? ` (${flow})` : ''}`, async () => {
      const result = await EcaVerifyExplain.run([answer, ...(flow ? ['--flow', flow] : [])]);
      expect(result.known).to.equal(true);
      expect(result.cause).to.match(cause);
      expect(result.fix).to.match(fix);
    });
  }

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
