import { createHash, randomBytes, randomInt } from 'node:crypto';

import type { Component, Consumer, KeyPair, PracticeOrg } from './org.ts';

const KEY_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._';
/** Every consumer key that was ever seen begins like this; 85 characters in all. */
const KEY_START = '3MVG9';

/** Where an app is for: its own org alone, or all that it is installed in. */
export type Distribution = 'local' | 'packaged';

export const distributionOf = (app: Pick<Component, 'namespace' | 'body'>): Distribution =>
  app.namespace || (app.body.distributionState ?? 'Local') !== 'Local' ? 'packaged' : 'local';

/** A consumer key and secret that nobody had before. A secret is 64 hexadecimal digits, in capitals. */
export const newKeyPair = (org: PracticeOrg, distribution: Distribution = 'local'): KeyPair => {
  const key = newKey(distribution);
  keysOf(org).add(key);
  return {
    id: org.newId('StagedCredentials'),
    key,
    secret: randomBytes(32).toString('hex').toUpperCase(),
    state: 'Active',
    createdDate: org.now(),
  };
};

/**
 * Letters at the end of a key that are computed from the other letters. By them one practice org recognises the keys of
 * another.
 */
const CHECK_LETTERS = 8;

const newKey = (distribution: Distribution): string => {
  const letters = Array.from({ length: 80 - CHECK_LETTERS }, () => KEY_LETTERS.charAt(randomInt(KEY_LETTERS.length)));
  const key = KEY_START + letters.join('');
  return key + checkLetters(key, distribution);
};

const checkLetters = (key: string, distribution: Distribution): string =>
  createHash('sha256').update(`${distribution} ${key}`).digest('hex').slice(0, CHECK_LETTERS);

/** Every key that an org ever gave out, also keys that no app has any more. */
const keysByOrg = new WeakMap<PracticeOrg, Set<string>>();

const keysOf = (org: PracticeOrg): Set<string> => {
  const keys = keysByOrg.get(org) ?? new Set();
  keysByOrg.set(org, keys);
  return keys;
};

/**
 * Is this the key of an app in another practice org? Whom did that app serve when it got the key? Salesforce knows the
 * keys of all its orgs; in practice orgs, the last letters show it.
 */
export const keyOfAnotherOrg = (org: PracticeOrg, key: string): Distribution | undefined => {
  if (!key.startsWith(KEY_START) || keysOf(org).has(key)) return undefined;
  return (['local', 'packaged'] as const).find((distribution) =>
    key.endsWith(checkLetters(key.slice(0, -CHECK_LETTERS), distribution)),
  );
};

/** Gives an app its consumer, with a new key pair. */
export const newConsumer = (org: PracticeOrg, app: Component): Consumer => {
  const consumer: Consumer = {
    id: org.newId('OauthConsumer'),
    appId: app.id,
    name: app.fullName,
    primary: newKeyPair(org, distributionOf(app)),
  };
  org.consumers.set(app.id, consumer);
  return consumer;
};

/** The external client app that has the key of a Connected App: Salesforce's button made it. */
export const sharerOf = (org: PracticeOrg, old: Component): Component | undefined => {
  const key = org.consumers.get(old.id)?.primary.key;
  if (key === undefined) return undefined;
  const sharing = [...org.consumers.values()].filter(({ primary }) => primary.key === key);
  return sharing.flatMap(({ appId }) => org.appById(appId) ?? [])[0];
};
