import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  absentYamlOf,
  everyType,
  metadataFlags,
  type Part,
  WHOLE_APP,
  writeSettings,
  writeSources,
  yamlOf,
} from './metadata.ts';

/** The data for a run of both commands. */
export type Stage = {
  /** Counts the times that every command was run in this org; names of new apps have it. */
  round: number;
  /** Alias of the practice org. */
  org: string;
  /** The API-only user of that org. */
  runAs: string;
  username: string;
  /** A Salesforce project of this org, in which the commands are run. */
  project: string;
  /** Another practice org, to log in to and out of. */
  spare: { instanceUrl: string; accessToken: string };
};

type Command = (stage: Stage) => string[];

/** A command of the plugin, and the one of Salesforce's own that is nearest to it. */
export type Contest = {
  name: string;
  ours: Command;
  theirs: Command;
  /** Done before each run of both and not measured: files that they read. */
  prepare?: (stage: Stage) => void;
  /** Commands to run afterwards, not measured. */
  clearUp?: Command;
  /** The environment of Salesforce's command. */
  theirEnv?: (stage: Stage) => NodeJS.ProcessEnv;
  /** Leaves an org other than it was: later ones build upon it. */
  changesOrg?: boolean;
  /** Asks no org, so it is run in one org alone. */
  offline?: boolean;
  /** The exit code of both; 0 when absent. */
  code?: number;
  /** The most that ours should take, as a part of theirs. `live` is for an org as users have it. */
  aims?: { near?: number; live?: number };
};

/** The app that reading commands read. */
export const STANDING = 'Order_Sync';

const ours = ({ round }: Stage): string => `Ours_${round}`;
const theirs = ({ round }: Stage): string => `Theirs_${round}`;
const oursWhole = ({ round }: Stage): string => `Ours_Whole_${round}`;
const theirsWhole = ({ round }: Stage): string => `Theirs_Whole_${round}`;

const target = ({ org }: Stage): string[] => ['--target-org', org];

const inOrg =
  (words: string, ...more: Array<string | ((stage: Stage) => string)>): Command =>
  (stage) => [
    ...words.split(' '),
    ...more.map((word) => (typeof word === 'string' ? word : word(stage))),
    ...target(stage),
  ];

const deploying = (folder: string, ...more: string[]): Command =>
  inOrg('project deploy start --source-dir', ({ project }) => join(project, 'deploys', folder), ...more);

const sources =
  (folder: string, parts: Part[], change = 0, name = theirs) =>
  (stage: Stage): void =>
    writeSources(join(stage.project, 'deploys', folder), [name(stage)], parts, stage.runAs, change);

const yaml = (stage: Stage): string => join(stage.project, 'eca.yaml');
const settings = ({ project }: Stage): void => writeSettings(join(project, 'deploys', 'settings'));
const deploySettings = deploying('settings');

const both =
  (...steps: Array<(stage: Stage) => void>) =>
  (stage: Stage): void => {
    for (const step of steps) step(stage);
  };

const startUp = (
  [
    { name: 'eca --help', ours: () => ['eca', '--help'], theirs: () => ['org', '--help'], aims: { near: 1.03 } },
    {
      name: 'eca list --help',
      ours: () => ['eca', 'list', '--help'],
      theirs: () => ['org', 'list', 'metadata', '--help'],
    },
    {
      name: 'eca apply --help',
      ours: () => ['eca', 'apply', '--help'],
      theirs: () => ['project', 'deploy', 'start', '--help'],
    },
    {
      name: 'eca list, a flag that is not there',
      ours: inOrg('eca list --no-such-flag'),
      theirs: inOrg('org list metadata --no-such-flag'),
      code: 2,
      aims: { near: 1.03 },
    },
  ] satisfies Contest[]
).map((contest: Contest) => ({ ...contest, offline: true }));

const READ = { near: 0.85, live: 0.6 };
const WRITTEN = { near: 0.9, live: 1.15 };

const retrieveAll = inOrg('project retrieve start', ...everyType);
const retrieveOne = inOrg('project retrieve start', ...metadataFlags(STANDING));
const userRecord = inOrg('data get record --sobject User --where', ({ username }) => `Username='${username}'`);

const READING: Contest[] = [
  {
    name: 'eca open --url-only',
    ours: inOrg('eca open --url-only --name', STANDING),
    theirs: inOrg('org open --url-only'),
  },
  { name: 'eca list', ours: inOrg('eca list'), theirs: retrieveAll, aims: READ },
  {
    name: 'eca list, beside a list of names',
    ours: inOrg('eca list'),
    theirs: inOrg('org list metadata --metadata-type ExternalClientApplication'),
    aims: { near: 1.08, live: 1.15 },
  },
  { name: 'eca display', ours: inOrg('eca display --name', STANDING), theirs: retrieveOne, aims: READ },
  { name: 'eca export', ours: inOrg('eca export'), theirs: retrieveAll, aims: READ },
  { name: 'eca credentials', ours: inOrg('eca credentials --name', STANDING), theirs: retrieveOne, aims: READ },
  {
    name: 'eca credentials status',
    ours: inOrg('eca credentials status --allow-secret-access --name', STANDING),
    theirs: userRecord,
  },
  { name: 'eca tokens list', ours: inOrg('eca tokens list --name', STANDING), theirs: userRecord },
  {
    name: 'eca tokens revoke',
    ours: inOrg('eca tokens revoke --all-users --no-prompt --name', STANDING),
    theirs: userRecord,
  },
  { name: 'eca doctor', ours: inOrg('eca doctor'), theirs: inOrg('org display') },
  { name: 'eca user display', ours: inOrg('eca user display --name', STANDING), theirs: inOrg('org display user') },
  {
    name: 'eca user create (there already)',
    ours: inOrg('eca user create --base-username order-sync@example.com --no-prompt --name', STANDING),
    theirs: inOrg('org display user'),
  },
  {
    name: 'eca verify',
    ours: inOrg('eca verify --allow-secret-access --name', STANDING),
    theirs: inOrg('org display'),
  },
];

const writing = (
  [
    {
      name: 'eca create',
      prepare: sources('create', ['application']),
      ours: inOrg('eca create --label Bench --contact-email it@example.com --name', ours),
      theirs: deploying('create'),
      aims: WRITTEN,
    },
    {
      name: 'eca oauth set',
      prepare: sources('oauth', ['oauthSettings', 'globalOauthSettings', 'oauthPolicies']),
      ours: inOrg(
        'eca oauth set --callback-url https://orders.example.com/oauth/callback --flow web-server ' +
          '--flow client-credentials --scope api --run-as',
        ({ runAs }) => runAs,
        '--name',
        ours,
      ),
      theirs: deploying('oauth'),
      aims: WRITTEN,
    },
    {
      name: 'eca scopes set',
      prepare: sources('scopes', ['oauthSettings', 'oauthPolicies'], 1),
      ours: inOrg('eca scopes set --scope api,refresh_token --session-timeout 30 --name', ours),
      theirs: deploying('scopes'),
      aims: WRITTEN,
    },
    {
      name: 'eca disable',
      prepare: sources('disable', ['policies'], 1),
      ours: inOrg('eca disable --name', ours),
      theirs: deploying('disable'),
      aims: { near: 0.9, live: 0.75 },
    },
    {
      name: 'eca enable',
      prepare: sources('enable', ['policies']),
      ours: inOrg('eca enable --name', ours),
      theirs: deploying('enable'),
    },
    {
      name: 'eca delete',
      // The command looks for what it deletes in the project, and takes it away there too.
      prepare: sources('create', ['application']),
      ours: inOrg('eca delete --no-prompt --name', ours),
      theirs: inOrg(
        'project delete source --no-prompt --metadata',
        (stage) => `ExternalClientApplication:${theirs(stage)}`,
      ),
    },
    {
      name: 'eca credentials --show-secret',
      prepare: settings,
      ours: inOrg('eca credentials --show-secret --allow-secret-access --no-prompt --name', STANDING),
      theirs: deploySettings,
    },
    {
      name: 'eca credentials rotate',
      prepare: settings,
      ours: inOrg(
        'eca credentials rotate --allow-secret-access --show-secret --no-prompt --output-file',
        ({ project, round }) => join(project, `pair-${round}.env`),
        '--name',
        STANDING,
      ),
      theirs: deploySettings,
    },
    {
      name: 'eca credentials rotate --finish',
      prepare: settings,
      ours: inOrg('eca credentials rotate --finish --allow-secret-access --no-prompt --name', STANDING),
      theirs: deploySettings,
    },
    {
      name: 'eca apply --dry-run, a whole app',
      prepare: both(sources('whole', WHOLE_APP, 0, theirsWhole), (stage) =>
        writeFileSync(yaml(stage), yamlOf([oursWhole(stage)], stage.runAs)),
      ),
      ours: inOrg('eca apply --no-prompt --dry-run --file', yaml),
      theirs: deploying('whole', '--dry-run'),
    },
    {
      name: 'eca apply, a whole app',
      ours: inOrg('eca apply --no-prompt --file', yaml),
      theirs: deploying('whole'),
      aims: WRITTEN,
    },
    {
      name: 'eca apply, nothing to change',
      ours: inOrg('eca apply --no-prompt --file', yaml),
      theirs: deploying('whole', '--dry-run'),
      aims: { near: 0.85, live: 0.6 },
      clearUp: (stage) => {
        const gone = join(stage.project, 'gone.yaml');
        writeFileSync(gone, absentYamlOf([oursWhole(stage), theirsWhole(stage)]));
        return ['eca', 'apply', '--no-prompt', '--file', gone, ...target(stage)];
      },
    },
  ] satisfies Contest[]
).map((contest: Contest) => ({ ...contest, changesOrg: true }));

const starting = (
  [
    {
      name: 'eca practice start',
      ours: () => ['eca', 'practice', 'start', '--alias', 'bench-start'],
      theirs: ({ spare }) => [
        ...['org', 'login', 'access-token', '--no-prompt', '--alias', 'bench-login'],
        ...['--instance-url', spare.instanceUrl],
      ],
      theirEnv: ({ spare }) => ({ SF_ACCESS_TOKEN: spare.accessToken }),
    },
    {
      name: 'eca practice stop',
      ours: () => ['eca', 'practice', 'stop', '--alias', 'bench-start'],
      theirs: () => ['org', 'logout', '--no-prompt', '--target-org', 'bench-login'],
    },
  ] satisfies Contest[]
).map((contest: Contest) => ({ ...contest, changesOrg: true, offline: true }));

export const CONTESTS: Contest[] = [...startUp, ...READING, ...writing, ...starting];

/** A Salesforce project with the package directories that the contests use. */
export const makeProject = (folder: string): void => {
  for (const name of ['force-app', 'deploys']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(
    join(folder, 'sfdx-project.json'),
    JSON.stringify({
      packageDirectories: [{ path: 'force-app', default: true }, { path: 'deploys' }],
      sourceApiVersion: '67.0',
    }),
  );
};
