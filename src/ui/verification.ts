import type { Flow } from '../app/app.ts';
import type { Check, FlowResult, Outcome, TrialStatus } from '../app/checks.ts';
import { commandLine } from '../app/commandLine.ts';
import { StandardColors } from '../salesforce.ts';
import { inWords, texts } from '../texts.ts';
import { commandsIn, remedyLines } from './remedies.ts';
import { wrapped } from './wrapped.ts';

const messages = texts('eca.verify');

/** A check in words. */
export type CheckInWords = {
  /** Stable, such as `client-credentials.token`. */
  id: string;
  flow?: Flow;
  title: string;
  status: TrialStatus;
  detail: string;
  /** What fixes it; every failed check has one. */
  fix?: string;
  /** The commands of the fix, which run as they stand. */
  commands: string[];
  durationMs: number;
};

export const checkInWords = ({ id, flow, title, status, detail, fix, durationMs }: Check): CheckInWords => {
  const remedy = fix && inWords(fix);
  return {
    id,
    ...(flow ? { flow } : {}),
    title: inWords(title),
    status,
    detail: inWords(detail),
    ...(remedy === undefined ? {} : { fix: remedy }),
    commands: remedy === undefined ? [] : commandsIn(remedy),
    durationMs,
  };
};

const signs: Record<TrialStatus, string> = { passed: '✔', warning: '!', failed: '✘', unfinished: '…', skipped: '-' };

const colours = {
  passed: StandardColors.success,
  warning: StandardColors.warning,
  failed: StandardColors.error,
  unfinished: StandardColors.warning,
  skipped: StandardColors.info,
};

/** Was the check left out because of another one, which says what is wrong? */
const isFollowing = ({ detail }: Check): boolean => detail.code === 'detail.needs';

/** What the lines of a finding begin with after the first, to stand below its title. */
const indent = '  ';

/**
 * A check, for as soon as it is made; no line for one that another check stands in the way of.
 *
 * @param width of the terminal; absent where there is none, and then nothing is wrapped
 */
export const checkLines = (check: Check, width?: number): string[] => {
  if (isFollowing(check)) return [];
  const { status } = check;
  const colour = colours[status];
  const sign = { coloured: colour(signs[status]) };
  const [title, detail] = [inWords(check.title), inWords(check.detail).split('\n')];
  // What passed is most of it, and the sign says so.
  const line =
    status === 'passed'
      ? messages.getMessage('line.passed', [sign, title, detail])
      : messages.getMessage('line.check', [
          sign,
          title,
          { coloured: colour(messages.getMessage(`status.${status}`)) },
          detail,
        ]);
  return wrapped(line, width, '', indent);
};

/** What there is to be said at the end. */
export type Ended = {
  name: string;
  result: Outcome;
  flows: { flow: Flow; result: FlowResult }[];
  checks: Check[];
  unseen: Flow[];
  strict: boolean;
};

/** What follows the checks: what was left out, what to do, how each flow and all of it ended. */
export const endLines = (ended: Ended, width?: number): string[] => {
  const { name, result, flows, checks, unseen, strict } = ended;
  const following = checks.filter(isFollowing).map(({ title }) => inWords(title));
  const remedies = remedyLines(checks.map(checkInWords), width);
  const onlyWarnings = strict && result === 'failed' && !checks.some(({ status }) => status === 'failed');
  const lines = (text: string): string[] => wrapped(text, width, '', indent);
  const verdict = lines(messages.getMessage(onlyWarnings ? 'failedByWarnings' : result, [name]));
  return [
    ...(following.length > 0
      ? lines(messages.getMessage('line.following', [signs.skipped, following.join(', ')]))
      : []),
    ...unseen.flatMap((flow) => lines(messages.getMessage('line.unseen', [signs.skipped, flow]))),
    ...(remedies.length > 0 ? ['', messages.getMessage('toMend'), '', ...remedies] : []),
    '',
    ...flows.flatMap((one) =>
      lines(
        messages.getMessage('line.flow', [
          one.flow,
          { coloured: ofFlow[one.result](messages.getMessage(`flow.${one.result}`)) },
        ]),
      ),
    ),
    ...verdict.map((line) => colours[result](line)),
  ];
};

const ofFlow: Record<FlowResult, (text: string) => string> = {
  worked: StandardColors.success,
  accepted: StandardColors.success,
  notTried: StandardColors.warning,
  failed: StandardColors.error,
};

/** The line by which `sf` logs in as the JWT bearer flow was seen to. */
export const jwtLoginLine = (login: {
  consumerKey: string;
  keyFile: string;
  username: string;
  instanceUrl: string;
}): string =>
  commandLine([
    ...['sf', 'org', 'login', 'jwt', '--client-id', login.consumerKey, '--jwt-key-file', login.keyFile],
    ...['--username', login.username, '--instance-url', login.instanceUrl],
  ]);
