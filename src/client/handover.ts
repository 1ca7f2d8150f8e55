import type { App } from '../app/app.ts';
import { flowsOf } from '../app/checks.ts';
import type { Handover } from '../app/handover.ts';
import type { Secret } from '../app/secret.ts';
import { documentedEndpoints } from './endpoints.ts';

/** What a client needs, for an app of the org that has this My Domain. */
export const handoverOf = (
  app: App,
  myDomainUrl: string,
  credentials: { consumerKey: string; consumerSecret?: Secret },
): Handover => {
  const {
    issuer,
    token_endpoint: tokenUrl = '',
    authorization_endpoint: authorizeUrl = '',
  } = documentedEndpoints(myDomainUrl);
  const { name, scopes = [] } = app;
  return { name, ...credentials, tokenUrl, authorizeUrl, myDomainUrl: issuer, scopes, flows: flowsOf(app) };
};
