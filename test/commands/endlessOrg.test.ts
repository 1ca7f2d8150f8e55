import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';
import { strFromU8, strToU8, unzipSync, type Zippable, zipSync } from 'fflate';

import EcaCreate from '../../src/commands/eca/create.ts';
import EcaCredentialsStatus from '../../src/commands/eca/credentials/status.ts';
import EcaDisplay from '../../src/commands/eca/display.ts';
import EcaExport from '../../src/commands/eca/export.ts';
import EcaList from '../../src/commands/eca/list.ts';
import EcaScopesSet from '../../src/commands/eca/scopes/set.ts';
import EcaTokensList from '../../src/commands/eca/tokens/list.ts';
import EcaVerify from '../../src/commands/eca/verify.ts';
import { createPracticeServer, type PracticeServer } from '../../src/practice/practice.ts';
import { type HostileWire, type Malice, openHostileWire } from '../hostileWire.ts';
import { appInOrg } from '../practice/oauth/appInOrg.ts';
import { failure, logIn } from './practice.ts';

describe('an org whose answers have no end, or no sense', function () {
  this.timeout(120_000);
  const $$ = new TestContext();
  let practice: PracticeServer;
  let wire: HostileWire;
  let username: string;

  beforeEach(async () => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    practice = await createPracticeServer();
    wire = await openHostileWire(practice);
    appInOrg(practice.org, {});
    username = String(practice.org.seeded.admin.Username);
    await logIn($$, username, wire.url, practice.accessToken);
  });
  afterEach(async () => {
    process.exitCode = undefined;
    await wire.close();
    await practice.close();
  });

  const org = (): string[] => ['--target-org', username];
  const app = (): string[] => [...org(), '--name', 'Order_Sync'];

  /** The answers to one resource, counted from 0. */
  const answers = (path: RegExp, body: (nth: number, body: Buffer) => string): Malice => {
    let nth = 0;
    return { instead: (asked, answered) => (path.test(decodeURIComponent(asked)) ? body(nth++, answered) : undefined) };
  };

  /** What a retrieve brings, made from the files that it would have brought. */
  const retrieved = (change: (files: Record<string, string>) => Zippable): Malice => ({
    instead: (_path, body) => {
      const text = String(body);
      const [, zip] = /<zipFile>([^<]+)</.exec(text) ?? [];
      if (zip === undefined) return undefined;
      const files = Object.entries(unzipSync(Buffer.from(zip, 'base64')));
      const changed = change(Object.fromEntries(files.map(([path, content]) => [path, strFromU8(content)])));
      return text.replace(zip, Buffer.from(zipSync(changed, { level: 0 })).toString('base64'));
    },
  });

  const packed = (files: Record<string, string>): Zippable =>
    Object.fromEntries(Object.entries(files).map(([path, content]) => [path, strToU8(content)]));

  describe('is asked for no more', () => {
    const rows = (count: number): object[] =>
      Array.from({ length: count }, (_none, at) => ({
        Id: `0xI${at}`,
        DeveloperName: 'X',
        ManageableState: 'unmanaged',
      }));

    for (const [what, next, count, requests] of [
      ['leads back to an earlier one', (nth: number) => `01g-${nth % 3}`, 1, 10],
      ['never is the last, and has no rows', (nth: number) => `01g-${nth}`, 0, 1010],
      ['never is the last, and has rows', (nth: number) => `01g-${nth}`, 2000, 110],
    ] as const) {
      it(`where the next page of a query ${what}`, async () => {
        const page = rows(count);
        wire.set(
          answers(/FROM ExternalClientApplication$|\/query\/01g/, (nth) =>
            JSON.stringify({ done: false, records: page, nextRecordsUrl: `/services/data/v67.0/query/${next(nth)}` }),
          ),
        );
        const { name } = await failure(EcaList.run(org()));
        expect(name).to.equal(requests === 10 ? 'OrgSaidNoError' : 'AnswerTooLargeError');
        expect(wire.count()).to.be.at.most(requests);
      });
    }

    for (const [what, next, error, requests] of [
      ['leads back to itself', () => 'users?page=1', 'OrgSaidNoError', 10],
      ['never is the last', (nth: number) => `users?page=${nth + 1}`, 'AnswerTooLargeError', 1010],
      ['is elsewhere', () => '//elsewhere.example/users', 'OrgSaidNoError', 10],
    ] as const) {
      it(`where the next page of users with tokens ${what}`, async () => {
        const path = `/services/data/v67.0/apps/oauth/usage/0xI/`;
        wire.set(
          answers(/\/usage\/[^/]+\/users/, (nth) => {
            const nextPageUrl = next(nth).startsWith('/') ? next(nth) : `${path}${next(nth)}`;
            return JSON.stringify({ users: [{ identifier: `005${nth}` }], nextPageUrl });
          }),
        );
        expect(await failure(EcaTokensList.run(app()))).to.have.property('name', error);
        expect(wire.count()).to.be.at.most(requests);
      });
    }

    it('where one page has more users than a call has arguments', async () => {
      const users = Array.from({ length: 250_000 }, () => ({ identifier: '' }));
      wire.set(answers(/\/usage\/[^/]+\/users/, () => JSON.stringify({ users })));
      expect((await EcaTokensList.run(app())).tokens).to.deep.equal([]);
    });

    it('where an app has a hundred thousand consumers', async () => {
      const consumers = Array.from({ length: 100_000 }, (_none, at) => ({ id: `888${at}`, key: 'k' }));
      wire.set(answers(/\/apps\/oauth\/credentials\//, () => JSON.stringify({ consumers })));
      expect(await failure(EcaCredentialsStatus.run(app()))).to.have.property('name', 'AnswerTooLargeError');
      expect(wire.count()).to.be.below(20);
    });

    it('where a deploy never is done', async () => {
      // The clock is the test's: each look takes it a minute on.
      const clock = $$.SANDBOX.useFakeTimers({ now: Date.now(), toFake: ['Date'] });
      let looks = 0;
      wire.set(
        answers(/\/deployRequest\//, () => {
          looks++;
          clock.tick(60_000);
          return JSON.stringify({ id: '0Af0', deployResult: { id: '0Af0', done: false, status: 'InProgress' } });
        }),
      );
      const { name, exitCode } = await failure(EcaScopesSet.run([...app(), '--scope', 'full', '--wait', '3']));
      expect({ name, exitCode, looks }).to.deep.equal({ name: 'DeployStillRunningError', exitCode: 69, looks: 3 });
    });
  });

  describe('is named, and what it names is not shown at length', () => {
    it('in a refused deploy with a hundred thousand problems', async () => {
      const componentFailures = Array.from({ length: 100_000 }, (_none, at) => ({
        componentType: 'ExternalClientApplication',
        fullName: `App_${at}`,
        problem: 'No.'.repeat(at === 0 ? 100_000 : 1),
      }));
      const deployResult = { id: '0Af0', done: true, success: false, status: 'Failed', details: { componentFailures } };
      wire.set(answers(/\/deployRequest\//, () => JSON.stringify({ id: '0Af0', deployResult })));
      const { name, message, data } = await failure(EcaScopesSet.run([...app(), '--scope', 'full']));
      expect(name).to.equal('DeployFailedError');
      expect(message.split('\n')).to.have.length.below(60);
      expect(message).to.have.length.below(20_000).and.include('and 99950 more');
      expect((data as { problems: unknown[] }).problems).to.have.length(100_000);
    });
  });

  describe('is asked again by a retrieve where an answer of readMetadata brings', () => {
    const bomb = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>';
    for (const [what, change] of [
      [
        'elements that are nested ten thousand deep',
        (xml: string) => xml.replace('<label>', `${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}<label>`),
      ],
      ['a billion laughs by an entity', (xml: string) => bomb + xml.replace('<label>', '<label>&b;')],
      ['half of itself', (xml: string) => xml.slice(0, xml.length / 2)],
    ] as const) {
      it(what, async () => {
        wire.set({
          instead: (path, body) => {
            const text = String(body);
            const isRead =
              path.includes('/Soap/m/') && text.includes('readMetadataResponse') && text.includes('<label>');
            return isRead ? change(text.replace(/<\?xml[^>]*\?>/, '')) : undefined;
          },
        });
        expect(await EcaDisplay.run(app())).to.include({ name: 'Order_Sync' });
        expect(practice.requests.entries().filter(({ summary }) => summary?.startsWith('retrieve'))).to.have.length(1);
      });
    }
  });

  describe('is named where a retrieve brings', () => {
    beforeEach(() => {
      // Else no retrieve is needed.
      Object.assign(practice.org.variants, { 'read-metadata': 'refused' });
    });

    const nameOf = async (malice: Malice): Promise<string> => {
      wire.set(malice);
      return (await failure(EcaDisplay.run(app()))).name;
    };
    const eca = (files: Record<string, string>): [string, string] =>
      Object.entries(files).find(([path]) => path.endsWith('.eca')) ?? ['', ''];

    it('a file whose elements are nested ten thousand deep', async () => {
      const deep = `<a>`.repeat(10_000) + '</a>'.repeat(10_000);
      const malice = retrieved((files) => {
        const [path, xml] = eca(files);
        return packed({ ...files, [path]: xml.replace('<label>', `${deep}<label>`) });
      });
      expect(await nameOf(malice)).to.equal('MetadataUnreadableError');
    });

    for (const [what, doctype] of [
      ['a billion laughs', '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'],
      ['a file of this machine', '<!DOCTYPE l [<!ENTITY b SYSTEM "file:///etc/passwd">'],
      ['an entity of a parameter', '<!DOCTYPE l [<!ENTITY % p "x"> %p; <!ENTITY b "x">'],
      ['a type in small letters', '<!doctype l [<!ENTITY b "x">'],
    ] as const) {
      it(`${what} by an entity`, async () => {
        const malice = retrieved((files) => {
          const [path, xml] = eca(files);
          const laughing = xml.replace(/(<\?xml[^>]*\?>)/, `$1${doctype}]>`).replace('<label>', '<label>&b;');
          return packed({ ...files, [path]: laughing });
        });
        expect(await nameOf(malice)).to.equal('MetadataUnreadableError');
      });
    }

    for (const name of ['%ZZ', '%', '%E0%A4%A', '%C3%28', '%FF']) {
      it(`a file whose name has a broken encoding, ${name}`, async () => {
        const malice = retrieved((files) => packed({ ...files, [`externalClientApps/${name}.eca`]: eca(files)[1] }));
        expect(await nameOf(malice)).to.equal('MetadataUnreadableError');
      });
    }

    it('a hundred thousand files', async () => {
      const more = Object.fromEntries(
        Array.from({ length: 100_000 }, (_none, at) => [`externalClientApps/App_${at}.eca`, new Uint8Array()]),
      );
      const began = process.cpuUsage();
      expect(await nameOf(retrieved((files) => ({ ...packed(files), ...more })))).to.equal('MetadataUnreadableError');
      expect(process.cpuUsage(began).user).to.be.below(30_000_000);
    });
  });

  it('writes no file outside of where it is told, whatever the names in a retrieve are', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'eca-climbing-'));
    try {
      const climbing = ['../../climbed', '..%2F..%2Fclimbed', '%2e%2e%2f%2e%2e%2fclimbed', '/climbed', '..\\climbed'];
      wire.set(
        retrieved((files) => {
          const xml = Object.entries(files).find(([path]) => path.endsWith('.eca'))?.[1] ?? '';
          const more = climbing.flatMap((name) => [
            [`externalClientApps/${name}.eca`, xml],
            [`${name}.eca`, xml],
          ]);
          return packed({ ...files, ...(Object.fromEntries(more) as Record<string, string>) });
        }),
      );
      const inside = join(folder, 'a', 'b');
      const { files } = await EcaExport.run([...org(), '--metadata', inside]);
      expect(files.length).to.be.greaterThan(0);
      const written = readdirSync(folder, { recursive: true }).map(String);
      expect(written.filter((path) => /climbed/.test(path))).to.deep.equal([]);
      expect(written.every((path) => /^a(\/b|$)/.test(path.replaceAll('\\', '/')))).to.equal(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  for (const [what, body] of [
    ['JSON that is nested a million deep', '['.repeat(1_000_000)],
    ['JSON with broken percent encodings', '{"error":"%ZZ","error_description":"%E0%A4%A %ZZ"}'],
    [
      'an address with broken percent encodings',
      '<script>window.location="https://%ZZ.example/%ZZ?error=%ZZ"</script>',
    ],
    ['half a character', Buffer.from([0xc3, 0x28, 0xff]).toString('latin1')],
  ] as const) {
    it(`is told as what failed where a client is sent ${what}`, async () => {
      wire.set({ instead: (path) => (/\/oauth2\/(token|authorize)/.test(path) ? body : undefined) });
      const { result, checks } = await EcaVerify.run([...app(), '--wait', '0', '--no-prompt']);
      expect(result).to.equal('failed');
      expect(checks.filter(({ detail }) => /URIError|RangeError|SyntaxError/.test(detail))).to.deep.equal([]);
    });
  }

  it('makes no app where a name is taken for nothing', async () => {
    wire.set(answers(/FROM ExternalClientApplication/, () => '['.repeat(1_000_000)));
    const error = await failure(EcaCreate.run([...org(), '--name', 'New_One', '--contact-email', 'it@example.com']));
    expect(error.actions).to.have.length.greaterThan(0);
    expect(practice.org.component('ExternalClientApplication', 'New_One')).to.equal(undefined);
  });
});
