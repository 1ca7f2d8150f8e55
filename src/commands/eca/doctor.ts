import { exitCodeFor } from '../../app/exitCodes.ts';
import { examine } from '../../app/doctor.ts';
import { isLoopback } from '../../app/host.ts';
import { readOrgFacts } from '../../org/organization/orgFacts.ts';
import { SfCommand, toHelpSection } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { beginInOrg } from '../../ui/begin.ts';
import { doctorLine, type DoctorLine } from '../../ui/doctorLines.ts';
import { orgFlags } from '../../ui/flags.ts';

const messages = texts('eca.doctor');

export type EcaDoctorResult = { username: string; instanceUrl: string; healthy: boolean; checks: DoctorLine[] };

const signs = { passed: '✔', warning: '!', failed: '✘', skipped: '?' } as const;

export default class EcaDoctor extends SfCommand<EcaDoctorResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', {
    [exitCodeFor.success]: messages.getMessage('exitCode.0'),
    [exitCodeFor.failure]: messages.getMessage('exitCode.1'),
  });

  public static override readonly flags = orgFlags;

  public async run(): Promise<EcaDoctorResult> {
    const { connection } = beginInOrg(this, await this.parse(EcaDoctor));
    const facts = await readOrgFacts(connection, isLoopback(connection.instanceUrl));
    const checks = examine(facts, new Date()).map(doctorLine);
    for (const { status, detail, fix } of checks) {
      this.log(`${signs[status]} ${detail}`);
      if (fix) this.log(`    ${fix}`);
    }
    const healthy = checks.every(({ status }) => status !== 'failed');
    if (!healthy) process.exitCode = exitCodeFor.failure;
    return { username: facts.username, instanceUrl: facts.instanceUrl, healthy, checks };
  }
}
