import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../src/commands/eca/create.ts';
import EcaCredentials from '../../src/commands/eca/credentials.ts';
import EcaOauthSet from '../../src/commands/eca/oauth/set.ts';
import EcaScopesSet from '../../src/commands/eca/scopes/set.ts';
import EcaVerify from '../../src/commands/eca/verify.ts';
import { VARIANTS } from '../../src/practice/variants.ts';
import { selfSigned } from '../client/selfSigned.ts';
import { type LoggedIn, logInToPractice } from './practice.ts';

/** Where nobody knows what a live org does, the commands have to get along with either answer. */
describe('the five steps, whatever a live org answers', () => {
  const $$ = new TestContext();
  let org: LoggedIn;

  beforeEach(() => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });

  afterEach(async () => {
    await org?.close();
    process.exitCode = undefined;
  });

  for (const [name, answers] of Object.entries(VARIANTS)) {
    for (const answer of answers) {
      it(`${name}=${answer}`, async () => {
        org = await logInToPractice($$, { variants: { [name]: answer } });
        const app = ['--target-org', org.username, '--name', 'Order_Sync'];
        const runAs = String(org.org.seeded.integrationUser.Username);
        await EcaCreate.run([...app, '--contact-email', 'it@example.com']);
        await EcaOauthSet.run([
          ...app,
          ...['--callback-url', 'https://orders.example.com/cb', '--pkce', '--scope', 'api'],
          ...['--flow', 'web-server', '--flow', 'client-credentials', '--run-as', runAs],
        ]);
        const policies = [
          ...['--scope', 'api,refresh_token', '--ip-relaxation', 'enforce-relax-refresh', '--session-timeout', '30'],
          ...['--refresh-token-policy', 'lifetime', '--refresh-token-validity', '30 days'],
        ];
        const { app: after, notApplied } = await EcaScopesSet.run([...app, ...policies]);
        expect(after.policies?.ipRelaxation).to.equal('enforce-relax-refresh');
        expect(notApplied).to.deep.equal([]);

        const deploys = org.deploys();
        expect((await EcaScopesSet.run([...app, ...policies])).changes).to.deep.equal([]);
        expect(org.deploys()).to.equal(deploys);

        const secret = ['--show-secret', '--allow-secret-access', '--no-prompt'];
        const credentials = await EcaCredentials.run([...app, ...secret]);
        const { primary } = org.org.consumers.get(after.id ?? '')!;
        expect(credentials).to.include({ consumerKey: primary.key, consumerSecret: primary.secret });

        const { passed, checks } = await EcaVerify.run([...app, '--allow-secret-access', '--wait', '0']);
        expect(passed, JSON.stringify(checks.filter(({ status }) => status === 'failed'))).to.equal(true);
      });
    }
  }

  for (const answer of VARIANTS['certificate-retrieved']) {
    it(`certificate-retrieved=${answer}: a certificate is set, replaced and taken away`, async () => {
      org = await logInToPractice($$, { variants: { 'certificate-retrieved': answer } });
      const folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-certificate-'));
      const [first, second] = [selfSigned().certificate, selfSigned().certificate];
      writeFileSync(join(folder, 'first.crt'), first);
      writeFileSync(join(folder, 'second.crt'), second);
      const app = ['--target-org', org.username, '--name', 'Order_Sync'];
      const kept = (): string => {
        const { certificate = 'none' } = org.org.components('ExtlClntAppGlobalOauthSettings')[0]!.body;
        return (certificate as string).replace(/\s/g, '');
      };
      const bare = (pem: string): string => pem.replace(/-----[^-]*-----/g, '').replace(/\s/g, '');
      const set = (...args: string[]): Promise<unknown> =>
        EcaOauthSet.run([...app, '--callback-url', 'https://orders.example.com/cb', '--no-prompt', ...args]);
      try {
        await EcaCreate.run([...app, '--contact-email', 'it@example.com']);
        await set('--scope', 'api', '--certificate-file', join(folder, 'first.crt'));
        expect(kept()).to.contain(bare(first));
        await set('--certificate-file', join(folder, 'second.crt'));
        expect(kept()).to.contain(bare(second)).and.not.to.contain(bare(first));
        await EcaScopesSet.run([...app, '--scope', 'api,refresh_token']);
        expect(kept()).to.contain(bare(second));
        await set('--remove-certificate', '--callback-url', 'https://orders.example.com/other');
        expect(kept()).to.equal('none');
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
