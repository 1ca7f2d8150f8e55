import { plainText } from '../app/plainText.ts';
import { Messages, SfError } from '../salesforce.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'org');

/** Network trouble by Node's or undici's code: the org did not answer at all. */
const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
]);

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
} as const;

/**
 * Names once, and for good, what went wrong while the org was asked: the API's own message is kept, its answer is dropped
 * (an answer may hold a secret, and `--json` prints causes with all their properties).
 *
 * @param error what a Connection threw
 * @param doing what was being done, such as `doing('readingPermissions')`
 */
export const orgSaidNo = (error: unknown, doing: string): SfError => {
  // Already named, here or by a caller further down: keep it.
  if (error instanceof SfError && error.actions) return error as SfError;
  const { code, message } = details(error);
  if (unreachable.has(code)) return named('error.orgUnreachable', [doing, code]);
  if (isHtml(message)) return named('error.orgAnsweredHtml', [doing, code]);
  if (/JWT-based access tokens/.test(message)) return named('error.jwtLogin', []);
  if (/^Unable to refresh session/.test(message)) return named('error.sessionInvalid', [doing, oneLine(message)]);
  const key = known[code as keyof typeof known];
  if (key) return named(key, [doing, oneLine(message)]);
  return named('error.orgSaidNo', [doing, code, oneLine(message)]);
};

/** Runs one request of the org, and names what goes wrong. */
export const asking = async <T>(doing: string, request: () => PromiseLike<T>): Promise<T> => {
  try {
    return await request();
  } catch (error) {
    throw orgSaidNo(error, doing);
  }
};

type ErrorKey = Parameters<typeof messages.createError>[0];

const named = (key: ErrorKey, values: string[]): SfError => messages.createError(key, values, values);

const details = (error: unknown): { code: string; message: string } => {
  if (!(error instanceof Error)) return { code: 'UNKNOWN', message: String(error) };
  const deepest = error.cause instanceof Error && 'code' in error.cause ? error.cause : error;
  const { errorCode, code } = deepest as { errorCode?: unknown; code?: unknown };
  const raw = [errorCode, code, error.name].find((candidate) => typeof candidate === 'string');
  return { code: plainText(String(raw).replace(/^sf:/, '')), message: error.message };
};

/** A web page as it came, or in the words of jsforce, which keeps the page in `data`. */
const isHtml = (message: string): boolean => /^\s*<(!doctype )?html|HTTP response contains html content/i.test(message);

/** Answers can be pages long; a message is a line. */
const oneLine = (message: string): string => {
  const line = plainText(message.replace(/\s+/g, ' ').trim());
  return line.length > 500 ? `${line.slice(0, 500)}...` : line;
};
