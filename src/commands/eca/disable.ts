import type { TargetOrg } from '../../app/targetOrg.ts';
import { readAppNames } from '../../org/app/read.ts';
import { appToChange } from '../../org/app/toChange.ts';
import { writeApp } from '../../org/app/write.ts';
import type { WriteResult } from '../../org/app/writeResult.ts';
import { SfCommand, toHelpSection } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { asSpelled } from '../../ui/appName.ts';
import { beginWithApp } from '../../ui/begin.ts';
import { exitCodes } from '../../ui/exitCodes.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS, WRITE_FLAGS } from '../../ui/flags.ts';
import { showingWrite } from '../../ui/progress.ts';
import { nameOrg } from '../../ui/targetOrg.ts';
import { showWritten } from '../../ui/writeResult.ts';

const messages = texts('eca.disable');

export type EcaDisableResult = WriteResult & { org: TargetOrg };

export default class EcaDisable extends SfCommand<EcaDisableResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', exitCodes);

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = { ...ORG_FLAGS, name: nameFlag, ...WRITE_FLAGS, 'no-prompt': noPromptFlag };

  public async run(): Promise<EcaDisableResult> {
    const begun = await beginWithApp(this, readAppNames, await this.parse(EcaDisable));
    const { flags, connection, given, inSameOrg } = begun;
    const [org, stored] = await appToChange(begun, 'disable', nameOrg(this), { grants: true });
    const name = asSpelled(this, given, stored.app.name);

    const writing = messages.getMessage('progress', [name]);
    const result = await showingWrite(this.spinner, flags, { name, writing }, (options) =>
      writeApp(connection, stored, { name, enabled: false }, options),
    );
    showWritten(this, result, {
      text: messages.getMessage('next'),
      commandLine: inSameOrg('enable', '--name', name),
    });
    return { ...result, org };
  }
}
