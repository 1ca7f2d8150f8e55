import type { Connection as OrgConnection } from '@salesforce/core';
import { isRefusal } from '../../app/errorNature.ts';
import { exitCodeFor } from '../../app/exitCodes.ts';
import type { Change, Wish } from '../../app/app.ts';
import {
  CERTIFICATE_FIELD,
  certificateAfter,
  certificateChange,
  isCertificateFile,
  NO_CERTIFICATE,
  shownCertificate,
  withJwtBearer,
  type SeenApp,
} from '../../app/certificate.ts';
import { changesOf, fieldOf, merge, notKept } from '../../app/changes.ts';
import { nameWithoutNamespace, type ByName } from '../../app/name.ts';
import type { ProblemOf } from '../../app/problem.ts';
import { SfError } from '../../salesforce.ts';
import { problemError, texts } from '../../texts.ts';
import { canGiveAccess } from '../users/permissions.ts';
import { useNewestVersion } from '../request/apiVersion.ts';
import { parseReturned, readCertificate, type Certificates } from '../../local/certificate.ts';
import { writeCertificateNotes, type CertificateNote } from './certificateNotes.ts';
import {
  appReference,
  isAdmins,
  likelyNames,
  partNames,
  parts,
  textOf,
  withText,
  type Component,
  type Components,
  type Element,
  type Names,
  type Part,
} from './components.ts';
import { deploy, type Deployed, type DeployFile } from './deploy.ts';
import { waitForDeploys } from './deploysUnderWay.ts';
import {
  fields,
  keep,
  oauthPluginOn,
  switchOauthPluginOn,
  withElement,
  type ElementValue,
  type Field,
  type WriteContext,
} from './fields.ts';
import {
  grantsToKeep,
  guardedOf,
  guardGrants,
  newlyListed,
  putBackGrants,
  warnOfNotReturnable,
  warnOfUnguarded,
  withGrantsListed,
  type Grant,
  type Guarded,
  type Tell,
} from './grants.ts';
import { interruptible } from '../../local/interruption.ts';
import { unwritable } from './metadataXml.ts';
import { asOneWriter } from './oneWriter.ts';
import { operation } from '../request/operation.ts';
import { updateComponent } from './updateComponent.ts';
import { inOrgsSpelling } from './ipRelaxationSpelling.ts';
import { readApps, withNote, type StoredApp } from './read.ts';

const messages = texts('org');

export type WriteOptions = {
  /** The org validates with a check-only deploy; nothing is written. */
  dryRun: boolean;
  /** How long to wait for the org, in minutes. */
  wait: number;
  /** The API version that the user asked for. Only a new app can be written at a lower one than the org's newest. */
  apiVersion?: string;
  onProgress?: (status: string) => void;
};

/** An app as results show it: its shape, and what only the org can say. */
export type DisplayedApp = SeenApp & { id?: string; consumerKey?: string; setupUrl?: string };

export type WriteResult = {
  /** As read back from the org; with a dry run, as it would be. */
  app: DisplayedApp;
  created: boolean;
  changes: Change[];
  /** What the org took and did not keep: `before` is what was asked for, `after` what the org has. */
  notApplied: Change[];
  /** Absent when there was nothing to change, and where the change took no deploy, such as switching an app off. */
  deployId?: string;
  /**
   * Permission sets and profiles that granted access to the app beside its lists, and that a write of the policies could have taken
   * it from. Absent when there were none.
   */
  grants?: {
    /** They are in the lists of the policies now. */
    kept: string[];
    /** No list can hold them; the org took their access away in the write, and they were given it back. */
    putBack: string[];
  };
  dryRun: boolean;
};

/** What is to be done to one app. */
export type Plan = {
  action: 'create' | 'change' | 'delete' | 'none';
  /** The app as readApps gave it; undefined for one that is to be made. */
  stored: StoredApp | undefined;
  wish: Wish;
  /** The wish before the plan put grants into its lists: what to plan from again, where another run wrote meanwhile. */
  said: Wish;
  /** Empty for an app that is as wished already, and for one that is to be deleted. */
  changes: Change[];
  /** Absent where the wish says nothing of a certificate. */
  terms?: CertificateTerms;
};

/** How a wish for a certificate, or for none, is meant. */
export type CertificateTerms = {
  /** The certificates of the files that wishes name, as far as they could be read. */
  given: Certificates;
  /** Is the certificate alone a reason to write the settings, where nobody can see which one the app has? */
  alone: boolean;
  /** Does `none` take away a certificate that is known to be there? Else it only says that there is none. */
  removes: boolean;
};

const noTerms: CertificateTerms = { given: new Map(), alone: false, removes: false };

/**
 * What a wish changes in the app that is there, which goes by the org's spelling of its name from here on. Where that sends the
 * policies of an app for approved users, those who are approved without being in its lists join the lists.
 */
export const plan = (stored: StoredApp | undefined, wished: Wish, terms: CertificateTerms = noTerms): Plan => {
  const said = stored ? { ...wished, name: stored.app.name } : wished;
  const planned = planOf({ stored, wish: said, said, terms }, changesTo(stored, said, terms));
  const isForApproved = merge(stored?.app, said).policies?.permittedUsers === 'admin-approved';
  if (!stored || !isForApproved || !partsSent(planned).includes('oauthPolicies')) return planned;
  const wish = withGrantsListed(stored.app, stored.grants, said);
  return planOf({ stored, wish, said, terms }, changesTo(stored, wish, terms));
};

const planOf = (
  { stored, wish, said, terms }: Pick<Plan, 'stored' | 'wish' | 'said' | 'terms'>,
  changes: Change[],
): Plan => ({
  action: !stored ? 'create' : changes.length > 0 ? 'change' : 'none',
  stored,
  wish,
  said,
  changes,
  terms,
});

/** Takes an app away; its components follow it. An app that is not there needs nothing. */
export const planDeletion = (stored: StoredApp | undefined, name: string): Plan => ({
  action: stored ? 'delete' : 'none',
  stored,
  wish: { name: stored?.app.name ?? name },
  said: { name },
  changes: [],
});

/** The parts of an app that a plan sends. */
export const partsSent = ({ stored, wish, changes }: Pick<Plan, 'stored' | 'wish' | 'changes'>): Part[] => {
  const components = draft({ stored, wish, changes }, Infinity, {});
  return partNames.filter((part) => components[part]);
};

/** Does a plan send the global OAuth settings that an app has already? Then the certificate has to go with them, or it is lost. */
const sendsSettings = (planned: Pick<Plan, 'stored' | 'wish' | 'changes'>): boolean =>
  planned.stored?.components.globalOauthSettings !== undefined && partsSent(planned).includes('globalOauthSettings');

/** Does a plan take away a certificate that is known to be there? */
export const removesCertificate = ({ stored, changes }: Plan): boolean =>
  stored?.certificate.there === 'yes' &&
  changes.some(({ field, after }) => field === CERTIFICATE_FIELD && after === NO_CERTIFICATE);

/**
 * What a plan still has to be told of the certificate before it can be carried out, or what it was told wrongly. Else a deploy
 * could lose a certificate, since it takes away what it leaves out. The problem's values are the app's name and, where known, the
 * certificate's fingerprint.
 */
export const certificateProblem = (planned: Plan): CertificateProblem | undefined => {
  const { stored, wish, changes, terms = noTerms } = planned;
  const known = stored?.certificate;
  const field = CERTIFICATE_FIELD;
  if (!known) return undefined;
  if (removesCertificate(planned)) {
    return terms.removes
      ? undefined
      : { code: 'error.certificateThere', values: [wish.name, shownCertificate(known) ?? ''], field };
  }
  if (wish.oauth?.certificateFile !== undefined || !sendsSettings({ stored, wish, changes })) return undefined;
  if (known.there === 'unknown') return { code: 'error.certificateNeeded', values: [wish.name], field };
  return known.there === 'yes' && !known.returned
    ? { code: 'error.certificateFileNeeded', values: [wish.name, shownCertificate(known) ?? ''], field }
    : undefined;
};

type CertificateProblem = ProblemOf<
  'error.certificateThere' | 'error.certificateNeeded' | 'error.certificateFileNeeded'
>;

/** @throws what certificateProblem finds */
export const refuseCertificateProblem = (planned: Plan): void => {
  const problem = certificateProblem(planned);
  if (problem) throw problemError(problem);
};

/**
 * The one road for writing apps: each wish is merged into the app that is there, the components whose elements change are
 * deployed whole, and the apps to delete are taken away, in one deploy, all or nothing; what came out is read back. What a
 * wish does not say stays as it is. Where nothing changes, nothing is deployed.
 *
 * @returns a result for each plan, in their order
 * @throws error.apiVersionTooLow, error.fieldNeedsVersion, error.valueNotWritable, error.installedApp,
 *   what refuseCertificateProblem and readCertificate throw, before anything is sent; error.othersWrite,
 *   error.madeOrDeletedMeanwhile, when other runs on this machine are in the way; error.journalUnwritable; what `deploy` throws;
 *   error.notReadBack (exit code 68) with `data: { deployId }`; error.grantsLost (exit code 68)
 */
export const writeApps = async (
  connection: OrgConnection,
  plans: Plan[],
  options: WriteOptions,
): Promise<WriteResult[]> => {
  const notWritten = ({ plans: all, deployId }: Pick<Sent, 'plans' | 'deployId'>): WriteResult[] =>
    all.map((planned) => resultOf(planned, planned.stored, options, deployId));
  if (plans.every(isDone)) return notWritten({ plans });
  if (options.dryRun) return notWritten(await send(connection, plans, options));
  const onWait = (status: string): void => options.onProgress?.(status);
  const write = async (signal?: AbortSignal): Promise<WriteResult[]> => {
    const sent = await asOneWriter(
      connection,
      options.wait,
      onWait,
      async (othersWrote) => {
        const now = othersWrote ? await planAgain(connection, plans, options, signal) : plans;
        signal?.throwIfAborted();
        return send(connection, now, options);
      },
      signal,
    );
    return sent.isSent ? readBack(connection, sent, options) : notWritten(sent);
  };
  // What the deploy may take away is put back before the process ends. A second Ctrl-C ends it at once; then the next run does it.
  return plans.some((planned) => guardedBy(planned).length > 0) ? interruptible(write) : write();
};

const isDone = ({ action }: Plan): boolean => action === 'none';

const isDeletion = ({ action }: Plan): boolean => action === 'delete';

/**
 * The plans for what the org has by now, after another run wrote: each wish is merged into that. What a run left behind that
 * was ended too early is waited for.
 *
 * @throws error.madeOrDeletedMeanwhile, where a wish was meant for an app that was there, or for a new one, and no longer fits;
 *   error.deployBefore (exit code 69)
 */
const planAgain = async (
  connection: OrgConnection,
  plans: Plan[],
  { wait, onProgress }: WriteOptions,
  signal?: AbortSignal,
): Promise<Plan[]> => {
  await waitForDeploys(connection, wait, (status) => onProgress?.(status), signal);
  const stored = await readApps(
    connection,
    plans.map(({ wish }) => wish.name),
    undefined,
    { grants: plans.some(({ stored: before }) => before?.grants) },
  );
  return plans.map((planned) => {
    const { wish, said, action, changes } = planned;
    const now = stored.get(wish.name);
    if (isDeletion(planned)) return planDeletion(now, wish.name);
    // One that was to be absent, was, and is: as a wish it would make the app.
    if (isDone(planned) && !planned.stored && !now) return planned;
    // A certificate that is there by now, and was not when the plan was shown, is not what anybody agreed to take away.
    const isSaid = changes.some(({ field }) => field === CERTIFICATE_FIELD);
    const { given, alone, removes } = planned.terms ?? noTerms;
    const anew = plan(now, said, { given, alone: alone || isSaid, removes: removes && isSaid });
    const isMade = action === 'create' && isDone(anew);
    if (!now !== !planned.stored && !isMade) {
      throw messages.createError('error.madeOrDeletedMeanwhile', [wish.name]);
    }
    return anew;
  });
};

/** What became of plans: they, the components that were sent for them, and in which deploy; none where all was done already. */
type Sent = {
  plans: Plan[];
  written: Map<Plan, Components>;
  isSent: boolean;
  /** Absent where it took no deploy. */
  deployId?: string;
  completed?: Date;
  forgetGrants?: () => Promise<void>;
};

const sendsPolicies = (planned: Plan): boolean =>
  partsSent(planned).some((part) => part === 'oauthPolicies' || part === 'policies');

/** Who may use an app now and is not in the lists that a plan leaves it with. Of an app to delete, nobody. */
const guardedBy = (planned: Plan): Guarded[] => {
  const { stored, wish } = planned;
  if (!stored || isDeletion(planned)) return [];
  return guardedOf(merge(stored.app, wish), stored.id, grantsToKeep(stored.app, stored.grants, wish));
};

/** Names of permission sets and profiles that have access to the app of a plan beside the lists of its policies. */
export type GrantsOfPlan = {
  /** They join the lists. */
  listed: string[];
  /** They do not join the lists, and are given their access back where the org takes it away. */
  unlisted: string[];
};

/** Who has access to the app of a plan beside its lists, and keeps it in the write. */
export const grantsOfPlan = (planned: Plan): GrantsOfPlan => {
  const { stored, wish, action } = planned;
  return {
    listed: stored && action === 'change' ? newlyListed(stored.app, stored.grants, merge(stored.app, wish)) : [],
    unlisted: sendsPolicies(planned) ? guardedBy(planned).flatMap(({ grants }) => grants.map(({ name }) => name)) : [],
  };
};

/**
 * Warns of writes in which the access to apps is not safe. Whoever shows a plan does it with the plan, before the user is asked;
 * else a write does it before anything is sent. Each is said once to a run.
 *
 * @throws what orgSaidNo names
 */
export const warnOfAccess = async (connection: OrgConnection, plans: Plan[], tell?: Tell): Promise<void> => {
  const writing = plans.filter((planned) => !isDone(planned) && !isDeletion(planned) && sendsPolicies(planned));
  const unseen = writing.filter(({ stored }) => stored && !stored.grants).map(({ wish }) => wish.name);
  if (unseen.length > 0) await warnOfUnguarded(connection, unseen, tell);
  const guarded = writing.flatMap(guardedBy);
  if (guarded.length === 0 || (await canGiveAccess(connection))) return;
  for (const { app, grants } of guarded) {
    const names = grants.map(({ name }) => name);
    await warnOfNotReturnable(connection, [app], names, tell);
  }
};

/**
 * Refuses plans that a write would refuse before it sends anything, for whoever makes something else first.
 *
 * @throws what writeApps throws before anything is sent
 */
export const refuseUnsendable = async (
  connection: OrgConnection,
  plans: Plan[],
  { apiVersion }: Pick<WriteOptions, 'apiVersion'>,
): Promise<void> => {
  const toWrite = plans.filter((planned) => !isDone(planned) && !isDeletion(planned));
  if (toWrite.length === 0) return;
  const version = await versionFor(connection, toWrite, apiVersion);
  for (const planned of toWrite) await componentsFor(planned, version);
};

/** Sends all that is to be done in one deploy. */
const send = async (connection: OrgConnection, plans: Plan[], options: WriteOptions): Promise<Sent> => {
  const toDo = plans.filter((planned) => !isDone(planned));
  const written = new Map<Plan, Components>();
  if (toDo.length === 0) return { plans, written, isSent: false };

  const version = await versionFor(connection, toDo, options.apiVersion);
  connection.setApiVersion(`${version}.0`);
  const [toDelete, toWrite] = [toDo.filter(isDeletion), toDo.filter((planned) => !isDeletion(planned))];
  for (const planned of toWrite) written.set(planned, await componentsFor(planned, version));
  const files = [...written.values()].flatMap(filesOf);
  const deletions = toDelete.map(({ wish }) => ({ type: parts.application.type, fullName: wish.name }));
  const deployAll = async (all: DeployFile[]): Promise<Partial<Deployed>> => {
    const [file, ...others] = all;
    const isSwitch = !options.dryRun && toDo.every(switchesOnly) && deletions.length + others.length === 0;
    const doing = operation('deploying', subjectOf(toDo));
    const updated = file && isSwitch ? await updateComponent(connection, doing, file) : undefined;
    return updated ?? deploy(connection, subjectOf(toDo), all, options, deletions);
  };
  await warnOfAccess(connection, toWrite);
  const guarded = toWrite.filter(sendsPolicies).flatMap(guardedBy);
  const forgetGrants = options.dryRun ? undefined : await guardGrants(connection, guarded);
  try {
    const { id: deployId, completed } = await deployAll(files).catch((refused: unknown) => {
      const respelled = inOrgsSpelling(files, refused);
      if (!respelled) throw refused;
      return deployAll(respelled);
    });
    return {
      plans,
      written,
      isSent: true,
      ...(deployId && { deployId }),
      ...(completed && { completed }),
      forgetGrants,
    };
  } catch (error) {
    if (isRefusal(error)) await forgetGrants?.();
    throw error;
  }
};

/** Does a plan do no more than switch an app that is there on or off? That is to be done at once, also in an emergency. */
const switchesOnly = ({ stored, changes }: Plan): boolean =>
  stored?.components.policies !== undefined && changes.every(({ field }) => field === 'enabled') && changes.length > 0;

const readBack = async (connection: OrgConnection, sent: Sent, options: WriteOptions): Promise<WriteResult[]> => {
  const { plans, written, deployId, forgetGrants } = sent;
  const names = plans.map(({ wish }) => wish.name);
  const also = {
    grants: plans.some((planned) => planned.stored?.grants?.length && sendsPolicies(planned)),
    until: sent.completed,
  };
  const after = await readApps(connection, names, namesAfter(plans, written), also).catch((error: unknown) => {
    throw error instanceof SfError ? notReadBack(error as SfError, plans, deployId) : error;
  });
  const notes = notesOf(sent, after);
  await writeCertificateNotes(connection, notes);
  const putBack = await putBackWhatIsLost(connection, plans, after);
  await forgetGrants?.();
  return plans.map((planned) => {
    const { name } = planned.wish;
    const read = after.get(name);
    const now = read && notes.has(read.id) ? withNote(read, notes.get(read.id)) : read;
    if (isDeletion(planned)) {
      if (now) throw new Error(`The org took the deletion of ${name} (deploy ${deployId ?? 'none'}) and still has it.`);
      return resultOf(planned, planned.stored, options, deployId);
    }
    // An app that was to be absent and was.
    if (!now && !isDone(planned)) {
      throw new Error(`The org took ${name} (deploy ${deployId ?? 'none'}) and does not have it.`);
    }
    return resultOf(planned, now, options, deployId, putBack.get(name));
  });
};

/**
 * What to remember of the certificates that were sent, or left out. Settings that were changed after the deploy was done were
 * changed by somebody else: of these nothing is known.
 */
const notesOf = (
  { plans, written, completed }: Sent,
  after: ByName<StoredApp>,
): Map<string, CertificateNote | undefined> => {
  const notes = new Map<string, CertificateNote | undefined>();
  for (const planned of plans) {
    const { stored, wish } = planned;
    if (stored && isDeletion(planned)) notes.set(stored.id, undefined);
    const sent = written.get(planned)?.globalOauthSettings;
    const now = after.get(wish.name);
    const lastModified = now?.components.globalOauthSettings?.lastModified;
    if (!sent || !now) continue;
    const certificate = textOf(sent.elements, 'certificate');
    const fingerprint = certificate ? parseReturned(certificate)?.fingerprint : null;
    const isKnown = fingerprint !== undefined && lastModified && completed && lastModified <= completed;
    notes.set(now.id, isKnown ? { fingerprint, lastModified } : undefined);
  }
  return notes;
};

/** Gives access back to those who lost it in a write that does not say so. An app that is gone lets nobody in. */
const putBackWhatIsLost = async (
  connection: OrgConnection,
  plans: Plan[],
  after: ByName<StoredApp>,
): Promise<Map<string, string[]>> => {
  const guarded: Guarded[] = [];
  const now = new Map<string, Grant[]>();
  for (const planned of plans) {
    const { stored, wish } = planned;
    const there = after.get(wish.name);
    if (!stored || !there?.grants || isDeletion(planned)) continue;
    guarded.push({ app: wish.name, appId: there.id, grants: grantsToKeep(stored.app, stored.grants, wish) });
    now.set(there.id, there.grants);
  }
  return putBackGrants(connection, guarded, now);
};

/** What the apps' components are most likely called when the plans are carried out; undefined where no app is left. */
const namesAfter = (plans: Plan[], written: Map<Plan, Components>): Names | undefined => {
  const left = plans.filter((planned) => !isDeletion(planned));
  if (left.length === 0) return undefined;
  const likely = left.map((planned) =>
    likelyNames(planned.wish.name, { ...planned.stored?.components, ...written.get(planned) }),
  );
  return Object.fromEntries(
    partNames.map((part) => [part, [...new Set(likely.flatMap((names) => names[part] ?? []))]]),
  );
};

const notReadBack = ({ message, actions }: SfError, plans: Plan[], deployId?: string): SfError => {
  const subject = subjectOf(plans.filter((planned) => !isDone(planned)));
  const error = deployId
    ? messages.createError('error.notReadBack', [subject, deployId, message.split('\n')], [], exitCodeFor.unfinished)
    : messages.createError('error.updateNotReadBack', [subject, message.split('\n')], [], exitCodeFor.unfinished);
  error.actions = [...(error.actions ?? []), ...(actions ?? [])];
  return deployId ? error.setData({ deployId }) : error;
};

/** What a deploy is about, in messages: the apps' names, as far as they fit into a line. */
const subjectOf = (plans: Plan[]): string => {
  const names = plans.slice(0, 3).map(({ wish }) => wish.name);
  const more = plans.length - names.length;
  return more > 0 ? messages.getMessage('deploy.andMore', [names.join(', '), String(more)]) : names.join(', ');
};

/** Like writeApps, for one app. */
export const writeApp = async (
  connection: OrgConnection,
  stored: StoredApp | undefined,
  wish: Wish,
  options: WriteOptions,
  terms?: CertificateTerms,
): Promise<WriteResult> => {
  const [result] = await writeApps(connection, [plan(stored, wish, terms)], options);
  if (!result) throw new Error('A plan without a result.');
  return result;
};

/**
 * @param now the app as it was read back; with a dry run, or where nothing was to be done, as it was before
 * @param deployId of the deploy that carried out what was to be done
 * @param putBack names of the grants that were put back after the deploy
 */
const resultOf = (
  planned: Plan,
  now: StoredApp | undefined,
  { dryRun }: WriteOptions,
  deployId?: string,
  putBack: string[] = [],
): WriteResult => {
  const { action, changes } = planned;
  const read = dryRun ? undefined : now;
  return {
    app: read ? displayed(read) : asItWouldBe(planned, now),
    created: action === 'create',
    changes: read
      ? changes.map((change) =>
          isReadable(change.field) ? { ...change, after: fieldOf(read.app, change.field) } : change,
        )
      : changes,
    notApplied: read ? [...notKept(changes, read.app), ...certificateNotKept(planned, read)] : [],
    ...(deployId && action !== 'none' && { deployId }),
    ...grantsIn(grantsOfPlan(planned).listed, putBack),
    dryRun,
  };
};

/** The app after a plan that was not carried out, with the certificate that would be there. */
const asItWouldBe = ({ wish, terms = noTerms }: Plan, now: StoredApp | undefined): DisplayedApp => {
  const said = wish.oauth?.certificateFile;
  const there = certificateAfter(now?.certificate ?? { there: 'no' }, said);
  const { oauth, ...app }: DisplayedApp = {
    ...(now && displayed(now)),
    ...withJwtBearer(merge(now?.app, wish), there),
  };
  if (!oauth) return app;
  const known = now?.certificate ?? { there: 'no' as const };
  const certificate = isCertificateFile(said)
    ? terms.given.get(said)?.fingerprint
    : there === known.there
      ? shownCertificate(known)
      : undefined;
  return { ...app, oauth: { ...oauth, ...(certificate && { certificate }) } };
};

/** A certificate that came back and is not the one that was sent, or was to be gone. Where none comes back nothing is proved. */
const certificateNotKept = ({ changes, wish, terms = noTerms }: Plan, { certificate }: StoredApp): Change[] => {
  const change = changes.find(({ field }) => field === CERTIFICATE_FIELD);
  if (!change || certificate.there !== 'yes' || !certificate.returned) return [];
  const said = wish.oauth?.certificateFile;
  const sent = isCertificateFile(said) ? terms.given.get(said)?.fingerprint : undefined;
  if (isCertificateFile(said) && (sent === undefined || sent === certificate.fingerprint)) return [];
  return [{ field: CERTIFICATE_FIELD, before: change.after, after: shownCertificate(certificate) }];
};

const grantsIn = (kept: string[], putBack: string[]): Pick<WriteResult, 'grants'> =>
  kept.length + putBack.length > 0 ? { grants: { kept, putBack } } : {};

const isReadable = (path: string): boolean => fields.some((field) => field.path === path && field.read !== undefined);

/** An app as results show it. */
export const displayed = ({ app, id, consumerKey, setupUrl, certificate }: StoredApp): DisplayedApp => {
  const shown = shownCertificate(certificate);
  return {
    ...app,
    ...(app.oauth && { oauth: { ...app.oauth, ...(shown && { certificate: shown }) } }),
    id,
    ...(consumerKey && { consumerKey }),
    setupUrl,
  };
};

/**
 * What a wish changes in an app that is there. While the OAuth plugin is switched off no flow is on, so a wish for OAuth
 * changes the flows even where it does not name them: it switches the plugin on. A certificate is compared with the one that
 * is known; where none is known, it changes something only if the settings are written anyway, or the terms say so.
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

/** Apps are written at the org's newest version; a lower one that the user asks for is fit for new apps only. */
const versionFor = async (connection: OrgConnection, plans: Plan[], asked: string | undefined): Promise<number> => {
  const newest = await useNewestVersion(connection);
  if (!asked || Number(asked) >= Number(newest)) return Number(newest);
  const there = plans.find(({ stored }) => stored);
  if (there) throw messages.createError('error.apiVersionTooLow', [asked, newest, there.wish.name]);
  return Number(asked);
};

/** The components to deploy, each whole; refuses what an org would take and do damage with. */
const componentsFor = async (planned: Plan, version: number): Promise<Components> => {
  const { stored, wish, changes, terms = noTerms } = planned;
  const said = wish.oauth?.certificateFile;
  const change = changes.find(({ field }) => field === CERTIFICATE_FIELD);
  const known = stored?.certificate;
  // One that is the app's already goes along where the org did not return it: what is left out is taken away.
  const goesAlong = known?.there === 'yes' && !known.returned && sendsSettings(planned);
  const given = isCertificateFile(said) && (change ?? goesAlong);
  const certificate = given ? (terms.given.get(said) ?? (await readCertificate(said))).pem : undefined;
  const components = draft(planned, version, { certificate });
  const foreign = partNames.find((part) => components[part] && !isAdmins(part));
  if (stored?.installed && foreign) {
    throw messages.createError('error.installedApp', [wish.name, changes.map(({ field }) => field).join(', ')]);
  }
  refuseCertificateProblem(planned);
  const { globalOauthSettings } = components;
  if (!globalOauthSettings || certificate === undefined || change) return components;
  const elements = withText(globalOauthSettings.elements, 'certificate', certificate);
  return { ...components, globalOauthSettings: { ...globalOauthSettings, elements } };
};

/** The components that the changes touch, each whole and merged into what the org has. */
const draft = (
  { stored, wish, changes }: Pick<Plan, 'stored' | 'wish' | 'changes'>,
  version: number,
  context: WriteContext,
): Components => {
  const before = stored?.components ?? {};
  const wanted = Object.fromEntries(changes.map(({ field, after }) => [field, after]));
  const components: Components = stored ? {} : { application: fresh('application', wish) };
  for (const field of fields.filter(({ path }) => path in wanted)) {
    writeField(field, wanted[field.path], { before, components, wish, context, version });
  }
  // Salesforce refuses global OAuth settings without OAuth settings. Scopes alone make neither where OAuth settings are there.
  // An installed app has both: the org keeps its global ones to itself.
  const hasSettings = stored?.installed === true;
  if (!hasSettings && (wish.oauth ?? (before.oauthSettings ? undefined : (wish.scopes ?? wish.customScopes)))) {
    for (const part of ['oauthSettings', 'globalOauthSettings'] as const) {
      if (!before[part]) components[part] ??= fresh(part, wish);
    }
  }
  // Salesforce removes the certificate when a deploy omits it, so without one the settings are sent just as they are.
  if (CERTIFICATE_FIELD in wanted && before.globalOauthSettings) {
    components.globalOauthSettings ??= before.globalOauthSettings;
  }
  const wantsOauth = wish.oauth && wish.oauth.flows?.length !== 0;
  if (wantsOauth && before.policies && !oauthPluginOn(before)) {
    components.policies = switchOauthPluginOn(components.policies ?? before.policies);
  }
  return components;
};

type Draft = { before: Components; components: Components; wish: Wish; context: WriteContext; version: number };

const writeField = (field: Field, wanted: unknown, { before, components, wish, context, version }: Draft): void => {
  const values = field.write(wanted as never, context);
  field.elements.forEach(({ part, element, since, valuesSince, dispensable }, index) => {
    const value = values[index];
    const current = components[part] ?? before[part];
    if (value === keep || (value === undefined && !current)) return;
    if (since > version) {
      if (dispensable || value === undefined) return;
      throw messages.createError('error.fieldNeedsVersion', [field.path, `${since}.0`, `${version}.0`]);
    }
    const valueSince = typeof value === 'string' ? (valuesSince?.[value] ?? since) : since;
    if (valueSince > version) {
      const pair = `${field.path}: ${String(wanted)}`;
      throw messages.createError('error.fieldNeedsVersion', [pair, `${valueSince}.0`, `${version}.0`]);
    }
    refuseUnwritable(field.path, value);
    const target = current ?? fresh(part, wish);
    const elements = withElement(target.elements, element, value);
    if (JSON.stringify(elements) === JSON.stringify(current?.elements)) return;
    components[part] = { ...target, elements };
  });
};

const refuseUnwritable = (path: string, value: ElementValue): void => {
  const texts = Array.isArray(value)
    ? value.flat().map((element) => ('text' in element ? element.text : ''))
    : [typeof value === 'string' ? value : ''];
  const character = unwritable(texts.join(''));
  if (character) throw messages.createError('error.valueNotWritable', [path, character]);
};

/** A component that the org does not have yet, with what every one of its type needs. */
const fresh = (part: Part, wish: Wish): Component => {
  // A component of one's own has no namespace, also where its app was installed and has one. Its name is no other app's.
  const fullName = parts[part].newName(nameWithoutNamespace(wish.name));
  if (part === 'application') {
    return {
      fullName: wish.name,
      elements: [
        { name: 'distributionState', text: 'Local' },
        { name: 'label', text: wish.label ?? wish.name },
      ],
    };
  }
  const elements: Element[] = [
    { name: appReference, text: wish.name },
    ...(part === 'policies' ? [{ name: 'isEnabled', text: 'true' }] : []),
    { name: 'label', text: fullName },
  ];
  return { fullName, elements };
};

/** Rotation switches would act on this very deploy, so they are never sent, whatever the org returned. */
const rotationSwitches = ['shouldRotateConsumerKey', 'shouldRotateConsumerSecret'];

const filesOf = (components: Components): DeployFile[] =>
  partNames.flatMap((part) => {
    const component = components[part];
    if (!component) return [];
    const { type, folder, suffix } = parts[part];
    const { fullName } = component;
    const elements = rotationSwitches.reduce((rest, name) => withText(rest, name, undefined), component.elements);
    return [{ type, root: type, fullName, path: `${folder}/${fullName}.${suffix}`, elements }];
  });
