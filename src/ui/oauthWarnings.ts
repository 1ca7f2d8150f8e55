import { announcement, changesFor } from '../app/announcedChanges.ts';
import type { App, Change, Wish } from '../app/app.ts';
import { merge } from '../app/changes.ts';
import { fixes } from '../app/fixes.ts';
import { FLOWS } from '../app/flows.ts';
import type { UserFacts } from '../app/user.ts';
import { inWords, texts } from '../texts.ts';
import type { Screen } from './screen.ts';

const messages = texts('eca.oauth.set');

type Warns = Pick<Screen, 'warn'>;

/**
 * Warns where the flows and the certificate of an app do not fit: with a certificate, JWT bearer is on.
 *
 * @param there does the app have a certificate before the change?
 * @param keepsJwtBearer does the certificate keep JWT bearer on, though the wish omits this flow?
 * @param app the flags that name the app and its org
 * @throws error.certificateMissing if the wish names JWT bearer, and the app has and gets no certificate
 */
export const judgeJwtBearer = (
  screen: Warns,
  { name, oauth }: Wish,
  { there, keepsJwtBearer }: { there: 'yes' | 'no' | 'unknown'; keepsJwtBearer: boolean },
  app: string,
): void => {
  const isWished = oauth?.certificateFile === undefined && oauth?.flows?.includes('jwt-bearer');
  if (isWished && there === 'no') throw messages.createError('error.certificateMissing', [name]);
  if (isWished && there === 'unknown') screen.warn(messages.createWarning('warning.certificateUnseen', [name]));
  if (keepsJwtBearer) screen.warn(messages.createWarning('warning.jwtBearerStays', [name], [app]));
};

/** Do the wished flows need a setting of the whole org? */
export const needsOrgSwitch = (wish: Wish): boolean => needsOf(wish).has('org-switch');

/**
 * Warns of what the wished flows need outside the app: a setting of the whole org, or an Apex handler.
 *
 * @param isOn is the setting of the org on? Undefined if the org does not show it
 */
export const warnOfNeeds = (screen: Warns, wish: Wish, isOn: boolean | undefined): void => {
  if (needsOf(wish).has('token-exchange-handler')) {
    screen.warn(messages.createWarning('warning.handlerNeeded', [wish.name]));
  }
  if (!needsOrgSwitch(wish) || isOn === true) return;
  screen.warn(messages.createWarning(`warning.orgSwitch${isOn === false ? 'Off' : 'Unseen'}`));
};

const needsOf = ({ oauth }: Wish) => new Set(oauth?.flows?.flatMap((flow) => FLOWS[flow].needs));

/** Warns of what Salesforce announced for apps with the settings that a plan changes. */
export const warnOfAnnounced = (
  screen: Warns,
  { stored, wish, changes }: { stored?: { app: App }; wish: Wish; changes: Change[] },
  targetOrg: string | undefined,
): void => {
  const now = new Date();
  const app = merge(stored?.app, wish);
  for (const change of changesFor(app)) {
    if (!changes.some(({ field }) => change.settings?.some((setting) => setting === field))) continue;
    const warning = { name: 'AnnouncedChangeWarning', message: inWords(announcement(change, now)) };
    // Nothing ends for the other apps, so there is nothing to do.
    const fix = change.ends && fixes.announcedChange({ app, targetOrg }, change.id);
    screen.warn(fix ? { ...warning, actions: [inWords(fix)] } : warning);
  }
};

/** Warns that an app gets a run-as user and has no flow that uses this user. */
export const warnOfUnusedRunAs = (screen: Warns): void =>
  void screen.warn(messages.createWarning('warning.runAsUnused'));

/**
 * Everybody with the secret can act as the run-as user. So this user should not have much power.
 *
 * @param user the facts about the user; undefined if the org has no such user
 * @throws error.runAsNotFound, error.runAsInactive
 */
export const judgeRunAs = (screen: Warns, username: string, user: UserFacts | undefined, appName: string): void => {
  if (!user) throw messages.createError('error.runAsNotFound', [username]);
  if (!user.active) throw messages.createError('error.runAsInactive', [username]);
  const powers = [
    ...(user.isAdmin ? [messages.getMessage('power.admin', [user.profileName])] : []),
    ...(user.modifyAllData ? [messages.getMessage('power.modifyAllData')] : []),
  ];
  if (powers.length === 0) return;
  screen.warn(messages.createWarning('warning.runAsPowerful', [username, powers.join('; ')], [appName]));
};
