import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Milliseconds without a new request, in so many turns of the event loop, after which a trip is full. */
const QUIET = { turns: 12, each: 25 };

/** Stands between a command and an org, and counts the requests that had to wait for one another. */
export type Gate = {
  url: string;
  /** How often held requests were let through since the last `reset`. */
  trips(): number;
  /** From here on requests are held, and trips counted. */
  reset(): void;
  close(): Promise<void>;
};

type Held = { pass: () => void };

/**
 * Holds all requests of a command until it sends no more without an answer. Then it lets all of them through together: that is one
 * trip. Unlike requests that are timed, a busy machine does not spread them. The command runs in this process, so it has had its turns
 * before the gate has counted its own.
 *
 * @param isOwn the requests that are counted and held; all others pass at once
 */
export const openGate = async (org: string, isOwn: (path: string) => boolean): Promise<Gate> => {
  let held: Held[] = [];
  let count = 0;
  let isHolding = false;
  let turnsLeft = QUIET.turns;

  const timer = setInterval(() => {
    if (held.length === 0) return;
    turnsLeft--;
    if (turnsLeft > 0) return;
    const all = held;
    held = [];
    count++;
    for (const { pass } of all) pass();
  }, QUIET.each);

  const server = createServer((asked, answer) => {
    const chunks: Buffer[] = [];
    asked.on('data', (chunk: Buffer) => chunks.push(chunk));
    asked.on('end', () => {
      const pass = (): void => forward(Buffer.concat(chunks), answer);
      if (!isHolding || !isOwn(asked.url ?? '')) return pass();
      held.push({ pass });
      turnsLeft = QUIET.turns;
    });
    const forward = (body: Buffer, to: ServerResponse): void => {
      const { host: _host, ...headers } = asked.headers;
      const sent = request(new URL(asked.url ?? '/', org), { method: asked.method, headers }, (got) => {
        to.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(to);
      });
      sent.on('error', () => to.destroy());
      sent.end(body);
    };
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    trips: () => count,
    reset: () => {
      isHolding = true;
      count = 0;
    },
    close: async () => {
      clearInterval(timer);
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
};
