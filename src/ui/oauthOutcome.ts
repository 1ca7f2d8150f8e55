import type { App, Wish } from '../app/app.ts';
import { texts } from '../texts.ts';
import { showWritten } from './writeResult.ts';

const messages = texts('eca.oauth.set');

/** The error for an app that has scopes: this command may only give an app its first scopes. */
export const scopesThere = (stored: App, wish: Wish, app: string): Error =>
  messages.createError(
    'error.scopesThere',
    [wish.name, (stored.scopes ?? []).join(', ')],
    [app, (wish.scopes ?? []).join(',')],
  );

/**
 * Shows what the command did, and the next step.
 *
 * @param app the app in its org, as `sameApp` gives it
 */
export const showOauthWritten = (
  screen: Parameters<typeof showWritten>[0],
  result: Parameters<typeof showWritten>[1] & { app: App },
  app: string,
): void => {
  const { bin } = screen.config;
  const next = result.app.scopes?.length
    ? { text: messages.getMessage('next.credentials'), commandLine: `${bin} eca credentials --name ${app}` }
    : { text: messages.getMessage('next.scopes'), commandLine: `${bin} eca scopes set --name ${app}` };
  showWritten(screen, result, next);
};
