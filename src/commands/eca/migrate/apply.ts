import type { Interfaces } from '@oclif/core';
import type { Connection } from '@salesforce/core';

import { shown } from '../../../app/handover.ts';
import type { TargetOrg } from '../../../app/targetOrg.ts';
import { openInBrowser } from '../../../client/browser.ts';
import { handoverOf } from '../../../client/handover.ts';
import { checkHandoverFile, writeHandoverFile } from '../../../client/handoverFile.ts';
import { readConnectedAppFiles } from '../../../file/connectedAppFiles.ts';
import { saveOutsideGit } from '../../../file/snapshot.ts';
import { notePairs } from '../../../local/migrations.ts';
import { waitForDeploys } from '../../../org/app/deploysUnderWay.ts';
import { appForClients, requireApp } from '../../../org/app/read.ts';
import { writeApps, type Written } from '../../../org/app/write.ts';
import type { DisplayedApp } from '../../../org/app/writeResult.ts';
import { snapshotOf } from '../../../org/connected/blocks.ts';
import { comparedInPlace, lookInPlace, pairsInPlace, waitForNewApp } from '../../../org/connected/inPlace.ts';
import { changedMeanwhile, type MovePlan, pairsOf, planMoves } from '../../../org/connected/moves.ts';
import { type Source, sourceInOrg, sourcesIn } from '../../../org/connected/sources.ts';
import { readTargetOrg } from '../../../org/organization/organization.ts';
import { answersInOrder } from '../../../org/request/answersInOrder.ts';
import { requireSecretAccess } from '../../../org/secrets/beforeAsking.ts';
import { credentialsOf } from '../../../org/secrets/credentialsOf.ts';
import { restoreSecretAccess } from '../../../org/secrets/secretAccess.ts';
import { SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { beginInOrg, type InOrg } from '../../../ui/begin.ts';
import {
  allowSecretAccessFlag,
  type Destination,
  destinationOf,
  HANDOVER_FLAGS,
  refuse,
  showHandover,
  tellSwitch,
} from '../../../ui/credentials.ts';
import { exitCodes } from '../../../ui/exitCodes.ts';
import { NAME_ARGS, noPromptFlag, ORG_FLAGS, WRITE_FLAGS } from '../../../ui/flags.ts';
import {
  agreeToMove,
  type MovedApp,
  refuseHandoverOfSeveral,
  refuseMoves,
  showMigrations,
  showMoved,
} from '../../../ui/migrationApply.ts';
import { inPlaceFlag, MOVE_FLAGS, moveFlags } from '../../../ui/migrationFlags.ts';
import { type InPlaceResult, moveInPlace } from '../../../ui/migrationInPlace.ts';
import { type MigrationInWords, planInWords, refuseSources } from '../../../ui/migrationPlan.ts';
import { showingProgress, showingWrite } from '../../../ui/progress.ts';
import { askConnectedApp, mayAsk, needFlags } from '../../../ui/prompts.ts';
import { keepSnapshot } from '../../../ui/snapshot.ts';
import { nameOrg } from '../../../ui/targetOrg.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.migrate.apply');

export type EcaMigrateApplyResult = {
  org: TargetOrg;
  /** In the order of the files. None with --in-place. */
  apps: Array<MovedApp<DisplayedApp>>;
  /** The one deploy. Absent when all new apps were there. */
  deployId?: string;
  dryRun: boolean;
  /** With --in-place. */
  inPlace?: InPlaceResult<DisplayedApp>;
  /** With --show-secret, when it went to no file. */
  consumerSecret?: string;
  /** With --output-file: where the credentials went, as it was given. */
  outputFile?: string;
};

type ApplyFlags = Interfaces.InferredFlags<typeof EcaMigrateApply.flags>;
type Planned = { plans: MovePlan[]; shownPlans: MigrationInWords[] };

export default class EcaMigrateApply extends SfCommand<EcaMigrateApplyResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', exitCodes);

  protected static override readonly showsSecretAs = 'consumerSecret';

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = {
    ...ORG_FLAGS,
    ...MOVE_FLAGS,
    ...WRITE_FLAGS,
    ...HANDOVER_FLAGS,
    'allow-secret-access': allowSecretAccessFlag,
    'in-place': inPlaceFlag,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaMigrateApplyResult> {
    const parsed = await this.parse(EcaMigrateApply);
    const begun = beginInOrg(this, { ...parsed, flags: moveFlags(parsed) });
    const { flags, connection, targetOrg } = begun;
    const destination = destinationOf(flags);
    const asking = mayAsk(this, flags);
    const [org, sources] = await answersInOrder(
      nameOrg(this)(readTargetOrg(connection, targetOrg)),
      flags.file ? this.fromFiles(flags.file, flags) : this.fromOrg(connection, flags, asking),
    );
    if (flags['in-place'] && sources[0]) return this.pressed(begun, org, sources[0]);
    refuseHandoverOfSeveral(sources.length, flags);
    if (destination.file) refuse(await checkHandoverFile(destination.file, destination.file.keepOutOfGit));
    const { plans, shownPlans } = await this.plan(connection, sources, flags);
    showMigrations(this, shownPlans, destination);
    if (flags['show-secret'] && !flags['dry-run'] && plans[0])
      await requireSecretAccess(connection, plans[0].app, flags['allow-secret-access']);
    await agreeToMove(this, flags, { plans, org, destination, asking }, (made) => changedMeanwhile(connection, made));
    const written = await this.write(connection, plans, flags);
    const moved = written.map((one) => ({ ...one, move: planInWords(one.plan.source) }));
    const apps = showMoved(this, moved, flags['dry-run']);
    if (flags['dry-run']) return { org, apps, dryRun: true };
    if (!(await notePairs(connection, pairsOf(plans)))) this.warn(messages.createWarning('warning.notNoted'));
    const handedOver = await this.handOver(begun, plans, destination);
    const deployId = written.find(({ result }) => result.deployId)?.result.deployId;
    return { org, apps, ...(deployId && { deployId }), dryRun: false, ...handedOver };
  }

  private async fromOrg(connection: Connection, flags: ApplyFlags, asking: boolean): Promise<Source[]> {
    const { name } = await needFlags(asking, { name: { given: flags.name, ask: askConnectedApp } });
    const source = await sourceInOrg(connection, name);
    if (!source.access) this.warn(messages.createWarning('warning.accessUnread', [source.app.name]));
    return [source];
  }

  private async fromFiles(paths: string[], { as }: ApplyFlags): Promise<Source[]> {
    const { files, problems } = await readConnectedAppFiles(paths);
    return refuseSources(this, as, problems, sourcesIn(files, as));
  }

  private async plan(connection: Connection, sources: Source[], flags: ApplyFlags): Promise<Planned> {
    const options = { as: flags.as, runAs: flags['run-as'], adminApproved: flags['admin-approved'] };
    const planned = await planMoves(connection, sources, options, {
      waitForEarlier: () =>
        showingProgress(this.spinner, messages.getMessage('progress.earlier'), (onProgress) =>
          waitForDeploys(connection, flags.wait.minutes, onProgress),
        ),
      apiVersion: flags['api-version'],
    });
    const shownPlans = planned.moves.map((move) => planInWords(move));
    refuseMoves(shownPlans, planned);
    return { plans: planned.plans, shownPlans };
  }

  /** Leads through Salesforce's own button, which keeps key and secret. */
  private async pressed(begun: InOrg<ApplyFlags>, org: TargetOrg, source: Source): Promise<EcaMigrateApplyResult> {
    const { connection, flags } = begun;
    const look = await lookInPlace(connection, source);
    const about = { ...look, org };
    const inPlace = await moveInPlace(this, begun, about, {
      changed: () => changedMeanwhile(connection, [{ source: look.move }]),
      save: () => keepSnapshot(this, snapshotOf(connection, source.app), saveOutsideGit),
      open: openInBrowser,
      wait: () => waitForNewApp(connection, look, flags.wait.minutes),
      compare: (stored) => comparedInPlace(look, stored),
    });
    if (!(await notePairs(connection, pairsInPlace(look, inPlace.app))))
      this.warn(messages.createWarning('warning.notNoted'));
    return { org, apps: [], dryRun: flags['dry-run'], inPlace };
  }

  private write(connection: Connection, plans: MovePlan[], flags: ApplyFlags): Promise<Array<Written<MovePlan>>> {
    const names = plans.map(({ app }) => app).join(', ');
    const writing = messages.getMessage('progress', [names]);
    return showingWrite(this.spinner, flags, { name: names, writing }, (options) =>
      writeApps(connection, plans, options),
    );
  }

  /** Hands over key and secret where the flags ask for it, and suggests the next step. */
  private async handOver(
    { connection, flags, inSameOrg, sameApp }: InOrg<ApplyFlags>,
    [plan]: MovePlan[],
    destination: Destination,
  ): Promise<{ consumerSecret?: string; outputFile?: string }> {
    if (!plan) return {};
    const [{ app: name }, { file }, secret] = [plan, destination, flags['show-secret']];
    if (!secret && !file && flags.format === undefined) {
      const commandLine = inSameOrg('credentials', '--name', name, '--show-secret');
      showNext(this, { text: messages.getMessage('next.credentials'), commandLine });
      return {};
    }
    await restoreSecretAccess(connection, tellSwitch(this));
    const stored = await requireApp(connection, name);
    const access = { secret, allowed: flags['allow-secret-access'] };
    const credentials = await credentialsOf(connection, stored, sameApp(name), access, tellSwitch(this));
    const handover = handoverOf(appForClients(stored), connection.instanceUrl, credentials);
    if (file) refuse(await writeHandoverFile(file, handover));
    showHandover(this, handover, destination);
    const status = ['migrate', 'status', '--name', plan.source.migration.connectedApp];
    showNext(this, { text: messages.getMessage('next.status'), commandLine: inSameOrg(...status) });
    const { consumerSecret } = shown(handover);
    return file ? { outputFile: file.path } : { ...(consumerSecret !== undefined && { consumerSecret }) };
  }
}
