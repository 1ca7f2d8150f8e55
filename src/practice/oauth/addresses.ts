import { BlockList, isIPv6 } from 'node:net';

import type { PracticeOrg } from '../org.ts';
import type { OauthApp } from './oauthApp.ts';
import { refusals } from './refusal.ts';

/** A range of IP addresses, both ends in it. */
export type IpRange = { start: string; end: string };

/** The request that asks for a token, as far as it matters to where it may come from. */
export type Asking = 'web-server' | 'refresh' | 'jwt-bearer' | 'other';

/** Everybody here comes from the loopback address. */
const HERE = '127.0.0.1';

/**
 * Throws OauthRefusal where a token may not be asked for from here. Salesforce Help, "Connected App IP Relaxation and
 * Continuous IP Enforcement": the user's profile sets the restrictions. The app's policies may relax them, but not for
 * the JWT bearer flow. "Set an IP Allowlist for Refresh Tokens": outside an app's ranges there is neither a web server
 * flow nor a refresh.
 */
export const checkAddress = (org: PracticeOrg, app: OauthApp, userId: string, asking: Asking): void => {
  const lasting = asking === 'web-server' || asking === 'refresh';
  if (lasting && app.tokenIpRanges.length > 0 && !isHere(app.tokenIpRanges)) throw refusals.ipRestrictedByDeveloper();
  if (isHere(loginIpRanges(org, userId)) || isRelaxed(app, asking)) return;
  throw refusals.ipRestricted();
};

const isRelaxed = (app: OauthApp, asking: Asking): boolean => {
  if (asking === 'jwt-bearer') return false;
  switch (app.ipRelaxation) {
    case 'Enforce':
      return false;
    case 'Enforce_RelaxRefresh':
      return asking === 'refresh';
    case 'Bypass':
      return true;
    case 'Bypass_2factor':
      // A user who logs in with a browser counts as verified. An app with trusted ranges uses the ranges instead.
      return (asking === 'web-server' || asking === 'refresh') && isHere(app.trustedIpRanges);
  }
};

/** A profile without ranges lets its users in from everywhere; so does an app. */
const isHere = (ranges: readonly IpRange[]): boolean => {
  const allowed = new BlockList();
  for (const { start, end } of ranges) allowed.addRange(start, end, isIPv6(start) ? 'ipv6' : 'ipv4');
  return ranges.length === 0 || allowed.check(HERE);
};

const loginIpRanges = (org: PracticeOrg, userId: string): IpRange[] => {
  const profile = org.record('Profile', String(org.record('User', userId)?.ProfileId));
  const { loginIpRanges: ranges = [] } = (profile?.Metadata ?? {}) as {
    loginIpRanges?: Array<{ startAddress: string; endAddress: string }>;
  };
  return ranges.map(({ startAddress, endAddress }) => ({ start: startAddress, end: endAddress }));
};
