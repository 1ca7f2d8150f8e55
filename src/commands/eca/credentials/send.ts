import type { Interfaces } from '@oclif/core';

import type { TargetOrg } from '../../../app/targetOrg.ts';
import type { Pair } from '../../../app/targets/input.ts';
import { lookAtTarget, sendPair } from '../../../client/sending.ts';
import { interruptible } from '../../../local/interruption.ts';
import { readAppNames } from '../../../org/app/read.ts';
import { appToChange } from '../../../org/app/toChange.ts';
import { requireSecretAccess } from '../../../org/secrets/beforeAsking.ts';
import { consumerKeyOf, type Credentials, readCredentials } from '../../../org/secrets/credentials.ts';
import { lookAtPrincipal } from '../../../org/secrets/namedCredential.ts';
import { noteSending, noteSent } from '../../../org/secrets/rotationTargets.ts';
import { restoreSecretAccess, withSecretAccess } from '../../../org/secrets/secretAccess.ts';
import { SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp, connectionTo, type WithApp } from '../../../ui/begin.ts';
import { confirmLoss, yesFlag } from '../../../ui/confirmation.ts';
import { allowSecretAccessFlag, tellSwitch } from '../../../ui/credentials.ts';
import { exitCodesIn } from '../../../ui/exitCodes.ts';
import { NAME_ARGS, nameFlag, ORG_FLAGS, WRITE_FLAGS } from '../../../ui/flags.ts';
import { showingWork } from '../../../ui/progress.ts';
import { askedAfterLook } from '../../../ui/prompts.ts';
import {
  DESTINATION_FLAGS,
  forReal,
  programTarget,
  type ReadyTarget,
  type SentTo,
  splitAtProgram,
} from '../../../ui/sending.ts';
import {
  anyTargetFlag,
  askForPlace,
  ORG_TARGET_FLAGS,
  principalTarget,
  type SaidPlace,
} from '../../../ui/sendingToOrg.ts';
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
    const { flags, connection, asking, given, sameApp, inSameOrg } = begun;
    const askWhere = () => askForPlace(asking, flags, split.program);
    const [said, [org, stored]] = await askedAfterLook(asking, askWhere, () =>
      appToChange(begun, 'credentials', nameOrg(this), { also: ['ViewClientSecret'] }),
    );
    const name = asSpelled(this, given, stored.app.name);
    const ref = { id: stored.id, name, inCommands: sameApp(name) };
    const consumerKey = await consumerKeyOf(connection, stored, ref.inCommands);
    const target = await this.look(said, name, begun);
    const result = { ...target.told, org, name };
    if (flags['dry-run']) {
      target.showPlan(this);
      showNext(this, { text: messages.getMessage('nextForReal'), commandLine: forReal(this, 'send', split) });
      return { ...result, consumerKey, dryRun: true };
    }
    const tell = tellSwitch(this);
    await restoreSecretAccess(connection, tell);
    if (asking) await requireSecretAccess(connection, name, flags['allow-secret-access']);
    await confirmLoss(this, flags, askedOf(org, target.question));
    const read = (): Promise<Credentials> => readCredentials(connection, ref, { secret: true });
    const pair = await (flags['allow-secret-access'] ? withSecretAccess(connection, tell, read) : read());
    // A rotation to the same target is finished only when it has the new pair.
    const noted = [connection, stored.id, target.words, pair.consumerKey] as const;
    await noteSending(...noted);
    // Where the secret was asked for, the org's answer without one is an error already.
    if (pair.consumerSecret) await this.send(target, { ...pair, consumerSecret: pair.consumerSecret });
    await noteSent(...noted);
    showNext(this, { text: messages.getMessage('next'), commandLine: inSameOrg('verify', '--name', name) });
    return { ...result, consumerKey: pair.consumerKey, dryRun: false };
  }

  /** Looks at the target. No secret is read before that. */
  private async look(said: SaidPlace, name: string, { connection, flags }: Begun): Promise<ReadyTarget> {
    if ('place' in said) {
      const looked = await lookAtPrincipal(connectionTo(said.destinationOrg, flags), said.place);
      return principalTarget(this, looked, { name, isReplaced: flags.replace, tokensFrom: connection.instanceUrl });
    }
    const { destination, items } = said;
    const looked = await interruptible((signal) => lookAtTarget(destination, items, signal));
    return programTarget({ name, destination, items }, looked, sendPair);
  }

  private send({ told, send }: ReadyTarget, pair: Pair): Promise<void> {
    const activity = messages.getMessage('progress', [told.destination]);
    return interruptible((signal) => showingWork(this.spinner, activity, () => send(this, pair, signal)));
  }
}

type Begun = WithApp<Interfaces.InferredFlags<typeof EcaCredentialsSend.flags>>;
