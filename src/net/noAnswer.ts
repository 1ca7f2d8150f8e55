/**
 * A host gave no answer, or not all of it. It was not found, refused, cut off, too slow or too large, or its certificate is not
 * trusted. It holds nothing of the request, which may have a secret in it.
 */
export class NoAnswerError extends Error {
  /** With the port, if it is not the usual one. */
  readonly host: string;
  /** Node's or undici's code, such as ENOTFOUND; or ours: ABORTED, ANSWER_TOO_LARGE, PORT_BLOCKED, and the codes of the limits in time. */
  readonly code: string;

  constructor(host: string, code: string) {
    super(`No answer from ${host}: ${code}`);
    this.name = 'NoAnswerError';
    this.host = host;
    this.code = code;
  }
}

/** The codes of an address to which nothing was sent, because a secret could have gone astray. */
export const NOT_SENT: ReadonlySet<string> = new Set(['NOT_THE_HOST_OF_THE_ORG', 'NOT_OVER_HTTPS']);
