import type { TargetOrg } from '../../app/targetOrg.ts';
import { readAppNames, requireApp } from '../../org/app/read.ts';
import { writeApp } from '../../org/app/write.ts';
import type { WriteResult } from '../../org/app/writeResult.ts';
import { readTargetOrg } from '../../org/organization/organization.ts';
import { answersInOrder } from '../../org/request/answersInOrder.ts';
import { requirePermissions } from '../../org/users/permissions.ts';
import { SfCommand, toHelpSection } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { asSpelled } from '../../ui/appName.ts';
import { beginWithApp } from '../../ui/begin.ts';
import { exitCodes } from '../../ui/exitCodes.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS, WRITE_FLAGS, writeOptions } from '../../ui/flags.ts';
import { activityOf, showingProgress } from '../../ui/progress.ts';
import { nameOrg } from '../../ui/targetOrg.ts';
import { showWritten } from '../../ui/writeResult.ts';

const messages = texts('eca.enable');

export type EcaEnableResult = WriteResult & { org: TargetOrg };

export default class EcaEnable extends SfCommand<EcaEnableResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', exitCodes);

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = { ...ORG_FLAGS, name: nameFlag, ...WRITE_FLAGS, 'no-prompt': noPromptFlag };

  public async run(): Promise<EcaEnableResult> {
    const { flags, connection, given, inSameOrg, targetOrg } = await beginWithApp(
      this,
      readAppNames,
      await this.parse(EcaEnable),
    );
    const [org, , stored] = await answersInOrder(
      nameOrg(this, readTargetOrg(connection, targetOrg)),
      requirePermissions(connection, 'enable'),
      requireApp(connection, given, { grants: true }),
    );
    const name = asSpelled(this, given, stored.app.name);

    const activity = activityOf(flags, name, messages.getMessage('progress', [name]));
    const result = await showingProgress(this.spinner, activity, (onProgress) =>
      writeApp(connection, stored, { name, enabled: true }, writeOptions(flags, onProgress)),
    );
    showWritten(this, result, {
      text: messages.getMessage('next'),
      commandLine: inSameOrg('verify', '--name', name),
    });
    return { ...result, org };
  }
}
