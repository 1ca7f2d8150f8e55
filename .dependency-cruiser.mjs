/**
 * The layers of src/ and what each may import. ARCHITECTURE.md shows the same table to people; this one is checked.
 *
 * - `rooms`: what it may import of our own;
 * - `door`: may it use the values of Salesforce's libraries (src/salesforce.ts) and the texts in messages/ (src/texts.ts)?
 * - `packages`: what it may import from npm (types of Salesforce's packages come with the door);
 * - `node`: may it use Node's own modules?
 */
const layers = {
  app: { rooms: ['app'], door: false, packages: [], node: false },
  net: { rooms: ['app', 'net'], door: true, packages: [], node: false },
  local: { rooms: ['app', 'net', 'local'], door: true, packages: ['proper-lockfile'], node: true },
  org: {
    rooms: ['app', 'net', 'org', 'local'],
    door: true,
    packages: ['fast-xml-parser', 'fflate'],
    node: true,
  },
  client: {
    rooms: ['app', 'net', 'client', 'local'],
    door: false,
    packages: ['oauth4webapi', 'jose', '@peculiar/asn1-schema', '@peculiar/asn1-x509'],
    node: true,
  },
  file: { rooms: ['app', 'file', 'local'], door: false, packages: ['yaml'], node: true },
  ui: {
    rooms: ['app', 'ui'],
    door: true,
    packages: ['@inquirer/input', '@inquirer/select', '@oclif/core'],
    node: false,
  },
  practice: {
    rooms: ['practice'],
    door: false,
    packages: ['hono', '@hono/node-server', 'fast-xml-parser', 'fflate', '@jetstreamapp/soql-parser-js', 'jose'],
    node: true,
  },
  commands: {
    rooms: ['app', 'org', 'client', 'local', 'file', 'ui', 'practice/practice\\.ts$'],
    door: true,
    packages: ['@oclif/core'],
    node: false,
  },
};

// What other CLI plugins call us through is wiring, as commands are.
layers.hooks = layers.commands;

const salesforcePackages = ['@salesforce/core', '@salesforce/sf-plugins-core', '@salesforce/kit'];

const packagePath = (name) => `^node_modules/${name.replaceAll('.', '\\.')}/`;
const roomPath = (room) => (room.includes('/') ? `^src/${room}` : `^src/${room}/`);

const layerRules = Object.entries(layers).flatMap(([layer, { rooms, door, packages, node }]) => {
  const from = { path: `^src/${layer}/` };
  const types = door ? salesforcePackages : [];
  return [
    {
      name: `${layer}-rooms`,
      comment: `${layer}/ may import ${rooms.join(', ')}${door ? ', src/salesforce.ts and src/texts.ts' : ''} of our own; all but practice/ the types of src/messageKeys.ts.`,
      severity: 'error',
      from,
      to: {
        path: '^(src|test|scripts)/',
        pathNot: [
          ...rooms.map(roomPath),
          ...(door ? ['^src/(salesforce|texts)\\.ts$'] : []),
          ...(layer === 'practice' ? [] : ['^src/messageKeys\\.ts$']),
        ],
      },
    },
    {
      name: `${layer}-packages`,
      comment: `${layer}/ may import ${[...packages, ...types].join(', ') || 'nothing'} from npm.`,
      severity: 'error',
      from,
      to: {
        path: '^node_modules/',
        pathNot: ['^node_modules/@types/node/', ...[...packages, ...types].map(packagePath)],
      },
    },
    ...(node
      ? []
      : [
          {
            name: `${layer}-node`,
            comment: `${layer}/ does not use Node's own modules: what needs them is an effect and lives in org/ or client/.`,
            severity: 'error',
            from,
            to: { dependencyTypes: ['core'] },
          },
        ]),
  ];
});

export default {
  forbidden: [
    ...layerRules,
    {
      name: 'one-door',
      comment:
        'Values of the Salesforce libraries come from src/salesforce.ts; only types come straight from the packages.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/salesforce\\.ts$' },
      to: { path: salesforcePackages.slice(0, 2).map(packagePath), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      comment: 'Two modules that need each other are one module, or hide a third. Types alone may go in circles.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-resolvable',
      comment: 'The import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependency-in-src',
      comment: 'What ships must be among the dependencies.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    preserveSymlinks: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
