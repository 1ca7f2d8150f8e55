import { requireApp } from '../../org/read.ts';
import { displayed, type DisplayedApp } from '../../org/write.ts';
import { Messages, SfCommand } from '../../salesforce.ts';
import { fieldRows } from '../../ui/appRows.ts';
import { commandLine, sameOrg } from '../../ui/commandLine.ts';
import { nameFlag, noPromptFlag, orgFlags } from '../../ui/flags.ts';
import { askName, mayAsk, needFlags } from '../../ui/prompts.ts';
import { showNext } from '../../ui/written.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca.display');

export type EcaDisplayResult = DisplayedApp;

export default class EcaDisplay extends SfCommand<EcaDisplayResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly flags = { ...orgFlags, name: nameFlag, 'no-prompt': noPromptFlag };

  public async run(): Promise<EcaDisplayResult> {
    const { flags, raw } = await this.parse(EcaDisplay);
    const { name } = await needFlags(mayAsk(this, flags), { name: { given: flags.name, ask: () => askName() } });
    const stored = await requireApp(flags['target-org'].getConnection(flags['api-version']), name);
    const app = displayed(stored);

    this.table({
      data: fieldRows(app),
      columns: [
        { key: 'field', name: messages.getMessage('column.field') },
        { key: 'value', name: messages.getMessage('column.value') },
      ],
      overflow: 'wrap',
    });
    if (stored.installed) this.log(messages.getMessage('installed'));
    showNext(this, {
      text: messages.getMessage('next'),
      commandLine: commandLine([this.config.bin, 'eca', 'verify', '--name', name, ...sameOrg(raw)]),
    });
    return app;
  }
}
