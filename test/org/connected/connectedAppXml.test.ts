import { randomBytes } from 'node:crypto';

import { expect } from 'chai';

import { type ConnectedApp, textsAt } from '../../../src/app/connected/connectedApp.ts';
import { isProblem } from '../../../src/app/problem.ts';
import { forgetSecrets, MASK, masked } from '../../../src/app/secret.ts';
import { parseConnectedApp, type XmlProblem } from '../../../src/org/connected/connectedAppXml.ts';

const file = (inside: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">${inside}</ConnectedApp>`;

const read = (xml: string, name = 'a/Order_Sync.connectedApp-meta.xml'): ConnectedApp => {
  const app = parseConnectedApp(xml, name);
  if (isProblem(app)) throw new Error(app.code);
  return app;
};

const problem = (xml: string): XmlProblem => {
  const found = parseConnectedApp(xml, 'x.connectedApp');
  if (!isProblem(found)) throw new Error('It was read.');
  return found;
};

describe('a file of a Connected App', () => {
  afterEach(forgetSecrets);

  it('is read in any order, with entities and CDATA, with a byte order mark, without comments', () => {
    const app = read(
      `\u{feff}${file('<!-- note --><label>A &amp; B</label><description><![CDATA[x < y]]></description><contactEmail>a@example.com</contactEmail>')}`,
    );
    expect(textsAt(app, 'label')).to.deep.equal(['A & B']);
    expect(textsAt(app, 'description')).to.deep.equal(['x < y']);
    expect(app.elements.map(({ name }) => name)).to.deep.equal(['label', 'description', 'contactEmail']);
  });

  it('has its name from its file, else from itself', () => {
    const name = (path: string, inside = '<label>My App</label>'): string => read(file(inside), path).name;
    expect(name('x/ns__My%2EApp.connectedApp-meta.xml')).to.equal('ns__My.App');
    expect(name('unpackaged\\connectedApps\\Two.connectedApp')).to.equal('Two');
    expect(name('bad%zz.connectedApp')).to.equal('bad%zz');
    expect(name('standard input')).to.equal('My App');
    expect(name('app.xml', '<fullName>Full</fullName><label>My App</label>')).to.equal('Full');
    expect(name('some app.xml', '<oauthConfig/>')).to.equal('some_app');
  });

  it('gives no secret away, wherever it stands', () => {
    const secret = randomBytes(20).toString('hex');
    const app = read(
      file(
        `<oauthConfig><consumerSecret>${secret}</consumerSecret><clientSecret>${secret}9</clientSecret></oauthConfig><description>It is ${secret}</description>`,
      ),
    );
    expect(textsAt(app, 'oauthConfig.consumerSecret')).to.deep.equal([MASK]);
    expect(textsAt(app, 'oauthConfig.clientSecret')).to.deep.equal([MASK]);
    expect(masked(textsAt(app, 'description')[0] ?? '')).to.not.include(secret);
  });

  it('leaves a switch alone that only sounds like a secret', () => {
    const app = read(file('<oauthConfig><isConsumerSecretOptional>true</isConsumerSecretOptional></oauthConfig>'));
    expect(textsAt(app, 'oauthConfig.isConsumerSecretOptional')).to.deep.equal(['true']);
  });

  for (const [what, xml, code, line] of [
    ['an XML that breaks off', '<ConnectedApp>\n<label>x</lable>\n</ConnectedApp>', 'file.notWellFormed', 2],
    [
      'another type',
      '<ExternalClientApplication><label>x</label></ExternalClientApplication>',
      'file.noConnectedApp',
      1,
    ],
    [
      'a document type',
      '<!DOCTYPE a [<!ENTITY b "c">]>\n<ConnectedApp><label>&b;</label></ConnectedApp>',
      'file.documentType',
      1,
    ],
    ['nothing', '', 'file.notWellFormed', 1],
    ['no XML at all', 'apps:\n  - name: x', 'file.notWellFormed', 1],
    [
      'a thousand levels',
      `<ConnectedApp>${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}</ConnectedApp>`,
      'file.notWellFormed',
      1,
    ],
  ] as const) {
    it(`is refused: ${what}`, () => {
      expect(problem(xml)).to.include({ code, line });
    });
  }
});
