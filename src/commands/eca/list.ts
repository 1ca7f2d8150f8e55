import { readApps } from '../../org/app/read.ts';
import { displayed, type DisplayedApp } from '../../org/app/writeResult.ts';
import { SfCommand } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { appRows } from '../../ui/appRows.ts';
import { beginInOrg } from '../../ui/begin.ts';
import { ORG_FLAGS } from '../../ui/flags.ts';
import { showTable } from '../../ui/tables.ts';
import { showNext } from '../../ui/writeResult.ts';

const messages = texts('eca.list');

/** By name. */
export type EcaListResult = DisplayedApp[];

export default class EcaList extends SfCommand<EcaListResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:ls'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly flags = ORG_FLAGS;

  public async run(): Promise<EcaListResult> {
    const { connection, inSameOrg } = beginInOrg(this, await this.parse(EcaList));
    const stored = await readApps(connection);
    const apps = [...stored.values()].map(displayed).sort((a, b) => (a.name < b.name ? -1 : 1));

    if (apps.length === 0) this.log(messages.getMessage('none'));
    else showTable(this, appRows(apps));
    const [first] = apps;
    showNext(
      this,
      first === undefined
        ? {
            text: messages.getMessage('next.create'),
            commandLine: inSameOrg('create'),
          }
        : {
            text: messages.getMessage('next.display'),
            commandLine: inSameOrg('display', '--name', first.name),
          },
    );
    return apps;
  }
}
