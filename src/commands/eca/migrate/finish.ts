import type { Interfaces } from '@oclif/core';
import type { Connection } from '@salesforce/core';

import { type Block, blockOf, type Bounds, daysBlocked, refusalToFinish } from '../../../app/connected/blocking.ts';
import { type ConnectedApp, labelOf } from '../../../app/connected/connectedApp.ts';
import type { KnownApp } from '../../../app/connected/inventoryUse.ts';
import { HISTORY_DAYS } from '../../../app/connected/use.ts';
import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import { saveOutsideGit } from '../../../file/snapshot.ts';
import { orgToChange } from '../../../org/app/toChange.ts';
import {
  deleteConnectedApp,
  isListed,
  readBlocks,
  readBounds,
  readIfListed,
  readUse,
  snapshotOf,
} from '../../../org/connected/blocks.ts';
import { Flags, SfCommand, toHelpSection } from '../../../salesforce.ts';
import { refusalError, texts } from '../../../texts.ts';
import { beginWithConnectedApp } from '../../../ui/begin.ts';
import { type BlockResult, requireBounds, warnOfChange, warnOfLogins, warnOfSameLabel } from '../../../ui/blocking.ts';
import { exitCodes } from '../../../ui/exitCodes.ts';
import { connectedAppFlag, NAME_ARGS, noPromptFlag, ORG_FLAGS, WRITE_FLAGS } from '../../../ui/flags.ts';
import { showingWork, showingWrite } from '../../../ui/progress.ts';
import { mayAsk, PROMPTS } from '../../../ui/prompts.ts';
import { keepSnapshot } from '../../../ui/snapshot.ts';
import { askedOf, nameOrg } from '../../../ui/targetOrg.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.migrate.finish');

export type EcaMigrateFinishResult = Pick<BlockResult, 'dryRun' | 'org'> & {
  /** The Connected App. The name alone when there was none. */
  app: { name: string; label?: string; consumerKey?: string };
  deleted: boolean;
  /** Whole days for which the app was blocked, by the org's clock. */
  daysBlocked?: number;
  /** Full name of the BlacklistedConsumer, which stays in the org after the deletion. */
  block?: string;
  /** The file with the metadata of the app, without any secret. */
  snapshot?: string;
};

type FinishFlags = Interfaces.InferredFlags<typeof EcaMigrateFinish.flags>;

/** An app that may be deleted. */
type Finishable = {
  app: ConnectedApp;
  consumerKey: string;
  block: Block;
  days: number;
  bounds: Bounds;
  known: KnownApp;
};

export default class EcaMigrateFinish extends SfCommand<EcaMigrateFinishResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', exitCodes);

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = {
    ...ORG_FLAGS,
    name: connectedAppFlag,
    'blocked-days': Flags.integer({ min: 1, default: 30, summary: messages.getMessage('flags.blocked-days.summary') }),
    'confirm-name': Flags.string({ summary: messages.getMessage('flags.confirm-name.summary') }),
    'output-file': Flags.string({ summary: messages.getMessage('flags.output-file.summary') }),
    ...WRITE_FLAGS,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaMigrateFinishResult> {
    const begun = await beginWithConnectedApp(this, await this.parse(EcaMigrateFinish));
    const { flags, connection, given, inSameOrg } = begun;
    const org = await orgToChange(begun, 'migrate finish', nameOrg(this));
    const isDry = flags['dry-run'];
    const gone = (name: string): EcaMigrateFinishResult => {
      this.log(messages.getMessage('notThere', [name]));
      return { app: { name }, deleted: false, dryRun: isDry, org };
    };
    const found = await readIfListed(connection, given);
    if (!found) return gone(given);
    const finishable = await this.requireFinishable(connection, found, flags['blocked-days']);
    const { app, consumerKey, block, days } = finishable;
    const { name } = app;
    warnOfSameLabel(this, finishable.known);
    if (block.since) warnOfChange(this, finishable.known, block.since);
    warnOfLogins(this, finishable.bounds, connection.getUsername());
    if (!isDry) {
      await this.confirmName(name, flags, askedOf(org, messages.getMessage('prompt', [name])));
      if (!(await this.lookAgain(connection, finishable, flags))) return gone(name);
    }
    const toKeep = snapshotOf(connection, app, flags['output-file']);
    const snapshot = isDry ? undefined : await keepSnapshot(this, toKeep, saveOutsideGit);
    const writing = messages.getMessage('progress', [name]);
    await showingWrite(this.spinner, flags, { name, writing }, (options) =>
      deleteConnectedApp(connection, name, options),
    );
    if (!isDry && (await isListed(connection, name)))
      throw messages.createError('error.stillThere', [name], [], EXIT_CODE_FOR.unfinished);
    this.logSuccess(messages.getMessage(isDry ? 'wouldDelete' : 'deleted', [name]));
    if (!isDry) this.log(messages.getMessage('blockStays', [block.fullName]));
    if (!isDry) showNext(this, { text: messages.getMessage('next'), commandLine: inSameOrg('migrate', 'list') });
    const about = { app: { name, label: labelOf(app), consumerKey }, dryRun: isDry, org };
    const left = isDry ? {} : { block: block.fullName };
    return { ...about, ...left, deleted: !isDry, daysBlocked: days, ...(snapshot !== undefined && { snapshot }) };
  }

  /** @throws what requireBounds throws; the error that refusalToFinish names */
  private async requireFinishable(connection: Connection, app: ConnectedApp, wanted: number): Promise<Finishable> {
    const { name } = app;
    const bounds = await readBounds(connection, app);
    const consumerKey = requireBounds(bounds);
    const { blocks, now } = await readBlocks(connection);
    const block = blockOf(blocks, consumerKey);
    const days = daysBlocked(block, now);
    const facts = { name, block, now, blockedDays: wanted };
    const early = refusalToFinish(facts);
    if (early || !block || days === undefined)
      throw refusalError(early ?? { code: 'error.finishNoDate', values: [name] });
    const use = await showingWork(this.spinner, messages.getMessage('spinner'), () =>
      readUse(connection, name, Math.min(HISTORY_DAYS, days + 2)),
    );
    const late = refusalToFinish({ ...facts, use });
    if (late) {
      warnOfSameLabel(this, use.known);
      throw refusalError(late);
    }
    return { app, consumerKey, block, days, bounds, known: use.known };
  }

  /**
   * Looks once more at what is deleted for good. Somebody may have changed the app, let it in or used it.
   *
   * @returns false where the app is gone
   * @throws error.changedMeanwhile; error.finishNotBlocked; what requireFinishable throws
   */
  private async lookAgain(connection: Connection, before: Finishable, flags: FinishFlags): Promise<boolean> {
    const { name } = before.app;
    const app = await readIfListed(connection, name);
    if (!app) return false;
    if (JSON.stringify(app) !== JSON.stringify(before.app))
      throw messages.createErrorOf('error.changedMeanwhile', [name]);
    // Whoever is asked may think for hours.
    if (flags['confirm-name'] === undefined) await this.requireFinishable(connection, app, flags['blocked-days']);
    const block = blockOf((await readBlocks(connection)).blocks, before.consumerKey);
    if (block?.since?.getTime() === before.block.since?.getTime()) return true;
    throw refusalError({ code: 'error.finishNotBlocked', values: [name] });
  }

  /**
   * No yes stands for the name.
   *
   * @throws error.confirmNameOther, error.confirmNameNeeded (exit code 2 both); error.promptLeft
   */
  private async confirmName(name: string, flags: FinishFlags, question: string): Promise<void> {
    const confirmed = flags['confirm-name'];
    if (confirmed !== undefined) {
      if (confirmed === name) return;
      throw messages.createError('error.confirmNameOther', [confirmed, name], [], EXIT_CODE_FOR.wrongFlags);
    }
    if (!mayAsk(this, flags))
      throw messages.createError('error.confirmNameNeeded', [name], [name], EXIT_CODE_FOR.wrongFlags);
    await PROMPTS.text({
      message: question,
      problem: (answer) => (answer === name ? undefined : messages.getMessage('prompt.other', [name])),
    });
  }
}
