import { createHash } from 'node:crypto';

import { masked } from '../app/secret.ts';

/** What somebody sees in the browser once a login has come back. */
export type CallbackPage = { title: string; text: string };

const STYLE = `
  body { font: 18px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto; padding: 0 1rem; color: #181818; background: #fff; }
  h1 { font-size: 1.75rem; line-height: 1.25; }
  @media (prefers-color-scheme: dark) { body { color: #f3f3f3; background: #181818; } }
`;

/**
 * The page runs no script, loads nothing, and nothing may frame it. Nobody keeps it, and no other site hears of its address.
 */
export const PAGE_HEADERS: Record<string, string> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escaped = (text: string): string => masked(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

/** A page of its own, readable with a screen reader, by keyboard and in dark mode. */
export const pageHtml = ({ title, text }: CallbackPage): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${escaped(title)}</title>
    <style>${STYLE}</style>
  </head>
  <body>
    <main>
      <h1>${escaped(title)}</h1>
      <p>${escaped(text)}</p>
    </main>
  </body>
</html>
`;
