import { setTimeout as pause } from 'node:timers/promises';

import type { Flow } from '../app/app.ts';
import type { AppFacts } from '../app/checks.ts';
import { explain, type Refusal } from '../app/explanations.ts';
import { say, type Text } from '../app/text.ts';
import { retry } from '../net/retry.ts';
import { RefusedError } from './salesforceOauth.ts';

/** How to wait until all of Salesforce's servers know a new or changed app. */
export type Propagation = {
  /** Milliseconds; undefined: 10 minutes when the app changed within the last 30 minutes, else 30 seconds. */
  waitMs?: number;
  /** Since when the waiting counts, so that several requests share it; undefined: for each from its own beginning. */
  since?: number;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** Was the app just given another certificate? Then an assertion with its key may be refused for a while. */
  newCertificate?: boolean;
  /** Called before each pause, with the reason, and how long it will be. */
  onWait: (why: Text, pauseMs: number) => void;
};

export const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => pause(ms, undefined, { signal });

const MINUTE = 60_000;
/** Salesforce Help: a changed app takes effect within 15 minutes; up to 30 were reported. */
const spreading = 30 * MINUTE;
/** Milliseconds between two tries of a long wait. */
export const LONGEST_PAUSE = 30_000;

/** How an org may refuse an assertion by a key whose certificate not all of its servers know yet. */
const CERTIFICATE_UNKNOWN = new Set([
  'assertionWrong',
  'certificateWrong',
  'secretWrong',
  'secretRefused',
  'appNotInOrg',
]);

const changedLately = ({ changedAt }: AppFacts, now: number): boolean =>
  changedAt !== undefined && now - changedAt.getTime() < spreading;

/** Is the last change known, and so old that every server knows it? */
export const isSettled = (facts: AppFacts, now: number): boolean =>
  facts.changedAt !== undefined && !changedLately(facts, now);

/** Could this refusal go away by itself, going by what is known of the app? */
const mayPass = (refusal: Refusal, flow: Flow | undefined, facts: AppFacts, now: number): boolean => {
  const { id, mayPass: can } = explain(refusal, flow, facts);
  if (!can) return false;
  // A client does not know when the app was changed. Whoever has it wait does.
  if (facts.fileOnly !== undefined) return true;
  // The org itself named the key. One that is not the org's is wrong, however long one waits; a secret from a file may well be.
  if (id === 'keyNotSpread' || id === 'keyRefused') return true;
  if (id === 'keyUnknown' || id === 'secretWrong') return false;
  // A callback URL that the app does not have will not come.
  if (id === 'redirectMismatch' && !isOneOfTheApps(facts)) return false;
  return changedLately(facts, now);
};

/** The time is over, and the org still does not know an app that is new or was just changed. It may know it yet. */
export class StillUnknownError extends RefusedError {}

/** A refusal after the wait, or without one. The app did not change lately, so every server knows it. */
export class SettledError extends RefusedError {}

/** The causes of an org that does not know an app or its key pair, though it named them itself. */
const UNKNOWN_YET = new Set(['keyNotSpread', 'secretNotSpread', 'appNotInOrg']);

const isUnknownYet = (refusal: Refusal, flow: Flow | undefined, facts: AppFacts, now: number): boolean =>
  changedLately(facts, now) &&
  facts.orgConsumerKey !== undefined &&
  facts.consumerKey === facts.orgConsumerKey &&
  UNKNOWN_YET.has(explain(refusal, flow, facts).id);

const isOneOfTheApps = ({ app, client }: AppFacts): boolean =>
  client?.callbackUrl === undefined || app.oauth?.callbackUrls?.includes(client.callbackUrl) === true;

/** Milliseconds. A client can't tell a new app from a wrong key, so it waits only when it is told to. */
const usualWait = (facts: AppFacts, now: number): number => {
  if (facts.fileOnly !== undefined) return 0;
  return changedLately(facts, now) ? 10 * MINUTE : 30_000;
};

/** Seconds, or minutes and seconds, to be read while waiting. */
const inWords = (ms: number): string => {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min${seconds % 60 ? ` ${seconds % 60} s` : ''}`;
};

/** Why it waits. Either the app is new or changed, or the org itself named the key. */
const reason = (refusal: Refusal, { changedAt, fileOnly }: AppFacts, now: number, left: number): Text => {
  if (fileOnly !== undefined) return say('waiting.asked', refusal.error, inWords(left));
  return changedAt !== undefined && now - changedAt.getTime() < spreading
    ? say('waiting.changed', refusal.error, inWords(Math.max(0, now - changedAt.getTime())), inWords(left))
    : say('waiting', refusal.error, inWords(left));
};

/**
 * Tries with growing pauses, as long as the answer may be due to a change that has not spread yet.
 *
 * @throws RefusedError, the last one, when the time is over: a StillUnknownError, where it may be known yet
 */
export const waitForPropagation = <T>(
  propagation: Propagation,
  facts: AppFacts,
  flow: Flow | undefined,
  attempt: () => Promise<T>,
): Promise<T> => {
  const start = propagation.since ?? propagation.now();
  const begun = propagation.now();
  const limit = propagation.waitMs ?? usualWait(facts, start);
  let next = 1_000;
  const canPass = (refusal: Refusal): boolean =>
    (propagation.newCertificate === true && CERTIFICATE_UNKNOWN.has(explain(refusal, flow, facts).id)) ||
    mayPass(refusal, flow, facts, propagation.now());
  return retry(attempt, {
    pauseAfter: (tried) => {
      if (!('error' in tried) || !(tried.error instanceof RefusedError)) return undefined;
      const { refusal } = tried.error;
      const left = start + limit - propagation.now();
      if (left <= 0 || !canPass(refusal)) return undefined;
      const pauseMs = Math.min(next, left);
      const why = reason(refusal, facts, propagation.now(), left);
      // The first pause is no news of a wait. Whoever watches the later ones wants to know how long it has been.
      propagation.onWait(next > 1_000 ? say('waiting.still', why, inWords(propagation.now() - begun)) : why, pauseMs);
      next = Math.min(next * 2, LONGEST_PAUSE);
      return pauseMs;
    },
    sleep: propagation.sleep,
  }).catch((error: unknown) => {
    if (!(error instanceof RefusedError)) throw error;
    const { refusal } = error;
    const now = propagation.now();
    if (isSettled(facts, now)) throw new SettledError(refusal);
    throw mayPass(refusal, flow, facts, now) && isUnknownYet(refusal, flow, facts, now)
      ? new StillUnknownError(refusal)
      : error;
  });
};
