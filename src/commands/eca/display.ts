import { announcement, changesFor } from '../../app/announcedChanges.ts';
import { type RefreshTokenEnd, refreshTokenEnd } from '../../app/policies.ts';
import { type Door, type LetIn, readAccess } from '../../org/app/access.ts';
import { type OtherPart, readOtherParts } from '../../org/app/otherParts.ts';
import { appForClients, readAppNames, requireApp } from '../../org/app/read.ts';
import { displayed, type DisplayedApp } from '../../org/app/writeResult.ts';
import { answersInOrder } from '../../org/request/answersInOrder.ts';
import { SfCommand } from '../../salesforce.ts';
import { inWords, texts } from '../../texts.ts';
import { appLines } from '../../ui/appLines.ts';
import { asSpelled } from '../../ui/appName.ts';
import { beginWithApp } from '../../ui/begin.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS } from '../../ui/flags.ts';
import { wrapped } from '../../ui/wrapped.ts';
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
  public static override readonly hiddenAliases = ['eca:show', 'eca:get', 'eca:view', 'eca:describe', 'eca:info'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = { ...ORG_FLAGS, name: nameFlag, 'no-prompt': noPromptFlag };

  public async run(): Promise<EcaDisplayResult> {
    const { connection, given, inSameOrg } = await beginWithApp(this, readAppNames, await this.parse(EcaDisplay));
    const [stored, otherParts] = await answersInOrder(
      requireApp(connection, given, { grants: true }),
      readOtherParts(connection, given),
    );
    const name = asSpelled(this, given, stored.app.name);
    const app = displayed(stored);
    const letIn = appForClients(stored).oauth && (await readAccess(connection, stored));
    const end = refreshTokenEnd(stored.app);

    const access = [
      ...(letIn ? [{ label: messages.getMessage('letIn'), value: letInInWords(letIn) }] : []),
      ...(end ? [{ label: messages.getMessage('refreshTokenEnd'), value: endInWords(end) }] : []),
    ];
    for (const line of appLines(app, access, process.stdout.columns)) this.log(line);
    if (otherParts.length > 0) this.log(messages.getMessage('otherParts', [otherParts.join(', ')]));
    const now = new Date();
    for (const change of changesFor(stored.app))
      for (const line of wrapped(inWords(announcement(change, now)), process.stdout.columns)) this.log(line);
    if (stored.installed) this.log(messages.getMessage('installed'));
    const hasOauth = appForClients(stored).oauth !== undefined;
    showNext(this, {
      text: messages.getMessage(hasOauth ? 'next' : 'next.oauth'),
      commandLine: inSameOrg(...(hasOauth ? ['verify'] : ['oauth', 'set']), '--name', name),
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
