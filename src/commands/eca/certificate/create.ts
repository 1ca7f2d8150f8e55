import type { Interfaces } from '@oclif/core';
import type { Connection } from '@salesforce/core';

import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import { certificateInTheWay, usualFiles } from '../../../app/newCertificate.ts';
import type { TargetOrg } from '../../../app/targetOrg.ts';
import { type NewPair, newPair, withNewFiles } from '../../../client/keyFiles.ts';
import { wishFor } from '../../../org/app/certificateWish.ts';
import { type Plan, planWish } from '../../../org/app/plan.ts';
import { readAppNames } from '../../../org/app/read.ts';
import { refuseUnsendable } from '../../../org/app/send.ts';
import { appToChange } from '../../../org/app/toChange.ts';
import { writeApps } from '../../../org/app/write.ts';
import type { WriteResult } from '../../../org/app/writeResult.ts';
import { Flags, SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp } from '../../../ui/begin.ts';
import {
  loginOf,
  namingFiles,
  type NewCertificateResult,
  SHAPE_FLAGS,
  shapeOf,
  shapeProblems,
  tellNewCertificate,
} from '../../../ui/certificate.ts';
import { confirmIfAsked } from '../../../ui/confirmation.ts';
import { exitCodes } from '../../../ui/exitCodes.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS, WRITE_FLAGS } from '../../../ui/flags.ts';
import { orRefuse, refuseProblems } from '../../../ui/problems.ts';
import { showingWrite } from '../../../ui/progress.ts';
import { mayAsk } from '../../../ui/prompts.ts';
import { askedOf, nameOrg } from '../../../ui/targetOrg.ts';
import { showWritten } from '../../../ui/writeResult.ts';

const messages = texts('eca.certificate.create');

export type EcaCertificateCreateResult = WriteResult & NewCertificateResult & { org: TargetOrg };

type GivenFlags = Interfaces.InferredFlags<typeof EcaCertificateCreate.flags>;

export default class EcaCertificateCreate extends SfCommand<EcaCertificateCreateResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', exitCodes);
  public static override readonly args = NAME_ARGS;
  public static override readonly flags = {
    ...ORG_FLAGS,
    name: nameFlag,
    'key-file': Flags.file({
      summary: messages.getMessage('flags.key-file.summary'),
      description: messages.getMessage('flags.key-file.description'),
    }),
    'certificate-file': Flags.file({
      summary: messages.getMessage('flags.certificate-file.summary'),
      description: messages.getMessage('flags.certificate-file.description'),
    }),
    ...SHAPE_FLAGS,
    replace: Flags.boolean({
      summary: messages.getMessage('flags.replace.summary'),
      description: messages.getMessage('flags.replace.description'),
    }),
    'run-as': Flags.string({ summary: messages.getMessage('flags.run-as.summary') }),
    ...WRITE_FLAGS,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaCertificateCreateResult> {
    const begun = await beginWithApp(this, readAppNames, await this.parse(EcaCertificateCreate));
    const { flags, connection, given, sameApp, inSameOrg } = begun;
    refuseProblems(shapeProblems(flags), sameApp(given));
    const [org, stored] = await appToChange(begun, 'certificate create', nameOrg(this), { grants: true });
    const name = asSpelled(this, given, stored.app.name);
    const app = sameApp(name);
    if (!stored.components.globalOauthSettings && !stored.installed)
      throw messages.createError('error.noOauth', [name], [app]);
    const inTheWay = certificateInTheWay(name, stored.certificate);
    refuseProblems(inTheWay && !flags.replace ? [inTheWay] : [], app, EXIT_CODE_FOR.failure);
    const usual = usualFiles(name);
    const files = { key: flags['key-file'] ?? usual.key, certificate: flags['certificate-file'] ?? usual.certificate };
    const made = orRefuse(await newPair(files, shapeOf(flags, name)), EXIT_CODE_FOR.wrongFlags, app);
    const plan = planWish(stored, ...wishFor({ name }, files.certificate, made.certificate));
    await refuseUnsendable(connection, [plan], { apiVersion: flags['api-version'] });
    if (inTheWay) await this.agreeToReplace(name, org, flags);
    const result = await this.give(connection, plan, flags, { made, app });
    const login = loginOf(connection, result.app, { keyFile: files.key, user: flags['run-as'] });
    const flow = ['--flow', 'jwt-bearer', '--jwt-key-file', files.key, ...(login ? ['--run-as', login.username] : [])];
    const verify = inSameOrg('verify', '--name', name, ...flow);
    showWritten(this, result, { text: messages.getMessage('next.verify'), commandLine: verify });
    return { ...result, org, ...tellNewCertificate(this, { ...made, login }, flags['dry-run']) };
  }

  private async agreeToReplace(name: string, org: TargetOrg, flags: GivenFlags): Promise<void> {
    if (flags['dry-run'] || !mayAsk(this, flags)) this.warn(messages.createWarning('warning.replaced', [name]));
    else await confirmIfAsked(this, flags, askedOf(org, messages.getMessage('confirmReplace', [name])));
  }

  /** The files come first: an app with the certificate of a lost key would be of no use. */
  private async give(
    connection: Connection,
    plan: Plan,
    flags: GivenFlags,
    { made, app }: { made: NewPair; app: string },
  ): Promise<WriteResult> {
    const writing = messages.getMessage('progress', [plan.app]);
    const give = (): Promise<WriteResult> =>
      showingWrite(this.spinner, flags, { name: plan.app, writing }, async (options) => {
        const [{ result }] = await writeApps(connection, [plan], options);
        return result;
      });
    if (flags['dry-run']) return give();
    return orRefuse(await withNewFiles(made, give).catch(namingFiles(made.files, app)), EXIT_CODE_FOR.failure);
  }
}
