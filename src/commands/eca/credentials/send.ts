import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import type { TargetOrg } from '../../../app/targetOrg.ts';
import { sendWords } from '../../../app/targets/targets.ts';
import { lookAtTarget, type Ready, sendPair } from '../../../client/sending.ts';
import { interruptible } from '../../../local/interruption.ts';
import { readAppNames, requireApp } from '../../../org/app/read.ts';
import { readTargetOrg } from '../../../org/organization/organization.ts';
import { answersInOrder } from '../../../org/request/answersInOrder.ts';
import { consumerKeyOf, type Credentials, readCredentials } from '../../../org/secrets/credentials.ts';
import { noteSending, noteSent } from '../../../org/secrets/rotationTargets.ts';
import { restoreSecretAccess, withSecretAccess } from '../../../org/secrets/secretAccess.ts';
import { requirePermissions } from '../../../org/users/permissions.ts';
import { SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp } from '../../../ui/begin.ts';
import { confirmLoss, yesFlag } from '../../../ui/confirmation.ts';
import { allowSecretAccessFlag, tellSwitch } from '../../../ui/credentials.ts';
import { NAME_ARGS, nameFlag, ORG_FLAGS, WRITE_FLAGS } from '../../../ui/flags.ts';
import {
  askForDestination,
  DESTINATION_FLAGS,
  forReal,
  notReady,
  type Sending,
  sendQuestion,
  type SentTo,
  sentTo,
  showPlan,
  splitAtProgram,
  targetFlag,
  targetInWords,
  tellSent,
} from '../../../ui/sending.ts';
import { askedOf, nameOrg } from '../../../ui/targetOrg.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.credentials.send');

export type EcaCredentialsSendResult = SentTo & {
  org: TargetOrg;
  name: string;
  consumerKey: string;
  dryRun: boolean;
};

export default class EcaCredentialsSend extends SfCommand<EcaCredentialsSendResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', {
    [EXIT_CODE_FOR.success]: messages.getMessage('exitCode.0'),
    [EXIT_CODE_FOR.failure]: messages.getMessage('exitCode.1'),
    [EXIT_CODE_FOR.unfinished]: messages.getMessage('exitCode.68'),
  });
  public static override readonly args = NAME_ARGS;
  public static override readonly flags = {
    ...ORG_FLAGS,
    name: nameFlag,
    to: targetFlag,
    ...DESTINATION_FLAGS,
    'allow-secret-access': allowSecretAccessFlag,
    'dry-run': WRITE_FLAGS['dry-run'],
    'no-prompt': yesFlag,
  };

  public async run(): Promise<EcaCredentialsSendResult> {
    const split = splitAtProgram(this.argv);
    const begun = await beginWithApp(this, readAppNames, await this.parse(EcaCredentialsSend, split.own));
    const { flags, connection, given, asking, targetOrg, sameApp, inSameOrg } = begun;
    const where = await askForDestination(asking, flags, split.program);
    const [org, , stored] = await answersInOrder(
      nameOrg(this, readTargetOrg(connection, targetOrg)),
      requirePermissions(connection, 'credentials', ['ViewClientSecret']),
      requireApp(connection, given),
    );
    const name = asSpelled(this, given, stored.app.name);
    const ref = { id: stored.id, name, inCommands: sameApp(name) };
    const consumerKey = await consumerKeyOf(connection, stored, ref.inCommands);
    const sending = await this.look({ name, ...where });
    const result = { ...sentTo(sending), org, name };
    if (flags['dry-run']) {
      showPlan(this, sending);
      showNext(this, { text: messages.getMessage('nextForReal'), commandLine: forReal(this, 'send', split) });
      return { ...result, consumerKey, dryRun: true };
    }
    await confirmLoss(this, flags, askedOf(org, sendQuestion(sending)));
    const tell = tellSwitch(this);
    await restoreSecretAccess(connection, tell);
    const read = (): Promise<Credentials> => readCredentials(connection, ref, { secret: true });
    const pair = await (flags['allow-secret-access'] ? withSecretAccess(connection, tell, read) : read());
    // A rotation to the same target is finished only when it has the new pair.
    const noted = [connection, stored.id, sendWords(where.destination, where.items), pair.consumerKey] as const;
    await noteSending(...noted);
    await this.send(sending, pair);
    await noteSent(...noted);
    showNext(this, { text: messages.getMessage('next'), commandLine: inSameOrg('verify', '--name', name) });
    return { ...result, consumerKey: pair.consumerKey, dryRun: false };
  }

  /** Before the secret leaves the org: can the target be written to? */
  private async look(sending: Sending): Promise<Sending & { ready: Ready }> {
    const ready = await interruptible((signal) => lookAtTarget(sending.destination, sending.items, signal));
    if ('why' in ready) throw notReady(sending, ready);
    return { ...sending, ready };
  }

  private async send(sending: Sending & { ready: Ready }, { consumerKey, consumerSecret }: Credentials): Promise<void> {
    // Where the secret was asked for, the org's answer without one is an error already.
    if (!consumerSecret) return;
    const pair = { consumerKey, consumerSecret };
    await interruptible(async (signal) => {
      this.spinner.start(messages.getMessage('progress', [targetInWords(sending.destination)]));
      const sent = await sendPair(sending.ready, pair, signal).finally(() => this.spinner.stop());
      tellSent(this, sending, sent, signal);
    });
  }
}
