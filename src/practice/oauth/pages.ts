import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

/** The pages that a user of the practice org sees in a browser. Ids and names of their fields are those of Salesforce's pages. */
export type Page = HtmlEscapedString | Promise<HtmlEscapedString>;

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; color: #181818; background: #fff; }
  label { display: block; margin-top: 1rem; font-weight: 600; }
  input:not([type=submit]) { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem; border: 1px solid #747474; border-radius: .25rem; }
  input[type=submit] { font: inherit; margin: 1.25rem .5rem 0 0; padding: .5rem 1.25rem; border: 1px solid #0b5cab; border-radius: .25rem; background: #0b5cab; color: #fff; }
  input.quiet { background: #fff; color: #0b5cab; }
  .note { color: #444; border-left: 4px solid #747474; padding-left: .75rem; }
  .error { color: #b60554; font-weight: 600; }
`;

const page = (title: string, body: Page): Page =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} | Practice org</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`;

const alert = (message: string | undefined): Page =>
  message ? html`<p class="error" role="alert" id="error">${message}</p>` : html``;

export const loginPage = (view: {
  csrf: string;
  startUrl: string;
  usernames: string[];
  username: string;
  error?: string;
}): Page =>
  page(
    'Log in',
    html`
      ${alert(view.error)}
      <form id="login_form" method="post" action="/">
        <input type="hidden" name="csrf" value="${view.csrf}" />
        <input type="hidden" name="startURL" value="${view.startUrl}" />
        <label for="username">Username</label>
        <input
          id="username"
          name="username"
          list="usernames"
          autocomplete="username"
          required
          value="${view.username}"
        />
        <datalist id="usernames">${view.usernames.map((name) => html`<option value="${name}"></option>`)}</datalist>
        <label for="password">Password</label>
        <input id="password" name="pw" type="password" autocomplete="off" aria-describedby="practice" />
        <input id="Login" name="Login" type="submit" value="Log In" />
      </form>
      <p class="note" id="practice">
        This is a practice org on this machine, not Salesforce. It asks for no password: leave the field empty, and
        never type a real one. Its users are ${view.usernames.join(', ')}.
      </p>
    `,
  );

export const approvalPage = (view: {
  csrf: string;
  action: string;
  app: string;
  username: string;
  scopes: string[];
}): Page =>
  page(
    'Allow Access?',
    html`
      <p><strong>${view.app}</strong> is asking to:</p>
      <ul>
        ${view.scopes.map((scope) => html`<li>${scope}</li>`)}
      </ul>
      <p>Do you want to allow access for ${view.username}?</p>
      <form method="post" action="${view.action}">
        <input type="hidden" name="csrf" value="${view.csrf}" />
        <input id="oadeny" name="cancel" class="quiet" type="submit" value="Deny" />
        <input id="oaapprove" name="save" type="submit" value="Allow" />
      </form>
    `,
  );

export const userCodePage = (view: { csrf: string; userCode: string; error?: string }): Page =>
  page(
    'Connect Your Device',
    html`
      ${alert(view.error)}
      <form method="post" action="/setup/connect">
        <input type="hidden" name="csrf" value="${view.csrf}" />
        <label for="user_code">Code</label>
        <input id="user_code" name="user_code" autocomplete="off" required value="${view.userCode}" />
        <input id="connect" name="connect" type="submit" value="Connect" />
      </form>
      <p class="note">Enter the code that the device shows.</p>
    `,
  );

/** App Manager, as far as it has a button that a test or a person needs. */
export const appManagerPage = (view: { path: string; apps: Array<{ name: string; hasButton: boolean }> }): Page =>
  page(
    'App Manager',
    view.apps.length === 0
      ? html`<p>The org has no Connected Apps.</p>`
      : html`<ul>
          ${view.apps.map(({ name, hasButton }) =>
            hasButton
              ? html`<li>
                  ${name}:
                  <a href="${view.path}?${new URLSearchParams({ app: name }).toString()}"
                    >Migrate to External Client App</a
                  >
                </li>`
              : html`<li>${name}: no button to migrate</li>`,
          )}
        </ul>`,
  );

export const migratePage = (view: { csrf: string; path: string; app: string; error?: string }): Page =>
  page(
    'Migrate to External Client App',
    html`
      ${alert(view.error)}
      <form method="post" action="${view.path}">
        <input type="hidden" name="csrf" value="${view.csrf}" />
        <input type="hidden" name="app" value="${view.app}" />
        <p>${view.app}</p>
        <p><input id="local" name="local" type="checkbox" /> This app is used in this org only.</p>
        <p><input id="flow" name="flow" type="checkbox" /> Nobody uses the username-password flow.</p>
        <input id="migrate" name="migrate" type="submit" value="Migrate" />
      </form>
    `,
  );

export const messagePage = (title: string, message: string): Page => page(title, html`<p>${message}</p>`);
