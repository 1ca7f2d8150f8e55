import { expect } from 'chai';

import type { App } from '../../src/app/app.ts';
import { changesOf, leaves, merge } from '../../src/app/changes.ts';
import { checkWish } from '../../src/app/checkWish.ts';
import { completeApp } from '../../src/app/completeApp.ts';
import { FIELD_PATHS, type FieldPath, FIELDS, setField } from '../../src/app/fields.ts';
import { formatEcaFile } from '../../src/file/format.ts';
import { parseEcaFile } from '../../src/file/parse.ts';

const BARE: App = { name: 'Order_Sync', label: 'Order Sync', contactEmail: 'it@example.com' };

const OAUTH: App = {
  ...BARE,
  oauth: { callbackUrls: ['https://a.example.com/cb'], flows: ['web-server'] },
  policies: { refreshToken: 'infinite', permittedUsers: 'all-users' },
};

const SAML: App = { ...OAUTH, saml: { enabled: true, acsUrl: 'https://a.example.com/acs' } };

/** A value of each kind that no app has by itself. */
const SOME = { text: 'x', yesNo: true, number: 30, texts: ['x'], ranges: [], attributes: [] };

/** An app that got everything that a complete one says "none" of. */
const full = (app: App): App => {
  const got = structuredClone(app);
  const { whole } = completeApp(app);
  for (const path of FIELD_PATHS) {
    const has = leaves(app).some(([field]) => field === path);
    const says = leaves(whole).some(([field]) => field === path);
    if (says && !has) setField(got, path, SOME[FIELDS[path].kind]);
  }
  return got;
};

describe('a complete app', () => {
  for (const [what, app] of Object.entries({ 'without OAuth': BARE, 'with OAuth': OAUTH, 'with SAML': SAML })) {
    it(`changes nothing in the app that it is of (${what})`, () => {
      const { whole } = completeApp(app);
      expect(changesOf(app, whole)).to.deep.equal([]);
      expect(checkWish(whole, app)).to.deep.equal([]);
    });

    it(`takes away what the app got in the meantime (${what})`, () => {
      const { whole } = completeApp(app);
      const wanted = FIELD_PATHS.filter((path) => leaves(full(app)).some(([field]) => field === path));
      const changed = changesOf(full(app), whole).map(({ field }) => field);
      const empty: readonly string[] = wanted.filter((path) => ['ranges', 'attributes'].includes(FIELDS[path].kind));
      const there: readonly string[] = leaves(app).map(([field]) => field);
      expect(changed).to.have.members(wanted.filter((path) => !empty.includes(path) && !there.includes(path)));
      expect(changesOf(app, merge(full(app), whole))).to.deep.equal([]);
      expect(checkWish(whole, full(app))).to.deep.equal([]);
    });

    it(`is the same in a file, which says what it leaves out (${what})`, () => {
      const { whole, left } = completeApp(app);
      const text = formatEcaFile([whole], new Map(), new Map([[app.name, left]]));
      const { apps, problems } = parseEcaFile(text, 'eca.yaml', {});
      expect(problems).to.deep.equal([]);
      expect(apps.map(({ wish }) => wish)).to.deep.equal([whole]);
      for (const path of left) expect(text).to.match(new RegExp(`^ *#.*\\b${path.replaceAll('.', '\\.')}\\b`, 'm'));
    });
  }

  it('says of every field either a value, or that it is left out', () => {
    const { whole, left } = completeApp(SAML);
    const said: readonly string[] = [...leaves(whole).map(([field]) => field), ...left];
    const apart: FieldPath[] = ['oauth.certificateFile', 'policies.refreshTokenValidity'];
    expect(FIELD_PATHS.filter((path) => !said.includes(path))).to.have.members(apart);
    expect(completeApp(BARE).left).to.include.members(['oauth', 'saml']);
  });
});
