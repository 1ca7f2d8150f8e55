import type { Connection } from '@salesforce/core';

import { HISTORY_DAYS, QUIET_DAYS } from '../../../app/connected/use.ts';
import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import { readPair } from '../../../local/migrations.ts';
import { orgIdOf } from '../../../local/stateFiles.ts';
import { readComparison } from '../../../org/connected/status.ts';
import { Flags, SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { beginWithConnectedApp, type InOrg } from '../../../ui/begin.ts';
import { exitCodesIn } from '../../../ui/exitCodes.ts';
import { connectedAppFlag, NAME_ARGS, noPromptFlag, ORG_FLAGS } from '../../../ui/flags.ts';
import {
  type ComparisonInWords,
  comparisonInWords,
  comparisonLines,
  comparisonTable,
  type PairFrom,
  pairLine,
} from '../../../ui/migrationStatus.ts';
import { showingWork } from '../../../ui/progress.ts';
import { showTable } from '../../../ui/tables.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.migrate.status');

export type EcaMigrateStatusResult = ComparisonInWords;

export default class EcaMigrateStatus extends SfCommand<EcaMigrateStatusResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection(
    'ERROR CODES',
    exitCodesIn(messages, 'success', 'failure', 'wrongFlags', 'unfinished'),
  );

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = {
    ...ORG_FLAGS,
    name: connectedAppFlag,
    as: Flags.string({ summary: messages.getMessage('flags.as.summary') }),
    days: Flags.integer({ min: 1, max: HISTORY_DAYS, default: 90, summary: messages.getMessage('flags.days.summary') }),
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaMigrateStatusResult> {
    const begun = await beginWithConnectedApp(this, await this.parse(EcaMigrateStatus));
    const { flags, connection, given: name, inSameOrg } = begun;
    const { newName, pair } = await pairOf(connection, name, flags.as);
    const comparison = await showingWork(this.spinner, messages.getMessage('spinner'), () =>
      readComparison(connection, name, newName, flags.days),
    );
    const inWords = comparisonInWords(comparison, pair);
    this.show(inWords, newName);
    const other = comparison.new?.name;
    if (comparison.notes.some(({ code }) => code === 'status.oneLabel') && other !== undefined)
      showNext(this, {
        text: messages.getMessage('next.label'),
        // A name is safe to print and to paste; a label may be neither.
        commandLine: inSameOrg('update', '--name', other, '--label', other),
      });
    else
      this.suggest(
        inWords,
        comparison.notes.some(({ code }) => code === 'status.oneKey'),
        inSameOrg,
      );
    if (inWords.quiet.days === undefined) process.exitCode = EXIT_CODE_FOR.unfinished;
    return inWords;
  }

  private show(inWords: ComparisonInWords, newName: string | undefined): void {
    this.log(pairLine(inWords.old.name, newName, inWords.pair));
    if (newName !== undefined && !inWords.new) this.warn(messages.createWarning('warning.newMissing', [newName]));
    showTable(this, comparisonTable(inWords));
    for (const line of comparisonLines(inWords, process.stdout.columns)) this.log(line);
  }

  private suggest(
    { old, new: other, quiet }: ComparisonInWords,
    haveOneKey: boolean,
    inSameOrg: InOrg<unknown>['inSameOrg'],
  ): void {
    const mayBlock = !haveOneKey && (quiet.days ?? 0) >= QUIET_DAYS;
    const ofBoth = mayBlock ? (['next.block', 'block'] as const) : (['next.again', 'status'] as const);
    const [text, command] = other ? ofBoth : (['next.apply', 'apply'] as const);
    const commandLine = inSameOrg('migrate', command, '--name', old.name);
    showNext(this, { text: messages.getMessage(text), commandLine });
  }
}

/** The new app, and where it is known from. A likeness of names proves nothing. */
const pairOf = async (
  connection: Connection,
  oldName: string,
  as: string | undefined,
): Promise<{ newName?: string; pair: PairFrom }> => {
  if (as !== undefined) return { newName: as, pair: { from: 'flag' } };
  const noted = await readPair(orgIdOf(connection), oldName);
  if (!noted) return { pair: { from: 'nowhere' } };
  return { newName: noted.newName, pair: { from: 'note', since: noted.since } };
};
