import type { PracticeServer } from '../../../src/practice/practice.ts';

export type Answer = { status: number; headers: Headers; text: string; json: Record<string, unknown> };

const answerOf = async (response: Response): Promise<Answer> => {
  const text = await response.text();
  let json: Record<string, unknown> = {};
  try {
    json = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // Pages and plain words are read from `text`.
  }
  return { status: response.status, headers: response.headers, text, json };
};

export const post = async (
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  answerOf(await fetch(url, { method: 'POST', body: new URLSearchParams(form), headers, redirect: 'manual' }));

export const get = async (url: string, headers: Record<string, string> = {}): Promise<Answer> =>
  answerOf(await fetch(url, { headers, redirect: 'manual' }));

export const token = (server: PracticeServer, form: Record<string, string>): Promise<Answer> =>
  post(`${server.url}/services/oauth2/token`, form);

export const refusal = ({ status, json }: Answer): unknown => [status, json.error, json.error_description];

/**
 * A browser without a screen. It keeps cookies, follows redirects inside the org, and fills in the forms it is shown.
 */
export class Browser {
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Goes to a page of the org, and on until it is shown one. When it is sent elsewhere, `elsewhere` says where. */
  async open(url: string, form?: Record<string, string>): Promise<{ page: Answer; url: URL; elsewhere?: URL }> {
    const address = new URL(url, this.#origin);
    const response = await fetch(address, {
      method: form ? 'POST' : 'GET',
      body: form && new URLSearchParams(form),
      headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      redirect: 'manual',
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      this.#cookies.set(name!, value!);
    }
    const page = await answerOf(response);
    const location = response.headers.get('location');
    if (!location) return { page, url: address };
    const next = new URL(location, address);
    return next.origin === address.origin ? this.open(next.href) : { page, url: address, elsewhere: next };
  }

  /** Sends the form of a page: its hidden fields, what the test fills in, and the button that it presses. */
  submit(shown: { page: Answer; url: URL }, fields: Record<string, string>): ReturnType<Browser['open']> {
    const { text } = shown.page;
    const action = unescaped(/<form[^>]* action="([^"]*)"/.exec(text)![1]!);
    const hidden = [...text.matchAll(/<input\s+type="hidden"\s+name="([^"]*)"\s+value="([^"]*)"/g)];
    const values = Object.fromEntries(hidden.map(([, name, value]) => [name!, unescaped(value!)]));
    return this.open(new URL(action, shown.url).href, { ...values, ...fields });
  }

  async logIn(url: string, username: string): ReturnType<Browser['open']> {
    return this.submit(await this.open(url), { username, pw: '', Login: 'Log In' });
  }
}

const unescaped = (html: string): string =>
  html
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
