import type { KeyObject } from 'node:crypto';

import type { Flow } from '../../app/app.ts';
import { type AppFacts, type Finding, flowsOf, type Tried } from '../../app/checks.ts';
import { causesOf, explain, type Refusal } from '../../app/explanations.ts';
import { fixes } from '../../app/fixes.ts';
import { type FindingKey, say, type Text } from '../../app/text.ts';
import type { UserFacts } from '../../app/user.ts';
import { NoAnswerError, NOT_SENT } from '../../net/noAnswer.ts';
import type { BrowserLogin } from '../browserLogin.ts';
import type { Endpoints } from '../endpoints.ts';
import type { HttpClient } from '../httpClient.ts';
import type { KeyCertificate } from '../jwtBearer.ts';
import { type Propagation, SettledError, StillUnknownError } from '../propagation.ts';
import { RefusedError, type Token } from '../salesforceOauth.ts';
import type { Client } from '../token.ts';

/** What the JWT bearer flow is tried with. */
export type JwtTrial = {
  key: KeyObject;
  /** The certificate that stands beside the key in its file. */
  certificate?: KeyCertificate;
  username: string;
  /** Absent when the org has no such user. */
  user?: UserFacts;
};

/** What the checks work with: what was known before, what earlier checks found, and the way to the org. */
export type CheckContext = {
  facts: AppFacts;
  /** Flows to test. */
  flows: Flow[];
  /** Provoke failed logins too? */
  probe: boolean;
  apiPath?: string;
  /** Absent when no key was given. */
  jwt?: JwtTrial;
  http: HttpClient;
  propagation: Propagation;
  /** Shows somebody where to go and what to type in; absent when nobody is there. */
  showDeviceLogin?: (login: { url: string; userCode: string }) => void;
  /** Has somebody log in in a browser; absent when nobody was asked to. */
  browserLogin?: BrowserLogin;
  signal?: AbortSignal;
  /** Reads a user of the org by Id. */
  userById: (id: string) => Promise<UserFacts | undefined>;
  /** Filled by the check `endpoints`. */
  endpoints?: Endpoints;
  /** Filled by the token checks, by flow. */
  tokens: Map<Flow, Token>;
  /** All tokens that were given out and are not revoked yet. */
  open: Set<Token>;
};

/** The checks whose titles messages/findings.md has, under `check.` */
export type CheckId = FindingKey extends infer Key ? (Key extends `check.${infer Id}` ? Id : never) : never;

export type CheckDefinition = {
  id: CheckId;
  /** Can a client make it with its credentials file alone, and no login to the org? */
  forClients?: boolean;
  flow?: Flow;
  /** Checks that must have passed, with or without a warning; otherwise this one is skipped. */
  needs?: CheckId[];
  /** Has it anything to look at? A check that does not apply is left out altogether. */
  applies?: (context: CheckContext) => boolean;
  run: (context: CheckContext) => Tried | Promise<Tried>;
};

export const passed = (detail: Text): Finding => ({ status: 'passed', detail });
export const warning = (detail: Text, fix?: Text): Finding => ({
  status: 'warning',
  detail,
  ...(fix ? { fix } : {}),
});
export const failed = (detail: Text, fix: Text): Finding => ({ status: 'failed', detail, fix });
export const skipped = (detail: Text, fix?: Text): Finding => ({
  status: 'skipped',
  detail,
  ...(fix ? { fix } : {}),
});

/** A refusal as a failed check: what Salesforce said, why, and what mends it. */
export const refused = (refusal: Refusal, flow: Flow | undefined, facts: AppFacts): Finding => {
  const causes = causesOf(explain(refusal, flow, facts));
  const [cause, fix] = [
    either(
      'cause.or',
      causes.map((one) => one.cause),
    ),
    either(
      'fix.or',
      causes.map((one) => one.fix),
    ),
  ];
  return failed(say('detail.refused', spoken(refusal), cause), fix);
};

/** Several sayings as one, the likeliest first. */
const either = (code: 'cause.or' | 'fix.or', sayings: Text[]): Text =>
  sayings.reduceRight((rest, one) => say(code, one, rest));

const spoken = ({ error, description }: Refusal): string => (description ? `${error}: ${description}` : error);

/** What a request threw, as a failed check. Anything but the org's own answer, or none, is our mistake and goes on. */
export const trouble = (error: unknown, flow: Flow | undefined, facts: AppFacts): Tried => {
  if (error instanceof StillUnknownError) return { ...refused(error.refusal, flow, facts), status: 'unfinished' };
  // The last change may have become so old while the check waited.
  if (error instanceof SettledError) return refused(error.refusal, flow, { ...facts, settled: true });
  if (error instanceof RefusedError) return refused(error.refusal, flow, facts);
  if (error instanceof NoAnswerError) return failed(noAnswer(error), fixes.noAnswer(facts, error.host, error.code));
  throw error;
};

/** Where an address is refused nothing was sent; an answer that is too large was an answer. */
const noAnswer = ({ host, code }: NoAnswerError): Text => {
  if (code === 'ANSWER_TOO_LARGE') return say('detail.noAnswerTooLarge', host);
  if (code === 'PORT_BLOCKED') return say('detail.noAnswerPortBlocked', host);
  return NOT_SENT.has(code) ? say('detail.noAnswerAsked', host, code) : say('detail.noAnswer', host, code);
};

/** The org's endpoints, for checks that need `endpoints`. */
export const endpointsOf = (context: CheckContext): Endpoints => {
  if (!context.endpoints) throw new Error('A check that needs the endpoints ran before they were found.');
  return context.endpoints;
};

/** Which of a flow's two switches is off, as a message's key. */
export const switchesOff = ({ global, policy }: { global: boolean; policy: boolean }) => {
  if (global) return 'detail.policySwitchOff';
  return policy ? 'detail.globalSwitchOff' : 'detail.bothSwitchesOff';
};

/** The app's key, and its secret where the app asks for one. Undefined: it asks, and there is none. */
export const clientFor = ({ consumerKey = '', secret }: AppFacts, secretRequired: boolean): Client | undefined => {
  if (!secretRequired) return { consumerKey };
  return secret.from === 'nowhere' ? undefined : { consumerKey, consumerSecret: secret.secret };
};

/** Why a check that needs the secret was not made. */
export const noSecret = ({ secret }: AppFacts): Finding =>
  secret.from === 'nowhere' ? skipped(secret.detail, secret.fix) : skipped(say('detail.noSecret'));

/** Whether an app has a flow that one element of it switches. */
export const flowIsOn = (flow: 'code-and-credentials' | 'device'): CheckDefinition => ({
  id: `${flow}.configured`,
  flow,
  needs: ['app'],
  applies: ({ flows }) => flows.includes(flow),
  run: ({ facts }) =>
    flowsOf(facts.app).includes(flow)
      ? passed(say('detail.flowOn'))
      : failed(say('detail.flowOff'), fixes.addFlow(facts, flow)),
});
