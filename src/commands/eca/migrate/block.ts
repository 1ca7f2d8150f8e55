import type { Connection } from '@salesforce/core';

import { blockOf, refusalOfUse } from '../../../app/connected/blocking.ts';
import { labelOf } from '../../../app/connected/connectedApp.ts';
import { HISTORY_DAYS } from '../../../app/connected/use.ts';
import { orgToChange } from '../../../org/app/toChange.ts';
import { readBlocks, readBounds, readUse, sendBlock } from '../../../org/connected/blocks.ts';
import { readConnectedApp } from '../../../org/connected/connectedApps.ts';
import { Flags, SfCommand, toHelpSection } from '../../../salesforce.ts';
import { refusalError, texts } from '../../../texts.ts';
import { beginWithConnectedApp } from '../../../ui/begin.ts';
import {
  type BlockResult,
  daysInWords,
  lastUseInWords,
  type QuietInWords,
  quietInWords,
  requireBounds,
  requireSeen,
  warnOfLogins,
  warnOfSameLabel,
} from '../../../ui/blocking.ts';
import { confirmDeletion, yesFlag } from '../../../ui/confirmation.ts';
import { exitCodes } from '../../../ui/exitCodes.ts';
import { connectedAppFlag, NAME_ARGS, ORG_FLAGS, WRITE_FLAGS } from '../../../ui/flags.ts';
import { showingWork,showingWrite } from '../../../ui/progress.ts';
import { nameOrg } from '../../../ui/targetOrg.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.migrate.block');
const blocking = texts('eca.migrate.blocking');

export type EcaMigrateBlockResult = BlockResult & {
  /** The use of the app, as far as the org shows it. Absent for an app that was blocked already. */
  quiet?: QuietInWords;
  /** The command line that lets the app in again. */
  wayBack: string;
};

const DAYS_WANTED = 7;

export default class EcaMigrateBlock extends SfCommand<EcaMigrateBlockResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', exitCodes);

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = {
    ...ORG_FLAGS,
    name: connectedAppFlag,
    'quiet-days': Flags.integer({
      min: 0,
      max: HISTORY_DAYS,
      default: DAYS_WANTED,
      summary: messages.getMessage('flags.quiet-days.summary'),
    }),
    ...WRITE_FLAGS,
    'no-prompt': yesFlag,
  };

  public async run(): Promise<EcaMigrateBlockResult> {
    const begun = await beginWithConnectedApp(this, await this.parse(EcaMigrateBlock));
    const { flags, connection, given, inSameOrg } = begun;
    const org = await orgToChange(begun, 'migrate block', nameOrg(this));
    const app = await readConnectedApp(connection, given);
    const { name } = app;
    const bounds = await readBounds(connection, app);
    const consumerKey = requireBounds(bounds);
    const wayBack = inSameOrg('migrate', 'unblock', '--name', name);
    const about = { app: { name, label: labelOf(app), consumerKey }, dryRun: flags['dry-run'], org, wayBack };
    const { blocks } = await readBlocks(connection);
    const there = blockOf(blocks, consumerKey);
    if (there) {
      this.log(messages.getMessage('already', [name]));
      return { ...about, blocked: true, block: there.fullName, changed: false };
    }
    const quiet = await this.requireQuiet(connection, name, flags['quiet-days']);
    warnOfLogins(this, bounds.logins, connection.getUsername());
    if (!flags['dry-run'])
      await confirmDeletion(this, flags, messages.getMessage('prompt', [name]), { org, names: [name] });
    const writing = messages.getMessage('progress', [name]);
    const block = await showingWrite(this.spinner, flags, { name, writing }, (options) =>
      sendBlock(connection, about.app, blocks, options),
    );
    if (flags['dry-run']) {
      this.logSuccess(messages.getMessage('wouldBlock', [name]));
      return { ...about, blocked: false, changed: false, quiet };
    }
    requireSeen(blockOf((await readBlocks(connection)).blocks, consumerKey), true, name);
    this.logSuccess(messages.getMessage('blocked', [name]));
    showNext(this, { text: messages.getMessage('next'), commandLine: wayBack });
    return { ...about, blocked: true, block, changed: true, quiet };
  }

  /** The use of the app. @throws error.blockInUse, error.blockUseUnknown */
  private async requireQuiet(connection: Connection, name: string, quietDays: number): Promise<QuietInWords> {
    const { quietness, known } = await showingWork(this.spinner, messages.getMessage('spinner'), () =>
      // Without days that are wanted, the use is shown all the same.
      readUse(connection, name, quietDays || DAYS_WANTED),
    );
    warnOfSameLabel(this, known);
    const refusal = refusalOfUse(name, quietness, quietDays);
    if (refusal) throw refusalError(refusal);
    const last = lastUseInWords(quietness);
    if (quietDays === 0) this.warn(blocking.createWarning('warning.useIgnored', [last]));
    else this.logToStderr(messages.getMessage('quiet', [daysInWords(quietness), last]));
    return quietInWords(quietness, known);
  }
}
