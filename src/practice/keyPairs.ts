import { randomBytes, randomInt } from 'node:crypto';
import type { Consumer, KeyPair, PracticeOrg } from './org.ts';

const KEY_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._';
/** Every consumer key that was ever seen begins like this; 85 characters in all. */
const KEY_START = '3MVG9';

/** A consumer key and secret that nobody had before. A secret is 64 hexadecimal digits, in capitals. */
export function newKeyPair(org: PracticeOrg): KeyPair {
  const letters = Array.from({ length: 80 }, () => KEY_LETTERS.charAt(randomInt(KEY_LETTERS.length)));
  return {
    id: org.newId('StagedCredentials'),
    key: KEY_START + letters.join(''),
    secret: randomBytes(32).toString('hex').toUpperCase(),
    state: 'Active',
    createdDate: org.now(),
  };
}

/** Gives an app its consumer, with a new key pair. */
export function newConsumer(org: PracticeOrg, app: { id: string; fullName: string }): Consumer {
  const consumer: Consumer = {
    id: org.newId('OauthConsumer'),
    appId: app.id,
    name: app.fullName,
    primary: newKeyPair(org),
  };
  org.consumers.set(app.id, consumer);
  return consumer;
}
