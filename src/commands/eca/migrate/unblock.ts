import type { Connection } from '@salesforce/core';

import { type Block, blockOf } from '../../../app/connected/blocking.ts';
import { keyOf, labelOf } from '../../../app/connected/connectedApp.ts';
import { isRefusal } from '../../../app/errorNature.ts';
import { orgToChange } from '../../../org/app/toChange.ts';
import { readBlocks, removeBlock } from '../../../org/connected/blocks.ts';
import { readConnectedApp } from '../../../org/connected/connectedApps.ts';
import { SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { beginWithConnectedApp } from '../../../ui/begin.ts';
import { type BlockResult, requireSeen } from '../../../ui/blocking.ts';
import { confirmIfAsked } from '../../../ui/confirmation.ts';
import { exitCodes } from '../../../ui/exitCodes.ts';
import {
  connectedAppFlag,
  NAME_ARGS,
  noPromptFlag,
  ORG_FLAGS,
  WRITE_FLAGS,
  type WriteFlags,
} from '../../../ui/flags.ts';
import { showingWrite } from '../../../ui/progress.ts';
import { askedOf, nameOrg } from '../../../ui/targetOrg.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.migrate.unblock');
const blocking = texts('eca.migrate.blocking');

export type EcaMigrateUnblockResult = BlockResult;

export default class EcaMigrateUnblock extends SfCommand<EcaMigrateUnblockResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', exitCodes);

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = {
    ...ORG_FLAGS,
    name: connectedAppFlag,
    ...WRITE_FLAGS,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaMigrateUnblockResult> {
    const begun = await beginWithConnectedApp(this, await this.parse(EcaMigrateUnblock));
    const { flags, connection, given, inSameOrg } = begun;
    const org = await orgToChange(begun, 'migrate unblock', nameOrg(this));
    const app = await readConnectedApp(connection, given);
    const [{ name }, consumerKey] = [app, keyOf(app)];
    if (consumerKey === undefined) throw blocking.createErrorOf('error.blockNoKey', [name]);
    const about = { app: { name, label: labelOf(app), consumerKey }, dryRun: flags['dry-run'], org };
    const block = blockOf((await readBlocks(connection)).blocks, consumerKey);
    if (!block) {
      this.log(messages.getMessage('already', [name]));
      return { ...about, blocked: false, changed: false };
    }
    if (!flags['dry-run']) await confirmIfAsked(this, flags, askedOf(org, messages.getMessage('prompt', [name])));
    await this.remove(connection, name, block, flags);
    if (flags['dry-run']) {
      this.logSuccess(messages.getMessage('wouldUnblock', [name]));
      return { ...about, blocked: true, block: block.fullName, changed: false };
    }
    requireSeen(blockOf((await readBlocks(connection)).blocks, consumerKey), false, name);
    this.logSuccess(messages.getMessage('unblocked', [name]));
    showNext(this, { text: messages.getMessage('next'), commandLine: inSameOrg('migrate', 'list') });
    return { ...about, blocked: false, changed: true };
  }

  /** @throws error.unblockRefused, because Setup can unblock what a deploy may not; what deploy throws */
  private async remove(connection: Connection, name: string, block: Block, flags: WriteFlags): Promise<void> {
    const writing = messages.getMessage('progress', [name]);
    await showingWrite(this.spinner, flags, { name, writing }, (options) =>
      removeBlock(connection, name, block, options),
    ).catch((error: unknown) => {
      throw isRefusal(error) ? blocking.createErrorOf('error.unblockRefused', [name, error.message]) : error;
    });
  }
}
