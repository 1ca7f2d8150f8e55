import type { Connection } from '@salesforce/core';
import { apiCodeOf, askOrg } from './orgError.ts';
import { readPages } from './pages.ts';

/**
 * All rows of a SOQL query, page by page.
 *
 * @param operation what is being done, for messages, such as `operation('readingPermissions')`
 * @param ifRefused rows to take instead when the org refuses with an API error code, such as `{ INVALID_TYPE: [] }` where not
 *   to know an object is the same as to have none
 * @throws what orgSaidNo names, also for an answer that is no query result: a proxy's page comes with status 200, too; and what
 *   readPages refuses
 */
export const query = async <Row extends object>(
  connection: Connection,
  operation: string,
  statement: string,
  ifRefused: Record<string, Row[]> = {},
): Promise<Row[]> =>
  askOrg(connection, operation, async () => {
    // Not connection.query, which trips over an answer that is no query result before anyone can look at it.
    try {
      return await readPages(connection, `/query?q=${encodeURIComponent(statement)}`, (answer) => {
        if (!isResult<Row>(answer)) throw new Error(String(answer));
        return { entries: answer.records, next: answer.nextRecordsUrl };
      });
    } catch (error) {
      const code = apiCodeOf(error);
      if (Object.hasOwn(ifRefused, code)) return ifRefused[code] ?? [];
      throw error;
    }
  });

const isResult = <Row>(answer: unknown): answer is { records: Row[]; nextRecordsUrl?: string } =>
  typeof answer === 'object' && answer !== null && 'records' in answer && Array.isArray(answer.records);
