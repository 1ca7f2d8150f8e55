import type { Interfaces } from '@oclif/core';
import type { Connection } from '@salesforce/core';

import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import type { TargetOrg } from '../../../app/targetOrg.ts';
import type { Pair } from '../../../app/targets/input.ts';
import { NAMED_CREDENTIAL, type PrincipalPlace, strayFlag } from '../../../app/targets/namedCredential.ts';
import { sendWords } from '../../../app/targets/targets.ts';
import { lookAtTarget, sendPair } from '../../../client/sending.ts';
import { interruptible } from '../../../local/interruption.ts';
import { readAppNames } from '../../../org/app/read.ts';
import { appToChange } from '../../../org/app/toChange.ts';
import { readTargetOrg } from '../../../org/organization/organization.ts';
import { answersInOrder } from '../../../org/request/answersInOrder.ts';
import { requireSecretAccess } from '../../../org/secrets/beforeAsking.ts';
import { consumerKeyOf, type Credentials, readCredentials } from '../../../org/secrets/credentials.ts';
import { readPrincipal, writePrincipal } from '../../../org/secrets/namedCredential.ts';
import { noteSending, noteSent } from '../../../org/secrets/rotationTargets.ts';
import { restoreSecretAccess, withSecretAccess } from '../../../org/secrets/secretAccess.ts';
import { SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp, connectionTo, type WithApp } from '../../../ui/begin.ts';
import { confirmLoss, yesFlag } from '../../../ui/confirmation.ts';
import { allowSecretAccessFlag, refuse, tellSwitch } from '../../../ui/credentials.ts';
import { exitCodesIn } from '../../../ui/exitCodes.ts';
import { NAME_ARGS, nameFlag, ORG_FLAGS, WRITE_FLAGS } from '../../../ui/flags.ts';
import { showingWork } from '../../../ui/progress.ts';
import { askedAfterLook } from '../../../ui/prompts.ts';
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
  targetInWords,
  tellSent,
} from '../../../ui/sending.ts';
import {
  anyTargetFlag,
  askForPrincipal,
  ORG_TARGET_FLAGS,
  principalInWords,
  requireReplace,
  showPrincipalPlan,
  showWritten,
  toldOfPrincipal,
  warnOfTokenUrl,
} from '../../../ui/sendingToOrg.ts';
import { askedOf, nameOrg } from '../../../ui/targetOrg.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.credentials.send');

/** Where the values go, after a look at it. */
type Looked = {
  told: SentTo & Pick<EcaCredentialsSendResult, 'destinationOrg'>;
  /** The words that send there again. An org is no target of a rotation, and has none. */
  words: string[];
  question: string;
  showPlan: () => void;
  send: (pair: Pair) => Promise<void>;
};

export type EcaCredentialsSendResult = SentTo & {
  org: TargetOrg;
  name: string;
  consumerKey: string;
  /** Only where the values go to an org. */
  destinationOrg?: TargetOrg;
  dryRun: boolean;
};

export default class EcaCredentialsSend extends SfCommand<EcaCredentialsSendResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection(
    'ERROR CODES',
    exitCodesIn(messages, 'success', 'failure', 'unfinished'),
  );
  public static override readonly args = NAME_ARGS;
  public static override readonly flags = {
    ...ORG_FLAGS,
    name: nameFlag,
    ...DESTINATION_FLAGS,
    to: anyTargetFlag,
    ...ORG_TARGET_FLAGS,
    'allow-secret-access': allowSecretAccessFlag,
    'dry-run': WRITE_FLAGS['dry-run'],
    'no-prompt': yesFlag,
  };

  public async run(): Promise<EcaCredentialsSendResult> {
    const split = splitAtProgram(this.argv);
    const begun = await beginWithApp(this, readAppNames, await this.parse(EcaCredentialsSend, split.own));
    const { flags, connection, asking, sameApp, inSameOrg, given } = begun;
    const askWhere = () => this.targetOf(begun, split.program);
    const [look, [org, stored]] = await askedAfterLook(asking, askWhere, () =>
      appToChange(begun, 'credentials', nameOrg(this), { also: ['ViewClientSecret'] }),
    );
    const name = asSpelled(this, given, stored.app.name);
    const ref = { id: stored.id, name, inCommands: sameApp(name) };
    const consumerKey = await consumerKeyOf(connection, stored, ref.inCommands);
    const looked = await look(name);
    const result = { ...looked.told, org, name };
    if (flags['dry-run']) {
      looked.showPlan();
      showNext(this, { text: messages.getMessage('nextForReal'), commandLine: forReal(this, 'send', split) });
      return { ...result, consumerKey, dryRun: true };
    }
    const tell = tellSwitch(this);
    await restoreSecretAccess(connection, tell);
    if (asking) await requireSecretAccess(connection, name, flags['allow-secret-access']);
    await confirmLoss(this, flags, askedOf(org, looked.question));
    const read = (): Promise<Credentials> => readCredentials(connection, ref, { secret: true });
    const pair = await (flags['allow-secret-access'] ? withSecretAccess(connection, tell, read) : read());
    // A rotation to the same target is finished only when it has the new pair.
    const noted = [connection, stored.id, looked.words, pair.consumerKey] as const;
    await noteSending(...noted);
    await send(looked, pair);
    await noteSent(...noted);
    showNext(this, { text: messages.getMessage('next'), commandLine: inSameOrg('verify', '--name', name) });
    return { ...result, consumerKey: pair.consumerKey, dryRun: false };
  }

  /** What the flags say of the target, as a look at it. No secret is read before the look. */
  private async targetOf({ flags, asking, connection }: Begun, program: string[]): Promise<Look> {
    const { to } = flags;
    if (to !== undefined) refuse(strayFlag({ ...flags, to }), EXIT_CODE_FOR.wrongFlags);
    if (to === NAMED_CREDENTIAL) {
      if (program.length > 0) refuse({ code: 'error.programNotTaken', values: [to] }, EXIT_CODE_FOR.wrongFlags);
      const { destination, place } = await askForPrincipal(asking, flags);
      return (name) =>
        this.toOrg(name, connectionTo(destination, flags), { place, replace: flags.replace, from: connection });
    }
    const asked = await askForDestination(asking, { ...flags, to }, program);
    return (name) => this.toProgram({ name, ...asked });
  }

  private async toProgram(sending: Sending): Promise<Looked> {
    const ready = await interruptible((signal) => lookAtTarget(sending.destination, sending.items, signal));
    if ('why' in ready) throw notReady(sending, ready);
    const looked = { ...sending, ready };
    return {
      told: sentTo(looked),
      words: sendWords(sending.destination, sending.items),
      question: sendQuestion(looked),
      showPlan: () => showPlan(this, looked),
      send: (pair) =>
        this.whileSending(targetInWords(sending.destination), async (signal) => {
          const sent = await sendPair(ready, pair, signal);
          this.spinner.stop();
          tellSent(this, sending, sent, signal);
        }),
    };
  }

  private async toOrg(name: string, connection: Connection, { place, replace, from }: ToOrg): Promise<Looked> {
    const reading = [readTargetOrg(connection, undefined), readPrincipal(connection, place)] as const;
    const [destinationOrg, found] = await answersInOrder(...reading);
    const where = principalInWords(place, destinationOrg);
    const { told, question } = toldOfPrincipal(name, where, found.existing);
    requireReplace(where, found.existing, replace);
    warnOfTokenUrl(this, place.externalCredential, found.tokenUrl, from.instanceUrl);
    return {
      told: { ...told, destinationOrg },
      words: [],
      question,
      showPlan: () => showPrincipalPlan(this, { name, where, existing: found.existing }),
      send: (pair) =>
        this.whileSending(where, async (signal) => {
          await writePrincipal(connection, found, pair, signal);
          this.spinner.stop();
          showWritten(this, name, where);
        }),
    };
  }

  private whileSending(where: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    return interruptible(async (signal) => {
      await showingWork(this.spinner, messages.getMessage('progress', [where]), () => work(signal));
    });
  }
}

type Look = (name: string) => Promise<Looked>;

type Begun = WithApp<Interfaces.InferredFlags<typeof EcaCredentialsSend.flags>>;

type ToOrg = { place: PrincipalPlace; replace: boolean; from: Connection };

// Where the secret was asked for, the org's answer without one is an error already.
const send = async ({ send: sendTo }: Looked, { consumerKey, consumerSecret }: Credentials): Promise<void> =>
  consumerSecret && sendTo({ consumerKey, consumerSecret });
