import type { Connection } from '@salesforce/core';

import { isSameMyDomain } from '../../app/host.ts';
import { exchange, type Limits, type Way } from '../../net/exchange.ts';

/** What sends the requests of a Connection. */
export type Transport = Connection['_transport'];
export type Request = Parameters<Transport['httpRequest']>[0];
export type Answer = Awaited<ReturnType<Transport['httpRequest']>>;

/** Milliseconds in which an answer must begin, and in which it must go on. Salesforce itself ends queries after two minutes. */
const LONGEST_SILENCE = 120_000;

/** An upload takes its time as well: no line is slower than so many bytes in a millisecond. */
const SLOWEST_UPLOAD = 20;

/** Bytes of an answer, unpacked. What a retrieve gives of a thousand apps has about five million. */
const LARGEST_ANSWER = 50_000_000;

/** Milliseconds in which an answer must be there as a whole, after its upload. */
const LONGEST_ANSWER = 600_000;

const limitsFor = (body: string | Buffer | undefined): Limits => {
  const upload = body ? Buffer.byteLength(body) / SLOWEST_UPLOAD : 0;
  return {
    bytes: LARGEST_ANSWER,
    whole: { ms: LONGEST_ANSWER + upload, code: 'ANSWER_TOO_SLOW' },
    silence: { ms: LONGEST_SILENCE + upload, code: 'ORG_SILENT' },
  };
};

/**
 * One request of an org and its whole answer. An org that has moved says where it is now.
 *
 * @throws NoAnswerError, with the codes ORG_SILENT, ANSWER_TOO_SLOW and ANSWER_TOO_LARGE besides the network's. An error with an
 *   `errorCode` for a redirection that is not followed.
 */
export const exchangeWithOrg = async (request: Request, way: Way, moves = 0): Promise<Answer> => {
  const { method, url, headers } = request;
  // Salesforce's library has made a whole of what it sends.
  const sent = (request.body ?? undefined) as string | Buffer | undefined;
  const {
    status,
    headers: told,
    body = '',
  } = await exchange({ method, url, headers, body: sent }, way, limitsFor(sent));
  const answer = { statusCode: status, headers: Object.fromEntries(told), body: body.toString() };
  const { location } = answer.headers;
  if (status < 301 || status > 308 || !location) return answer;
  const next = new URL(location, url);
  // The session goes along, so only to another host of the same org.
  if (method !== 'GET' || moves > 3 || !isSameMyDomain(url, next)) {
    throw Object.assign(new Error(`It answers from ${next.origin} instead.`), { errorCode: `ERROR_HTTP_${status}` });
  }
  return exchangeWithOrg({ ...request, url: next.href }, way, moves + 1);
};
