import type { Flow } from './app.ts';
import { say, type Text, type AppFacts, type Tried } from './checks.ts';
import { commandLine } from './commandLine.ts';

type Values = (facts: AppFacts) => string[];

const nothing: Values = () => [];
const file: Values = ({ fileOnly = '' }) => [fileOnly];
const host: Values = ({ myDomainUrl }) => [myDomainUrl];
const fileAndHost: Values = (facts) => [...file(facts), ...host(facts)];

/**
 * What a client's owner can do without a login to the org: the end of the key of what was found, and what fills the message
 * `client.<key>`.
 */
const clientCan: Partial<Record<string, Values>> = {
  audienceWrong: fileAndHost,
  assertionWrong: nothing,
  certificateWrong: nothing,
  keyUnknown: fileAndHost,
  secretWrong: file,
  notMyDomain: fileAndHost,
  redirectMismatch: file,
  challengeMissing: nothing,
  challengeWrong: nothing,
  pathWrong: nothing,
  noJwtKey: nothing,
  noCallbackUrlInFile: file,
  noSecretInFile: file,
  otherAudience: file,
};

/** Findings that are about the way to the org, or about the client alone: an administrator has no part in them. */
const clientAlone = new Set([
  'noAnswer',
  'noAnswerTooLarge',
  'noAnswerAsked',
  'otherAudience',
  'noJwtKey',
  'noCallbackUrlInFile',
  'noSecretInFile',
  'portTaken',
  'nobodyCame',
  'nobodyThere',
  'certificateOtherKey',
  'noLocalCallback',
  'localCallbackHttps',
]);

/**
 * The advice of a finding for somebody who has key and secret and no login to the org: what the client can do, and the words to send to
 * the org's administrator. They name the app and what Salesforce answered; no secret is among them.
 */
export const forClient = (tried: Tried, flow: Flow | undefined, facts: AppFacts): Tried => {
  if (tried.status === 'passed' || tried.detail.code === 'detail.needs') return tried;
  const { detail } = tried;
  const cause = detail.values.find((value): value is Text => typeof value !== 'string');
  const key = (detail.code === 'detail.refused' && cause ? cause : detail).code.replace(/^(detail|cause)\./, '');
  const values = clientCan[key];
  const act = values && say(`client.${key}`, ...values(facts));
  if (clientAlone.has(key)) return act ? { ...tried, fix: act } : tried;
  if (key === 'noSubjectToken' || key === 'noPassword') return tried;
  const words = say('client.words', appOf(facts), facts.myDomainUrl, flow ?? '-', detail, verifyLine(facts, flow));
  return { ...tried, fix: act ? say('client.actOrSend', act, words) : say('client.send', words) };
};

const appOf = ({ app, consumerKey = '' }: AppFacts): Text =>
  app.name === ''
    ? say('client.appByKey', consumerKey.slice(0, 12))
    : say('client.appByName', app.name, consumerKey.slice(0, 12));

/** What the administrator runs, who has a login to the org. Without a name the command asks for it. */
const verifyLine = ({ app }: AppFacts, flow: Flow | undefined): string =>
  commandLine(['sf', 'eca', 'verify', ...(app.name ? ['--name', app.name] : []), ...(flow ? ['--flow', flow] : [])]);
