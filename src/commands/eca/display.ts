import { announcement, changesFor } from '../../app/announcedChanges.ts';
import { refreshTokenEnd, type RefreshTokenEnd } from '../../app/policies.ts';
import { readAccess, type Door, type LetIn } from '../../org/app/access.ts';
import { readOtherParts, type OtherPart } from '../../org/app/otherParts.ts';
import { appForClients, requireApp } from '../../org/app/read.ts';
import { displayed, type DisplayedApp } from '../../org/app/write.ts';
import { SfCommand } from '../../salesforce.ts';
import { inWords, texts } from '../../texts.ts';
import { asSpelled } from '../../ui/appName.ts';
import { fieldRows } from '../../ui/appRows.ts';
import { commandLine } from '../../app/commandLine.ts';
import { sameOrg } from '../../ui/commandLine.ts';
import { nameFlag, noPromptFlag, orgFlags } from '../../ui/flags.ts';
import { askName, mayAsk, needFlags } from '../../ui/prompts.ts';
import { tableRows } from '../../ui/tableRows.ts';
import { showNext } from '../../ui/writeResult.ts';

const messages = texts('eca.display');

export type EcaDisplayResult = DisplayedApp & {
  /** Who may use the app; absent for an app without OAuth. */
  letIn?: LetIn;
  /** Metadata types of the app that no command shows or writes, such as its mobile settings. Absent where it has none. */
  otherParts?: OtherPart[];
  /** When refresh tokens really end, where the idle limit changes what the policy says. */
  refreshTokenEnd?: RefreshTokenEnd;
};

export default class EcaDisplay extends SfCommand<EcaDisplayResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly flags = { ...orgFlags, name: nameFlag, 'no-prompt': noPromptFlag };

  public async run(): Promise<EcaDisplayResult> {
    const { flags, raw } = await this.parse(EcaDisplay);
    const { name: given } = await needFlags(mayAsk(this, flags), { name: { given: flags.name, ask: () => askName() } });
    const connection = flags['target-org'].getConnection(flags['api-version']);
    const stored = await requireApp(connection, given, { grants: true });
    const name = asSpelled(this, given, stored.app.name);
    const app = displayed(stored);
    // After the app, so that the org's newest API version is known. Beside the look at who is let in.
    const reading = readOtherParts(connection, name);
    reading.catch(() => undefined);
    const letIn = appForClients(stored).oauth && (await readAccess(connection, stored));
    const otherParts = await reading;
    const end = refreshTokenEnd(stored.app);

    this.table({
      data: tableRows([
        ...fieldRows(app),
        ...(letIn ? [{ field: messages.getMessage('letIn'), value: letInInWords(letIn) }] : []),
        ...(end ? [{ field: messages.getMessage('refreshTokenEnd'), value: endInWords(end) }] : []),
      ]),
      columns: [
        { key: 'field', name: messages.getMessage('column.field') },
        { key: 'value', name: messages.getMessage('column.value') },
      ],
      overflow: 'wrap',
    });
    if (otherParts.length > 0) this.log(messages.getMessage('otherParts', [otherParts.join(', ')]));
    const now = new Date();
    for (const change of changesFor(stored.app)) this.log(inWords(announcement(change, now)));
    if (stored.installed) this.log(messages.getMessage('installed'));
    showNext(this, {
      text: messages.getMessage('next'),
      commandLine: commandLine([this.config.bin, 'eca', 'verify', '--name', name, ...sameOrg(raw)]),
    });
    return {
      ...app,
      ...(otherParts.length > 0 && { otherParts }),
      ...(letIn && { letIn }),
      ...(end && { refreshTokenEnd: end }),
    };
  }
}

const endInWords = ({ unused, atMost }: RefreshTokenEnd): string =>
  atMost === undefined
    ? messages.getMessage('refreshTokenEnd.unused', [unused])
    : messages.getMessage('refreshTokenEnd.both', [unused, atMost]);

const letInInWords = ({ everybody, permissionSets, profiles }: LetIn): string => {
  if (everybody) return messages.getMessage('letIn.everybody');
  const doors = [
    ...permissionSets.map((door) => doorInWords('letIn.permissionSet', door)),
    ...profiles.map((door) => doorInWords('letIn.profile', door)),
  ];
  return doors.length > 0 ? doors.join('\n') : messages.getMessage('letIn.nobody');
};

const doorInWords = (message: 'letIn.permissionSet' | 'letIn.profile', { name, users }: Door): string =>
  messages.getMessage(message, [name, String(users ?? '?')]);
