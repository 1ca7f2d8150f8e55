import { randomBytes } from 'node:crypto';

import type { PracticeOrg, Session } from '../org.ts';
import { appMenuItemId } from '../sobjects/rows.ts';
import type { OauthApp } from './oauthApp.ts';

/** A user's leave for an app to come back: a refresh token and all that came of it. `id` is that of its OauthToken record. */
export type RefreshGrant = {
  id: string;
  /** The app's id or, for the CLI's own app, its client id. A rotation of the key pair does not end the grant. */
  appId: string;
  userId: string;
  scopes: string[];
  grantedAt: Date;
  lastUsedAt: Date;
  token: string;
  /** Tokens that were rotated away: one that comes back was stolen from somebody. */
  spent: Set<string>;
  accessTokens: Set<string>;
};

/** The Experience Cloud site that a user logged in to, in the words of the answers that name it. */
export type Site = { sfdc_community_url: string; sfdc_community_id: string };

/** An authorization code, and what its token request must bring along. */
export type AuthorizationCode = {
  app: OauthApp;
  userId: string;
  scopes: string[];
  redirectUri: string;
  challenge?: string;
  nonce?: string;
  /** Set when the user logged in to a site. */
  site?: Site;
  expiresAt: Date;
};

/** A device that waits for its user. */
export type DeviceRequest = {
  deviceCode: string;
  userCode: string;
  app: OauthApp;
  scopes: string[];
  expiresAt: Date;
  lastPolledAt?: Date;
  /** The user who let it in, or `denied`. */
  answer?: { userId: string } | 'denied';
};

const MINUTE = 60 * 1000;
/** Salesforce's documentation: a code lasts 15 minutes, a user code 10. */
const CODE_LIFE = 15 * MINUTE;
const DEVICE_LIFE = 10 * MINUTE;

/** Refresh tokens that an app may have of one user (Salesforce Help): with one more, the oldest ends. */
const MOST_APPROVALS = 5;

/** Letters and digits that nobody mixes up when typing a code from a screen. */
const USER_CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ23456789';

/** The identifier of an app in grants and approvals. It is the app's id, or the client id for an app without an id. */
export const grantee = (app: OauthApp): string => app.id ?? app.key;

/** Codes, refresh tokens, approvals and waiting devices of one org. */
export class Grants {
  readonly #org: PracticeOrg;
  readonly #codes = new Map<string, AuthorizationCode>();
  readonly #refreshGrants = new Map<string, RefreshGrant>();
  readonly #approvals = new Map<string, Set<string>>();
  readonly #devices = new Map<string, DeviceRequest>();

  constructor(org: PracticeOrg) {
    this.#org = org;
  }

  // -- approvals

  /** The scopes that a user has approved an app for, on the approval page. */
  approved(app: OauthApp, userId: string): ReadonlySet<string> {
    return this.#approvals.get(`${grantee(app)} ${userId}`) ?? new Set();
  }

  approve(app: OauthApp, userId: string, scopes: readonly string[]): void {
    this.#approvals.set(`${grantee(app)} ${userId}`, new Set([...this.approved(app, userId), ...scopes]));
  }

  // -- authorization codes

  newCode(code: Omit<AuthorizationCode, 'expiresAt'>): string {
    const value = `aPrx${randomBytes(48).toString('base64url')}`;
    this.#codes.set(value, { ...code, expiresAt: this.#in(CODE_LIFE) });
    return value;
  }

  /** A code is good once: the first who asks takes it. */
  takeCode(value: string): AuthorizationCode | undefined {
    const code = this.#codes.get(value);
    this.#codes.delete(value);
    return code;
  }

  // -- refresh tokens

  newRefreshGrant(app: OauthApp, userId: string, scopes: readonly string[]): RefreshGrant {
    for (const oldest of this.refreshGrantsOf(grantee(app), userId).slice(0, 1 - MOST_APPROVALS)) this.#end(oldest);
    const now = this.#org.now();
    const record = this.#org.insert('OauthToken', {
      AppName: app.label,
      // The CLI's own app is known to every org and installed in none.
      AppMenuItemId: app.id ? appMenuItemId(this.#org, app.id) : null,
      UserId: userId,
      LastUsedDate: now.toISOString(),
      UseCount: 1,
      DeleteToken: randomBytes(32).toString('base64url'),
    });
    const grant: RefreshGrant = {
      id: record.Id,
      appId: grantee(app),
      userId,
      scopes: [...scopes],
      grantedAt: now,
      lastUsedAt: now,
      token: newRefreshToken(),
      spent: new Set(),
      accessTokens: new Set(),
    };
    this.#refreshGrants.set(grant.id, grant);
    return grant;
  }

  /** The grant of a refresh token, whether it is its present one or one that it has left behind. */
  refreshGrant(token: string): RefreshGrant | undefined {
    return this.#live().find((grant) => grant.token === token || grant.spent.has(token));
  }

  /** The grant whose OauthToken record names this DeleteToken: good for ending it and for nothing else. */
  refreshGrantToDelete(deleteToken: string): RefreshGrant | undefined {
    return this.#live().find((grant) => this.#org.record('OauthToken', grant.id)?.DeleteToken === deleteToken);
  }

  refreshGrantsOf(appId: string, userId?: string): RefreshGrant[] {
    return this.#live().filter((grant) => grant.appId === appId && (!userId || grant.userId === userId));
  }

  rotate(grant: RefreshGrant): void {
    grant.spent.add(grant.token);
    grant.token = newRefreshToken();
  }

  used(grant: RefreshGrant): void {
    grant.lastUsedAt = this.#org.now();
    const count = Number(this.#org.record('OauthToken', grant.id)?.UseCount ?? 0);
    this.#org.update('OauthToken', grant.id, { LastUsedDate: grant.lastUsedAt.toISOString(), UseCount: count + 1 });
  }

  /** Ends a grant: its refresh token and every access token that came of it. The app has to be approved anew. */
  revoke(grant: RefreshGrant): void {
    this.#end(grant);
    this.#approvals.delete(`${grant.appId} ${grant.userId}`);
  }

  #end(grant: RefreshGrant): void {
    for (const token of grant.accessTokens) this.#org.sessions.delete(token);
    this.#refreshGrants.delete(grant.id);
    this.#org.delete('OauthToken', grant.id);
  }

  /** Ends an access token; false when there is no such token. */
  revokeAccess(token: string): boolean {
    return this.#org.sessions.delete(token);
  }

  /** Gives another app of the same key all that one was given. */
  handOver(from: string, to: string): void {
    for (const grant of this.#refreshGrants.values()) {
      if (grant.appId !== from) continue;
      grant.appId = to;
      this.#org.update('OauthToken', grant.id, { AppMenuItemId: appMenuItemId(this.#org, to) });
    }
    for (const [key, scopes] of [...this.#approvals]) {
      const [app, userId] = key.split(' ');
      if (app === from) this.#approvals.set(`${to} ${userId}`, scopes);
    }
  }

  remember(grant: RefreshGrant, session: Session): void {
    grant.accessTokens.add(session.token);
  }

  /** Grants of apps that are still there: with an app, all that it was given ends. */
  #live(): RefreshGrant[] {
    return [...this.#refreshGrants.values()].filter((grant) => {
      const there = !/^0(?:xI|H4)/.test(grant.appId) || this.#org.consumers.has(grant.appId);
      if (!there) this.revoke(grant);
      return there;
    });
  }

  // -- devices

  newDevice(app: OauthApp, scopes: readonly string[]): DeviceRequest {
    const device: DeviceRequest = {
      deviceCode: randomBytes(40).toString('base64url'),
      userCode: [...randomBytes(8)].map((byte) => USER_CODE_LETTERS.charAt(byte % USER_CODE_LETTERS.length)).join(''),
      app,
      scopes: [...scopes],
      expiresAt: this.#in(DEVICE_LIFE),
    };
    this.#devices.set(device.deviceCode, device);
    return device;
  }

  deviceByCode(deviceCode: string): DeviceRequest | undefined {
    return this.#devices.get(deviceCode);
  }

  /** A device that waits for its user, by the code that the user types in. */
  waitingDevice(userCode: string): DeviceRequest | undefined {
    const typed = userCode.replace(/[\s-]/g, '').toUpperCase();
    return [...this.#devices.values()].find(
      (device) => device.userCode === typed && !device.answer && device.expiresAt > this.#org.now(),
    );
  }

  forgetDevice(device: DeviceRequest): void {
    this.#devices.delete(device.deviceCode);
  }

  #in(milliseconds: number): Date {
    return new Date(this.#org.now().getTime() + milliseconds);
  }
}

const newRefreshToken = (): string => `5Aep861${randomBytes(60).toString('base64url')}`;

const grantsByOrg = new WeakMap<PracticeOrg, Grants>();

/** The grants of an org: the OAuth endpoints give them, the usage resources list and end them. */
export const grantsOf = (org: PracticeOrg): Grants => {
  const there = grantsByOrg.get(org);
  if (there) return there;
  const grants = new Grants(org);
  grantsByOrg.set(org, grants);
  return grants;
};
