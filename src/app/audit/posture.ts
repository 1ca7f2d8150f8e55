import type { App } from '../app.ts';
import { merge } from '../changes.ts';
import { type ConnectedApp, textsAt } from '../connected/connectedApp.ts';
import { LINE_BREAKS } from '../connected/context.ts';
import { translate } from '../connected/translate.ts';
import { ACCESS_RULES } from './appRules/accessRules.ts';
import { CLIENT_RULES } from './appRules/clientRules.ts';
import type { AuditedApp, AuditFacts } from './facts.ts';
import { weighReach } from './reach.ts';
import type { AppRule, Limits } from './rule.ts';

/** Rules whose settings a Connected App has as well (Metadata API Developer Guide, ConnectedApp). */
const SHARED = new Set([
  ...['ECA101', 'ECA102', 'ECA103', 'ECA104', 'ECA105', 'ECA106', 'ECA107', 'ECA108', 'ECA109', 'ECA110'],
  ...['ECA204', 'ECA301'],
]);

const SHARED_RULES = [...CLIENT_RULES, ...ACCESS_RULES].filter(({ id }) => SHARED.has(id));

/** A URL that every app may have. */
const ANY_CALLBACK = 'https://login.salesforce.com/services/oauth2/success';

/** Without a URL that an external client app takes, the plan of a move has no OAuth at all. */
const withAnyCallback = (app: ConnectedApp): ConnectedApp => ({
  ...app,
  elements: app.elements.map((element) =>
    element.name === 'oauthConfig' && 'children' in element
      ? {
          ...element,
          children: [
            ...element.children.filter(({ name }) => name !== 'callbackUrl'),
            { name: 'callbackUrl', text: ANY_CALLBACK },
          ],
        }
      : element,
  ),
});

/**
 * A Connected App in the shape of an app, for the rules. The callback URLs are those of the metadata, also where an
 * external client app would refuse them. Undefined for one without OAuth.
 */
export const asApp = (connectedApp: ConnectedApp): App | undefined => {
  const callbackUrls = textsAt(connectedApp, 'oauthConfig.callbackUrl').flatMap((text) => text.split(LINE_BREAKS));
  if (callbackUrls.length === 0) return undefined;
  const { wish } = translate(withAnyCallback(connectedApp));
  return merge(undefined, { ...wish, name: connectedApp.name, oauth: { ...wish.oauth, callbackUrls } });
};

/** The rules of external client apps that an app fails, with the severity of each. */
export const postureOf = (app: App, facts: AuditFacts, limits: Limits): Array<{ rule: AppRule; score: number }> => {
  const one: AuditedApp = {
    id: '',
    app,
    installed: false,
    oauthOn: true,
    clientCredentials: { global: false, policy: false },
    certificate: { there: 'no' },
    lastModified: facts.now,
    unread: {},
  };
  return SHARED_RULES.flatMap((rule) => {
    if (rule.applies?.(one, facts) === false) return [];
    const verdict = rule.judge(one, facts, limits);
    if (!verdict || 'unknown' in verdict) return [];
    return [{ rule, score: weighReach(rule, app, verdict.score ?? rule.score) }];
  });
};
