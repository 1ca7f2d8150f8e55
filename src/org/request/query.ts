import type { Connection } from '@salesforce/core';

import { apiCodeOf, askOrg } from './orgError.ts';
import { readPages } from './pages.ts';

/**
 * All rows of a SOQL query, page by page.
 *
 * @param operation the operation's name, for messages, such as `operation('readingPermissions')`
 * @param ifRefused rows to return when the org refuses with an API error code. An example is `{ INVALID_TYPE: [] }`,
 *   when an unknown object means the same as no rows
 * @throws what orgSaidNo names, also for an answer that is no query result, such as a proxy's page with status 200.
 *   Also what readPages refuses
 */
export const query = async <Row extends object>(
  connection: Connection,
  operation: string,
  statement: string,
  ifRefused: Record<string, Row[]> = {},
): Promise<Row[]> =>
  askOrg(connection, operation, async () => {
    // Not connection.query, which fails on an answer that is no query result before anyone can check the answer.
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
