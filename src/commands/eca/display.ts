import { readAccess, type Door, type LetIn } from '../../org/app/access.ts';
import { appForClients, requireApp } from '../../org/app/read.ts';
import { displayed, type DisplayedApp } from '../../org/app/writeResult.ts';
import { SfCommand } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { asSpelled } from '../../ui/appName.ts';
import { beginWithApp } from '../../ui/begin.ts';
import { fieldRows } from '../../ui/appRows.ts';
import { nameFlag, noPromptFlag, orgFlags } from '../../ui/flags.ts';
import { tableRows } from '../../ui/tableRows.ts';
import { showNext } from '../../ui/writeResult.ts';

const messages = texts('eca.display');

export type EcaDisplayResult = DisplayedApp & {
  /** Who may use the app; absent for an app without OAuth. */
  letIn?: LetIn;
};

export default class EcaDisplay extends SfCommand<EcaDisplayResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly flags = { ...orgFlags, name: nameFlag, 'no-prompt': noPromptFlag };

  public async run(): Promise<EcaDisplayResult> {
    const { connection, given, inSameOrg } = await beginWithApp(this, await this.parse(EcaDisplay));
    const stored = await requireApp(connection, given, { grants: true });
    const name = asSpelled(this, given, stored.app.name);
    const app = displayed(stored);
    const letIn = appForClients(stored).oauth && (await readAccess(connection, stored));

    this.table({
      data: tableRows([
        ...fieldRows(app),
        ...(letIn ? [{ field: messages.getMessage('letIn'), value: inWords(letIn) }] : []),
      ]),
      columns: [
        { key: 'field', name: messages.getMessage('column.field') },
        { key: 'value', name: messages.getMessage('column.value') },
      ],
      overflow: 'wrap',
    });
    if (stored.installed) this.log(messages.getMessage('installed'));
    showNext(this, {
      text: messages.getMessage('next'),
      commandLine: inSameOrg('verify', '--name', name),
    });
    return { ...app, ...(letIn && { letIn }) };
  }
}

const inWords = ({ everybody, permissionSets, profiles }: LetIn): string => {
  if (everybody) return messages.getMessage('letIn.everybody');
  const doors = [
    ...permissionSets.map((door) => doorInWords('letIn.permissionSet', door)),
    ...profiles.map((door) => doorInWords('letIn.profile', door)),
  ];
  return doors.length > 0 ? doors.join('\n') : messages.getMessage('letIn.nobody');
};

const doorInWords = (message: 'letIn.permissionSet' | 'letIn.profile', { name, users }: Door): string =>
  messages.getMessage(message, [name, String(users ?? '?')]);
