import { plainText } from '../../../app/plainText.ts';
import { identifyApp, readAppNames } from '../../../org/app/read.ts';
import { answersInOrder } from '../../../org/request/answersInOrder.ts';
import { restoreSecretAccess, withSecretAccess } from '../../../org/secrets/secretAccess.ts';
import { readRotation, type RotationState } from '../../../org/secrets/stagedSlot.ts';
import { requirePermissions } from '../../../org/users/permissions.ts';
import { SfCommand } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp } from '../../../ui/begin.ts';
import { allowSecretAccessFlag, tellSwitch } from '../../../ui/credentials.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS } from '../../../ui/flags.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.credentials.status');

export type EcaCredentialsStatusPair = {
  consumerKey: string;
  /**
   * `in-use`: the app's pair; `staged`: new and not promoted; `rotated`: the pair before, which works until it expires;
   * `expired`: of no more use.
   */
  state: 'in-use' | 'staged' | 'rotated' | 'expired';
  /** Dates are the org's texts; absent where it gives none. */
  createdDate?: string;
  expirationDate?: string;
  /** Whole days since createdDate, and until expirationDate. */
  ageDays?: number;
  daysLeft?: number;
};

export type EcaCredentialsStatusResult = {
  name: string;
  consumers: Array<{ id: string; name?: string; pairs: EcaCredentialsStatusPair[] }>;
};

export default class EcaCredentialsStatus extends SfCommand<EcaCredentialsStatusResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:rotation'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = {
    ...ORG_FLAGS,
    name: nameFlag,
    'allow-secret-access': allowSecretAccessFlag,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaCredentialsStatusResult> {
    const { flags, connection, given, sameApp, inSameOrg } = await beginWithApp(
      this,
      readAppNames,
      await this.parse(EcaCredentialsStatus),
    );
    const [, { id, name: stored }] = await answersInOrder(
      requirePermissions(connection, 'credentials', ['ViewClientSecret']),
      identifyApp(connection, given),
    );
    const name = asSpelled(this, given, stored);
    const tell = tellSwitch(this);
    await restoreSecretAccess(connection, tell);
    const read = (): Promise<RotationState[]> => readRotation(connection, { id, name, inCommands: sameApp(name) });
    const states = await (flags['allow-secret-access'] ? withSecretAccess(connection, tell, read) : read());

    const result = { name, consumers: states.map((state) => toConsumer(state, Date.now())) };
    this.show(result);
    const step = nextStep(result);
    if (step) {
      const again = ['credentials', 'rotate', '--name', name];
      showNext(this, {
        text: messages.getMessage(`next.${step}`),
        commandLine: inSameOrg(...again, ...(step === 'finish' ? ['--finish'] : [])),
      });
    }
    return result;
  }

  private show({ consumers }: EcaCredentialsStatusResult): void {
    const day = (date: string | undefined): string => plainText(date?.slice(0, 10) ?? '-');
    const days = (count: number | undefined): string => (count === undefined ? '-' : String(count));
    for (const { pairs } of consumers) {
      this.table({
        data: pairs.map(({ consumerKey, state, createdDate, expirationDate, ageDays, daysLeft }) => ({
          consumerKey: plainText(consumerKey),
          state: messages.getMessage(`state.${state}`),
          created: day(createdDate),
          age: days(ageDays),
          expires: day(expirationDate),
          left: days(daysLeft),
        })),
        columns: (['consumerKey', 'state', 'created', 'age', 'expires', 'left'] as const).map((key) => ({
          key,
          name: messages.getMessage(`column.${key}`),
        })),
        overflow: 'wrap',
      });
    }
  }
}

const STATES = { Active: 'staged', Rotated: 'rotated', Expired: 'expired' } as const;

const toConsumer = (
  { consumer: { id, name, consumerKey }, staged }: RotationState,
  now: number,
): EcaCredentialsStatusResult['consumers'][number] => ({
  id,
  name,
  pairs: [
    { consumerKey, state: 'in-use' },
    ...(staged
      ? [
          {
            consumerKey: staged.consumerKey,
            state: STATES[staged.state],
            createdDate: staged.createdDate,
            expirationDate: staged.expirationDate,
            ageDays: wholeDays(staged.createdDate, (created) => now - created),
            daysLeft: wholeDays(staged.expirationDate, (expires) => Math.max(0, expires - now)),
          },
        ]
      : []),
  ],
});

const wholeDays = (date: string | undefined, distance: (time: number) => number): number | undefined => {
  const time = Date.parse(date ?? '');
  return Number.isNaN(time) ? undefined : Math.floor(distance(time) / 86_400_000);
};

const nextStep = ({ consumers }: EcaCredentialsStatusResult): 'resume' | 'finish' | undefined => {
  const found = consumers.flatMap(({ pairs }) => pairs.map(({ state }) => state));
  if (found.includes('staged')) return 'resume';
  return found.includes('rotated') ? 'finish' : undefined;
};
