import { fixupPluginRules } from '@eslint/compat';
import sfPlugin from 'eslint-plugin-sf-plugin';
import importSort from 'eslint-plugin-simple-import-sort';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The plugin's rule sets are in the old format: only their `rules` are of use here. */
const commandRules = sfPlugin.configs.recommended.rules;

/** A constant at the top of a module. */
const topConstant =
  ':matches(Program, ExportNamedDeclaration) > VariableDeclaration[kind="const"] > VariableDeclarator';

/** Data that is written out. An empty list or map is a memory, and an object with functions is a thing that acts. */
const writtenData = `:matches(${[
  'Literal',
  'TemplateLiteral',
  'ArrayExpression[elements.length>0]',
  'NewExpression[callee.name=/^(Set|Map)$/][arguments.length>0]',
  'ObjectExpression[properties.length>0]:not(:has(> Property[value.type=/Function/]))',
].join(', ')})`;

/** The data as it is, or with `as const` or `satisfies` behind it. */
const behind = ['>', '> TSAsExpression >', '> TSSatisfiesExpression >', '> TSSatisfiesExpression > TSAsExpression >'];

export default defineConfig(
  { ignores: ['lib/', 'coverage/', '.tmp/', 'node_modules/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { 'simple-import-sort': importSort },
    rules: {
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      'func-style': ['error', 'expression'],
      'no-duplicate-imports': 'error',
      'simple-import-sort/imports': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: behind.map((path) => `${topConstant}[id.name=/^[a-z]/] ${path} ${writtenData}`).join(', '),
          message: 'Data that is written out at the top of a module is named in CAPITALS.',
        },
        {
          selector: `${topConstant}[id.name=/^[A-Z]/] > ArrowFunctionExpression`,
          message: 'Functions are named in camelCase.',
        },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A template may hold a number; anything else in it is a mistake.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    // Without fixupPluginRules these rules load on ESLint 10 and find next to nothing: test/rules/lint.test.ts watches that.
    plugins: { 'sf-plugin': fixupPluginRules(sfPlugin) },
    rules: {
      ...Object.fromEntries(Object.keys(commandRules).map((rule) => [rule, 'error'])),
      // The compiler knows the texts' keys and values (src/texts.ts).
      'sf-plugin/no-missing-messages': 'off',
      // Commands of other CLIs are never called through execCmd here.
      'sf-plugin/no-execcmd-double-quotes': 'off',
    },
  },
  {
    // What the practice org keeps is as untyped as what a real one is sent.
    files: ['src/practice/**/*.ts'],
    rules: { '@typescript-eslint/no-base-to-string': 'off' },
  },
  {
    // Scripts talk to whoever runs them.
    files: ['scripts/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    // chai's assertions are expressions, and what a test gets from the wire is not typed.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
);
