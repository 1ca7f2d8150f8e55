import { secretsIn } from '../../scripts/secretScan.ts';
import type { CommandOfCampaign } from './commands.ts';
import { difference, haveSameApps, isOnTheWay, isSame, type OrgState, stateOf } from './orgState.ts';
import type { Ran } from './run.ts';
import { filesIn, journalOf, secretsInFiles, type Stage } from './scene.ts';

/** How an org and a command's files are before it, and after a run that nothing disturbed. */
export type Wanted = { state: OrgState; files: Map<string, string> };

/** Errors that say that something in the org was left open: then it may be so, until the next run. */
const LEFT_OPEN = /^(StagedPairLeft|SecretAccessLeftOpen)Error$/;

/** What is never for the user's eyes: errors of the language, and values that got into a text by mistake. */
const OURS = /\bundefined\b|\[object |<html|\bat .*\.[jt]s:\d+|^(Type|Syntax|Range|Reference)Error\b/i;

/** What is wrong with a run that has to go well. Its exit code is 0, and the org and the files are as wanted. */
export const judgeSuccess = (ran: Ran, stage: Stage, wanted: Wanted): string[] => {
  const { error, exitCode } = ran;
  if (error) return [`it failed: ${error.name}: ${firstLine(error.message)}`, ...judgeOutput(ran)];
  return [
    ...(exitCode === 0 ? [] : [`exit code ${exitCode}: ${lastLines(ran.output)}`]),
    ...judgeOutput(ran),
    ...unlessSame('the org is not as wanted', stateOf(stage.org), wanted.state),
    ...judgeFiles(stage, wanted, true),
  ];
};

/** What is wrong with a run that may fail. It says clearly why, and what to do. The org is as before, or as wanted. */
export const judgeFailure = (
  command: CommandOfCampaign,
  ran: Ran,
  stage: Stage,
  before: OrgState,
  wanted: Wanted,
  errors: RegExp,
): string[] => {
  const { error, exitCode } = ran;
  if (!error && exitCode === 0) return judgeSuccess(ran, stage, wanted);
  return [
    ...(error ? judgeError(error, exitCode, errors) : judgeReport(command, ran)),
    ...judgeOutput(ran),
    ...judgeState(command, stateOf(stage.org), before, wanted.state, error?.name),
    ...judgeFiles(stage, wanted, false),
  ];
};

const judgeError = (
  { name, message, actions }: NonNullable<Ran['error']>,
  exitCode: number,
  errors: RegExp,
): string[] => [
  ...(errors.test(name) ? [] : [`another error than expected: ${name}: ${firstLine(message)}`]),
  ...(actions && actions.length > 0 ? [] : [`no next step: ${name}: ${firstLine(message)}`]),
  ...(OURS.test(message) ? [`not in words for people: ${firstLine(message)}`] : []),
  ...([1, 68, 69, 130].includes(exitCode) ? [] : [`exit code ${exitCode}`]),
];

/** Exit code 68 comes with a result, which says what was done, and warnings for the rest. */
const judgeReport = ({ reports }: CommandOfCampaign, { exitCode, output }: Ran): string[] =>
  exitCode === 68 || (reports && exitCode === 1)
    ? []
    : [`exit code ${exitCode} without an error: ${firstLine(output)}`];

/** What is wrong with a run that may go well. If it does not, it says clearly why, and what to do. */
export const judgeClearly = (ran: Ran): string[] => [
  ...(ran.error ? judgeError(ran.error, ran.exitCode, /(?<!^)Error$/) : []),
  ...judgeOutput(ran),
];

/** Stands for the error of a run that was killed: what it had left open it could not say. */
export const KILLED = 'SecretAccessLeftOpenError';

/** Access that a killed run's deploy took away is back only after the next run. */
const withoutAccess = (state: OrgState): OrgState =>
  new Set([...state].filter((line) => !line.startsWith('record setupentityaccess:')));

/** Is an org as a failed run may leave it? */
export const judgeState = (
  command: CommandOfCampaign,
  state: OrgState,
  before: OrgState,
  wanted: OrgState,
  error = '',
): string[] => {
  const { goesStepByStep, putsGrantsBack } = command;
  if (isSame(state, before) || isSame(state, wanted)) return [];
  if (putsGrantsBack && error === KILLED) {
    const [now, then, later] = [state, before, wanted].map(withoutAccess) as [OrgState, OrgState, OrgState];
    return judgeState({ ...command, putsGrantsBack: false }, now, then, later, error);
  }
  if (goesStepByStep && isOnTheWay(state, before, wanted)) return [];
  if (LEFT_OPEN.test(error) && (haveSameApps(state, before) || haveSameApps(state, wanted))) return [];
  return unlessSame('the org is neither as before nor as wanted; against before', state, before);
};

/**
 * What is left after a second run, which must have found its way. The org and the files are as wanted, and nothing is
 * to be tidied up.
 */
export const judgeSecondRun = (ran: Ran, stage: Stage, wanted: Wanted): string[] => {
  return [...judgeSuccess(ran, stage, wanted), ...journalOf(stage).map((file) => `the journal still has ${file}`)].map(
    (complaint) => `second run: ${complaint}`,
  );
};

const judgeOutput = ({ output }: Ran): string[] =>
  secretsIn(output)
    .filter(({ kind }) => kind !== 'consumer key')
    .map(({ kind }) => `an ${kind} was printed`);

/** A list says what of the org was seen and when, so its rows differ with the org. Its first line and its end are always there. */
const isWhole = (path: string, text: string, wanted: string): boolean => {
  if (!path.endsWith('.csv')) return text === wanted;
  const [header = ''] = wanted.split('\n');
  return text.startsWith(`${header}\n`) && text.endsWith('\n');
};

/** The files of a command are whole, or not there. A secret in one is the secret that the org has. */
export const judgeFiles = ({ folder, org }: Stage, { files }: Wanted, must: boolean): string[] => {
  const found = filesIn(folder);
  const secrets = [...org.consumers.values()].map(({ primary }) => primary.secret);
  return [
    ...[...found].flatMap(([path, text]) => {
      if (!files.has(path)) return [`a file was left behind: ${path}`];
      return isWhole(path, text, files.get(path) ?? '') ? [] : [`the file ${path} is not whole`];
    }),
    ...(must
      ? [...files.keys()].filter((path) => !found.has(path)).map((path) => `the file ${path} is not there`)
      : []),
    ...(secretsInFiles(folder).every((secret) => secrets.includes(secret)) ? [] : ['a file has a secret of no use']),
  ];
};

const unlessSame = (what: string, state: OrgState, wanted: OrgState): string[] => {
  const lines = difference(wanted, state);
  return lines.length > 0 ? [`${what}:\n    ${lines.slice(0, 6).join('\n    ')}`] : [];
};

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' ').slice(0, 300);

const firstLine = (text: string): string => (text.trim().split('\n')[0] ?? '').slice(0, 200);
