import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';

import { grantsOf } from '../../src/practice/oauth/grants.ts';
import { appByKey, CLI_CLIENT_ID } from '../../src/practice/oauth/oauthApp.ts';
import type { PracticeOrg } from '../../src/practice/org.ts';
import { createPracticeServer, type Fault, type PracticeServer } from '../../src/practice/practice.ts';
import { AuthInfo, StateAggregator } from '../../src/salesforce.ts';
import type { CommandOfCampaign, Scene } from './commands.ts';

/** How `sf` is logged in: with an access token alone, or with a refresh token that can renew the session. */
export type Login = 'access-token' | 'refresh-token';

/** A practice org of its own for one trial, with all that the command needs. `sf` is logged in to it. */
export type Stage = Scene & {
  practice: PracticeServer;
  /** What `--target-org` takes: an admin. */
  username: string;
  /** Another admin, who is not logged in. */
  colleague: string;
  /** The faults of the org: it looks into this list at each request. */
  faults: Fault[];
  close: () => Promise<void>;
};

/** Makes an org, puts into it what the command needs, and logs `sf` in. */
export const setStage = async (command: CommandOfCampaign, login: Login = 'access-token'): Promise<Stage> => {
  const faults: Fault[] = [];
  const practice = await createPracticeServer({ faults, variants: { 'staged-pair': 'works', ...command.variants } });
  const { org } = practice;
  const colleague = addColleague(org);
  const folder = mkdtempSync(join(homedir(), 'trial-'));
  command.prepare?.({ org, folder });
  const username = String(org.seeded.admin.Username);
  await logIn(org, username, practice.url, login);
  practice.requests.clear();
  return {
    org,
    folder,
    practice,
    username,
    colleague,
    faults,
    close: async () => {
      await practice.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** A second admin, as most orgs have one. */
const addColleague = (org: PracticeOrg): string => {
  const { admin } = org.seeded;
  const Username = String(admin.Username).replace('admin@', 'colleague@');
  const { Id } = org.insert('User', { ...admin, Username, Alias: 'coll', CommunityNickname: 'coll', Email: Username });
  for (const set of org.permissionSetsOf(admin.Id)) {
    org.insert('PermissionSetAssignment', { AssigneeId: Id, PermissionSetId: set.Id, IsActive: true });
  }
  return Username;
};

/**
 * Logs `sf` in to an org, and keeps the login in the home folder of this process.
 *
 * @param url where `sf` is to find the org: something may stand between
 */
export const logIn = async (
  org: PracticeOrg,
  username: string,
  url: string,
  login: Login = 'access-token',
): Promise<void> => {
  const userId = org.userByUsername(username)?.Id ?? '';
  // A login is not overwritten.
  const { orgs } = await StateAggregator.getInstance();
  await orgs.remove(username);
  const info = await AuthInfo.create(
    login === 'access-token'
      ? // All that `sf` would look up about the org is said, so that the login makes no requests.
        {
          username,
          accessTokenOptions: {
            username,
            accessToken: accessTokenOf(org, userId),
            instanceUrl: url,
            loginUrl: url,
            orgId: org.orgId,
          },
        }
      : {
          username,
          oauth2Options: { clientId: CLI_CLIENT_ID, refreshToken: refreshTokenOf(org, userId), loginUrl: url },
        },
  );
  await info.save();
};

const accessTokenOf = (org: PracticeOrg, userId: string): string => {
  const expiresAt = new Date(org.now().getTime() + 3_600_000);
  return org.openSession({ userId, scopes: ['full'], format: 'opaque', expiresAt }).token;
};

const refreshTokenOf = (org: PracticeOrg, userId: string): string => {
  const cli = appByKey(org, CLI_CLIENT_ID);
  if (!cli) throw new Error("The practice org does not know Salesforce's CLI.");
  return grantsOf(org).newRefreshGrant(cli, userId, ['full', 'refresh_token']).token;
};

/** The files of a folder by their paths, with what differs from org to org left out. */
export const filesIn = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry): [string, string] => {
        const path = join(entry.parentPath, entry.name);
        return [relative(folder, path), inAnyOrg(readFileSync(path, 'utf8'))];
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const inAnyOrg = (text: string): string =>
  text
    .replaceAll(/3MVG9[\w.]{80}/g, '<consumer key>')
    .replaceAll(/\b[A-F0-9]{64}\b/g, '<consumer secret>')
    .replaceAll(/127\.0\.0\.1:\d+/g, '<host>')
    .replaceAll(/@[a-z]{5}\.practice\.example/g, '@org.example');

/** The consumer secrets in the files of a folder. */
export const secretsInFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').match(/\b[A-F0-9]{64}\b/g) ?? []);

const memory = join(homedir(), '.sf', 'sf-plugin-eca');

/** What the commands have written down about this org on this machine. */
const rememberedOf = ({ org }: Stage): string[] => {
  mkdirSync(memory, { recursive: true });
  return readdirSync(memory).filter((name) => name.includes(org.orgId.slice(0, 15)));
};

/** What they have written down about what they changed in this org for a while: the secret switch, grants. */
export const journalOf = (stage: Stage): string[] =>
  rememberedOf(stage).filter((name) => /^(secret-access|grants)-/.test(name));

/**
 * Runs in this process end, and the process goes on. So what a run has written down is made to look as if its process
 * had ended a minute ago.
 */
export const letMinutePass = (stage: Stage): void => {
  const { pid } = spawnSync('true');
  const minuteAgo = new Date(Date.now() - 60_000);
  for (const path of rememberedOf(stage).map((name) => join(memory, name))) {
    if (path.endsWith('.lock')) utimesSync(path, minuteAgo, minuteAgo);
    else writeFileSync(path, readFileSync(path, 'utf8').replaceAll(`"pid":${process.pid}`, `"pid":${pid}`));
  }
};
