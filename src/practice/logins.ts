import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import type { PracticeOrg, SObjectRecord } from './org.ts';

/**
 * Checks who may log in: no user who is inactive, frozen, or locked out after too many wrong passwords. Nobody has a
 * password until one is set over the REST API, as an admin would.
 */

/** Why a user cannot log in. */
export type ShutOut = 'inactive' | 'frozen' | 'locked-out';

/** Why a login failed for which a password was typed. */
export type LoginProblem = ShutOut | 'wrong-password';

/**
 * Wrong passwords in a row until a user is locked out, and the length of the lockout. The numbers are the defaults of
 * Salesforce's password policies.
 */
const MOST_ATTEMPTS = 10;
const LOCKOUT = 15 * 60 * 1000;

type Kept = { passwords: Map<string, Buffer>; wrong: Map<string, number>; lockedAt: Map<string, Date> };

const keptByOrg = new WeakMap<PracticeOrg, Kept>();

const keptOf = (org: PracticeOrg): Kept => {
  const there = keptByOrg.get(org);
  if (there) return there;
  const made: Kept = { passwords: new Map(), wrong: new Map(), lockedAt: new Map() };
  keptByOrg.set(org, made);
  return made;
};

/** The record that shows whether a user is frozen or locked out at the moment: a lockout ends by itself. */
export const userLogin = (org: PracticeOrg, userId: string): SObjectRecord | undefined => {
  const record = org.records('UserLogin').find((one) => one.UserId === userId);
  const lockedAt = keptOf(org).lockedAt.get(userId);
  if (record && lockedAt && org.now().getTime() >= lockedAt.getTime() + LOCKOUT) unlock(org, record);
  return record;
};

/** Why this user cannot log in; undefined for one who can. */
export const shutOut = (org: PracticeOrg, userId: string): ShutOut | undefined => {
  if (org.record('User', userId)?.IsActive !== true) return 'inactive';
  const login = userLogin(org, userId);
  if (login?.IsFrozen === true) return 'frozen';
  return login?.IsPasswordLocked === true ? 'locked-out' : undefined;
};

/** Lets a user who was locked out try again, from the first attempt on. */
export const unlock = (org: PracticeOrg, login: SObjectRecord): void => {
  const userId = String(login.UserId);
  const kept = keptOf(org);
  kept.wrong.delete(userId);
  kept.lockedAt.delete(userId);
  org.update('UserLogin', login.Id, { IsPasswordLocked: false });
};

export const hasPassword = (org: PracticeOrg, userId: string): boolean => keptOf(org).passwords.has(userId);

export const SHORTEST_PASSWORD = 8;

/** Whoever manages users may set the passwords of all of them, and everyone their own. */
export const maySetPassword = (org: PracticeOrg, by: string, userId: string): boolean =>
  userId === by || org.can(by, 'ManageUsers');

export const setPassword = (org: PracticeOrg, userId: string, password: string): void => {
  keptOf(org).passwords.set(userId, digest(password));
};

/** A password that nobody had before, set for a user. */
export const resetPassword = (org: PracticeOrg, userId: string): string => {
  const password = randomBytes(12).toString('base64url');
  setPassword(org, userId, password);
  return password;
};

/** Is this the user's password? A wrong one counts towards the lockout, the right one ends the count. */
export const passwordFits = (org: PracticeOrg, userId: string, password: string): boolean => {
  const { passwords, wrong, lockedAt } = keptOf(org);
  const known = passwords.get(userId);
  if (known && timingSafeEqual(known, digest(password))) {
    wrong.delete(userId);
    return true;
  }
  const attempts = (wrong.get(userId) ?? 0) + 1;
  wrong.set(userId, attempts);
  const login = userLogin(org, userId);
  if (attempts >= MOST_ATTEMPTS && login && login.IsPasswordLocked !== true) {
    lockedAt.set(userId, org.now());
    org.update('UserLogin', login.Id, { IsPasswordLocked: true });
  }
  return false;
};

const digest = (password: string): Buffer => createHash('sha256').update(password).digest();
