/**
 * Writes the practice org's knowledge of the shape of Salesforce's metadata, sObjects and user permissions. The source
 * is Salesforce's own types; the results are the JSON files below. Run it (`npm run schema:practice`) after an update
 * of @salesforce/types; run again with the same types it changes nothing. With --check it writes nothing and fails
 * where a file would change.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { createGenerator } from 'ts-json-schema-generator';
import ts from 'typescript';

const METADATA_TYPES = [
  'BlacklistedConsumer',
  'ConnectedApp',
  'ConnectedAppSettings',
  'ExternalClientAppSettings',
  'ExternalClientApplication',
  'ExtlClntAppCanvasSettings',
  'ExtlClntAppConfigurablePolicies',
  'ExtlClntAppGlobalOauthSettings',
  'ExtlClntAppMobileConfigurablePolicies',
  'ExtlClntAppMobileSettings',
  'ExtlClntAppNotificationSettings',
  'ExtlClntAppOauthConfigurablePolicies',
  'ExtlClntAppOauthSecuritySettings',
  'ExtlClntAppOauthSettings',
  'ExtlClntAppPushConfigurablePolicies',
  'ExtlClntAppPushSettings',
  'ExtlClntAppSamlConfigurablePolicies',
  'OauthCustomScope',
  'OauthOidcSettings',
  'OauthTokenExchangeHandler',
  'PermissionSet',
];

const SOBJECTS = [
  'ExternalClientApplication',
  'ExtlClntAppOauthIpRange',
  'ExtlClntAppOauthPlcyCnfg',
  'ExtlClntAppOauthSettings',
  'ExtlClntAppPlcyCnfg',
];

const typesOf = (module: string): string =>
  fileURLToPath(import.meta.resolve(`@salesforce/types/${module}`)).replace(/\.js$/, '.d.ts');

/** JSON schemas of the metadata types and of everything they hold. */
const metadataSchema = (): unknown => {
  const generator = createGenerator({ path: typesOf('metadata'), skipTypeCheck: true, topRef: true });
  const definitions = Object.fromEntries(
    METADATA_TYPES.flatMap((type) => Object.entries(generator.createSchema(type).definitions ?? {})),
  );
  return { $schema: 'http://json-schema.org/draft-07/schema#', definitions: sorted(definitions) };
};

const sorted = <Value>(values: Record<string, Value>): Record<string, Value> =>
  Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));

const source = ts.createSourceFile('tooling.d.ts', readFileSync(typesOf('tooling'), 'utf8'), ts.ScriptTarget.ESNext);

/** The fields of the sObjects with their type; what other records they lead to is left out. */
const sObjectSchema = (): unknown => Object.fromEntries(SOBJECTS.map((name) => [name, sorted(fieldsOf(name))]));

const fieldsOf = (name: string): Record<string, string> => {
  const alias = source.statements.find((one) => ts.isTypeAliasDeclaration(one) && one.name.text === name);
  if (!alias || !ts.isTypeAliasDeclaration(alias) || !ts.isIntersectionTypeNode(alias.type)) {
    throw new Error(`The types have no sObject ${name}.`);
  }
  const members = alias.type.types.filter(ts.isTypeLiteralNode).flatMap((literal) => [...literal.members]);
  return Object.fromEntries(
    members.filter(ts.isPropertySignature).flatMap((member) => {
      const type = FIELD_TYPES[member.type?.getText(source) ?? ''];
      return type ? [[member.name.getText(source), type]] : [];
    }),
  );
};

const FIELD_TYPES: Record<string, string> = {
  ID: 'reference',
  string: 'string',
  boolean: 'boolean',
  number: 'int',
  Date: 'datetime',
};

/** User permissions by API name, without the `Permissions` that their fields begin with. */
const permissionNames = (): string[] =>
  Object.keys(fieldsOf('PermissionSet'))
    .flatMap((field) => /^Permissions(\w+)$/.exec(field)?.[1] ?? [])
    .sort();

const FILES: Record<string, unknown> = {
  '../src/practice/metadata/schema.json': metadataSchema(),
  '../src/practice/sobjects/schema.json': sObjectSchema(),
  '../src/practice/permissionNames.json': permissionNames(),
};
for (const [name, content] of Object.entries(FILES)) {
  const path = fileURLToPath(new URL(name, import.meta.url));
  const text = `${JSON.stringify(content, null, 2)}\n`;
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text)
    throw new Error(`${path} is not what the types give: npm run schema:practice`);
}
