import type { Flow } from './app.ts';
import type { AppFacts, Tried } from './checks.ts';
import { commandLine } from './commandLine.ts';
import { type FindingKey, say, type Text } from './text.ts';

type Words = (facts: AppFacts) => Text;

/** What was found: the end of the key of a detail or of a cause. */
type Found = FindingKey extends infer Key ? (Key extends `${'detail' | 'cause'}.${infer End}` ? End : never) : never;

const fileOf = ({ fileOnly = '' }: AppFacts): string => fileOnly;

/** What a client's owner can do without a login to the org. The key is the end of the finding's key. */
const clientCan: Partial<Record<Found, Words>> = {
  audienceWrong: (facts) => say('client.audienceWrong', fileOf(facts), facts.myDomainUrl),
  assertionWrong: () => say('client.assertionWrong'),
  certificateWrong: () => say('client.certificateWrong'),
  keyUnknown: (facts) => say('client.keyUnknown', fileOf(facts), facts.myDomainUrl),
  secretWrong: (facts) => say('client.secretWrong', fileOf(facts)),
  notMyDomain: (facts) => say('client.notMyDomain', fileOf(facts), facts.myDomainUrl),
  redirectMismatch: (facts) => say('client.redirectMismatch', fileOf(facts)),
  challengeMissing: () => say('client.challengeMissing'),
  challengeWrong: () => say('client.challengeWrong'),
  pathWrong: () => say('client.pathWrong'),
  noJwtKey: () => say('client.noJwtKey'),
  noCallbackUrlInFile: (facts) => say('client.noCallbackUrlInFile', fileOf(facts)),
  noSecretInFile: (facts) => say('client.noSecretInFile', fileOf(facts)),
  otherAudience: (facts) => say('client.otherAudience', fileOf(facts)),
};

/** Findings about the network, or about the client alone. An administrator cannot help with them. */
const CLIENT_ALONE: ReadonlySet<string> = new Set<Found>([
  'noAnswer',
  'noAnswerTooLarge',
  'noAnswerAsked',
  'noAnswerPortBlocked',
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
  const act = clientCan[key as Found]?.(facts);
  if (CLIENT_ALONE.has(key)) return act ? { ...tried, fix: act } : tried;
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
