import type { Connection } from '@salesforce/core';
import { SfError } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { giveUp, resend } from './resend.ts';
import { NoAnswerError } from './exchange.ts';
import { foreignHost, insecureInstance, isDown, installTransport } from './transport.ts';

const messages = texts('org');

/** Network trouble by Node's code, where Salesforce's library meets it before a request is sent. */
const unreachable = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'ETIMEDOUT']);

/** API error codes (with SOAP's prefix taken off) that have a message and a next step of their own. */
const known = {
  INVALID_SESSION_ID: 'error.sessionInvalid',
  INVALID_AUTH_HEADER: 'error.sessionInvalid',
  ERROR_HTTP_401: 'error.sessionInvalid',
  REQUEST_LIMIT_EXCEEDED: 'error.requestLimit',
  INSUFFICIENT_ACCESS: 'error.insufficientAccess',
  INSUFFICIENT_ACCESS_OR_READONLY: 'error.insufficientAccess',
  API_DISABLED_FOR_ORG: 'error.apiDisabled',
  API_CURRENTLY_DISABLED: 'error.apiDisabled',
  UNABLE_TO_LOCK_ROW: 'error.recordLocked',
  [insecureInstance]: 'error.insecureInstance',
  [foreignHost]: 'error.foreignHost',
} as const;

/** The org's own trouble, which may be over in a moment. */
const busy = /^(UNKNOWN_EXCEPTION|SERVER_UNAVAILABLE|QUERY_TIMEOUT|ERROR_HTTP_(420|429|5\d\d))$/;

/**
 * Names once, and for good, what went wrong while the org was asked: the API's own message is kept, its answer is dropped
 * (an answer may hold a secret, and `--json` prints causes with all their properties).
 *
 * @param error what a Connection threw
 * @param operation what was being done, such as `operation('readingPermissions')`
 */
export const orgError = (error: unknown, operation: string): SfError => {
  // Already named, here or by a caller further down: keep it.
  if (error instanceof SfError && error.actions) return error as SfError;
  const { code, message } = details(error);
  if (code === 'ANSWER_TOO_LARGE') return messages.createErrorOf('error.answerTooLarge', [operation]);
  if (code === 'ANSWER_TOO_SLOW') return messages.createErrorOf('error.answerTooSlow', [operation]);
  if (code === 'ORG_SILENT') return messages.createErrorOf('error.orgSilent', [operation]);
  if (error instanceof NoAnswerError || unreachable.has(code))
    return messages.createErrorOf('error.orgUnreachable', [operation, code]);
  if (isHtml(message)) return messages.createErrorOf('error.orgAnsweredHtml', [operation, code]);
  if (/JWT-based access tokens/.test(message)) return messages.createErrorOf('error.jwtLogin', []);
  if (couldNotRefresh(error)) return messages.createErrorOf('error.loginOutOfReach', [operation]);
  if (/^Unable to refresh session/.test(message))
    return messages.createErrorOf('error.sessionInvalid', [operation, oneLine(message)]);
  if (code === 'REQUEST_LIMIT_EXCEEDED' && /concurrent/i.test(message)) {
    return messages.createErrorOf('error.concurrentLimit', [operation, oneLine(message)]);
  }
  if (busy.test(code)) return messages.createErrorOf('error.orgBusy', [operation, code, oneLine(message)]);
  const key = known[code as keyof typeof known];
  if (key) return messages.createErrorOf(key, [operation, oneLine(message)]);
  return messages.createErrorOf('error.orgSaidNo', [operation, code, oneLine(message)]);
};

/** Runs one request of the org so that it survives bad weather (see `steady`), and names what goes wrong. */
export const askOrg = async <T>(
  connection: Connection,
  operation: string,
  request: () => PromiseLike<T>,
): Promise<T> => {
  installTransport(connection);
  try {
    return await resend(async () => request(), couldNotRefresh);
  } catch (error) {
    const refusal = orgError(error, operation);
    if (isDown(connection)) giveUp(refusal);
    throw refusal;
  }
};

/** What an org answers about objects and fields that it does not have, or does not show to this user. */
const unseen = /^(INVALID_TYPE|INVALID_FIELD|INSUFFICIENT_ACCESS\w*|NOT_FOUND|FUNCTIONALITY_NOT_ENABLED)$/;

/** As asking, where what this user may not see, or the org does not know, is undefined. */
export const askOrgIfSeen = async <T>(
  connection: Connection,
  operation: string,
  request: () => PromiseLike<T>,
): Promise<T | undefined> =>
  askOrg(connection, operation, async () => {
    try {
      return await request();
    } catch (error) {
      if (unseen.test(details(error).code)) return undefined;
      throw error;
    }
  });

/**
 * Was the session over, and the endpoint for a new one out of reach? It is asked by a part of Salesforce's library that does not
 * go by the connection's wire. The request itself was refused for the session, so nothing came of it.
 */
const couldNotRefresh = (error: unknown): boolean =>
  error instanceof Error &&
  (/^Unable to refresh session/.test(error.message) || error.name === 'JwtAuthError') &&
  /fetch failed|<html|<!doctype|ERROR_HTTP_(420|429|5\d\d)|server_error|temporarily_unavailable/i.test(error.message);

const details = (error: unknown): { code: string; message: string } => {
  if (!(error instanceof Error)) return { code: 'UNKNOWN', message: String(error) };
  const deepest = error.cause instanceof Error && 'code' in error.cause ? error.cause : error;
  const { errorCode, code } = deepest as { errorCode?: unknown; code?: unknown };
  const raw = [errorCode, code, error.name].find((candidate) => typeof candidate === 'string');
  return { code: String(raw).replace(/^sf:/, ''), message: error.message };
};

/** A web page as it came, or in the words of jsforce, which keeps the page in `data`. */
const isHtml = (message: string): boolean => /^\s*<(!doctype )?html|HTTP response contains html content/i.test(message);

/** Answers can be pages long; a message is a line. */
const oneLine = (message: string): string => {
  const line = message.replace(/\s+/g, ' ').trim();
  return line.length > 500 ? `${line.slice(0, 500)}...` : line;
};
