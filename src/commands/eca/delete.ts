import type { Connection } from '@salesforce/core';

import type { TargetOrg } from '../../app/targetOrg.ts';
import { planDeletion } from '../../org/app/plan.ts';
import { readApp, readAppNames, readNearest } from '../../org/app/read.ts';
import { orgToChange } from '../../org/app/toChange.ts';
import { writeApps } from '../../org/app/write.ts';
import type { WriteResult } from '../../org/app/writeResult.ts';
import { answersInOrder } from '../../org/request/answersInOrder.ts';
import { SfCommand, toHelpSection } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { asSpelled } from '../../ui/appName.ts';
import { beginWithApp } from '../../ui/begin.ts';
import { confirmDeletion, yesFlag } from '../../ui/confirmation.ts';
import { exitCodes } from '../../ui/exitCodes.ts';
import { NAME_ARGS, nameFlag, ORG_FLAGS, WRITE_FLAGS } from '../../ui/flags.ts';
import { showingWrite } from '../../ui/progress.ts';
import { nameOrg } from '../../ui/targetOrg.ts';
import { showNext } from '../../ui/writeResult.ts';

const messages = texts('eca.delete');

/** `app` is the app as it was; the name alone when there was none. */
export type EcaDeleteResult = WriteResult & {
  deleted: boolean;
  /** When the org has no such app: the names that its apps have, and that are nearest. */
  nearest?: string[];
  org: TargetOrg;
};

export default class EcaDelete extends SfCommand<EcaDeleteResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:rm', 'eca:remove', 'eca:del'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', exitCodes);

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = { ...ORG_FLAGS, name: nameFlag, ...WRITE_FLAGS, 'no-prompt': yesFlag };

  public async run(): Promise<EcaDeleteResult> {
    const begun = await beginWithApp(this, readAppNames, await this.parse(EcaDelete));
    const { flags, connection, given, inSameOrg } = begun;
    const [org, stored] = await answersInOrder(orgToChange(begun, 'delete', nameOrg(this)), readApp(connection, given));
    if (!stored) return this.sayNotThere(connection, given, { org, dryRun: flags['dry-run'] });
    const name = asSpelled(this, given, stored.app.name);
    if (stored.installed) throw messages.createError('error.installedApp', [name], [name]);
    if (!flags['dry-run'])
      await confirmDeletion(this, flags, messages.getMessage('prompt', [name]), { org, names: [name] });

    const writing = messages.getMessage('progress', [name]);
    const [{ result }] = await showingWrite(this.spinner, flags, { name, writing }, (options) =>
      writeApps(connection, [planDeletion(stored, name)], options),
    );
    this.logSuccess(messages.getMessage(flags['dry-run'] ? 'wouldDelete' : 'deleted', [name]));
    showNext(this, {
      text: messages.getMessage('next'),
      commandLine: inSameOrg('list'),
    });
    return { ...result, deleted: !flags['dry-run'], org };
  }

  /** A second run has nothing to do. A typing error looks the same, so the nearest names are told. */
  private async sayNotThere(
    connection: Connection,
    name: string,
    about: Pick<EcaDeleteResult, 'org' | 'dryRun'>,
  ): Promise<EcaDeleteResult> {
    const nearest = await readNearest(connection, name);
    this.log(messages.getMessage('notThere', [name]));
    if (nearest.length > 0) this.warn(messages.createWarning('warning.nearest', [nearest.join(', ')]));
    return { app: { name }, created: false, changes: [], notApplied: [], deleted: false, nearest, ...about };
  }
}
