/** A span of time in milliseconds since 1970: from the first on, up to but without the last. */
export type TimeWindow = { from: number; to: number };

/** Rows that one answer with groups has at most (SOQL guide, "Considerations When Using GROUP BY"): it has no second page. */
export const GROUPS_MAX = 2000;

/** Milliseconds of the shortest window. */
const SHORTEST = 60_000;

/** Requests for all windows of one question: a day's share of an org is 15,000 or more for everybody. */
const REQUESTS_MAX = 400;

/** What all windows gave, and the windows that were not seen whole, or not read at all. */
export type WindowedRows<Row> = { rows: Row[]; full: TimeWindow[]; unread: TimeWindow[] };

/** Below this part of a full answer, the next window is twice as long. */
const SPARSE = GROUPS_MAX / 3;

/**
 * Reads groups by time windows, one after the other. A window whose answer is full is halved, because the org does not say
 * what it left out. The next windows are as long as the last one that was seen whole.
 *
 * @param read the groups of one window, with a limit of GROUPS_MAX
 */
export const readByWindows = async <Row>(
  whole: TimeWindow,
  read: (window: TimeWindow) => Promise<Row[]>,
): Promise<WindowedRows<Row>> => {
  const result: WindowedRows<Row> = { rows: [], full: [], unread: [] };
  let length = whole.to - whole.from;
  let { from } = whole;
  for (let requests = 0; from < whole.to; requests++) {
    if (requests === REQUESTS_MAX) {
      result.unread.push({ from, to: whole.to });
      return result;
    }
    const window = { from, to: Math.min(whole.to, from + length) };
    const rows = await read(window);
    length = window.to - window.from;
    const isFull = rows.length >= GROUPS_MAX;
    if (isFull && length > SHORTEST) {
      length = Math.max(SHORTEST, Math.ceil(length / 2000) * 1000);
      continue;
    }
    if (isFull) result.full.push(window);
    for (const row of rows) result.rows.push(row);
    from = window.to;
    if (rows.length < SPARSE) length *= 2;
  }
  return result;
};

/** Windows that lie side by side, as one. Windows come in the order of time. */
export const joined = (windows: TimeWindow[]): TimeWindow[] =>
  [...windows]
    .sort((a, b) => a.from - b.from)
    .reduce<TimeWindow[]>((all, window) => {
      const last = all.at(-1);
      if (last?.to === window.from) last.to = window.to;
      else all.push({ ...window });
      return all;
    }, []);

/** A time as SOQL has it, to the second. */
export const timeInSoql = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
