import { examine, type OrgFacts } from '../../app/doctor.ts';
import { EXIT_CODE_FOR } from '../../app/exitCodes.ts';
import { isLoopback } from '../../app/host.ts';
import { isThere, saveFile } from '../../file/save.ts';
import { readOrgFacts } from '../../org/organization/orgFacts.ts';
import { PERMISSION_SET_ENDING, permissionSetNameOf, permissionSetXml } from '../../org/users/permissionSetFile.ts';
import { Flags, SfCommand, toHelpSection } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { beginInOrg } from '../../ui/begin.ts';
import { type DoctorLine, doctorLine, doctorLines } from '../../ui/doctorLines.ts';
import { exitCodesIn } from '../../ui/exitCodes.ts';
import { ORG_FLAGS } from '../../ui/flags.ts';
import { notWritten } from '../../ui/outputFile.ts';
import { showNext } from '../../ui/writeResult.ts';

const messages = texts('eca.doctor');

export type EcaDoctorResult = {
  username: string;
  instanceUrl: string;
  healthy: boolean;
  checks: DoctorLine[];
  /** API names of the user permissions that the login lacks. */
  missingPermissions: string[];
  /** The file with these permissions, if it was written. */
  permissionSetFile?: string;
};

export default class EcaDoctor extends SfCommand<EcaDoctorResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection(
    'ERROR CODES',
    exitCodesIn(messages, 'success', 'failure'),
  );

  public static override readonly flags = {
    ...ORG_FLAGS,
    'permission-set-file': Flags.string({
      summary: messages.getMessage('flags.permission-set-file.summary'),
      description: messages.getMessage('flags.permission-set-file.description'),
    }),
  };

  public async run(): Promise<EcaDoctorResult> {
    const { flags, connection, inSameOrg } = beginInOrg(this, await this.parse(EcaDoctor));
    const file = flags['permission-set-file'];
    if (file !== undefined) await refuseFile(file);
    const facts = await readOrgFacts(connection, isLoopback(connection.instanceUrl));
    const checks = examine(facts, new Date()).map(doctorLine);
    const { username, instanceUrl } = facts;
    const permissions = permissionsOf(facts);
    for (const line of doctorLines(checks, username, permissions, process.stdout.columns)) this.log(line);
    const written = file !== undefined && permissions.toGrant.length > 0;
    if (written) await this.savePermissionSet(file, permissions.toGrant);
    else if (file !== undefined) this.log(messages.getMessage('permissionSet.nothing', [username]));
    else if (permissions.toGrant.length > 0) {
      const words = ['doctor', '--permission-set-file', `Eca_Access${PERMISSION_SET_ENDING}`];
      showNext(this, { text: messages.getMessage('next.permissionSet'), commandLine: inSameOrg(...words) });
    }
    const healthy = checks.every(({ status }) => status !== 'failed');
    if (!healthy) process.exitCode = EXIT_CODE_FOR.failure;
    const missingPermissions = permissions.toGrant;
    return { username, instanceUrl, healthy, checks, missingPermissions, ...(written && { permissionSetFile: file }) };
  }

  private async savePermissionSet(file: string, permissions: string[]): Promise<void> {
    const name = permissionSetNameOf(file) ?? '';
    await saveFile(file, permissionSetXml(name, permissions)).catch(notWritten(file));
    this.logToStderr(messages.getMessage('permissionSet.written', [file, name]));
  }
}

/** @throws error.permissionSetFileName, error.permissionSetFileThere (exit code 2) */
const refuseFile = async (file: string): Promise<void> => {
  if (permissionSetNameOf(file) === undefined)
    throw messages.createError(
      'error.permissionSetFileName',
      [file, PERMISSION_SET_ENDING],
      [PERMISSION_SET_ENDING],
      EXIT_CODE_FOR.wrongFlags,
    );
  if (await isThere(file))
    throw messages.createError('error.permissionSetFileThere', [file], [], EXIT_CODE_FOR.wrongFlags);
};

const permissionsOf = ({ commands = [] }: OrgFacts) => ({
  allowed: commands.filter(({ missing }) => missing.length === 0).map(({ command }) => command),
  refused: commands.filter(({ missing }) => missing.length > 0).map(({ command }) => command),
  missing: [...new Set(commands.flatMap(({ missing }) => missing))],
  toGrant: [...new Set(commands.flatMap(({ toGrant }) => toGrant))].sort(),
});
