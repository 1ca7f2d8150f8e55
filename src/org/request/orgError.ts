import type { Connection } from '@salesforce/core';

import { type ErrorNature, ofNature } from '../../app/errorNature.ts';
import { isForeign } from '../../app/foreignError.ts';
import { NoAnswerError } from '../../net/noAnswer.ts';
import { SfError } from '../../salesforce.ts';
import { type ErrorValues, texts } from '../../texts.ts';
import { giveUp, resend } from './resend.ts';
import { FOREIGN_HOST, INSECURE_INSTANCE, installTransport, isDown } from './transport.ts';

const messages = texts('org');

/** Network errors by Node's code, when Salesforce's library meets them before a request is sent. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'ETIMEDOUT']);

/** What the errors that are named here mean to whoever catches them. */
const NATURES = {
  'error.answerTooLarge': {},
  'error.answerTooSlow': {},
  'error.apiDisabled': { refused: true },
  'error.concurrentLimit': {},
  'error.foreignHost': {},
  'error.insecureInstance': {},
  'error.insufficientAccess': { refused: true, keptBack: true },
  'error.jwtLogin': {},
  'error.loginOutOfReach': {},
  'error.orgAnsweredHtml': { passing: true },
  'error.orgBusy': { passing: true },
  'error.orgSaidNo': { keptBack: true },
  'error.orgSilent': { passing: true },
  'error.orgUnreachable': { passing: true },
  'error.portBlocked': {},
  'error.recordLocked': { passing: true },
  'error.requestLimit': {},
  'error.sessionInvalid': { refused: true },
} as const satisfies Record<`error.${string}`, ErrorNature>;

/** API error codes (with SOAP's prefix taken off) that have a message and a next step of their own. */
const KNOWN = {
  INVALID_SESSION_ID: 'error.sessionInvalid',
  INVALID_AUTH_HEADER: 'error.sessionInvalid',
  ERROR_HTTP_401: 'error.sessionInvalid',
  REQUEST_LIMIT_EXCEEDED: 'error.requestLimit',
  INSUFFICIENT_ACCESS: 'error.insufficientAccess',
  INSUFFICIENT_ACCESS_OR_READONLY: 'error.insufficientAccess',
  API_DISABLED_FOR_ORG: 'error.apiDisabled',
  API_CURRENTLY_DISABLED: 'error.apiDisabled',
  UNABLE_TO_LOCK_ROW: 'error.recordLocked',
  [INSECURE_INSTANCE]: 'error.insecureInstance',
  [FOREIGN_HOST]: 'error.foreignHost',
} as const;

/** What the request names was there, and is not any more (SOAP API Developer Guide, ExceptionCode). */
const GONE = new Set(['INVALID_CROSS_REFERENCE_KEY', 'ENTITY_IS_DELETED']);

/** Errors inside the org, which may end in a moment. */
const BUSY = /^(UNKNOWN_EXCEPTION|SERVER_UNAVAILABLE|QUERY_TIMEOUT|ERROR_HTTP_(420|429|5\d\d))$/;

/**
 * Names the error of a request to the org, once and finally. The API's own message is kept and the answer is dropped.
 * An answer may hold a secret, and `--json` prints causes with all their properties.
 *
 * @param error the error from a Connection
 * @param operation the operation's name, such as `operation('readingPermissions')`
 */
export const orgError = (error: unknown, operation: string): SfError => {
  // Already named, here or in an inner function: keep the error.
  if (error instanceof SfError && error.actions) return error as SfError;
  const { code, message } = details(error);
  if (code === 'ANSWER_TOO_LARGE') return named('error.answerTooLarge', [operation]);
  if (code === 'ANSWER_TOO_SLOW') return named('error.answerTooSlow', [operation]);
  if (code === 'ORG_SILENT') return named('error.orgSilent', [operation]);
  if (code === 'PORT_BLOCKED') return named('error.portBlocked', [operation]);
  if (error instanceof NoAnswerError || UNREACHABLE.has(code)) return named('error.orgUnreachable', [operation, code]);
  if (isHtml(message)) return named('error.orgAnsweredHtml', [operation, code]);
  if (/JWT-based access tokens/.test(message)) return named('error.jwtLogin', []);
  if (couldNotRefresh(error)) return named('error.loginOutOfReach', [operation]);
  if (/^Unable to refresh session/.test(message)) return named('error.sessionInvalid', [operation, oneLine(message)]);
  if (code === 'REQUEST_LIMIT_EXCEEDED' && /concurrent/i.test(message)) {
    return named('error.concurrentLimit', [operation, oneLine(message)]);
  }
  if (BUSY.test(code)) return named('error.orgBusy', [operation, code, oneLine(message)]);
  const key = KNOWN[code as keyof typeof KNOWN];
  if (key) return named(key, [operation, oneLine(message)]);
  const refusal = named('error.orgSaidNo', [operation, code, oneLine(message)]);
  return GONE.has(code) ? ofNature({ ...NATURES['error.orgSaidNo'], absent: true }, refusal) : refusal;
};

/** Runs one request of the org so that it survives temporary faults (see `steady`), and names the errors. */
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

/** Error codes for objects and fields that the org does not have, or does not show to this user. */
const UNSEEN = /^(INVALID_TYPE|INVALID_FIELD|INSUFFICIENT_ACCESS\w*|NOT_FOUND|FUNCTIONALITY_NOT_ENABLED)$/;

/** Works like asking. The result is undefined for data that this user may not see, or that the org does not know. */
export const askOrgIfSeen = async <T>(
  connection: Connection,
  operation: string,
  request: () => PromiseLike<T>,
): Promise<T | undefined> =>
  askOrg(connection, operation, async () => {
    try {
      return await request();
    } catch (error) {
      if (UNSEEN.test(apiCodeOf(error))) return undefined;
      throw error;
    }
  });

/**
 * Had the session expired while the endpoint for a new session was out of reach? A part of Salesforce's library sends
 * this request without the connection's transport. The org refused the request itself because of the session, so the
 * request had no effect.
 */
const couldNotRefresh = (error: unknown): boolean =>
  error instanceof Error &&
  (/^Unable to refresh session/.test(error.message) || isForeign(error, 'JwtAuthError')) &&
  /fetch failed|<html|<!doctype|ERROR_HTTP_(420|429|5\d\d)|server_error|temporarily_unavailable/i.test(error.message);

/**
 * The code by which the API refused, without SOAP's prefix, such as `INVALID_TYPE`. For other errors, Node's code or the error's
 * name.
 */
export const apiCodeOf = (error: unknown): string => details(error).code;

const named = <Key extends keyof typeof NATURES>(key: Key, values: ErrorValues<'org', Key>): SfError =>
  ofNature(NATURES[key], messages.createErrorOf(key, values));

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
