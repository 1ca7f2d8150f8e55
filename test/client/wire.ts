import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the server on the wire saw it. */
export type Seen = {
  method: string;
  path: string;
  query: URLSearchParams;
  form: URLSearchParams;
  headers: IncomingMessage['headers'];
};

export type Answer = { status?: number; headers?: Record<string, string>; body?: unknown };

/** What to answer by path; anything else is a 404. */
export type Answers = Record<string, (seen: Seen) => Answer | Promise<Answer>>;

export type Wire = { url: string; seen: Seen[]; close: () => Promise<void> };

/** A server on loopback that answers what a test tells it to. */
export const openWire = async (answers: Answers): Promise<Wire> => {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
      const one: Seen = {
        method: request.method ?? '',
        path: pathname,
        query: searchParams,
        form: new URLSearchParams(Buffer.concat(chunks).toString()),
        headers: request.headers,
      };
      seen.push(one);
      const {
        status = 200,
        headers = {},
        body,
      } = (await answers[pathname]?.(one)) ?? { status: 404, body: 'not here' };
      const isText = typeof body === 'string' || body === undefined;
      response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
      response.end(isText ? body : JSON.stringify(body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
