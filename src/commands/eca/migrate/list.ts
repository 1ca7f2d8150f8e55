import type { Interfaces } from '@oclif/core';

import { judgeInventory } from '../../../app/connected/inventory.ts';
import { HISTORY_DAYS } from '../../../app/connected/use.ts';
import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import { isThere, saveFile } from '../../../file/save.ts';
import { readInventory } from '../../../org/connected/inventory.ts';
import { Flags, SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { beginInOrg } from '../../../ui/begin.ts';
import { confirmLoss, yesFlag } from '../../../ui/confirmation.ts';
import { exitCodesIn } from '../../../ui/exitCodes.ts';
import { ORG_FLAGS } from '../../../ui/flags.ts';
import {
  appLines,
  inventoryCsv,
  type InventoryInWords,
  inventoryInWords,
  inventoryLines,
  inventoryTable,
  isNarrow,
  isWhole,
} from '../../../ui/inventory.ts';
import { notWritten } from '../../../ui/outputFile.ts';
import { showingWork } from '../../../ui/progress.ts';
import { showTable } from '../../../ui/tables.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.migrate.list');

export type EcaMigrateListResult = InventoryInWords & {
  /** The file that was written. */
  file?: string;
};

type ListFlags = Interfaces.InferredFlags<typeof EcaMigrateList.flags>;

export default class EcaMigrateList extends SfCommand<EcaMigrateListResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection(
    'ERROR CODES',
    exitCodesIn(messages, 'success', 'failure', 'wrongFlags', 'unfinished'),
  );

  public static override readonly flags = {
    ...ORG_FLAGS,
    days: Flags.integer({ min: 1, max: HISTORY_DAYS, default: 90, summary: messages.getMessage('flags.days.summary') }),
    'output-file': Flags.string({ summary: messages.getMessage('flags.output-file.summary') }),
    'no-prompt': yesFlag,
  };

  public async run(): Promise<EcaMigrateListResult> {
    const { flags, connection, inSameOrg } = beginInOrg(this, await this.parse(EcaMigrateList));
    const facts = await showingWork(this.spinner, messages.getMessage('spinner'), () =>
      readInventory(connection, flags.days),
    );
    const inventory = inventoryInWords(judgeInventory(facts), new Date());
    this.show(inventory);
    const file = await this.save(inventory, flags);
    const toPlan = inventory.apps.find(({ road }) => road === 'in-place' || road === 'side-by-side');
    if (toPlan?.name !== undefined)
      showNext(this, {
        text: messages.getMessage('next.plan'),
        commandLine: inSameOrg('migrate', 'plan', '--name', toPlan.name),
      });
    if (!isWhole(inventory)) process.exitCode = EXIT_CODE_FOR.unfinished;
    return { ...inventory, ...(file !== undefined && { file }) };
  }

  private show(inventory: InventoryInWords): void {
    const width = process.stdout.columns;
    if (inventory.apps.length === 0) this.log(messages.getMessage('none'));
    else if (isNarrow(width)) for (const line of appLines(inventory, width)) this.log(line);
    else showTable(this, inventoryTable(inventory));
    for (const line of inventoryLines(inventory, width)) this.log(line);
  }

  private async save(inventory: InventoryInWords, flags: ListFlags): Promise<string | undefined> {
    const file = flags['output-file'];
    if (file === undefined) return undefined;
    if (await isThere(file)) await confirmLoss(this, flags, messages.getMessage('prompt.overwrite', [file]));
    await saveFile(file, inventoryCsv(inventory)).catch(notWritten(file));
    this.logToStderr(messages.getMessage('saved', [String(inventory.apps.length), file]));
    return file;
  }
}
