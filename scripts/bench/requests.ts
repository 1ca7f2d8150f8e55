/** A request as the practice org's log has it: `at` is when it was answered. */
export type LoggedRequest = { at: string; method: string; path: string; durationMs: number; summary?: string };

export type Requests = {
  count: number;
  /** How many of them had to wait for one another: what a slow network multiplies. */
  trips: number;
};

/** Milliseconds by which the log may be off. */
const TOLERANCE = 10;

/**
 * Counts requests and, of those, the longest row in which each began when the one before it was done. Only an org with a latency
 * far above `tolerance` tells the two apart.
 */
export const countRequests = (log: LoggedRequest[]): Requests => {
  const spans = log
    .map(({ at, durationMs }) => ({ begun: Date.parse(at) - durationMs, done: Date.parse(at) }))
    .toSorted((a, b) => a.done - b.done);
  const rows: Array<{ done: number; length: number }> = [];
  for (const { begun, done } of spans) {
    const before = rows.filter((row) => row.done <= begun + TOLERANCE).map(({ length }) => length);
    rows.push({ done, length: 1 + Math.max(0, ...before) });
  }
  return { count: log.length, trips: Math.max(0, ...rows.map(({ length }) => length)) };
};

/** Has a practice org forget what it was asked. */
export const forgetRequests = async (instanceUrl: string): Promise<void> => {
  await fetch(`${instanceUrl}/__practice/requests`, { method: 'DELETE' });
};

export const requestsOf = async (instanceUrl: string): Promise<LoggedRequest[]> => {
  const answer = await fetch(`${instanceUrl}/__practice/requests`);
  return (await answer.json()) as LoggedRequest[];
};
