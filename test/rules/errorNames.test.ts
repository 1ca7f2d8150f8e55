import { join } from 'node:path';

import { expect } from 'chai';
import ts from 'typescript';

const root = join(import.meta.dirname, '..', '..');

/** Where the names of other people's errors are compared. */
const DOOR = 'src/app/foreignError.ts';

/** What a name is looked for with, or in. */
const LOOKUPS = /^(test|has|includes|get|exec|match|search|startsWith|endsWith|indexOf|hasOwn)$/;

const isError = (type: ts.Type): boolean =>
  type.isUnionOrIntersection()
    ? type.types.some(isError)
    : type.symbol?.name === 'Error' || (type.getBaseTypes() ?? []).some(isError);

/** Is what a node says compared, or looked up, rather than shown? */
const isDecidedBy = (node: ts.Node): boolean => {
  const { parent } = node;
  if (ts.isParenthesizedExpression(parent) || ts.isNonNullExpression(parent) || ts.isAsExpression(parent))
    return isDecidedBy(parent);
  if (ts.isBinaryExpression(parent)) return /^[!=]==?$/.test(parent.operatorToken.getText());
  if (ts.isCaseClause(parent) || ts.isSwitchStatement(parent)) return true;
  if (ts.isElementAccessExpression(parent)) return parent.argumentExpression === node;
  if (ts.isPropertyAccessExpression(parent)) return LOOKUPS.test(parent.name.text);
  if (!ts.isCallExpression(parent)) return false;
  return ts.isPropertyAccessExpression(parent.expression) && LOOKUPS.test(parent.expression.name.text);
};

/** The places at which a program goes by the name of an error, as `src/app/a.ts: error.name`. */
const namesRead = (files: Array<[name: string, text?: string]>): string[] => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const planted = new Map(files.map(([name, text]) => [join(root, name), text]));
  host.readFile = (path) => planted.get(path) ?? ts.sys.readFile(path);
  host.fileExists = (path) => planted.has(path) || ts.sys.fileExists(path);
  const program = ts.createProgram([...planted.keys()], { ...options, noEmit: true }, host);
  const checker = program.getTypeChecker();
  const found: string[] = [];
  for (const source of program.getSourceFiles()) {
    const file = source.fileName.slice(root.length + 1);
    if (!planted.has(source.fileName)) continue;
    const look = (node: ts.Node): void => {
      const isName = ts.isPropertyAccessExpression(node) && node.name.text === 'name';
      if (isName && isDecidedBy(node) && isError(checker.getTypeAtLocation(node.expression)))
        found.push(`${file}: ${node.getText()}`);
      // `const { name } = error` leads away from the error: what becomes of the name is not followed.
      if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name) && node.initializer) {
        const takesName = node.name.elements.some(
          ({ name, propertyName }) => (propertyName ?? name).getText() === 'name',
        );
        if (takesName && isError(checker.getTypeAtLocation(node.initializer))) found.push(`${file}: ${node.getText()}`);
      }
      ts.forEachChild(node, look);
    };
    look(source);
  }
  return found;
};

const WRONG = [
  "if (error.name === 'AError') throw error;",
  "if ('AError' !== (error as Error).name) throw error;",
  'if (/^A(B|C)Error$/.test(error.name)) throw error;',
  "if (new Set(['AError']).has(error.name)) throw error;",
  "if (error.name.endsWith('Error')) throw error;",
  'const instead = ({ AError: 1 } as Record<string, number>)[error.name]; void instead;',
  "switch (error.name) { case 'AError': throw error; }",
  "const { name } = error; if (name === 'AError') throw error;",
  "if (own.name === 'AError') throw own;",
];

const RIGHT = ["if (app.name === 'A') throw error;", 'console.log(`${error.name}: `, [error.name].join());'];

const planted = [...WRONG, ...RIGHT].map((way, at): [string, string] => [
  `src/planted${at}.ts`,
  `class Own extends TypeError {}
   export const judge = (error: Error, own: Own, app: { name: string }): void => { ${way} void [own, app]; };`,
]);

describe('names of errors', function () {
  this.timeout(180_000);
  let found: string[];

  before(() => {
    const files = ts.sys
      .readDirectory(join(root, 'src'), ['.ts'])
      .map((path): [string] => [path.slice(root.length + 1)]);
    const ours = files.filter(([file]) => !file.startsWith('src/practice/'));
    found = namesRead([...ours, ...planted]);
  });

  it('decide nothing in src/, but at the door for errors of other packages', () => {
    expect(found.filter((place) => !place.startsWith('src/planted'))).to.deep.equal([`${DOOR}: error.name`]);
  });

  WRONG.forEach((way, at) => {
    it(`are found in ${way}`, () => {
      expect(found.filter((place) => place.startsWith(`src/planted${at}.ts`))).to.have.length(1);
    });
  });

  it('may be shown, and so may names of other things be compared', () => {
    const allowed = RIGHT.map((_way, at) => `src/planted${WRONG.length + at}.ts`);
    expect(found.filter((place) => allowed.some((file) => place.startsWith(file)))).to.deep.equal([]);
  });
});
