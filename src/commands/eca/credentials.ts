import type { Connection } from '@salesforce/core';

import { shown, type ShownHandover } from '../../app/handover.ts';
import { handoverOf } from '../../client/handover.ts';
import { checkHandoverFile, writeHandoverFile } from '../../client/handoverFile.ts';
import { appForClients, readAppNames, requireApp, type StoredApp } from '../../org/app/read.ts';
import { answersInOrder } from '../../org/request/answersInOrder.ts';
import { type Credentials, readCredentials } from '../../org/secrets/credentials.ts';
import { closeSecretAccess, restoreSecretAccess, withSecretAccess } from '../../org/secrets/secretAccess.ts';
import { requirePermissions } from '../../org/users/permissions.ts';
import { Flags, SfCommand } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { asSpelled } from '../../ui/appName.ts';
import { beginInOrg, beginWithApp } from '../../ui/begin.ts';
import { agreeToShow, destinationOf, HANDOVER_FLAGS, refuse, showHandover, tellSwitch } from '../../ui/credentials.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS } from '../../ui/flags.ts';
import { showNext } from '../../ui/writeResult.ts';

const messages = texts('eca.credentials');

/** The credentials, the secret only with --show-secret, and not when it went into a file. */
export type EcaCredentialsShown = ShownHandover & {
  /** With --output-file: where they went, as it was given. */
  outputFile?: string;
};

/** With --close-secret-access: was the org's switch open? It is closed now. */
export type EcaCredentialsSecretAccessClosed = { secretAccessWasOpen: boolean };

export type EcaCredentialsResult = EcaCredentialsShown | EcaCredentialsSecretAccessClosed;

export default class EcaCredentials extends SfCommand<EcaCredentialsResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = [
    'eca:secret',
    'eca:secrets',
    'eca:key',
    'eca:keys',
    'eca:creds',
    'eca:credentials:show',
    'eca:credentials:get',
    'eca:credentials:display',
  ];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  protected static override readonly showsSecretAs = 'consumerSecret';

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = {
    ...ORG_FLAGS,
    name: nameFlag,
    ...HANDOVER_FLAGS,

    'allow-secret-access': Flags.boolean({
      summary: messages.getMessage('flags.allow-secret-access.summary'),
      description: messages.getMessage('flags.allow-secret-access.description'),
      // eslint-disable-next-line sf-plugin/flag-cross-references -- those flags come from ui/credentials.ts
      dependsOn: ['show-secret'],
    }),

    'close-secret-access': Flags.boolean({
      summary: messages.getMessage('flags.close-secret-access.summary'),
      description: messages.getMessage('flags.close-secret-access.description'),
      // eslint-disable-next-line sf-plugin/flag-cross-references -- those flags come from ui/credentials.ts
      exclusive: ['name', 'show-secret', 'output-file', 'format', 'prefix', 'allow-secret-access'],
    }),
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaCredentialsResult> {
    const parsed = await this.parse(EcaCredentials);
    if (parsed.flags['close-secret-access']) return this.close(beginInOrg(this, parsed).connection);

    const destination = destinationOf(parsed.flags);
    const { flags, connection, given, asking, sameApp, inSameOrg } = await beginWithApp(this, readAppNames, parsed);
    const { file } = destination;
    if (file) refuse(await checkHandoverFile(file, file.keepOutOfGit));
    const showSecret = flags['show-secret'];
    if (showSecret) await agreeToShow(this, given, destination, { asking, noPrompt: flags['no-prompt'] });

    const [, stored] = await answersInOrder(
      showSecret ? requirePermissions(connection, 'credentials', ['ViewClientSecret']) : Promise.resolve(),
      requireApp(connection, given),
    );
    const name = asSpelled(this, given, stored.app.name);
    await restoreSecretAccess(connection, tellSwitch(this));
    const credentials = await this.read(connection, stored, sameApp(name), {
      secret: showSecret,
      allowed: flags['allow-secret-access'],
    });
    const handover = handoverOf(appForClients(stored), connection.instanceUrl, credentials);
    if (file) refuse(await writeHandoverFile(file, handover));
    showHandover(this, handover, destination);
    showNext(this, {
      text: messages.getMessage('next'),
      commandLine: inSameOrg(
        ...['verify', '--name', name],
        ...(file && showSecret ? ['--credentials-file', file.path] : []),
      ),
    });
    return file ? { ...shown(handover), consumerSecret: undefined, outputFile: file.path } : shown(handover);
  }

  private async read(
    connection: Connection,
    stored: StoredApp,
    inCommands: string,
    { secret, allowed }: { secret: boolean; allowed: boolean },
  ): Promise<Credentials> {
    const { app, id, consumerKey } = stored;
    if (consumerKey !== undefined && !secret) return { consumerKey };
    const read = (): Promise<Credentials> =>
      readCredentials(connection, { id, name: app.name, inCommands }, { secret });
    // Without OAuth there is no secret that the switch would have to be opened for.
    return allowed && appForClients(stored).oauth ? withSecretAccess(connection, tellSwitch(this), read) : read();
  }

  private async close(connection: Connection): Promise<EcaCredentialsSecretAccessClosed> {
    const secretAccessWasOpen = await closeSecretAccess(connection);
    this.logSuccess(messages.getMessage(secretAccessWasOpen ? 'secretAccess.closed' : 'secretAccess.wasClosed'));
    return { secretAccessWasOpen };
  }
}
