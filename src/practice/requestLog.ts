import type { Context, MiddlewareHandler } from 'hono';

import type { PracticeEnv } from './gate.ts';

/** One request to the org. Never a body, a token or a secret. */
export type LoggedRequest = {
  at: string;
  method: string;
  path: string;
  query: Record<string, string>;
  status: number;
  durationMs: number;
  /** The operation of the request, such as `deploy checkOnly` or `client_credentials`. */
  summary?: string;
};

/** Query parameters that may hold a secret: their value is not kept. */
const SECRET_PARAMETERS = new Set([
  'access_token',
  'assertion',
  'client_assertion',
  'client_secret',
  'code',
  'code_verifier',
  'device_code',
  'id_token_hint',
  'oauth_token',
  'otp',
  'password',
  'pw',
  'refresh_token',
  'sid',
  'subject_token',
  'token',
  'user_code',
]);

/** Oldest entries are let go of beyond this many, so that a long-running org does not grow without end. */
const MOST_ENTRIES = 10_000;

export class RequestLog {
  readonly #entries: LoggedRequest[] = [];

  /** The requests, oldest first. */
  entries(): LoggedRequest[] {
    return [...this.#entries];
  }

  add(entry: LoggedRequest): void {
    this.#entries.push(entry);
    if (this.#entries.length > MOST_ENTRIES) this.#entries.shift();
  }

  clear(): void {
    this.#entries.length = 0;
  }
}

const loggedQuery = (c: Context): Record<string, string> =>
  Object.fromEntries(
    Object.entries(c.req.query()).map(([name, value]) => [
      name,
      SECRET_PARAMETERS.has(name.toLowerCase()) ? '(not kept)' : value,
    ]),
  );

/** The grant of a token request, from its form; the form stays readable for the handler. */
const grantOf = async (c: Context): Promise<string | undefined> => {
  if (c.req.method !== 'POST' || !c.req.path.endsWith('/services/oauth2/token')) return undefined;
  const form: Record<string, unknown> = await c.req.parseBody().catch(() => ({}));
  const grant = form.grant_type ?? form.response_type;
  return typeof grant === 'string' ? grant.slice(0, 100) : undefined;
};

/** Writes down every request to the org, except those to the practice org's own pages. */
export const logRequests =
  (log: RequestLog): MiddlewareHandler<PracticeEnv> =>
  async (c, next) => {
    const started = performance.now();
    const grant = await grantOf(c);
    await next();
    const summary = c.get('summary') ?? grant;
    log.add({
      at: new Date().toISOString(),
      method: c.req.method,
      path: c.req.path,
      query: loggedQuery(c),
      status: c.res.status,
      durationMs: Math.round(performance.now() - started),
      ...(summary ? { summary } : {}),
    });
  };
