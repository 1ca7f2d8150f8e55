import type { Flow } from './app.ts';
import { nearest } from './nearest.ts';
import { isProblem, type Problem, quotable } from './problem.ts';
import { bare, namesIn } from './spelling.ts';

/**
 * The sides that switch a flow on: the developer's side is the app's own OAuth settings (global settings). The admin's
 * side is the app's policies. A flow works when all of its sides are on.
 */
export type Side = 'developer' | 'admin';

/**
 * Further needs of a flow, besides its switches. `org-switch` is a switch of the whole org: in Setup under OAuth and
 * OpenID Connect Settings.
 */
export type FlowNeed = 'run-as-user' | 'certificate' | 'token-exchange-handler' | 'org-switch';

/** The rules of one flow. */
export type FlowRules = {
  flow: Flow;
  /** The name that people and Salesforce's Setup use. */
  label: string;
  /** The grant_type of its token request (RFC 6749, 7523, 8693; `device` is Salesforce's own). */
  grantType: string;
  /**
   * Sides with a separate switch for this flow. None for web-server, which is on with OAuth, and none for jwt-bearer,
   * which is on with a certificate.
   */
  switches: readonly Side[];
  needs: readonly FlowNeed[];
  /** Scopes that a token of this flow never carries, even if the app has them. */
  scopesNotGranted: readonly string[];
  /** Scopes without which the flow does not work. */
  scopesNeeded: readonly string[];
  /**
   * The user as whom the app runs. The policies name the user, the user logs in, a request names the user, or a handler
   * finds the user.
   */
  runsAs: 'configured' | 'logs-in' | 'named' | 'mapped';
  /** Nobody logs in with a password. */
  passwordless: boolean;
  /**
   * The checks of `verify` that prove the flow when all of them pass. The proof is a used token; for flows that need a
   * person, it is the last step without the person. Absent when verify cannot get so far.
   */
  proof?: { worked: readonly string[]; accepted?: string };
};

/**
 * Every flow that an external client app can have. Sources: Metadata API guide (switches, certificate, handler); live
 * orgs. Live orgs showed the scopes that client credentials leaves out, and refused JWT bearer with `api` alone
 * ("refresh_token scope is required").
 */
export const FLOWS: Readonly<Record<Flow, FlowRules>> = {
  'web-server': {
    flow: 'web-server',
    label: 'Authorization Code (Web Server) Flow',
    grantType: 'authorization_code',
    switches: [],
    needs: [],
    scopesNotGranted: [],
    scopesNeeded: [],
    runsAs: 'logs-in',
    passwordless: false,
    proof: { worked: ['web-server.token', 'web-server.api'], accepted: 'web-server.authorize' },
  },
  'client-credentials': {
    flow: 'client-credentials',
    label: 'Client Credentials Flow',
    grantType: 'client_credentials',
    switches: ['developer', 'admin'],
    needs: ['run-as-user'],
    scopesNotGranted: ['full', 'web', 'refresh_token', 'offline_access'],
    scopesNeeded: [],
    runsAs: 'configured',
    passwordless: true,
    proof: { worked: ['client-credentials.token', 'client-credentials.api'] },
  },
  'jwt-bearer': {
    flow: 'jwt-bearer',
    label: 'JWT Bearer Flow',
    grantType: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    switches: [],
    needs: ['certificate'],
    scopesNotGranted: [],
    scopesNeeded: ['refresh_token'],
    runsAs: 'named',
    passwordless: true,
    proof: { worked: ['jwt-bearer.token', 'jwt-bearer.api'] },
  },
  device: {
    flow: 'device',
    label: 'Device Flow',
    grantType: 'device',
    switches: ['developer'],
    needs: [],
    scopesNotGranted: [],
    scopesNeeded: [],
    runsAs: 'logs-in',
    passwordless: false,
    proof: { worked: ['device.token', 'device.api'], accepted: 'device.code' },
  },
  'token-exchange': {
    flow: 'token-exchange',
    label: 'Token Exchange Flow',
    grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
    switches: ['developer', 'admin'],
    needs: ['token-exchange-handler'],
    scopesNotGranted: [],
    scopesNeeded: [],
    runsAs: 'mapped',
    passwordless: true,
  },
  'code-and-credentials': {
    flow: 'code-and-credentials',
    label: 'Authorization Code and Credentials Flow',
    grantType: 'authorization_code',
    switches: ['developer'],
    needs: ['org-switch'],
    scopesNotGranted: [],
    scopesNeeded: [],
    runsAs: 'logs-in',
    passwordless: false,
  },
};

/** All flows, in the order in which help and lists show them. */
export const FLOW_NAMES = Object.keys(FLOWS) as Flow[];

/** Other names of the flows, as `plain` writes them: the words of RFCs, of Salesforce's guides and of other tools. */
const OTHER_NAMES = new Map<string, Flow>([
  ['authcode', 'web-server'],
  ['code', 'web-server'],
  ['authorizationcodepkce', 'web-server'],
  ['clientcredential', 'client-credentials'],
  ['machinetomachine', 'client-credentials'],
  ['m2m', 'client-credentials'],
  ['jwt', 'jwt-bearer'],
  ['jwtbearertoken', 'jwt-bearer'],
  ['devicecode', 'device'],
  ['deviceauthorization', 'device'],
  ['codeandcredential', 'code-and-credentials'],
]);

/**
 * Flows that an external client app cannot have, as `plain` writes them. The code says why, and what to use instead.
 */
const REFUSED = new Map<string, 'error.flowPassword' | 'error.flowUserAgent' | 'error.flowRefreshToken'>([
  ['password', 'error.flowPassword'],
  ['usernamepassword', 'error.flowPassword'],
  ['resourceownerpassword', 'error.flowPassword'],
  ['useragent', 'error.flowUserAgent'],
  ['implicit', 'error.flowUserAgent'],
  ['refreshtoken', 'error.flowRefreshToken'],
]);

/**
 * Finds a flow by its name here, its grant type or its name in Setup. Upper and lower case, blanks, underscores,
 * hyphens and a "flow" at the end make no difference.
 */
export const parseFlow = (text: string): Flow | Problem => {
  const asked = plain(text);
  const flow = FLOW_NAMES.find((name) => namesOf(name).includes(asked)) ?? OTHER_NAMES.get(asked);
  if (flow !== undefined) return flow;
  const refused = REFUSED.get(asked);
  if (refused !== undefined) return { code: refused, values: [quotable(text)], field: 'oauth.flows' };
  const near = nearest(text, FLOW_NAMES);
  return {
    code: 'error.flowUnknown',
    values: [quotable(text), (near.length > 0 ? near : FLOW_NAMES).join(', ')],
    field: 'oauth.flows',
  };
};

/** Flows in one text or in several texts. Commas or blanks separate them; the name of a flow may contain blanks. */
export const parseFlows = (texts: readonly string[]): Array<Flow | Problem> =>
  texts.flatMap((text) => namesIn(text, (name) => !isProblem(parseFlow(name))).map(parseFlow));

const namesOf = (flow: Flow): string[] => [flow, FLOWS[flow].label, FLOWS[flow].grantType].map(plain);

const plain = (text: string): string =>
  bare(text)
    .replace(/[()]/g, '')
    .replace(/^enable|flow$/g, '');

/**
 * Do two sets of flows have the same switches? `web-server` is always on with OAuth, and `jwt-bearer` is on with a
 * certificate, whatever flows are named. So neither counts.
 */
export const sameFlows = (a: readonly Flow[] = [], b: readonly Flow[] = []): boolean => switched(a) === switched(b);

const switched = (flows: readonly Flow[]): string =>
  [...new Set(flows)]
    .filter((flow) => flow !== 'web-server' && flow !== 'jwt-bearer')
    .sort()
    .join();
