import type { Interfaces } from '@oclif/core';
import type { Connection } from '@salesforce/core';

import { type Block, blockOf, daysBlocked, refusalToFinish } from '../../../app/connected/blocking.ts';
import { type ConnectedApp, labelOf } from '../../../app/connected/connectedApp.ts';
import { HISTORY_DAYS } from '../../../app/connected/use.ts';
import { isAbsent } from '../../../app/errorNature.ts';
import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import { saveOutsideGit } from '../../../file/snapshot.ts';
import { orgToChange } from '../../../org/app/toChange.ts';
import {
  deleteConnectedApp,
  isListed,
  readBlocks,
  readBounds,
  readUse,
  snapshotOf,
} from '../../../org/connected/blocks.ts';
import { readConnectedApp } from '../../../org/connected/connectedApps.ts';
import { Flags, SfCommand, toHelpSection } from '../../../salesforce.ts';
import { refusalError, texts } from '../../../texts.ts';
import { beginWithConnectedApp } from '../../../ui/begin.ts';
import { type BlockResult, requireBounds, warnOfLogins, warnOfSameLabel } from '../../../ui/blocking.ts';
import { exitCodes } from '../../../ui/exitCodes.ts';
import { connectedAppFlag, NAME_ARGS, noPromptFlag, ORG_FLAGS, WRITE_FLAGS } from '../../../ui/flags.ts';
import { showingWork,showingWrite } from '../../../ui/progress.ts';
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
type Finishable = { app: ConnectedApp; consumerKey: string; block: Block; days: number };

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
    const found = await ifThere(connection, given);
    if (!found) {
      this.log(messages.getMessage('notThere', [given]));
      return { app: { name: given }, deleted: false, dryRun: flags['dry-run'], org };
    }
    const { app, consumerKey, block, days } = await this.requireFinishable(connection, found, flags['blocked-days']);
    const { name } = app;
    const isDry = flags['dry-run'];
    if (!isDry) await this.confirmName(name, flags, askedOf(org, messages.getMessage('prompt', [name])));
    const toKeep = snapshotOf(connection, app, flags['output-file']);
    const snapshot = isDry ? undefined : await keepSnapshot(this, toKeep, saveOutsideGit);
    // Somebody may have let the app in again while the question waited.
    const stillThere = isDry ? block : blockOf((await readBlocks(connection)).blocks, consumerKey);
    if (stillThere?.created?.getTime() !== block.created?.getTime())
      throw refusalError({ code: 'error.finishNotBlocked', values: [name] });
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
    warnOfSameLabel(this, use.known);
    const late = refusalToFinish({ ...facts, use });
    if (late) throw refusalError(late);
    warnOfLogins(this, bounds.logins, connection.getUsername());
    return { app, consumerKey, block, days };
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

/**
 * The app, or undefined where the org does not list it. A vendor's app is listed.
 *
 * @throws what readConnectedApp throws
 */
const ifThere = async (connection: Connection, name: string): Promise<ConnectedApp | undefined> => {
  try {
    return await readConnectedApp(connection, name);
  } catch (error) {
    if (!isAbsent(error) || (await isListed(connection, name))) throw error;
    return undefined;
  }
};
