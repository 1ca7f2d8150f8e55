import type { Connection } from '@salesforce/core';

import type { Wish } from '../../app/app.ts';
import { EXIT_CODE_FOR } from '../../app/exitCodes.ts';
import type { ByName } from '../../app/name.ts';
import { parseReturned } from '../../local/certificate.ts';
import { interruptible } from '../../local/interruption.ts';
import { SfError } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { type CertificateNote, writeCertificateNotes } from './certificateNotes.ts';
import type { CertificateTerms } from './certificateTerms.ts';
import { likelyNames, type Names, partNames, textOf } from './components.ts';
import { waitForDeploys } from './deploysUnderWay.ts';
import { asOneWriter } from './oneWriter.ts';
import { isDeletion, isDone, type Plan, planAgain, planWish } from './plan.ts';
import { guardedBy, putBackWhatIsLost, sendsPolicies } from './planAccess.ts';
import { readApps, type StoredApp, withNote } from './read.ts';
import { send, type Sent, subjectOf, type WriteOptions } from './send.ts';
import { resultOf, type WriteResult } from './writeResult.ts';

const messages = texts('org');

/** A plan that was carried out, and what came of it. */
export type Written<P extends Plan = Plan> = { plan: P; result: WriteResult };

/** A plan as it is carried out; its source is the plan that was agreed to. Another run may have written in between. */
type Turn = Plan<Plan>;

/**
 * The one road for writing apps. Each wish is merged into the app that is there. One deploy sends the components whose elements
 * change, whole, and takes away the apps to delete, all or nothing. What came out is read back. What a wish does not say stays
 * as it is. Where nothing changes, nothing is deployed.
 *
 * @returns each plan with its result, in the order of the plans
 * @throws before anything is sent: error.apiVersionTooLow, error.fieldNeedsVersion, error.valueNotWritable,
 *   error.installedApp, what refuseCertificateProblem and readCertificate throw. Where other runs on this machine are in the
 *   way: error.othersWrite, error.madeOrDeletedMeanwhile. Also error.journalUnwritable, and what `deploy` throws. After the
 *   deploy: error.notReadBack with `data: { deployId }`, error.updateNotReadBack, error.grantsLost (exit code 68 each)
 */
export const writeApps = async <const P extends readonly Plan[]>(
  connection: Connection,
  plans: P,
  options: WriteOptions,
): Promise<{ [Index in keyof P]: Written<P[Index]> }> => {
  const turns = plans.map((plan): Turn => ({ ...plan, source: plan }));
  // The type checker does not know that map() gives one item for each item of a tuple.
  return (await carryOut(connection, turns, options)) as { [Index in keyof P]: Written<P[Index]> };
};

const carryOut = async (connection: Connection, plans: Turn[], options: WriteOptions): Promise<Written[]> => {
  const notWritten = ({ all, deployId }: Sent<Plan>): Written[] =>
    all.map(({ plan }) => ({ plan: plan.source, result: resultOf(plan, plan.stored, options, deployId) }));
  if (plans.every(isDone)) return notWritten({ all: plans.map((plan) => ({ plan, components: {} })), isSent: false });
  if (options.dryRun) return notWritten(await send(connection, plans, options));
  const onWait = (status: string): void => options.onProgress?.(status);
  const write = async (signal?: AbortSignal): Promise<Written[]> => {
    const sent = await asOneWriter(
      connection,
      options.wait,
      onWait,
      async (othersWrote) => {
        const now = othersWrote ? await planAllAgain(connection, plans, options, signal) : plans;
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

/** Like writeApps, for one app. */
export const writeApp = async (
  connection: Connection,
  stored: StoredApp | undefined,
  wish: Wish,
  options: WriteOptions,
  terms?: CertificateTerms,
): Promise<WriteResult> => {
  const [{ result }] = await writeApps(connection, [planWish(stored, wish, terms)], options);
  return result;
};

/**
 * The plans for what the org has by now, after another run wrote: each wish is merged into that. What a run left behind that
 * was ended too early is waited for.
 *
 * @throws what planAgain throws; error.deployBefore (exit code 69)
 */
const planAllAgain = async (
  connection: Connection,
  plans: Turn[],
  { wait, onProgress }: WriteOptions,
  signal?: AbortSignal,
): Promise<Turn[]> => {
  await waitForDeploys(connection, wait, (status) => onProgress?.(status), signal);
  const stored = await readApps(
    connection,
    plans.map(({ app }) => app),
    undefined,
    { grants: plans.some(({ stored: before }) => before?.grants) },
  );
  return plans.map((planned) => planAgain(planned, stored.get(planned.app)));
};

const readBack = async (connection: Connection, sent: Sent<Plan>, options: WriteOptions): Promise<Written[]> => {
  const { all, deployId, completed, forgetGrants } = sent;
  const plans = all.map(({ plan }) => plan);
  const also = {
    grants: plans.some((planned) => planned.stored?.grants?.length && sendsPolicies(planned)),
    until: completed,
  };
  const names = plans.map(({ app }) => app);
  const after = await readApps(connection, names, namesAfter(all), also).catch((error: unknown) => {
    throw error instanceof SfError ? notReadBack(error as SfError, plans, deployId) : error;
  });
  const notes = notesOf(sent, after);
  await writeCertificateNotes(connection, notes);
  const putBack = await putBackWhatIsLost(connection, plans, after);
  await forgetGrants?.();
  return plans.map((plan) => {
    const { app } = plan;
    const read = after.get(app);
    const now = read && notes.has(read.id) ? withNote(read, notes.get(read.id)) : read;
    if (isDeletion(plan)) {
      if (now) throw new Error(`The org took the deletion of ${app} (deploy ${deployId ?? 'none'}) and still has it.`);
      return { plan: plan.source, result: resultOf(plan, plan.stored, options, deployId) };
    }
    // An app that was to be absent and was.
    if (!now && !isDone(plan)) {
      throw new Error(`The org took ${app} (deploy ${deployId ?? 'none'}) and does not have it.`);
    }
    return { plan: plan.source, result: resultOf(plan, now, options, deployId, putBack.get(app)) };
  });
};

/**
 * What to remember of the certificates that were sent, or left out. Settings that were changed after the deploy was done were
 * changed by somebody else: of these nothing is known.
 */
const notesOf = ({ all, completed }: Sent, after: ByName<StoredApp>): Map<string, CertificateNote | undefined> => {
  const notes = new Map<string, CertificateNote | undefined>();
  for (const { plan, components } of all) {
    const { stored, app } = plan;
    if (stored && isDeletion(plan)) notes.set(stored.id, undefined);
    const sent = components.globalOauthSettings;
    const now = after.get(app);
    const lastModified = now?.components.globalOauthSettings?.lastModified;
    if (!sent || !now) continue;
    const certificate = textOf(sent.elements, 'certificate');
    const given = certificate ? parseReturned(certificate) : undefined;
    const fingerprint = certificate ? given?.fingerprint : null;
    const isKnown = fingerprint !== undefined && lastModified && completed && lastModified <= completed;
    const note = isKnown ? { fingerprint, lastModified, ...(given && { validity: given.validity }) } : undefined;
    notes.set(now.id, note);
  }
  return notes;
};

/** What the apps' components are most likely called when the plans are carried out; undefined where no app is left. */
const namesAfter = (all: Sent['all']): Names | undefined => {
  const left = all.filter(({ plan }) => !isDeletion(plan));
  if (left.length === 0) return undefined;
  const likely = left.map(({ plan, components }) =>
    likelyNames(plan.app, { ...plan.stored?.components, ...components }),
  );
  return Object.fromEntries(
    partNames.map((part) => [part, [...new Set(likely.flatMap((names) => names[part] ?? []))]]),
  );
};

const notReadBack = ({ message, actions }: SfError, plans: Plan[], deployId?: string): SfError => {
  const subject = subjectOf(plans.filter((planned) => !isDone(planned)));
  const error = deployId
    ? messages.createError('error.notReadBack', [subject, deployId, message.split('\n')], [], EXIT_CODE_FOR.unfinished)
    : messages.createError('error.updateNotReadBack', [subject, message.split('\n')], [], EXIT_CODE_FOR.unfinished);
  error.actions = [...(error.actions ?? []), ...(actions ?? [])];
  return deployId ? error.setData({ deployId }) : error;
};
