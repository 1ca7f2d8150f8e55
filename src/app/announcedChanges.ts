import type { App } from './app.ts';
import type { FieldPath } from './fields.ts';
import { isLoopback } from './host.ts';
import { refreshTokenEnd } from './policies.ts';
import { allowsRefreshToken } from './scopes.ts';
import { type FindingKey, say, type Text } from './text.ts';

/** The changes that messages/findings.md has a text for, under `announced.what.` */
type ChangeId = FindingKey extends infer Key ? (Key extends `announced.what.${infer Id}` ? Id : never) : never;

/** A change of Salesforce that was announced: what ends or begins, when, and for which apps. */
export type AnnouncedChange = {
  id: ChangeId;
  /** The first day of the change, such as 2026-11-30. Of a release, the first day of its first month. */
  day: string;
  /** The release, where no day was announced. */
  release?: string;
  /** Salesforce's own page; a page of Salesforce that others quote; or what users report. */
  sure: 'documented' | 'quoted' | 'reported';
  /** Where it was announced. */
  source: string;
  /** The day on which the source was last read. */
  read: string;
  /** Which external client apps it concerns. Absent for what is about Connected Apps and logins. */
  hits?: (app: App) => boolean;
  /** The fields whose change a user should know this of. */
  settings?: readonly FieldPath[];
  /** Does something stop working for these apps? Else it only works in another way. */
  ends?: true;
};

/**
 * The one table of what Salesforce announced, by date. Sources differ and dates move: whoever prints a date says "as
 * announced", and the source.
 */
export const ANNOUNCED_CHANGES: readonly AnnouncedChange[] = [
  {
    id: 'uninstalled-apps',
    day: '2025-09-02',
    sure: 'documented',
    source: 'Salesforce Help, article 005132365',
    read: '2026-11-27',
  },
  {
    id: 'no-new-connected-apps',
    day: '2026-02-01',
    release: "Spring '26",
    sure: 'documented',
    source: 'Salesforce Help, article 005228017',
    read: '2026-11-27',
  },
  {
    id: 'pkce-stays',
    day: '2026-09-01',
    sure: 'reported',
    source: 'Salesforce Help, article 005316703, as users cite it',
    read: '2026-11-27',
    hits: ({ oauth }) => oauth?.pkceRequired === false,
    settings: ['oauth.pkceRequired'],
  },
  {
    id: 'idle-limit',
    day: '2026-11-04',
    sure: 'quoted',
    source: "Winter '27 release notes, page 954",
    read: '2026-11-27',
    hits: (app) =>
      allowsRefreshToken(app.scopes ?? []) &&
      refreshTokenEnd({ ...app, oauth: { ...app.oauth, refreshTokenIdleLimit: true } }) !== undefined,
  },
  {
    id: 'device-flow',
    day: '2026-11-30',
    sure: 'quoted',
    source: "Winter '27 release notes, page 155",
    read: '2026-11-27',
    hits: ({ distributionState = 'local', oauth }) =>
      oauth?.flows?.includes('device') === true &&
      (distributionState !== 'local' || oauth.callbackUrls?.some(isLoopback) !== true),
    settings: ['oauth.flows', 'oauth.callbackUrls'],
    ends: true,
  },
  {
    id: 'old-flows',
    day: '2027-02-20',
    sure: 'quoted',
    source: "Winter '27 release notes, pages 952 and 953",
    read: '2026-11-27',
  },
  {
    id: 'soap-login',
    day: '2027-06-01',
    release: "Summer '27",
    sure: 'documented',
    source: 'Salesforce Help, article 005132110',
    read: '2026-11-27',
  },
  {
    id: 'connected-apps',
    day: '2027-06-01',
    release: "Summer '27",
    sure: 'quoted',
    source: "Winter '27 release notes, page 950",
    read: '2026-11-27',
  },
];

/** The announced changes that concern an app. */
export const changesFor = (app: App): AnnouncedChange[] => ANNOUNCED_CHANGES.filter(({ hits }) => hits?.(app) === true);

/** Has the first day of a change come? Days begin at midnight UTC. */
export const isPast = ({ day }: AnnouncedChange, now: Date): boolean => now.getTime() >= Date.parse(day);

/** A change with its date and its source, as announced. A change whose day has come reads as past. */
export const announcement = (change: AnnouncedChange, now: Date): Text => {
  const { id, day, release, sure, source } = change;
  const tense = isPast(change, now) ? 'announced.since' : 'announced.from';
  return say(tense, say(`announced.${sure}`), release ?? day, say(`announced.what.${id}`), source);
};

/** Days after which a source has to be read again. */
const STALE_DAYS = 180;

const DAY = 86_400_000;

/** The changes whose source was last read too long ago for their dates to be relied on. */
export const staleChanges = (now: Date): AnnouncedChange[] =>
  ANNOUNCED_CHANGES.filter(({ read }) => now.getTime() - Date.parse(read) > STALE_DAYS * DAY);
