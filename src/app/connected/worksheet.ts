import type { Flow, Wish } from '../app.ts';
import { allowsRefreshToken } from '../scopes.ts';
import { hasGroup } from './connectedApp.ts';
import type { ConnectedAppContext } from './context.ts';
import { type MigrationText, tell } from './migrationText.ts';

/** One thing that the owner of the client has to change. `for` is a flow, or what else it is about. */
export type WorksheetStep = {
  for: Flow | 'every-client' | 'refresh-tokens' | 'username-password' | 'user-agent' | 'saml';
  text: MigrationText;
};

/**
 * The changes for the client's owner, flow by flow. Metadata does not say whether a client uses the two flows that end:
 * every Connected App has them.
 */
export const worksheetFor = ({ app, hasOauth }: ConnectedAppContext, wish: Wish): WorksheetStep[] => {
  const steps: WorksheetStep[] = [];
  if (hasOauth) {
    steps.push({ for: 'every-client', text: tell('worksheet.everyClient') });
    for (const flow of wish.oauth?.flows ?? []) steps.push({ for: flow, text: tell(`worksheet.${flow}`) });
    if (allowsRefreshToken(wish.scopes ?? []))
      steps.push({ for: 'refresh-tokens', text: tell('worksheet.refreshTokens') });
    steps.push({ for: 'username-password', text: tell('worksheet.password') });
    steps.push({ for: 'user-agent', text: tell('worksheet.userAgent') });
  }
  if (hasGroup(app, 'samlConfig')) steps.push({ for: 'saml', text: tell('worksheet.saml') });
  return steps;
};
