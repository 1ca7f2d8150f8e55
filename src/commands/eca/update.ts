import { checkWish } from '../../app/checkWish.ts';
import { EXIT_CODE_FOR } from '../../app/exitCodes.ts';
import { fieldsSaid } from '../../app/fields.ts';
import type { TargetOrg } from '../../app/targetOrg.ts';
import { readAppNames } from '../../org/app/read.ts';
import { appToChange } from '../../org/app/toChange.ts';
import { writeApp } from '../../org/app/write.ts';
import type { WriteResult } from '../../org/app/writeResult.ts';
import { SfCommand, toHelpSection } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { asSpelled } from '../../ui/appName.ts';
import { BASIC_FLAGS } from '../../ui/basicFlags.ts';
import { beginWithApp } from '../../ui/begin.ts';
import { exitCodes } from '../../ui/exitCodes.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS, WRITE_FLAGS } from '../../ui/flags.ts';
import { refuseProblems } from '../../ui/problems.ts';
import { showingWrite } from '../../ui/progress.ts';
import { nameOrg } from '../../ui/targetOrg.ts';
import { showWritten } from '../../ui/writeResult.ts';

const messages = texts('eca.update');

export type EcaUpdateResult = WriteResult & { org: TargetOrg };

export default class EcaUpdate extends SfCommand<EcaUpdateResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:edit', 'eca:change', 'eca:modify'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', exitCodes);

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = {
    ...ORG_FLAGS,
    name: nameFlag,
    ...BASIC_FLAGS,
    ...WRITE_FLAGS,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaUpdateResult> {
    const begun = await beginWithApp(this, readAppNames, await this.parse(EcaUpdate));
    const { flags, connection, given, sameApp, inSameOrg } = begun;
    const said = fieldsSaid(flags);
    if (Object.keys(said).length === 0) {
      const possible = Object.keys(BASIC_FLAGS).map((flag) => `--${flag}`);
      throw messages.createError('error.nothingGiven', [], [possible.join(', ')], EXIT_CODE_FOR.wrongFlags);
    }
    refuseProblems(checkWish({ name: given, ...said }), sameApp(given));

    const [org, stored] = await appToChange(begun, 'update', nameOrg(this));
    const name = asSpelled(this, given, stored.app.name);

    const writing = messages.getMessage('progress', [name]);
    const result = await showingWrite(this.spinner, flags, { name, writing }, (options) =>
      writeApp(connection, stored, { name, ...said }, options),
    );
    showWritten(this, result, {
      text: messages.getMessage('next'),
      commandLine: inSameOrg('display', '--name', name),
    });
    return { ...result, org };
  }
}
