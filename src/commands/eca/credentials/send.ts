import { commandLine } from '../../../app/commandLine.ts';
import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import { isProblem } from '../../../app/problem.ts';
import type { TargetOrg } from '../../../app/targetOrg.ts';
import type { Item } from '../../../app/targets/target.ts';
import { checkDestination, destinationTold, itemsOf, type TargetName } from '../../../app/targets/targets.ts';
import { lookAtTarget, type Ready, sendPair } from '../../../client/sending.ts';
import { interruptible } from '../../../local/interruption.ts';
import { readAppNames, requireApp } from '../../../org/app/read.ts';
import { readTargetOrg } from '../../../org/organization/organization.ts';
import { answersInOrder } from '../../../org/request/answersInOrder.ts';
import { consumerKeyOf, type Credentials, readCredentials } from '../../../org/secrets/credentials.ts';
import { restoreSecretAccess, withSecretAccess } from '../../../org/secrets/secretAccess.ts';
import { requirePermissions } from '../../../org/users/permissions.ts';
import { SfCommand, toHelpSection } from '../../../salesforce.ts';
import { problemError, texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp } from '../../../ui/begin.ts';
import { confirmLoss, yesFlag } from '../../../ui/confirmation.ts';
import { allowSecretAccessFlag, refuse, tellSwitch } from '../../../ui/credentials.ts';
import { NAME_ARGS, nameFlag, ORG_FLAGS, WRITE_FLAGS } from '../../../ui/flags.ts';
import { showingWork } from '../../../ui/progress.ts';
import {
  askForTarget,
  notReady,
  notSent,
  SEND_FLAGS,
  type Sending,
  sendQuestion,
  showPlan,
  showSent,
  targetInWords,
} from '../../../ui/sending.ts';
import { askedOf, nameOrg } from '../../../ui/targetOrg.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.credentials.send');

export type EcaCredentialsSendResult = {
  org: TargetOrg;
  name: string;
  consumerKey: string;
  target: TargetName;
  /** The target in words, such as `GitHub repository acme/orders`. */
  destination: string;
  /** The names that the values have at the target. `replaced`: there was a value of that name, as far as the target tells. */
  items: Array<Item & { replaced: boolean }>;
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
    ...SEND_FLAGS,
    'allow-secret-access': allowSecretAccessFlag,
    'dry-run': WRITE_FLAGS['dry-run'],
    'no-prompt': yesFlag,
  };

  public async run(): Promise<EcaCredentialsSendResult> {
    const { own, program } = splitAtProgram(this.argv);
    const begun = await beginWithApp(this, readAppNames, await this.parse(EcaCredentialsSend, own));
    const { connection, given, asking, targetOrg, sameApp, inSameOrg } = begun;
    const flags = await askForTarget(asking, begun.flags);
    const destination = destinationTold(flags, program);
    refuse(checkDestination(destination, flags, program), EXIT_CODE_FOR.wrongFlags);
    const [org, , stored] = await answersInOrder(
      nameOrg(this, readTargetOrg(connection, targetOrg)),
      requirePermissions(connection, 'credentials', ['ViewClientSecret']),
      requireApp(connection, given),
    );
    const name = asSpelled(this, given, stored.app.name);
    const ref = { id: stored.id, name, inCommands: sameApp(name) };
    const consumerKey = await consumerKeyOf(connection, stored, ref.inCommands);
    const sending = { name, destination, items: itemsOf(flags) };
    const ready = await this.look(sending);
    const there = Object.keys(ready.existing);
    const result = resultOf(sending, ready);
    if (flags['dry-run']) {
      showPlan(this, sending, ready);
      showNext(this, { text: messages.getMessage('nextForReal'), commandLine: this.forReal(own, program) });
      return { ...result, org, consumerKey, dryRun: true };
    }
    await confirmLoss(this, flags, askedOf(org, sendQuestion(sending, there)));
    const tell = tellSwitch(this);
    await restoreSecretAccess(connection, tell);
    const read = (): Promise<Credentials> => readCredentials(connection, ref, { secret: true });
    const pair = await (flags['allow-secret-access'] ? withSecretAccess(connection, tell, read) : read());
    await this.send(sending, ready, pair);
    showNext(this, { text: messages.getMessage('next'), commandLine: inSameOrg('verify', '--name', name) });
    return { ...result, org, consumerKey: pair.consumerKey, dryRun: false };
  }

  /** The same command without the flag, which may be a word of the user's own command as well. */
  private forReal(own: string[], program: string[]): string {
    const words = own.filter((word) => word !== '--dry-run');
    const after = program.length > 0 ? ['--', ...program] : [];
    return commandLine([this.config.bin, 'eca', 'credentials', 'send', ...words, ...after]);
  }

  /** Before the secret leaves the org: can the target be written to? */
  private async look(sending: Sending): Promise<Ready> {
    const ready = await interruptible((signal) => lookAtTarget(sending.destination, sending.items, signal));
    if ('why' in ready) throw notReady(sending, ready);
    return ready;
  }

  private async send(sending: Sending, ready: Ready, { consumerKey, consumerSecret }: Credentials): Promise<void> {
    // Where the secret was asked for, the org's answer without one is an error already.
    if (!consumerSecret) return;
    const pair = { consumerKey, consumerSecret };
    await interruptible(async (signal) => {
      const activity = messages.getMessage('progress', [targetInWords(sending.destination)]);
      const sent = await showingWork(this.spinner, activity, () => sendPair(ready, pair, signal));
      if (isProblem(sent)) throw problemError(sent);
      if (!sent.sent) throw notSent(sending, sent, signal);
      showSent(this, sending, sent.end);
    });
  }
}

/** What follows `--` is the user's own command, with flags of its own. */
const splitAtProgram = (argv: string[]): { own: string[]; program: string[] } => {
  const at = argv.indexOf('--');
  return at < 0 ? { own: argv, program: [] } : { own: argv.slice(0, at), program: argv.slice(at + 1) };
};

const resultOf = ({ name, destination, items }: Sending, { existing }: Ready) => ({
  name,
  target: destination.to,
  destination: targetInWords(destination),
  items: items.map((item) => ({ ...item, replaced: item.name in existing })),
});
