import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';
import ts from 'typescript';

import { KEPT_ELEMENTS, KEPT_TYPES } from '../../scripts/keptElements.ts';
import { PARTS } from '../../src/org/app/components.ts';
import { fields } from '../../src/org/app/fields.ts';

const file = fileURLToPath(import.meta.resolve('@salesforce/types/metadata')).replace(/\.js$/, '.d.ts');

/** The properties of each type in Salesforce's definitions, by the type's name. */
const typesIn = (text: string): Map<string, string[]> => {
  const propertiesOf = (node: ts.Node): string[] => {
    const found: string[] = [];
    const visit = (one: ts.Node): void => {
      if (ts.isTypeLiteralNode(one)) {
        found.push(...one.members.filter(ts.isPropertySignature).map(({ name }) => name.getText(source)));
      } else ts.forEachChild(one, visit);
    };
    visit(node);
    return found;
  };
  const source = ts.createSourceFile('metadata.d.ts', text, ts.ScriptTarget.ESNext);
  return new Map(
    source.statements
      .filter(ts.isTypeAliasDeclaration)
      .filter(({ name }) => /^(ExternalClientApplication|ExtlClntApp\w+|ExternalAppIdTokenConfig)$/.test(name.text))
      .map((alias) => [alias.name.text, propertiesOf(alias.type)]),
  );
};

/** The elements of an app's parts that are no field and not listed as kept. Also listed ones that no type has. */
const strays = (types: Map<string, string[]>): string[] =>
  Object.entries(PARTS).flatMap(([part, { type }]) => {
    const ofFields = fields.flatMap(({ elements }) =>
      elements.filter((one) => one.part === part).map(({ element }) => element.split('.')[0] ?? ''),
    );
    const known = new Set([...ofFields, ...Object.keys(KEPT_ELEMENTS[type] ?? {})]);
    const has = types.get(type) ?? [];
    return [
      ...has.filter((element) => element !== 'fullName' && !known.has(element)).map((element) => `+${type}.${element}`),
      ...[...known].filter((element) => !has.includes(element)).map((element) => `-${type}.${element}`),
    ];
  });

describe("the elements of Salesforce's types", () => {
  const text = readFileSync(file, 'utf8');

  it('are each a field, or listed as kept', () => {
    expect(strays(typesIn(text))).to.deep.equal([]);
  });

  it('are found to be neither when a new version of the package brings one', () => {
    const newer = text.replace(/(type ExtlClntAppOauthSecuritySettings = [^{]*\{)/, '$1 brandNew?: string;');
    expect(newer).to.not.equal(text);
    expect(strays(typesIn(newer))).to.deep.equal(['+ExtlClntAppOauthSecuritySettings.brandNew']);
  });

  it('belong to types that are parts of an app, or kept whole', () => {
    const known = new Set([...Object.values(PARTS).map(({ type }) => type as string), ...KEPT_TYPES]);
    // What points to an app is a component; everything else is part of one.
    const components = [...typesIn(text)].filter(([, elements]) => elements.includes('externalClientApplication'));
    expect(components.map(([type]) => type).filter((type) => !known.has(type))).to.deep.equal([]);
  });
});
