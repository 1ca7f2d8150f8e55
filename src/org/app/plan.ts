import type { Change, Wish } from '../../app/app.ts';
import { CERTIFICATE_FIELD, certificateChange } from '../../app/certificate.ts';
import { changesOf, merge } from '../../app/changes.ts';
import type { UserPlan } from '../../app/integrationUser.ts';
import { withDefaults } from '../../app/newApp.ts';
import type { Certificates } from '../../local/certificate.ts';
import { texts } from '../../texts.ts';
import { type CertificateTerms, NO_TERMS, sendsSettings } from './certificateTerms.ts';
import { partsSent } from './draft.ts';
import { oauthPluginOn } from './fields.ts';
import { withGrantsListed } from './grants.ts';
import type { StoredApp } from './read.ts';

const messages = texts('org');

type Common<Source> = {
  /** The name of the app, as the org spells it if it has the app. */
  app: string;
  /** Names the app only, if the app is to be deleted. */
  wish: Wish;
  /** The wish before the plan put grants into its lists: what to plan from again, where another run wrote meanwhile. */
  said: Wish;
  /** Absent where the wish says nothing of a certificate. */
  terms?: CertificateTerms;
  /** What is to be done for the integration user of the app. Absent if none is wanted. */
  user?: UserPlan;
  /** Where the plan comes from, for example the place of the app in a file. */
  source: Source;
};

/** What is to be done to one app. `stored` is the app as readApps gave it. */
export type Plan<Source = unknown> = Common<Source> &
  (
    | { action: 'create'; stored?: undefined; changes: Change[] }
    | { action: 'change'; stored: StoredApp; changes: Change[] }
    | { action: 'delete'; stored: StoredApp; changes: [] }
    /** The app is as wished, or it was to be absent and is. */
    | { action: 'none'; stored?: StoredApp; changes: [] }
  );

/** The app is as wished, so nothing is sent for it. */
export const isDone = ({ action }: Plan): boolean => action === 'none';

export const isDeletion = ({ action }: Plan): boolean => action === 'delete';

/**
 * Plans what a wish changes in the app that is there. From here on, the app goes by the org's spelling of its name. That may
 * send the policies of an app for approved users. Then those who are approved without being in its lists join the lists.
 */
export const planWish = (
  stored: StoredApp | undefined,
  wished: Wish,
  terms: CertificateTerms = NO_TERMS,
): Plan<undefined> => {
  const said = stored ? { ...wished, name: stored.app.name } : wished;
  const changes = changesTo(stored, said, terms);
  const isForApproved = merge(stored?.app, said).policies?.permittedUsers === 'admin-approved';
  const sendsLists =
    isForApproved && stored && partsSent({ stored, wish: said, changes }).includes('oauthPolicies')
      ? stored
      : undefined;
  const wish = sendsLists ? withGrantsListed(sendsLists.app, sendsLists.grants, said) : said;
  const planned = { app: said.name, wish, said, terms, source: undefined };
  if (!stored) return { ...planned, action: 'create', changes };
  const all = sendsLists ? changesTo(stored, wish, terms) : changes;
  return all.length > 0
    ? { ...planned, action: 'change', stored, changes: all }
    : { ...planned, action: 'none', stored, changes: [] };
};

/** Plans to take an app away; its components follow it. An app that is not there needs nothing. */
export const planDeletion = (stored: StoredApp | undefined, name: string): Plan<undefined> => {
  const app = stored?.app.name ?? name;
  const planned = { app, wish: { name: app }, said: { name }, source: undefined };
  return stored
    ? { ...planned, action: 'delete', stored, changes: [] }
    : { ...planned, action: 'none', stored, changes: [] };
};

/** What is wanted of one app: that it is as the wish says, or that it is gone. */
export type Wanted<Source = unknown> = { wish: Wish; absent: boolean; user?: UserPlan; source: Source };

/** How certificates of wishes are compared and sent. */
export type Sending = {
  /** Is a certificate a reason to write an app also where nobody can see which one the app has? */
  sendCertificates: boolean;
  /** The certificates of the files that the wishes name. */
  certificates?: Certificates;
};

/**
 * Plans what is to be done so that the org has what is wanted. A wish says how the app is to be: `certificateFile: none` takes away a
 * certificate that is known to be there.
 */
export const planWanted = <Source>(
  stored: StoredApp | undefined,
  { wish, absent, user, source }: Wanted<Source>,
  { sendCertificates, certificates = new Map() }: Sending,
): Plan<Source> => {
  if (absent) return { ...planDeletion(stored, wish.name), source };
  const terms = { given: certificates, alone: sendCertificates, removes: true };
  return { ...planWish(stored, stored ? wish : withDefaults(wish), terms), ...(user && { user }), source };
};

/**
 * Plans again for what the org has by now, after another run wrote.
 *
 * @throws error.madeOrDeletedMeanwhile, where a wish no longer fits: its app was deleted or made meanwhile
 */
export const planAgain = <Source>(planned: Plan<Source>, now: StoredApp | undefined): Plan<Source> => {
  const { app, said, action, changes, user, source } = planned;
  const own = { ...(user && { user }), source };
  if (isDeletion(planned)) return { ...planDeletion(now, app), ...own };
  // One that was to be absent, was, and is: as a wish it would make the app.
  if (isDone(planned) && !planned.stored && !now) return planned;
  // Nobody agreed to take a certificate away that was not there when the plan was shown.
  const isSaid = changes.some(({ field }) => field === CERTIFICATE_FIELD);
  const { given, alone, removes } = planned.terms ?? NO_TERMS;
  const anew = planWish(now, said, { given, alone: alone || isSaid, removes: removes && isSaid });
  const isMade = action === 'create' && isDone(anew);
  if (!now !== !planned.stored && !isMade) throw messages.createError('error.madeOrDeletedMeanwhile', [app]);
  return { ...anew, ...own };
};

/**
 * What a wish changes in an app that is there. While the OAuth plugin is switched off no flow is on. A wish for OAuth switches
 * the plugin on, so it changes the flows even where it does not name them. A certificate is compared with the one that is
 * known. Where none is known, it changes something only if the settings are written anyway, or the terms say so.
 */
const changesTo = (stored: StoredApp | undefined, wish: Wish, { given, alone }: CertificateTerms): Change[] => {
  const said = wish.oauth?.certificateFile;
  const others = withFlowsOn(stored, wish, changesOf(stored?.app, wish));
  if (said === undefined) return others;
  const sent = alone || sendsSettings({ stored, wish, changes: others.filter(isNoCertificate) });
  const known = stored?.certificate ?? { there: 'no' as const };
  const change = certificateChange(known, said, given.get(said)?.fingerprint, sent);
  return others.flatMap((other) => (isNoCertificate(other) ? other : (change ?? [])));
};

const isNoCertificate = ({ field }: Change): boolean => field !== CERTIFICATE_FIELD;

const withFlowsOn = (stored: StoredApp | undefined, wish: Wish, changes: Change[]): Change[] => {
  if (!wish.oauth || !stored?.components.globalOauthSettings || oauthPluginOn(stored.components)) return changes;
  // No flow at all is what such an app reads as, so a wish for that leaves the plugin off.
  const leftOff = wish.oauth.flows?.length === 0;
  if (leftOff || changes.some(({ field }) => field === 'oauth.flows')) return changes;
  return [...changes, { field: 'oauth.flows', before: [], after: wish.oauth.flows ?? ['web-server'] }];
};
