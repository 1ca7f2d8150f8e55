import type { Flow } from '../app/app.ts';
import type { Check, FlowResult, Outcome, TrialStatus } from '../app/checks.ts';
import { commandLine } from '../app/commandLine.ts';
import { StandardColors } from '../salesforce.ts';
import { inWords, texts } from '../texts.ts';
import type { Table } from './appRows.ts';
import { remedyLines, remedyOf } from './remedies.ts';
import { wrapped } from './wrapped.ts';

const messages = texts('eca.verify');

/** A check in words. */
export type EcaVerifyCheck = {
  /** Stable, such as `client-credentials.token`. */
  id: string;
  flow?: Flow;
  title: string;
  /** `unfinished`: tried, and the org's answer may be another one in a few minutes. */
  status: TrialStatus;
  detail: string;
  /** What fixes it; every failed check has one. */
  fix?: string;
  /** The commands of the fix that run as they stand. */
  commands: string[];
  durationMs: number;
};

export const checkInWords = ({ id, flow, title, status, detail, fix, durationMs }: Check): EcaVerifyCheck => {
  return {
    id,
    ...(flow ? { flow } : {}),
    title: inWords(title),
    status,
    detail: inWords(detail),
    ...remedyOf(fix && inWords(fix)),
    durationMs,
  };
};

const SIGNS: Record<TrialStatus, string> = { passed: '✔', warning: '!', failed: '✘', unfinished: '…', skipped: '-' };

const COLOURS = {
  passed: StandardColors.success,
  warning: StandardColors.warning,
  failed: StandardColors.error,
  unfinished: StandardColors.warning,
  skipped: StandardColors.info,
};

/** Was the check left out because of another check, which has the reason? */
const isFollowing = ({ detail }: Check): boolean => detail.code === 'detail.needs';

/** The beginning of the further lines of a finding, so that they stand below its title. */
const INDENT = '  ';

/**
 * The lines of a check, as soon as the check ends; no lines for a check that another check prevented.
 *
 * @param width of the terminal; absent without a terminal, and then text is not wrapped
 */
export const checkLines = (check: Check, width?: number): string[] => {
  if (isFollowing(check)) return [];
  const { status } = check;
  const colour = COLOURS[status];
  const sign = { coloured: colour(SIGNS[status]) };
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
  return wrapped(line, width, '', INDENT);
};

/** The data of the summary. */
export type Ended = {
  name: string;
  result: Outcome;
  flows: { flow: Flow; result: FlowResult }[];
  checks: Check[];
  unseen: Flow[];
  strict: boolean;
};

/** How the whole of it ended, in one sentence. */
export const verdictOf = ({ name, result, checks, strict }: Omit<Ended, 'flows' | 'unseen'>): string => {
  const onlyWarnings = strict && result === 'failed' && !checks.some(({ status }) => status === 'failed');
  return messages.getMessage(onlyWarnings ? 'failedByWarnings' : result, [name]);
};

/** The checks as rows of a table: all of them, also those that were left out. */
export const checkTable = (checks: Check[]): Table => ({
  data: checks.map(({ flow = '', status, title, detail }) => ({
    check: inWords(title),
    flow,
    status: COLOURS[status](messages.getMessage(`status.${status}`)),
    detail: inWords(detail),
  })),
  columns: (['check', 'flow', 'status', 'detail'] as const).map((key) => ({
    key,
    name: messages.getMessage(`column.${key}`),
  })),
});

/**
 * The summary after the checks. This has the checks that were left out, the next steps, the result of each flow, and
 * the final result.
 */
export const endLines = (ended: Ended, width?: number): string[] => {
  const { result, flows, checks, unseen } = ended;
  const following = checks.filter(isFollowing).map(({ title }) => inWords(title));
  const remedies = remedyLines(checks.map(checkInWords), width);
  const lines = (text: string): string[] => wrapped(text, width, '', INDENT);
  const verdict = lines(verdictOf(ended));
  return [
    ...(following.length > 0
      ? lines(messages.getMessage('line.following', [SIGNS.skipped, following.join(', ')]))
      : []),
    ...unseen.flatMap((flow) => lines(messages.getMessage('line.unseen', [SIGNS.skipped, flow]))),
    ...(remedies.length > 0 ? ['', messages.getMessage('toMend'), '', ...remedies] : []),
    '',
    ...flows.flatMap((one) =>
      lines(
        messages.getMessage('line.flow', [
          one.flow,
          { coloured: OF_FLOW[one.result](messages.getMessage(`flow.${one.result}`)) },
        ]),
      ),
    ),
    ...verdict.map((line) => COLOURS[result](line)),
  ];
};

const OF_FLOW: Record<FlowResult, (text: string) => string> = {
  worked: StandardColors.success,
  accepted: StandardColors.success,
  notTried: StandardColors.warning,
  failed: StandardColors.error,
};

/** The `sf` command for a login with the JWT bearer flow, as the flow was tested. */
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
