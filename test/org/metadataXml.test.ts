import { expect } from 'chai';
import type { Element } from '../../src/org/components.ts';
import { buildMetadata, parseMetadata, unwritable } from '../../src/org/metadataXml.ts';

describe('metadata XML', () => {
  it('reads what the org has, whole and in its order', () => {
    const { type, elements } = parseMetadata(`<?xml version="1.0" encoding="UTF-8"?>
      <ExtlClntAppOauthSettings xmlns="http://soap.sforce.com/2006/04/metadata">
        <somethingNew>42</somethingNew>
        <trustedIpRanges><endIpAddress>10.0.0.2</endIpAddress><startIpAddress>10.0.0.1</startIpAddress></trustedIpRanges>
        <label> two words </label>
        <empty/>
      </ExtlClntAppOauthSettings>`);
    expect(type).to.equal('ExtlClntAppOauthSettings');
    expect(elements).to.deep.equal([
      { name: 'somethingNew', text: '42' },
      {
        name: 'trustedIpRanges',
        children: [
          { name: 'endIpAddress', text: '10.0.0.2' },
          { name: 'startIpAddress', text: '10.0.0.1' },
        ],
      },
      { name: 'label', text: ' two words ' },
      { name: 'empty', text: '' },
    ]);
  });

  for (const value of [
    '<script>&amp; "double" \'single\' ]]>',
    'https://a.example/cb?x=1&y=<2>\nhttps://b.example/cb',
    'a\r\nb\rc\n',
    '&lt; is not <',
    'ünïcödé 🎉',
    '  spaces  ',
    '0012',
    'true',
    '$& $1 \\',
    'x'.repeat(5000),
  ]) {
    it(`brings a value back as it went in: ${JSON.stringify(value.slice(0, 40))}`, () => {
      const elements: Element[] = [
        { name: 'description', text: value },
        { name: 'group', children: [{ name: 'inner', text: value }] },
      ];
      expect(parseMetadata(buildMetadata('ExternalClientApplication', elements)).elements).to.deep.equal(elements);
    });
  }

  it('says so when the org sends no XML', () => {
    expect(() => parseMetadata('<html><body>')).to.throw(/not well-formed/);
  });

  it('does not expand entities that a document type declares', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><A><x>&c;</x></A>';
    let read = '';
    try {
      read = JSON.stringify(parseMetadata(bomb));
    } catch (error) {
      read = (error as Error).message;
    }
    expect(read).not.to.include('bbbbbbbbbbbbbbbbbbbb');
  });

  it('finds the characters that XML cannot carry', () => {
    expect(unwritable('bell \u0007')).to.equal('U+0007');
    expect(unwritable('half a pair \ud800')).to.equal('U+D800');
    expect(unwritable('tab\t line\n return\r 🎉')).to.equal(undefined);
  });
});
