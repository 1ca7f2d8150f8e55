import { expect } from 'chai';

import type { HttpClient } from '../../src/client/httpClient.ts';
import { retryingClient } from '../../src/client/retryingClient.ts';
import { NoAnswerError } from '../../src/net/noAnswer.ts';

const TOKEN = 'https://orders.example.com/services/oauth2/token';

/** Answers with one thing after the other, and counts. */
const answering = (...answers: Array<Response | Error>): { http: HttpClient; asked: () => number } => {
  let asked = 0;
  return {
    http: async () => {
      const answer = answers[asked++];
      if (!answer || answer instanceof Error) throw answer ?? new Error('asked too often');
      return answer;
    },
    asked: () => asked,
  };
};

const asking = (grant: string) => ({ method: 'POST', body: new URLSearchParams({ grant_type: grant }) });

describe('a client that is persistent', () => {
  const bad: Array<[string, () => Response | Error]> = [
    ['500', () => new Response('sorry', { status: 500 })],
    ['503', () => new Response('<html>', { status: 503 })],
    ['a connection that is cut', () => new NoAnswerError('orders.example.com', 'UND_ERR_SOCKET')],
  ];
  for (const [what, moment] of bad) {
    it(`asks again after ${what}`, async () => {
      const { http, asked } = answering(moment(), moment(), new Response('here you are'));
      const answer = await retryingClient(http, [1, 1])(TOKEN, asking('client_credentials'));
      expect([await answer.text(), asked()]).to.deep.equal(['here you are', 3]);
    });
  }

  it('gives the last answer when none is better', async () => {
    const { http } = answering(...[1, 2, 3].map((which) => new Response(String(which), { status: 500 })));
    const answer = await retryingClient(http, [1, 1])(TOKEN);
    expect([answer.status, await answer.text()]).to.deep.equal([500, '3']);
  });

  it('takes a refusal for an answer', async () => {
    const { http, asked } = answering(new Response('{}', { status: 400 }));
    expect((await retryingClient(http, [1])(TOKEN, asking('client_credentials'))).status).to.equal(400);
    expect(asked()).to.equal(1);
  });

  it('does not ask a host again that is not there', async () => {
    const { http, asked } = answering(new NoAnswerError('orders.example.com', 'ENOTFOUND'));
    const error = await retryingClient(http, [1])(TOKEN).catch((reason: Error) => reason);
    expect(error).to.be.instanceOf(NoAnswerError);
    expect(asked()).to.equal(1);
  });

  it('asks a host that is silent once more, and not oftener', async () => {
    const silence = new NoAnswerError('orders.example.com', 'TIMEOUT');
    const once = answering(silence, new Response('here you are'));
    expect(await (await retryingClient(once.http, [1, 1])(TOKEN)).text()).to.equal('here you are');
    const { http, asked } = answering(silence, silence, new Response('too late'));
    expect(await retryingClient(http, [1, 1])(TOKEN).catch((reason: Error) => reason)).to.equal(silence);
    expect(asked()).to.equal(2);
  });

  for (const grant of ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code']) {
    it(`sends what can be used once no second time: ${grant}`, async () => {
      const { http, asked } = answering(new Response('', { status: 500 }));
      expect((await retryingClient(http, [1])(TOKEN, asking(grant))).status).to.equal(500);
      expect(asked()).to.equal(1);
    });
  }

  it('does not go on when it is told to stop', async () => {
    const stop = new AbortController();
    const { http, asked } = answering(new Response('', { status: 500 }), new NoAnswerError('', 'ABORTED'));
    const answer = retryingClient(http, [20, 20])(TOKEN, { signal: stop.signal }).catch((reason: Error) => reason);
    stop.abort();
    expect(await answer).to.be.instanceOf(NoAnswerError);
    expect(asked()).to.equal(2);
  });
});
