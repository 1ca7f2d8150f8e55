import { setTimeout as pause } from 'node:timers/promises';
import type { Flow } from '../app/app.ts';
import type { Saying, Situation } from '../app/checks.ts';
import { say } from '../app/checks.ts';
import type { Refusal } from '../app/explanations.ts';
import { explain } from '../app/explanations.ts';
import { RefusedError } from './salesforceOauth.ts';

/** How to wait until all of Salesforce's servers know a new or changed app. */
export type Patience = {
  /** Milliseconds; undefined: 10 minutes when the app changed within the last 30 minutes, else 30 seconds. */
  waitMs?: number;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** Called before each pause, with the reason, and how long it will be. */
  onWait: (why: Saying, pauseMs: number) => void;
};

export const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => pause(ms, undefined, { signal });

const minute = 60_000;
/** Salesforce Help: a changed app takes effect within 15 minutes; up to 30 were reported. */
const spreading = 30 * minute;
const longestPause = 30_000;

const changedLately = ({ changedAt }: Situation, now: number): boolean =>
  changedAt !== undefined && now - changedAt.getTime() < spreading;

/** Could this refusal go away by itself, going by what is known of the app? */
const mayPass = (refusal: Refusal, flow: Flow | undefined, situation: Situation, now: number): boolean => {
  const { id, mayPass: can } = explain(refusal, flow, situation);
  if (!can) return false;
  // A key that is not the org's own is wrong, however long one waits; a secret from a file may well be.
  if (id === 'keyUnknown') return situation.consumerKey === situation.orgConsumerKey;
  if (id === 'secretWrong' && situation.secret.from !== 'org') return false;
  return changedLately(situation, now);
};

/**
 * Tries until the org no longer gives an answer that may be due to a change it has not spread yet, with growing pauses.
 *
 * @throws RefusedError, the last one, when the time is over
 */
export const patiently = async <T>(
  patience: Patience,
  situation: Situation,
  flow: Flow | undefined,
  attempt: () => Promise<T>,
): Promise<T> => {
  const start = patience.now();
  const limit = patience.waitMs ?? (changedLately(situation, start) ? 10 * minute : 30_000);
  for (let next = 1_000; ; next = Math.min(next * 2, longestPause)) {
    try {
      return await attempt();
    } catch (error) {
      const left = start + limit - patience.now();
      if (!(error instanceof RefusedError) || left <= 0) throw error;
      if (!mayPass(error.refusal, flow, situation, patience.now())) throw error;
      const pauseMs = Math.min(next, left);
      patience.onWait(say('waiting', error.refusal.error, String(Math.ceil(left / 1000))), pauseMs);
      await patience.sleep(pauseMs);
    }
  }
};
