import type { App, Oauth } from './app.ts';
import { wantsAllowlist } from './callbackUrl.ts';
import { flagOf } from './fieldFlags.ts';
import { type Problem, quotable } from './problem.ts';

/**
 * Three of the four controls that Salesforce asks of partners. The fourth is a list of IP addresses. Source: ISVforce
 * guide, "Secure Your Connected Apps and External Client Apps".
 */
const CONTROLS = ['pkceRequired', 'refreshTokenRotation', 'refreshTokenIdleLimit'] as const satisfies (keyof Oauth)[];

/** OAuth settings with the controls on. */
export const withControls = (oauth: Oauth = {}): Oauth => ({
  ...oauth,
  ...Object.fromEntries(CONTROLS.map((control) => [control, true])),
});

/** The controls that somebody wants off and on at once. */
export const checkControls = (said: Oauth = {}): Problem[] =>
  CONTROLS.filter((control) => said[control] === false).map((control) => ({
    code: 'error.hardenedContradicted',
    values: [flagOf(`oauth.${control}: false`) ?? control],
    field: `oauth.${control}`,
  }));

/** A whole app without the list of IP addresses that one of its callback URLs needs. */
export const checkAllowlist = ({ oauth }: App): Problem[] => {
  const urls = (oauth?.callbackUrls ?? []).filter(wantsAllowlist);
  if (urls.length === 0 || oauth?.refreshTokenIpRanges?.length) return [];
  const values: [string] = [quotable(urls.join(', '))];
  return [{ code: 'error.allowlistMissing', values, field: 'oauth.refreshTokenIpRanges' }];
};
