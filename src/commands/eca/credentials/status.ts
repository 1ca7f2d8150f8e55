import type { Interfaces } from '@oclif/core';
import type { Connection } from '@salesforce/core';

import { type AppStatus, credentialsStatus, nextStep } from '../../../app/credentialsStatus.ts';
import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import { identifyApp, readAppNames } from '../../../org/app/read.ts';
import { answersInOrder } from '../../../org/request/answersInOrder.ts';
import type { AppRef } from '../../../org/secrets/credentials.ts';
import { readLocalApps, readRotations, type SeenRotation } from '../../../org/secrets/rotations.ts';
import { restoreSecretAccess, withSecretAccess } from '../../../org/secrets/secretAccess.ts';
import { readRotation } from '../../../org/secrets/stagedSlot.ts';
import { requirePermissions } from '../../../org/users/permissions.ts';
import { Flags, SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginInOrg, beginWithApp, nameSaid } from '../../../ui/begin.ts';
import type { Token } from '../../../ui/commandLine.ts';
import { allowSecretAccessFlag, tellSwitch } from '../../../ui/credentials.ts';
import { judgeCredentials, showCredentialsStatus } from '../../../ui/credentialsStatus.ts';
import { exitCodesIn } from '../../../ui/exitCodes.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS } from '../../../ui/flags.ts';
import { rotateWords } from '../../../ui/rotation.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.credentials.status');

/** Without --all, the fields of the one app stand beside the list: scripts knew them before the list came. */
export type EcaCredentialsStatusResult = Partial<AppStatus> & {
  /** The app that was named, or with --all every app that the org has of its own. */
  apps: AppStatus[];
};

type Parsed = {
  flags: Interfaces.InferredFlags<typeof EcaCredentialsStatus.flags>;
  args: { name?: string };
  raw: Token[];
};

export default class EcaCredentialsStatus extends SfCommand<EcaCredentialsStatusResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:rotation'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection(
    'ERROR CODES',
    exitCodesIn(messages, 'success', 'failure', 'changesFound', 'unfinished'),
  );
  public static override readonly args = NAME_ARGS;
  public static override readonly flags = {
    ...ORG_FLAGS,
    name: nameFlag,
    all: Flags.boolean({ exclusive: ['name'], summary: messages.getMessage('flags.all.summary') }),
    'warn-days': Flags.integer({ summary: messages.getMessage('flags.warn-days.summary') }),
    'allow-secret-access': allowSecretAccessFlag,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaCredentialsStatusResult> {
    const parsed = await this.parse(EcaCredentialsStatus);
    const { all, 'warn-days': warnDays } = parsed.flags;
    const { inSameOrg } = beginInOrg(this, parsed);
    const found = all ? await this.ofAll(parsed) : [await this.ofOne(parsed)];
    const apps = found.map(({ app, seen }) => credentialsStatus(app.name, seen));
    showCredentialsStatus(this, apps, { all });
    judgeCredentials(apps, warnDays);
    const unfinished = apps.find(nextStep);
    const step = unfinished && nextStep(unfinished);
    if (unfinished && step) {
      const words = rotateWords(unfinished.name, step, parsed.flags['allow-secret-access']);
      showNext(this, { text: messages.getMessage(`next.${step}`), commandLine: inSameOrg(...words) });
    }
    return { ...(!all && apps[0]), apps };
  }

  private async ofOne(parsed: Parsed): Promise<SeenRotation> {
    const { flags, connection, given, sameApp } = await beginWithApp(this, readAppNames, parsed);
    const [, { id, name: stored }] = await answersInOrder(mayRead(connection), identifyApp(connection, given));
    const name = asSpelled(this, given, stored);
    const app = { id, name, inCommands: sameApp(name) };
    return this.read(connection, flags, async () => ({ app, seen: await readRotation(connection, app) }));
  }

  /** The switch is opened once for all apps, and not at all for an org without any. */
  private async ofAll(parsed: Parsed): Promise<SeenRotation[]> {
    const argument = nameSaid(parsed);
    if (argument !== undefined)
      throw messages.createError('error.nameWithAll', [argument], [], EXIT_CODE_FOR.wrongFlags);
    const { flags, connection, sameApp } = beginInOrg(this, parsed);
    const [, local] = await answersInOrder(mayRead(connection), readLocalApps(connection));
    const apps = local.map((app): AppRef => ({ ...app, inCommands: sameApp(app.name) }));
    const opens = flags['allow-secret-access'] && apps.length > 0;
    return this.read(connection, { 'allow-secret-access': opens }, () => readRotations(connection, apps));
  }

  private async read<T>(
    connection: Connection,
    { 'allow-secret-access': opens }: { 'allow-secret-access': boolean },
    work: () => Promise<T>,
  ): Promise<T> {
    const tell = tellSwitch(this);
    await restoreSecretAccess(connection, tell);
    return opens ? withSecretAccess(connection, tell, work) : work();
  }
}

const mayRead = (connection: Connection): Promise<void> =>
  requirePermissions(connection, 'credentials', ['ViewClientSecret']);
