import type { Connection } from '@salesforce/core';
import { NoAnswerError } from '../../net/noAnswer.ts';
import { apiCodeOf, askOrg } from './orgError.ts';

/** More than any query of this plugin has in an org; a query whose pages have no end, or no rows, ends here. */
const rowsMax = 200_000;
const pagesMax = 1000;

/**
 * All rows of a SOQL query, page by page.
 *
 * @param operation what is being done, for messages, such as `operation('readingPermissions')`
 * @param ifRefused rows to take instead when the org refuses with an API error code, such as `{ INVALID_TYPE: [] }` where not
 *   to know an object is the same as to have none
 * @throws what orgSaidNo names, also for an answer that is no query result: a proxy's page comes with status 200, too. So is
 *   one whose next page is on another host, or was there before
 */
export const query = async <Row extends object>(
  connection: Connection,
  operation: string,
  statement: string,
  ifRefused: Record<string, Row[]> = {},
): Promise<Row[]> =>
  askOrg(connection, operation, async () => {
    // Not connection.query, which trips over an answer that is no query result before anyone can look at it.
    const rows: Row[] = [];
    const pages = new Set<string>();
    let page: string | undefined = `/query?q=${encodeURIComponent(statement)}`;
    try {
      while (page) {
        const answer: unknown = await connection.request<unknown>(page);
        if (!isResult<Row>(answer)) throw new Error(String(answer));
        // One by one: a call takes no more than some ten thousand arguments.
        for (const row of answer.records) rows.push(row);
        if (rows.length > rowsMax || pages.size >= pagesMax)
          throw new NoAnswerError(new URL(connection.instanceUrl).host, 'ANSWER_TOO_LARGE');
        pages.add(page);
        page = answer.nextRecordsUrl;
        // A login goes to no other host, and a query has an end.
        if (page !== undefined && (!page.startsWith('/services/data/') || pages.has(page))) {
          throw new Error(`No further page of a query: ${page}`);
        }
      }
    } catch (error) {
      const code = apiCodeOf(error);
      if (Object.hasOwn(ifRefused, code)) return ifRefused[code] ?? [];
      throw error;
    }
    return rows;
  });

const isResult = <Row>(answer: unknown): answer is { records: Row[]; nextRecordsUrl?: string } =>
  typeof answer === 'object' && answer !== null && 'records' in answer && Array.isArray(answer.records);
