import { examine } from '../app/doctor.ts';
import { isLoopback } from '../app/host.ts';
import { readOrgFacts } from '../org/organization/orgFacts.ts';
import { findOrg, Lifecycle } from '../salesforce.ts';
import { type DoctorLine, doctorLine } from '../ui/doctorLines.ts';

const PLUGIN = 'sf-plugin-eca';

/** The part of `sf doctor` that a plugin uses (Salesforce CLI Plugin Developer Guide, "Integrate Your Plugin With the doctor Command"). */
type Doctor = {
  addSuggestion(suggestion: string): void;
  addPluginData(plugin: string, data: Array<{ id: string; status: string; detail: string }>): void;
};

const STATUSES = { passed: 'pass', warning: 'warn', failed: 'fail', skipped: 'unknown' } as const;

/**
 * What `sf eca doctor` finds in the default org, for `sf doctor`. Without a default org, or when it does not answer, it says
 * that nothing is known. `sf doctor` was not asked about that. No other command runs this.
 */
const hook = async ({ doctor }: { doctor: Doctor }): Promise<void> => {
  const tell = (testName: string, status: string): Promise<void> =>
    Lifecycle.getInstance().emit('Doctor:diagnostic', { testName: `[${PLUGIN}] ${testName}`, status });
  const checks = await examineDefaultOrg();
  if (!checks) return tell('default org', 'unknown');
  doctor.addPluginData(
    PLUGIN,
    checks.map(({ id, status, detail }) => ({ id, status, detail })),
  );
  for (const { id, status, detail, fix } of checks) {
    await tell(id, STATUSES[status]);
    if (fix) doctor.addSuggestion(`[${PLUGIN}] ${detail} ${fix}`);
  }
};

const examineDefaultOrg = async (): Promise<DoctorLine[] | undefined> => {
  try {
    const connection = (await findOrg()).getConnection();
    return examine(await readOrgFacts(connection, isLoopback(connection.instanceUrl)), new Date()).map(doctorLine);
  } catch {
    return undefined;
  }
};

export default hook;
