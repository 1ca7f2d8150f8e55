import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';

import type { Connection } from '@salesforce/core';
import { expect } from 'chai';

import type { Wish } from '../../../src/app/app.ts';
import { partNames, RARE_PARTS } from '../../../src/org/app/components.ts';
import { readApp, readApps } from '../../../src/org/app/read.ts';
import { MOST_APPS_READ } from '../../../src/org/app/readComponents.ts';
import { retrieve } from '../../../src/org/app/retrieve.ts';
import { writeApp } from '../../../src/org/app/write.ts';
import type { Answer, Request } from '../../../src/org/request/orgExchange.ts';
import { installTransport } from '../../../src/org/request/transport.ts';
import {
  createPracticeServer,
  type PracticeServer,
  type PracticeServerOptions,
} from '../../../src/practice/practice.ts';
import { connectTo } from '../../connectTo.ts';
import {
  app as appPiece,
  globalSettings,
  oauthApp,
  oauthPolicies,
  oauthSettings,
  packageOf,
  type Piece,
  policies,
  SCOPES,
  zipOf,
} from '../../practice/appFiles.ts';
const NAME = 'Order_Sync';
const WISH: Wish = {
  name: NAME,
  label: 'Order Sync',
  contactEmail: 'it@example.com',
  oauth: { callbackUrls: ['https://orders.example.com/cb', 'https://orders.example.com/other?a=1&b=2'] },
  scopes: ['api', 'refresh_token'],
};
const OPTIONS = { dryRun: false, wait: 1 };
const AN_HOUR = 3_600_000;
const A_MINUTE = 60_000;

/** The parts that every app with OAuth has. */
const usualParts = partNames.filter((part) => !RARE_PARTS.some((rare) => rare === part));

/** Milliseconds for a request. Where looks are counted, what the machine adds must be little beside it. */
const LATENCY = 300;

describe('reading apps', () => {
  let practice: PracticeServer;
  let connection: Connection;
  /** Milliseconds that go by after a component was written, by the clock of the org. */
  let pause: number;

  afterEach(() => practice.close());

  /** Whose components are older than a minute, unless told otherwise: as in most orgs, nobody is writing them just now. */
  const open = async (more: PracticeServerOptions = {}): Promise<void> => {
    practice = await createPracticeServer({ clock: new Date(Date.now() - AN_HOUR), ...more });
    pause = 'clock' in more ? 0 : A_MINUTE;
    connection = await connectTo(practice);
  };

  const make = async (wanted: Wish = WISH): Promise<void> => {
    await writeApp(await connectTo(practice), undefined, wanted, OPTIONS);
    practice.org.advance(pause);
    practice.requests.clear();
  };

  const deploy = async (pieces: Piece[]): Promise<void> => {
    const sent = await connection.metadata
      .deploy(zipOf(packageOf(pieces)), { singlePackage: true, rollbackOnError: true })
      .complete(true);
    expect(sent.success, JSON.stringify(sent.details)).to.equal(true);
    practice.org.advance(pause);
    practice.requests.clear();
  };

  const asked = (what: RegExp): number =>
    practice.requests.entries().filter(({ summary = '', query }) => what.test(`${summary} ${query.q ?? ''}`)).length;
  const looks = (): number => asked(/FROM ExternalClientApplication\b/);
  const jobs = (): number => asked(/^(retrieve|deploy)/);

  /** Has somebody look at each answer, or change it, before the connection gets it. */
  const overhear = (change: (request: Request, answer: Answer) => Promise<Answer> | Answer): void => {
    installTransport(connection);
    const wire = connection._transport;
    connection._transport = {
      httpRequest: (request: Request) =>
        Object.assign((async () => change(request, await wire.httpRequest(request)))(), {
          stream: () => new PassThrough(),
        }),
    } as unknown as typeof wire;
  };
  const isRead = ({ body }: Request, type: string): boolean =>
    typeof body === 'string' && body.includes(`<readMetadata><type>${type}<`);

  const rename = (part: string, fullName: string): void => {
    const component = practice.org.componentsOfApp(NAME).find(({ type }) => type === part);
    if (!component) throw new Error(`There is no ${part}.`);
    practice.org.removeComponent(part, component.fullName);
    practice.org.putComponent({ ...component, fullName });
  };

  it('takes one look, and no job, for an app whose components have their usual names', async () => {
    await open({ latency: LATENCY });
    await make();
    const stored = await readApp(connection, NAME.toLowerCase());
    expect(stored?.app).to.deep.include({ name: NAME, label: 'Order Sync', scopes: ['api', 'refresh_token'] });
    expect(Object.keys(stored?.components ?? {})).to.have.members(usualParts);
    expect([looks(), jobs()]).to.deep.equal([1, 0]);
  });

  for (const [part, type] of [
    ['oauthSettings', 'ExtlClntAppOauthSettings'],
    ['globalOauthSettings', 'ExtlClntAppGlobalOauthSettings'],
    ['oauthPolicies', 'ExtlClntAppOauthConfigurablePolicies'],
    ['policies', 'ExtlClntAppConfigurablePolicies'],
  ] as const) {
    it(`takes two looks, and no job, where the ${part} have a name of their own`, async () => {
      await open({ latency: LATENCY });
      await make();
      rename(type, 'Something_else');
      const stored = await readApp(connection, NAME);
      expect(stored?.components[part]?.fullName).to.equal('Something_else');
      expect(Object.keys(stored?.components ?? {})).to.have.members(usualParts);
      expect([looks(), jobs()]).to.deep.equal([2, 0]);
    });
  }

  it('takes settings with the usual name of one app for those of the app that they point to', async () => {
    await open();
    await make();
    await make({ ...WISH, name: 'Invoices' });
    rename('ExtlClntAppGlobalOauthSettings', 'Nobodys_glbloauth');
    const stored = await readApp(connection, NAME);
    expect(stored?.components.globalOauthSettings?.fullName).to.equal('Nobodys_glbloauth');
    expect(jobs()).to.equal(0);
  });

  it('retrieves by name what may be the settings of an app, where that is more than a few', async () => {
    await open();
    await make();
    rename('ExtlClntAppGlobalOauthSettings', 'Something_else');
    const others = Array.from({ length: MOST_APPS_READ + 1 }, (_, nth) => [
      appPiece(`App_${nth}`),
      oauthSettings(`App_${nth}`, SCOPES),
      globalSettings(`App_${nth}`, '<callbackUrl>https://x.example.com</callbackUrl>', `Free_${nth}`),
    ]);
    await deploy(others.flat());
    const stored = await readApp(connection, NAME);
    expect(stored?.components.globalOauthSettings?.fullName).to.equal('Something_else');
    expect(jobs()).to.equal(1);
  });

  it('finds no app where there is none', async () => {
    await open({ latency: LATENCY });
    expect((await readApps(connection, ['Gone'])).spellings()).to.deep.equal([]);
    expect(looks()).to.equal(1);
  });

  it('reads a few apps of an org in two looks, and more of them with one retrieve', async () => {
    await open();
    for (const one of ['A', 'B', 'C']) await make({ ...WISH, name: one });
    expect((await readApps(connection)).spellings()).to.have.members(['A', 'B', 'C']);
    expect([looks(), jobs()]).to.deep.equal([2, 0]);
    await deploy(Array.from({ length: MOST_APPS_READ }, (_, nth) => oauthApp(`App_${nth}`)).flat());
    expect((await readApps(connection)).spellings()).to.have.lengthOf(MOST_APPS_READ + 3);
    expect([looks(), jobs()]).to.deep.equal([1, 1]);
  }).timeout(60_000);

  describe("finds other people's metadata element for element as a retrieve does", () => {
    const theirs = [
      appPiece(
        'Odd',
        '<contactEmail>it@example.com</contactEmail><description> a &lt;b&gt; &amp;amp; &quot;c&quot; \n d </description><iconUrl>https://x.example.com/?a=1&amp;b=2</iconUrl>',
      ),
      oauthSettings('Odd', SCOPES, 'Their_own'),
      globalSettings(
        'Odd',
        '<callbackUrl>https://a.example.com\nhttps://b.example.com</callbackUrl><isPkceRequired>true</isPkceRequired>',
        'Odd_ones',
      ),
      oauthPolicies('Odd', '<ipRelaxationPolicyType>Enforce</ipRelaxationPolicyType>', 'Odd_p'),
      policies('Odd', '<isEnabled>true</isEnabled>', 'Odd_q'),
    ];
    for (const answer of ['works', 'refused']) {
      for (const one of [NAME, 'Odd']) {
        it(`${one}, where reading without a job ${answer}`, async () => {
          await open({ variants: { 'read-metadata': answer } });
          await make();
          await deploy(theirs);
          const { components = {} } = (await readApp(connection, one)) ?? {};
          expect(Object.keys(components)).to.have.members(usualParts);
          const names = Object.fromEntries(usualParts.map((part) => [part, [components[part]?.fullName ?? '']]));
          const retrieved = await retrieve(connection, names);
          for (const part of usualParts) expect(retrieved[part], part).to.deep.equal([components[part]]);
        });
      }
    }
  });

  describe('in an org that refuses to read them without a job', () => {
    it('takes two looks and one retrieve, and another retrieve after a write', async () => {
      await open({ latency: LATENCY, variants: { 'read-metadata': 'refused' } });
      await make();
      const stored = await readApp(connection, NAME);
      expect([looks(), jobs()]).to.deep.equal([2, 1]);
      practice.requests.clear();
      const { app } = await writeApp(connection, stored, { name: NAME, label: 'Orders' }, OPTIONS);
      expect(app.label).to.equal('Orders');
      expect(asked(/^retrieve/)).to.equal(1);
      expect(looks()).to.equal(1);
    });
  });

  it('retrieves what an answer that is no XML should have said', async () => {
    await open();
    await make();
    overhear((request, answer) =>
      isRead(request, 'ExtlClntAppOauthSettings') ? { ...answer, body: answer.body.slice(0, -40) } : answer,
    );
    const stored = await readApp(connection, NAME);
    expect(stored?.app.scopes).to.deep.equal(['api', 'refresh_token']);
    expect(jobs()).to.equal(1);
  });

  describe('that somebody else writes meanwhile', () => {
    // Components that were written a moment ago may be written in this moment.
    const newest = { clock: undefined };

    it('reads again what was written between two answers', async () => {
      await open(newest);
      await make();
      const other = await connectTo(practice);
      const before = await readApp(other, NAME);
      let wasWritten = false;
      installTransport(connection);
      const wire = connection._transport;
      const late = async (request: Request): Promise<Answer> => {
        if (!wasWritten && isRead(request, 'ExtlClntAppOauthSettings')) {
          wasWritten = true;
          await setTimeout(1000);
          await writeApp(other, before, { name: NAME, label: 'Orders', scopes: ['openid'] }, OPTIONS);
        }
        return wire.httpRequest(request);
      };
      connection._transport = {
        httpRequest: (request: Request) => Object.assign(late(request), { stream: () => new PassThrough() }),
      } as unknown as typeof wire;
      const stored = await readApp(connection, NAME);
      expect(wasWritten).to.equal(true);
      expect(stored?.app).to.deep.include({ label: 'Orders', scopes: ['openid'] });
    });

    it('retrieves what does not come to rest', async () => {
      await open(newest);
      await make();
      let written = 0;
      overhear((request, answer) => {
        if (!isRead(request, 'ExternalClientApplication')) return answer;
        const component = practice.org.component('ExternalClientApplication', NAME);
        if (!component) throw new Error('It is gone.');
        practice.org.putComponent({
          ...component,
          body: { ...component.body, label: `Label ${++written}` },
          lastModifiedDate: practice.org.now(),
        });
        return answer;
      });
      const stored = await readApp(connection, NAME);
      expect(stored?.app.label).to.equal(`Label ${written}`);
      expect(jobs()).to.equal(1);
    });

    for (const [part, type] of [
      ['policies', 'ExtlClntAppConfigurablePolicies'],
      ['globalOauthSettings', 'ExtlClntAppGlobalOauthSettings'],
    ] as const) {
      it(`does not take an empty answer for ${part} that are not there`, async () => {
        await open();
        await make();
        let emptied = 0;
        overhear((request, answer) => {
          if (!isRead(request, type)) return answer;
          emptied++;
          return { ...answer, body: answer.body.replace(/<records .*<\/records>/s, '<records xsi:nil="true"/>') };
        });
        const stored = await readApp(connection, NAME);
        expect(emptied).to.be.greaterThan(1);
        expect(stored?.components[part]?.fullName).to.be.a('string');
        expect(jobs()).to.equal(1);
      });
    }
  });
});
