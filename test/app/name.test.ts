import { expect } from 'chai';

import {
  ByName,
  checkName,
  distinctNames,
  NAME_MAX_LENGTH,
  nameWithoutNamespace,
  sameName,
  splitNamespace,
  suggestName,
} from '../../src/app/name.ts';

describe('API name', () => {
  for (const name of ['A', 'Order_Sync', 'orderSync2', 'A1_b2_C3', 'x'.repeat(NAME_MAX_LENGTH)]) {
    it(`takes ${name.slice(0, 20)}`, () => expect(checkName(name)).to.equal(undefined));
  }

  const refused = ['', ' ', 'Order Sync', 'Café', '2nd', '_App', 'App_', 'ns__App', 'A-B', 'A.B', 'A\n', 'A<b>', "A'B"];
  for (const name of refused) {
    it(`refuses ${JSON.stringify(name)} and suggests a name that it takes`, () => {
      const problem = checkName(name);
      expect(problem).to.include({ code: 'error.nameInvalid', field: 'name' });
      expect(problem?.values[0]).to.equal(name);
      expect(checkName(problem?.values[1] ?? '')).to.equal(undefined);
    });
  }

  it('refuses a long one, and says how long it is', () => {
    const problem = checkName('x'.repeat(5000));
    expect(problem?.code).to.equal('error.nameTooLong');
    expect(problem?.values.slice(1)).to.deep.equal(['5000', '80']);
    expect(problem?.values[0]).to.have.lengthOf.below(110);
  });
});

describe('suggested name', () => {
  const cases: Array<[text: string, name: string]> = [
    ['Café Sync 2', 'Cafe_Sync_2'],
    ['Order Sync', 'Order_Sync'],
    ['  order -- sync! ', 'order_sync'],
    ['2nd app', 'App_2nd_app'],
    ['Straße', 'Strasse'],
    ['Ærø Łódź', 'Aero_Lodz'],
    ["Bob's app", 'Bobs_app'],
    ['ns__App', 'ns_App'],
    ['_App_', 'App'],
    ['日本', 'App'],
    ['', 'App'],
    [`${'x'.repeat(NAME_MAX_LENGTH - 1)} y`, 'x'.repeat(NAME_MAX_LENGTH - 1)],
  ];
  for (const [text, name] of cases) {
    it(`makes ${name.slice(0, 20)} of ${JSON.stringify(text.slice(0, 20))}`, () => {
      expect(suggestName(text)).to.equal(name);
      expect(checkName(name)).to.equal(undefined);
    });
  }

  it('leaves a valid name as it is', () => {
    for (const name of ['A', 'Order_Sync', 'a1_2']) expect(suggestName(name)).to.equal(name);
  });
});

describe('namespace', () => {
  it('is split off an installed app', () => {
    expect(splitNamespace('ns__App')).to.deep.equal({ namespace: 'ns', name: 'App' });
    expect(splitNamespace('my_ns__Order_Sync')).to.deep.equal({ namespace: 'my_ns', name: 'Order_Sync' });
  });

  it('is absent otherwise', () => {
    for (const name of ['App', 'Order_Sync', '__App', 'ns__']) expect(splitNamespace(name)).to.deep.equal({ name });
  });
});

describe('the same name', () => {
  it('is one in any case', () => {
    expect(sameName('Order_Sync', 'order_SYNC')).to.equal(true);
    expect(sameName('ns__App', 'ns_App')).to.equal(false);
  });

  it('finds a thing in any case, and its spelling', () => {
    const apps = new ByName([['Order_Sync', 1]]);
    apps.set('ORDER_SYNC', 2);
    expect([apps.get('order_sync'), apps.spelling('order_sync'), apps.has('Order')]).to.deep.equal([
      2,
      'Order_Sync',
      false,
    ]);
    expect(apps.values()).to.deep.equal([2]);
    expect(distinctNames(['B', 'a', 'b', 'A'])).to.deep.equal(['B', 'a']);
  });
});

describe('a name without its namespace', () => {
  it('is no other name’s', () => {
    const names = ['App', 'App_0', 'ns__App', 'ns_App', 'ns_ns0_App', 'ns_NS00_App', 'n_s__App'];
    expect(new Set(names.map(nameWithoutNamespace)).size).to.equal(names.length);
    expect(nameWithoutNamespace('App_0')).to.equal('App_0');
  });
});
