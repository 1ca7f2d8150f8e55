import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { type CallbackPage, PAGE_HEADERS, pageHtml } from './callbackPage.ts';
/** A callback URL that this machine can answer itself: plain http on localhost, where it can listen. */
export const canListenFor = (callbackUrl: string): boolean => {
  if (!URL.canParse(callbackUrl)) return false;
  const { protocol, hostname } = new URL(callbackUrl);
  return protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1');
};

/** The port of a callback URL could not be had. `reason` is Node's code, such as EADDRINUSE. */
export class PortTakenError extends Error {
  readonly reason: string;

  constructor(callbackUrl: string, reason: string) {
    super(`Nobody can listen for ${callbackUrl}: ${reason}`);
    this.name = 'PortTakenError';
    this.reason = reason;
  }
}

/** Nobody came back from the login in time. */
export class NobodyCameError extends Error {}

/** What the browser came back with. Whoever has judged it shows a page; the browser waits until then. */
export type Callback = { parameters: URLSearchParams; show: (page: CallbackPage) => Promise<void> };

export type CallbackListener = {
  /**
   * Waits for the one answer that counts.
   *
   * @throws NobodyCameError; the signal's reason
   */
  callback: (waitMs: number, signal?: AbortSignal) => Promise<Callback>;
  close: () => Promise<void>;
};

/** What the listener says to those whose request is not the answer that it waits for. */
export type OtherPages = { notOurs: CallbackPage; done: CallbackPage };

/** How long a client may take to send its request, in milliseconds: who says nothing holds no connection. */
const PATIENCE = { headersTimeout: 5000, requestTimeout: 10_000, connectionsCheckingInterval: 1000 };

/**
 * Listens on one of an app's own callback URLs for a login's one answer, on the loopback address alone. It refuses requests for
 * another host or another path: the name of a page elsewhere may point to this machine. It refuses what a page asks for behind
 * its user's back, and answers that are not ours. They change nothing. Nor do they hear whether there was an answer already.
 *
 * @param isOurs does this answer belong to the login that was begun?
 * @throws PortTakenError
 */
export const listenForCallback = async (
  callbackUrl: string,
  isOurs: (parameters: URLSearchParams) => boolean,
  pages: OtherPages,
): Promise<CallbackListener> => {
  const expected = new URL(callbackUrl);
  const arrival = Promise.withResolvers<Callback>();
  let arrived = false;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.headers.host?.toLowerCase() !== expected.host) return send(response, 421, pages.notOurs);
    const url = request.url?.startsWith('/') ? URL.parse(`${expected.origin}${request.url}`) : null;
    if (url?.pathname !== expected.pathname) return send(response, 404, pages.notOurs);
    if (request.method !== 'GET') return send(response, 405, pages.notOurs);
    if (!isVisit(request)) return send(response, 403, pages.notOurs);
    if (!isOurs(url.searchParams)) return send(response, 400, pages.notOurs);
    if (arrived) return send(response, 410, pages.done);
    arrived = true;
    arrival.resolve({
      parameters: url.searchParams,
      show: (page) =>
        new Promise((resolve) => {
          // A browser that was closed meanwhile sees nothing.
          if (response.destroyed) return resolve();
          response.once('close', resolve);
          return send(response, 200, page);
        }),
    });
  };
  const server = createServer(PATIENCE, answer);
  await listen(server, callbackUrl);
  return {
    callback: (waitMs, signal) => within(arrival.promise, waitMs, signal),
    close: () => closed(server),
  };
};

/** The org sends a whole window here. Pictures, frames and scripts of a page are none; clients that do not say are taken at their word. */
const isVisit = ({ headers }: IncomingMessage): boolean =>
  (headers['sec-fetch-mode'] ?? 'navigate') === 'navigate' &&
  (headers['sec-fetch-dest'] ?? 'document') === 'document' &&
  headers.origin === undefined;

const send = (response: ServerResponse, status: number, page: CallbackPage): void => {
  response.writeHead(status, { ...PAGE_HEADERS, connection: 'close' }).end(pageHtml(page));
};

const listen = (server: Server, callbackUrl: string): Promise<void> =>
  new Promise((resolve, reject) => {
    // Also later, when a connection could not be taken for want of files: that is no reason to end.
    server.on('error', (error: NodeJS.ErrnoException) => {
      reject(new PortTakenError(callbackUrl, error.code ?? error.name));
    });
    server.listen({ port: Number(new URL(callbackUrl).port || 80), host: '127.0.0.1', exclusive: true }, resolve);
  });

const within = async <T>(promise: Promise<T>, waitMs: number, signal?: AbortSignal): Promise<T> => {
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(waitMs);
  const end = AbortSignal.any(signal ? [limit, signal] : [limit]);
  return new Promise<T>((resolve, reject) => {
    end.addEventListener('abort', () => reject(signal?.aborted ? (signal.reason as Error) : new NobodyCameError()));
    promise.then(resolve, reject);
  });
};

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
