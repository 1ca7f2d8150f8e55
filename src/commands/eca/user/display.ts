import { plainText } from '../../../app/plainText.ts';
import { type FlowUser, judgeUser, type RunningUser, type UserFinding, usersByFlow } from '../../../app/runningUser.ts';
import { readFacts } from '../../../org/app/facts.ts';
import { readAppNames, requireApp } from '../../../org/app/read.ts';
import { describeUser } from '../../../org/users/runningUser.ts';
import { SfCommand } from '../../../salesforce.ts';
import { inWords, texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp } from '../../../ui/begin.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS } from '../../../ui/flags.ts';
import { type Remedy, remedyOf } from '../../../ui/remedies.ts';
import { showTable } from '../../../ui/tables.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.user.display');
const verifyMessages = texts('eca.verify');

export type EcaUserDisplayResult = {
  name: string;
  /** As whom the app runs, for each of its flows. */
  flows: FlowUser[];
  /** The user that the client-credentials flow runs as. Absent when the app names none, or the org does not have that user. */
  user?: RunningUser;
  checks: Array<{ id: string; status: UserFinding['status']; detail: string } & Remedy>;
};

export default class EcaUserDisplay extends SfCommand<EcaUserDisplayResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:user:show', 'eca:user:get', 'eca:user:view'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = { ...ORG_FLAGS, name: nameFlag, 'no-prompt': noPromptFlag };

  public async run(): Promise<EcaUserDisplayResult> {
    const { connection, given, targetOrg, sameApp } = await beginWithApp(
      this,
      readAppNames,
      await this.parse(EcaUserDisplay),
    );
    const stored = await requireApp(connection, given);
    const name = asSpelled(this, given, stored.app.name);
    const facts = await readFacts(connection, stored, targetOrg, false);
    const user = facts.runAs && (await describeUser(connection, facts.runAs));
    const flowUsers = usersByFlow(facts.app);
    const checks = user ? judgeUser(user, facts).map(inText) : [];

    this.show(flowUsers, user, checks);
    if (!user) this.showNobody(stored.app.oauth?.runAs, sameApp(name));
    return { name, flows: flowUsers, ...(user && { user }), checks };
  }

  private show(flows: FlowUser[], user: RunningUser | undefined, checks: EcaUserDisplayResult['checks']): void {
    const rows = [
      ...flows.map(({ flow, as, username = '-' }) => [
        flow,
        as === 'configured' ? messages.getMessage('as.configured', [username]) : messages.getMessage(`as.${as}`),
      ]),
      ...(user ? userRows(user) : []),
    ];
    showTable(this, {
      data: rows.map(([field = '', value = '']) => ({ field, value: plainText(value) })),
      columns: [
        { key: 'field', name: messages.getMessage('column.field') },
        { key: 'value', name: messages.getMessage('column.value') },
      ],
    });
    if (checks.length === 0) return;
    showTable(this, {
      data: checks.map(({ id, status, detail }) => ({
        check: id,
        status: verifyMessages.getMessage(`status.${status}`),
        detail,
      })),
      columns: [
        { key: 'check', name: messages.getMessage('column.check') },
        { key: 'status', name: messages.getMessage('column.status') },
        { key: 'detail', name: messages.getMessage('column.detail') },
      ],
    });
    for (const fix of new Set(checks.flatMap((check) => check.fix ?? []))) this.log(`- ${fix}`);
  }

  private showNobody(runAs: string | undefined, target: string): void {
    this.log(runAs ? messages.getMessage('notThere', [runAs]) : messages.getMessage('nobody'));
    showNext(this, {
      text: messages.getMessage('next.create'),
      commandLine: `${this.config.bin} eca user create --name ${target}`,
    });
  }
}

const userRows = (user: RunningUser): string[][] => [
  [messages.getMessage('row.username'), user.username],
  [messages.getMessage('row.licence'), user.licence ?? '-'],
  [messages.getMessage('row.profile'), user.profileName || '-'],
  [messages.getMessage('row.permissionSetLicences'), user.permissionSetLicences.join(', ') || '-'],
  [messages.getMessage('row.permissionSets'), user.permissionSets.join(', ') || '-'],
  [messages.getMessage('row.lastLogin'), user.lastLogin ?? messages.getMessage('never')],
];

const inText = ({ id, status, detail, fix }: UserFinding): EcaUserDisplayResult['checks'][number] => ({
  id,
  status,
  detail: inWords(detail),
  ...remedyOf(fix && inWords(fix)),
});
