import type { Flow } from './app.ts';
import { say, type Text, type AppFacts, type Tried } from './checks.ts';
import { commandLine } from './commandLine.ts';

type Values = (facts: AppFacts) => string[];

const nothing: Values = () => [];
const file: Values = ({ fileOnly = '' }) => [fileOnly];
const host: Values = ({ myDomainUrl }) => [myDomainUrl];
const fileAndHost: Values = (facts) => [...file(facts), ...host(facts)];

/**
 * The steps that a client's owner can take without a login to the org. The first part is the end of the finding's key;
 * the rest fills the message `client.<key>`.
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

/**
 * Findings about the connection to the org, or about the client alone: an administrator cannot help with these
 * findings.
 */
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
 * The advice of a finding for somebody with key and secret but without a login to the org. It has the steps for the
 * client, and the words for the org's administrator. These words name the app and Salesforce's answer, without any
 * secret.
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

/**
 * The command for the administrator, who has a login to the org. Without an app's name the command asks for the name.
 */
const verifyLine = ({ app }: AppFacts, flow: Flow | undefined): string =>
  commandLine(['sf', 'eca', 'verify', ...(app.name ? ['--name', app.name] : []), ...(flow ? ['--flow', flow] : [])]);
