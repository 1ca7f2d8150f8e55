import type { Connection } from '@salesforce/core';

import { NoAnswerError } from '../../net/noAnswer.ts';

/**
 * More entries than any list of this plugin has in an org. A list with endless pages, or with endless empty pages, ends
 * here.
 */
const ENTRIES_MAX = 200_000;
const PAGES_MAX = 1000;

/** Milliseconds for all pages of a list, as for one answer. */
const LONGEST_LIST = 600_000;

/** One page: its entries, and the path of the next page. */
type Page<Entry> = { entries: Entry[]; next?: string | null };

/**
 * All entries of a list that an org returns in pages.
 *
 * @param first path of the first page
 * @param toPage reads one answer; throws for an answer that is no such page
 * @throws NoAnswerError for a list that is too long or takes too long. An error for a next page that was there before, or that is
 *   on another host. All that the connection throws.
 */
export const readPages = async <Entry>(
  connection: Connection,
  first: string,
  toPage: (answer: unknown) => Page<Entry>,
): Promise<Entry[]> => {
  const all: Entry[] = [];
  const seen = new Set<string>();
  const end = Date.now() + LONGEST_LIST;
  for (let path = first; ;) {
    const { entries, next } = toPage(await connection.request<unknown>(path));
    // One by one: a call accepts no more than some ten thousand arguments.
    for (const entry of entries) all.push(entry);
    seen.add(path);
    if (!next) return all;
    if (all.length > ENTRIES_MAX || seen.size >= PAGES_MAX)
      throw new NoAnswerError(new URL(connection.instanceUrl).host, 'ANSWER_TOO_LARGE');
    if (Date.now() > end) throw new NoAnswerError(new URL(connection.instanceUrl).host, 'ANSWER_TOO_SLOW');
    // A login goes to no other host, and a list has an end.
    if (!next.startsWith('/services/data/') || seen.has(next)) throw new Error(`No further page of a list: ${next}`);
    path = next;
  }
};
