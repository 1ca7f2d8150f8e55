import type { Flow } from '../app/app.ts';
import {
  type AppFacts,
  type Check,
  type FlowResult,
  flowResult,
  isWorking,
  meantFlowsOf,
  type Outcome,
  outcome,
  type Tried,
} from '../app/checks.ts';
import { forClient } from '../app/clientAdvice.ts';
import { FLOW_NAMES } from '../app/flows.ts';
import { say, type Text } from '../app/text.ts';
import type { UserFacts } from '../app/user.ts';
import type { BrowserLogin } from './browserLogin.ts';
import { APP_CHECKS } from './checks/app.ts';
import { type CheckContext, type CheckDefinition, type JwtTrial, skipped } from './checks/check.ts';
import { CLIENT_CREDENTIALS_CHECKS } from './checks/clientCredentials.ts';
import { CODE_AND_CREDENTIALS_CHECKS } from './checks/codeAndCredentials.ts';
import { DEVICE_CHECKS } from './checks/device.ts';
import { HARDENING_CHECKS, PROBE_CHECKS } from './checks/hardening.ts';
import { JWT_BEARER_CHECKS } from './checks/jwtBearer.ts';
import { TOKEN_EXCHANGE_CHECKS } from './checks/tokenExchange.ts';
import { WEB_SERVER_CHECKS } from './checks/webServer.ts';
import type { HttpClient } from './httpClient.ts';
import { isSettled, type Propagation, sleep } from './propagation.ts';
import { revokeToken } from './token.ts';

export type { BrowserLogin } from './browserLogin.ts';
export type { JwtTrial } from './checks/check.ts';

export type VerifyOptions = {
  /** Flows to test; none: all that the app has. */
  flows?: Flow[];
  /** Provoke failed logins on a production org too? Elsewhere it is done anyway. */
  probe?: boolean;
  /** Warnings count as failures. */
  strict?: boolean;
  /** What to try the JWT bearer flow with. */
  jwt?: JwtTrial;
  /** Shows somebody where to log in and the code to type in there. Absent when nobody is there to do it. */
  showDeviceLogin?: (login: { url: string; userCode: string }) => void;
  /** Has somebody log in in a browser, to test the web server flow whole. Without it, only the first request is tried. */
  browserLogin?: BrowserLogin;
  /** Path to call with each token, from `/` on. */
  apiPath?: string;
  /** How long to wait for a change to spread; see Patience. */
  waitMs?: number;
  /** Ends the checks early; tokens are revoked all the same. */
  signal?: AbortSignal;
  onStart?: (check: { id: string; title: Text }) => void;
  onWait?: (why: Text, pauseMs: number) => void;
  onDone?: (check: Check) => void;
  /** Told when tokens that an early end left out have been given back. */
  onTakenBack?: () => void;
};

export type Verdict = {
  result: Outcome;
  /**
   * The flows that count, in the order of FLOW_NAMES. They are those that were named, or else all that are known or meant to be
   * on.
   */
  flows: { flow: Flow; result: FlowResult }[];
  checks: Check[];
  /** Of a flow that nobody can see, and nobody named, nothing is said. */
  unseen: Flow[];
};

export type Surroundings = {
  http: HttpClient;
  /** Reads a user of the org by Id. */
  userById: (id: string) => Promise<UserFacts | undefined>;
  now?: () => number;
  sleep?: Propagation['sleep'];
};

const DEFINITIONS: CheckDefinition[] = [
  ...APP_CHECKS,
  ...CLIENT_CREDENTIALS_CHECKS,
  ...JWT_BEARER_CHECKS,
  ...DEVICE_CHECKS,
  ...WEB_SERVER_CHECKS,
  ...TOKEN_EXCHANGE_CHECKS,
  ...CODE_AND_CREDENTIALS_CHECKS,
  ...HARDENING_CHECKS,
  ...PROBE_CHECKS,
];

/**
 * Tries an app as its integration would, check by check, in a fixed order. A check whose ground is missing is skipped.
 * Whatever token was given out is revoked before this returns, or throws.
 */
export const verify = async (
  known: AppFacts,
  { http, userById, now = Date.now, sleep: rest }: Surroundings,
  options: VerifyOptions = {},
): Promise<Verdict> => {
  const { signal } = options;
  const late = signal && delayed(signal, TOKEN_GRACE);
  const facts = { ...known, settled: isSettled(known, now()) };
  const context: CheckContext = {
    facts,
    flows: flowsToTest(facts, options),
    probe: options.probe === true || (facts.orgKind !== 'production' && facts.fileOnly === undefined),
    apiPath: options.apiPath,
    jwt: options.jwt,
    showDeviceLogin: options.showDeviceLogin,
    browserLogin: options.browserLogin,
    signal,
    http: (url, request) => {
      // A token that was asked for is waited for a little, or else nobody could give it back.
      const end = url === context.endpoints?.server.token_endpoint ? late : signal;
      return http(url, { ...request, ...(end ? { signal: end } : {}) });
    },
    userById,
    propagation: {
      waitMs: options.waitMs,
      since: now(),
      now,
      sleep: rest ?? ((ms) => sleep(ms, signal)),
      onWait: (why, pauseMs) => options.onWait?.(why, pauseMs),
    },
    tokens: new Map(),
    open: new Set(),
  };
  try {
    const checks = await runAll(context, options, now);
    const flows = FLOW_NAMES.filter((flow) => context.flows.includes(flow)).map((flow) => ({
      flow,
      result: flowResult(checks, flow),
    }));
    return {
      result: outcome(
        checks,
        flows.map(({ result }) => result),
        options.strict === true,
      ),
      flows,
      checks,
      unseen: unseenBy(context, options),
    };
  } catch (error) {
    // Whatever an early end made of a request or a pause, its reason is what counts.
    signal?.throwIfAborted();
    throw error;
  } finally {
    // Not through the context's client: an early end must not stop this.
    if (context.open.size > 0) {
      await revokeAll(context, http);
      options.onTakenBack?.();
    }
  }
};

/**
 * Where no flow was named, these are all that the app is known or meant to have. JWT bearer is one when there is a key to try
 * it with.
 */
const flowsToTest = (facts: AppFacts, { flows = [], jwt }: VerifyOptions): Flow[] =>
  flows.length > 0 ? flows : [...new Set([...meantFlowsOf(facts), ...(jwt ? (['jwt-bearer'] as const) : [])])];

/** Whether an app has a certificate, an org may not say. A client that is tried without an org knows what it uses. */
const unseenBy = ({ facts, flows }: CheckContext, { flows: asked = [] }: VerifyOptions): Flow[] => {
  const { app, fileOnly, certificate = 'unknown' } = facts;
  const isUnseen = certificate === 'unknown' && !flows.includes('jwt-bearer');
  return app.oauth && fileOnly === undefined && asked.length === 0 && isUnseen ? ['jwt-bearer'] : [];
};

/** How long a token that was asked for is waited for after an early end, in milliseconds. */
const TOKEN_GRACE = 5_000;

/** Fires as a signal does, only later. */
const delayed = (signal: AbortSignal, ms: number): AbortSignal => {
  const later = new AbortController();
  const fire = (): void => later.abort(signal.reason);
  signal.addEventListener('abort', () => setTimeout(fire, ms).unref(), { once: true });
  return later.signal;
};

const runAll = async (context: CheckContext, options: VerifyOptions, now: () => number): Promise<Check[]> => {
  const checks: Check[] = [];
  const { fileOnly } = context.facts;
  const made = DEFINITIONS.filter(({ forClients }) => fileOnly === undefined || forClients);
  for (const definition of made) {
    const { id, flow, applies } = definition;
    // Asked in turn: some checks apply only to what an earlier one found.
    if (applies?.(context) === false) continue;
    const title = say(`check.${id}`);
    options.onStart?.({ id, title });
    options.signal?.throwIfAborted();
    const start = now();
    const finding = await runOne(definition, context, checks);
    const check: Check = { id, ...(flow ? { flow } : {}), title, ...finding, durationMs: Math.round(now() - start) };
    checks.push(check);
    options.onDone?.(check);
  }
  return checks;
};

const runOne = async (definition: CheckDefinition, context: CheckContext, done: Check[]): Promise<Tried> => {
  // What a check needs may not apply here, such as an approval that nobody asks for. Then it stands in no one's way.
  const missing = definition.needs?.find(
    (id) => done.some((check) => check.id === id) && !isWorking(done.find((check) => check.id === id)),
  );
  const tried =
    missing === undefined ? await definition.run(context) : skipped(say('detail.needs', say(`check.${missing}`)));
  return context.facts.fileOnly === undefined ? tried : forClient(tried, definition.flow, context.facts);
};

const revokeAll = async (context: CheckContext, http: HttpClient): Promise<void> => {
  const { endpoints, facts } = context;
  if (!endpoints) return;
  // One that cannot be revoked ends with its session; the check that did not pass has said why.
  await Promise.allSettled(
    [...context.open].map((token) => revokeToken(http, endpoints, facts.consumerKey ?? '', token)),
  );
};
