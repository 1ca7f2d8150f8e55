import type { Connection } from '@salesforce/core';

import { type Handover, shown, type ShownHandover } from '../../app/handover.ts';
import type { TargetOrg } from '../../app/targetOrg.ts';
import { handoverOf } from '../../client/handover.ts';
import { checkHandoverFile, writeHandoverFile } from '../../client/handoverFile.ts';
import { appForClients, readAppNames, requireApp, type StoredApp } from '../../org/app/read.ts';
import { readTargetOrg } from '../../org/organization/organization.ts';
import { answersInOrder } from '../../org/request/answersInOrder.ts';
import { credentialsOf } from '../../org/secrets/credentialsOf.ts';
import { closeSecretAccess, isSecretAccessOpen, restoreSecretAccess } from '../../org/secrets/secretAccess.ts';
import { canReadSecrets, requirePermissions } from '../../org/users/permissions.ts';
import { Flags, SfCommand } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { asSpelled } from '../../ui/appName.ts';
import { beginInOrg, beginWithApp } from '../../ui/begin.ts';
import { offer } from '../../ui/confirmation.ts';
import {
  agreeToShow,
  type Destination,
  destinationOf,
  HANDOVER_FLAGS,
  refuse,
  showHandover,
  tellSwitch,
} from '../../ui/credentials.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS } from '../../ui/flags.ts';
import { nameOrg } from '../../ui/targetOrg.ts';
import { showNext } from '../../ui/writeResult.ts';

const messages = texts('eca.credentials');
const closingMessages = texts('eca.credentials.close-access');
const verifyMessages = texts('eca.verify');

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
      hidden: true,
      deprecated: { message: messages.getMessage('flags.close-secret-access.deprecated') },
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
    const { flags, connection, given, asking, targetOrg, sameApp, inSameOrg } = await beginWithApp(
      this,
      readAppNames,
      parsed,
    );
    const { file } = destination;
    if (file) refuse(await checkHandoverFile(file, file.keepOutOfGit));
    const showSecret = flags['show-secret'];
    const noPrompt = flags['no-prompt'];
    const agree = async (name: string, org?: TargetOrg): Promise<void> => {
      if (showSecret) await agreeToShow(this, name, destination, { asking, noPrompt, org });
    };
    // Under these flags, the output has a warning: only where there is a secret in it.
    const warns = noPrompt || this.jsonEnabled();
    if (!asking && !warns) await agree(given);

    const looksFirst = showSecret && asking && !flags['allow-secret-access'];
    const [org, , stored, isOpen] = await answersInOrder(
      showSecret && asking ? nameOrg(this)(readTargetOrg(connection, targetOrg)) : Promise.resolve(undefined),
      showSecret ? requirePermissions(connection, 'credentials', ['ViewClientSecret']) : Promise.resolve(),
      requireApp(connection, given),
      looksFirst ? isSecretAccessOpen(connection) : Promise.resolve(true),
    );
    const name = asSpelled(this, given, stored.app.name);
    await restoreSecretAccess(connection, tellSwitch(this));
    const opens = isOpen === false && (await this.mayOpen(connection, stored, noPrompt));
    if (asking && isOpen !== false) await agree(name, org);
    const allowed = flags['allow-secret-access'] || opens;
    const access = { secret: showSecret, allowed };
    const credentials = await credentialsOf(connection, stored, sameApp(name), access, tellSwitch(this));
    if (warns) await agree(name);
    const handover = handoverOf(appForClients(stored), connection.instanceUrl, credentials);
    const secretFile = showSecret ? file?.path : undefined;
    const verify = ['verify', '--name', name, ...(secretFile === undefined ? [] : ['--credentials-file', secretFile])];
    return this.handOver(handover, destination, inSameOrg(...verify));
  }

  private async handOver(handover: Handover, destination: Destination, next: string): Promise<EcaCredentialsShown> {
    const { file } = destination;
    if (file) refuse(await writeHandoverFile(file, handover));
    showHandover(this, handover, destination);
    showNext(this, { text: messages.getMessage('next'), commandLine: next });
    return file ? { ...shown(handover), consumerSecret: undefined, outputFile: file.path } : shown(handover);
  }

  /** Asks whether to open the setting for one read, if this user can. A yes is also a yes to the secret. */
  private async mayOpen(connection: Connection, stored: StoredApp, noPrompt: boolean): Promise<boolean> {
    if (!appForClients(stored).oauth || !(await canReadSecrets(connection))) return false;
    const names = [stored.app.name, connection.getUsername() ?? ''] as [string, string];
    return offer(this, { 'no-prompt': noPrompt }, verifyMessages.getMessage('offerSecretAccess', names));
  }

  private async close(connection: Connection): Promise<EcaCredentialsSecretAccessClosed> {
    const secretAccessWasOpen = await closeSecretAccess(connection);
    this.logSuccess(closingMessages.getMessage(secretAccessWasOpen ? 'closed' : 'wasClosed'));
    return { secretAccessWasOpen };
  }
}
