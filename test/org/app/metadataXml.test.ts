import { expect } from 'chai';
import fc from 'fast-check';

import type { Element } from '../../../src/org/app/components.ts';
import {
  buildElements,
  buildMetadata,
  buildSource,
  parseAnswer,
  parseMetadata,
  unwritable,
} from '../../../src/org/app/metadataXml.ts';

const answerOf = (result: string): string =>
  '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" ' +
  'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:m="http://soap.sforce.com/2006/04/metadata">' +
  `<e:Header/><e:Body><m:readMetadataResponse><m:result>${result}</m:result></m:readMetadataResponse></e:Body></e:Envelope>`;

describe('metadata XML', () => {
  it('reads an answer of SOAP as it reads a file: unknown, repeated and empty elements too, in their order', () => {
    const inside =
      '<somethingNew>42</somethingNew><zebra/><trustedIpRanges><end>2</end><start>1</start></trustedIpRanges>' +
      '<trustedIpRanges><end>4</end><start>3</start></trustedIpRanges><label> a &lt;b&gt; &amp;amp; </label>';
    const { elements } = parseMetadata(`<A xmlns="http://soap.sforce.com/2006/04/metadata">${inside}</A>`);
    const record = `<m:records xsi:type="m:A"><fullName>One</fullName>${inside}<gone xsi:nil="true"/></m:records>`;
    expect(parseAnswer(answerOf(record))).to.deep.equal([
      [{ name: 'records', children: [{ name: 'fullName', text: 'One' }, ...elements] }],
    ]);
  });

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

  it('refuses a document type, of whatever kind', () => {
    for (const type of ['<!DOCTYPE A>', '<!doctype A SYSTEM "file:///etc/passwd">', '<!DOCTYPE A [<!ENTITY b "c">]>']) {
      expect(() => parseMetadata(`<?xml version="1.0"?>\n${type}\n<A><x>1</x></A>`)).to.throw(
        /not well-formed|document type/,
      );
    }
  });

  it('knows characters by their numbers, and no entities but those of XML', () => {
    const { elements } = parseMetadata('<A><x>&#233;&#x1F600;&lt;&#60;&apos;&#13;&eacute;&foo;</x></A>');
    expect(elements).to.deep.equal([{ name: 'x', text: "é😀<<'\r&eacute;&foo;" }]);
  });

  it('repeats nothing of what it refuses that a terminal would obey', () => {
    expect(() => parseMetadata('<A\u001b[2J></B>')).to.throw(/^[^\u001b]*$/);
  });

  it('brings every text back in any element, or says that XML cannot carry it', () => {
    const parts = [
      '<',
      '>',
      '&',
      ']]>',
      '<![CDATA[',
      '<!--',
      '-->',
      '&#13;',
      '&amp;',
      '"',
      "'",
      '\r',
      '\n',
      '\r\n',
      '\t',
      ' ',
      '$&',
    ];
    const odd = [
      '\u0000',
      '\u001b',
      '\u007f',
      '\u0085',
      '\u2028',
      '\uFEFF',
      '\uFFFE',
      '\uD800',
      '😀',
      'é',
      'a',
      '</x>',
      '<?x?>',
    ];
    const values = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...parts, ...odd), { maxLength: 8 }).map((some) => some.join('')),
    );
    const names = fc.stringMatching(/^[a-z][A-Za-z]{0,12}$/).filter((name) => !(name in {}));
    const texts = fc.record({ name: names, text: values });
    const group = fc.record({ name: names, children: fc.array(texts, { minLength: 1, maxLength: 3 }) });
    const written = ({ elements }: { elements: Element[] }): string[] =>
      elements.flatMap((one) => ('text' in one ? [one.text] : written({ elements: one.children })));
    fc.assert(
      fc.property(fc.array(fc.oneof(texts, group), { minLength: 1, maxLength: 4 }), (elements: Element[]) => {
        fc.pre(written({ elements }).every((text) => unwritable(text) === undefined));
        expect(parseMetadata(buildMetadata('A', elements)).elements).to.deep.equal(elements);
        expect(parseMetadata(buildSource('A', elements)).elements).to.deep.equal(elements);
        // An answer of SOAP has prefixes before the names.
        expect(parseAnswer(answerOf(buildElements(elements).replaceAll(/<(\/?)/g, '<$1m:')))).to.deep.equal([elements]);
      }),
      { numRuns: 300 },
    );
  });

  it('finds the characters that XML cannot carry', () => {
    expect(unwritable('bell \u0007')).to.equal('U+0007');
    expect(unwritable('half a pair \ud800')).to.equal('U+D800');
    expect(unwritable('tab\t line\n return\r 🎉')).to.equal(undefined);
  });
});
