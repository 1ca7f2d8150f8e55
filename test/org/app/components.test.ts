import { expect } from 'chai';

import { type Element, groupsOf, textOf, withElements, withText } from '../../../src/org/app/components.ts';

const ELEMENTS: Element[] = [
  { name: 'callbackUrl', text: 'https://a.example/cb' },
  { name: 'idTokenConfig', children: [{ name: 'idTokenAudience', text: 'here' }] },
  { name: 'range', children: [{ name: 'start', text: '1' }] },
  { name: 'range', children: [{ name: 'start', text: '2' }] },
  { name: 'zeal', text: 'kept' },
];

describe('components', () => {
  it('reads a text, also within a group', () => {
    expect(textOf(ELEMENTS, 'callbackUrl')).to.equal('https://a.example/cb');
    expect(textOf(ELEMENTS, 'idTokenConfig.idTokenAudience')).to.equal('here');
  });

  it('has nothing for an element that is not there, or of another kind', () => {
    expect(textOf(ELEMENTS, 'label')).to.equal(undefined);
    expect(textOf(ELEMENTS, 'idTokenConfig')).to.equal(undefined);
    expect(textOf(ELEMENTS, 'callbackUrl.idTokenAudience')).to.equal(undefined);
    expect(textOf(undefined, 'callbackUrl')).to.equal(undefined);
  });

  it('gives the groups of an element that stands several times', () => {
    expect(groupsOf(ELEMENTS, 'range').map((group) => textOf(group, 'start'))).to.deep.equal(['1', '2']);
  });

  it('replaces a text where it stands and leaves the input alone', () => {
    const before = structuredClone(ELEMENTS);
    expect(withText(ELEMENTS, 'callbackUrl', 'x:/cb')[0]).to.deep.equal({ name: 'callbackUrl', text: 'x:/cb' });
    expect(ELEMENTS).to.deep.equal(before);
  });

  it('puts a new element into its alphabetical place', () => {
    expect(withText(ELEMENTS, 'label', 'L').map(({ name }) => name)).to.deep.equal([
      'callbackUrl',
      'idTokenConfig',
      'label',
      'range',
      'range',
      'zeal',
    ]);
  });

  it('keeps elements of one name side by side', () => {
    const one = { name: 'range', children: [{ name: 'start', text: '9' }] };
    expect(
      withElements(ELEMENTS, 'range', [one, one, one])
        .map(({ name }) => name)
        .join(),
    ).to.equal('callbackUrl,idTokenConfig,range,range,range,zeal');
  });

  it('takes an element away, and a group with its last child', () => {
    expect(textOf(withText(ELEMENTS, 'zeal', undefined), 'zeal')).to.equal(undefined);
    expect(
      withText(ELEMENTS, 'idTokenConfig.idTokenAudience', undefined).some(({ name }) => name === 'idTokenConfig'),
    ).to.equal(false);
  });

  it('leaves the other children of a group alone', () => {
    const changed = withText(ELEMENTS, 'idTokenConfig.idTokenValidityInMinutes', '5');
    expect(textOf(changed, 'idTokenConfig.idTokenAudience')).to.equal('here');
    expect(textOf(changed, 'idTokenConfig.idTokenValidityInMinutes')).to.equal('5');
  });
});
