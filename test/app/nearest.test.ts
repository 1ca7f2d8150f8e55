import { expect } from 'chai';

import { nearest } from '../../src/app/nearest.ts';

describe('nearest names', () => {
  const names = ['api', 'refresh_token', 'chatter_api', 'chatbot_api', 'openid', 'profile', 'phone'];

  it('finds what was mistyped: a letter too few, too many, wrong, swapped', () => {
    for (const typo of ['refresh_tokn', 'refresh_tokken', 'refresh_tokem', 'refresh_tokne', 'REFRESH-TOKEN']) {
      expect(nearest(typo, names)[0], typo).to.equal('refresh_token');
    }
  });

  it('counts a swap of neighbours as one step, so that it stays close in a short name', () => {
    expect(nearest('aip', names)).to.deep.equal(['api']);
  });

  it('finds a name of which only a part was given, and one with too much around it', () => {
    expect(nearest('chatter', names)).to.deep.equal(['chatter_api']);
    expect(nearest('openid_scope', names)).to.deep.equal(['openid']);
  });

  it('puts the closest first and stops at three', () => {
    expect(nearest('chatte_api', [...names, 'chatte_apu', 'chette_api', 'chatta_api'])).to.have.lengthOf(3);
    expect(nearest('chattr_api', names)[0]).to.equal('chatter_api');
  });

  it('finds nothing where nothing is close', () => {
    for (const text of ['', '  ', 'zzz', 'x'.repeat(5000)]) expect(nearest(text, names)).to.deep.equal([]);
  });

  it('allows one slip in three letters, of each kind, and no more', () => {
    for (const slip of [
      'abcde',
      'abcdefg',
      'abcdeX',
      'bcdef',
      'abXdef',
      'abdcef',
      'abcdXY',
      'abcd',
      'abcdefXY',
      'badcef',
    ]) {
      expect(nearest(slip, ['abcdef']), slip).to.deep.equal(['abcdef']);
    }
    for (const slip of ['XYZdef', 'abcXYZ', 'XaYbZcWdef', 'badcfe', 'XYcdefZ']) {
      expect(nearest(slip, ['abcdef']), slip).to.deep.equal([]);
    }
  });

  it('counts one letter too many, or too few, as one', () => {
    expect(nearest('xaby', ['xby'])).to.deep.equal(['xby']);
    expect(nearest('xby', ['xaby'])).to.deep.equal(['xaby']);
  });

  it('takes no part of fewer than three letters for a name', () => {
    expect(nearest('id', ['identity'])).to.deep.equal([]);
    expect(nearest('ide', ['identity'])).to.deep.equal(['identity']);
    expect(nearest('identity', ['id'])).to.deep.equal([]);
  });

  it('does not mind case on either side, nor blanks around', () => {
    expect(nearest(' openid ', ['OPENID'])).to.deep.equal(['OPENID']);
    expect(nearest('   ab   ', ['ab'])).to.deep.equal(['ab']);
    expect(nearest('XQZ', ['xqz'])).to.deep.equal(['xqz']);
    expect(nearest('xqz', ['XQZ'])).to.deep.equal(['XQZ']);
  });

  it('names each once', () => expect(nearest('api', ['api', 'api'])).to.deep.equal(['api']));
});
