import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { PracticeServer } from '../src/practice/practice.ts';

/**
 * What goes wrong with a request.
 *
 * - `unheard`: it never reaches the org.
 * - `lost`: the org carries it out, and its answer is lost.
 * - `error`, `html`: a server on the way answers, and the org does not hear of it.
 * - `hidden`: the org answers as for an object that it does not show to a user.
 * - `refused`: the org answers as for a type of metadata that a SOAP call does not take.
 */
export type Fault = (typeof FAULTS)[number] | 'hidden' | 'refused';

/** Those that may happen to any request. */
export const FAULTS = ['unheard', 'lost', 'error', 'html'] as const;

/** A request on the wire, with what it was about where the path does not say. */
export type OnWire = { method: string; path: string; body: string };

export type FaultyWire = {
  url: string;
  seen: OnWire[];
  close: () => Promise<void>;
};

/** Stands between a client and a practice org, and lets requests fail. The org then goes by the wire's address. */
export const openFaultyWire = async (
  practice: PracticeServer,
  faultOf: (request: OnWire, index: number) => Fault | undefined | Promise<Fault | undefined>,
): Promise<FaultyWire> => {
  const seen: OnWire[] = [];
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const one = { method: incoming.method ?? '', path: incoming.url ?? '', body: body.toString('latin1') };
      const fault = await faultOf(one, seen.push(one) - 1);
      if (fault === 'unheard') return void outgoing.destroy();
      if (fault === 'error') {
        outgoing.writeHead(500, { 'content-type': 'application/json' });
        return void outgoing.end('[{"errorCode":"UNKNOWN_EXCEPTION","message":"An unexpected error occurred."}]');
      }
      if (fault === 'hidden') {
        outgoing.writeHead(400, { 'content-type': 'application/json' });
        return void outgoing.end('[{"errorCode":"INVALID_TYPE","message":"sObject type is not supported."}]');
      }
      if (fault === 'refused') {
        outgoing.writeHead(500, { 'content-type': 'text/xml' });
        return void outgoing.end(
          '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><soapenv:Fault>' +
            '<faultcode>sf:INVALID_TYPE</faultcode><faultstring>INVALID_TYPE: This type is not available.</faultstring>' +
            '</soapenv:Fault></soapenv:Body></soapenv:Envelope>',
        );
      }
      if (fault === 'html') {
        outgoing.writeHead(503, { 'content-type': 'text/html' });
        return void outgoing.end('<html><body>Down for maintenance</body></html>');
      }
      forward(practice.port, incoming, body, outgoing, fault === 'lost');
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  practice.org.instanceUrl = url;
  return {
    url,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const forward = (
  port: number,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
  loseAnswer: boolean,
): void => {
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, (answer) => {
    if (loseAnswer) {
      answer.resume().on('end', () => outgoing.destroy());
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  onward.end(body);
};
