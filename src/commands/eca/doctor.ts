import { examine } from '../../app/doctor.ts';
import { EXIT_CODE_FOR } from '../../app/exitCodes.ts';
import { isLoopback } from '../../app/host.ts';
import { readOrgFacts } from '../../org/organization/orgFacts.ts';
import { SfCommand, toHelpSection } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { beginInOrg } from '../../ui/begin.ts';
import { type DoctorLine, doctorLine } from '../../ui/doctorLines.ts';
import { ORG_FLAGS } from '../../ui/flags.ts';

const messages = texts('eca.doctor');

export type EcaDoctorResult = { username: string; instanceUrl: string; healthy: boolean; checks: DoctorLine[] };

const SIGNS = { passed: '✔', warning: '!', failed: '✘', skipped: '?' } as const;

export default class EcaDoctor extends SfCommand<EcaDoctorResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', {
    [EXIT_CODE_FOR.success]: messages.getMessage('exitCode.0'),
    [EXIT_CODE_FOR.failure]: messages.getMessage('exitCode.1'),
  });

  public static override readonly flags = ORG_FLAGS;

  public async run(): Promise<EcaDoctorResult> {
    const { connection } = beginInOrg(this, await this.parse(EcaDoctor));
    const facts = await readOrgFacts(connection, isLoopback(connection.instanceUrl));
    const checks = examine(facts, new Date()).map(doctorLine);
    for (const { status, detail, fix } of checks) {
      this.log(`${SIGNS[status]} ${detail}`);
      if (fix) this.log(`    ${fix}`);
    }
    const healthy = checks.every(({ status }) => status !== 'failed');
    if (!healthy) process.exitCode = EXIT_CODE_FOR.failure;
    return { username: facts.username, instanceUrl: facts.instanceUrl, healthy, checks };
  }
}
