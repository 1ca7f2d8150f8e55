import type { DeployFault } from '../gate.ts';
import type { PracticeOrg } from '../org.ts';
import { prepareDeploy } from './deploy.ts';
import type { DeployOptions, DeployResult } from './deploy.ts';

/** A deploy that was taken on; `outcome` is there when it is done. */
type Deployment = Pick<DeployResult, 'id' | 'options' | 'userId' | 'at'> & {
  outcome?: Pick<DeployResult, 'messages' | 'status'>;
};

/** The deploys of an org, by id. Each is a DeployRequest as well, which the Tooling API shows. */
export class Deployments {
  readonly #org: PracticeOrg;
  readonly #all = new Map<string, Deployment>();

  constructor(org: PracticeOrg) {
    this.#org = org;
  }

  /**
   * Takes a deploy on and gives its id. It is run at once; behind a slow queue it is pending first, and changes nothing until
   * it is run. Throws DeployRefused. `fault` is what goes wrong on demand.
   */
  start(userId: string, zip: Uint8Array, options: DeployOptions, fault: DeployFault = {}): { id: string } {
    const run = prepareDeploy(this.#org, userId, zip, options);
    const { Id: id } = this.#org.insert('DeployRequest', {
      Status: 'Pending',
      CheckOnly: options.checkOnly,
      RollbackOnError: options.rollbackOnError,
      CreatedById: userId,
    });
    const deployment: Deployment = { id, options, userId, at: this.#org.now() };
    this.#all.set(id, deployment);
    const finish = (): void => {
      deployment.outcome = run(fault.lockedRow === true);
      const now = this.#org.now().toISOString();
      const { status: Status } = deployment.outcome;
      this.#org.update('DeployRequest', id, { Status, StartDate: now, CompletedDate: now });
    };
    if (fault.slowSeconds) setTimeout(finish, fault.slowSeconds * 1000).unref();
    else finish();
    return { id };
  }

  /** What checkDeployStatus says, in the order of the WSDL; nothing for an id that is unknown. */
  status(id: string, details: boolean): Record<string, unknown> | undefined {
    const deployment = this.#all.get(id) ?? [...this.#all.values()].find((one) => one.id.startsWith(id));
    if (!deployment) return undefined;
    const { outcome } = deployment;
    return outcome ? this.#done({ ...deployment, ...outcome }, details) : this.#pending(deployment);
  }

  #head(result: Deployment): Record<string, unknown> {
    const { options, userId, at } = result;
    return {
      checkOnly: options.checkOnly,
      createdBy: userId.slice(0, 15),
      createdByName: String(this.#org.record('User', userId)?.Name ?? ''),
      createdDate: at.toISOString(),
      id: result.id,
      ignoreWarnings: options.ignoreWarnings,
      lastModifiedDate: at.toISOString(),
      rollbackOnError: options.rollbackOnError,
      runTestsEnabled: options.testLevel !== undefined && options.testLevel !== 'NoTestRun',
    };
  }

  #pending(result: Deployment): Record<string, unknown> {
    return {
      ...this.#head(result),
      details: { runTestResult: NO_TESTS },
      done: false,
      numberComponentErrors: 0,
      numberComponentsDeployed: 0,
      numberComponentsTotal: 0,
      numberTestErrors: 0,
      numberTestsCompleted: 0,
      numberTestsTotal: 0,
      status: 'Pending',
      success: false,
    };
  }

  #done(result: DeployResult, details: boolean): Record<string, unknown> {
    const { messages, status, at } = result;
    const failures = messages.filter((message) => !message.success);
    const components = messages.filter((message) => message.componentType !== '');
    const errors = failures.length;
    return {
      ...this.#head(result),
      completedDate: at.toISOString(),
      details: details
        ? {
            componentFailures: failures,
            componentSuccesses: messages.filter((message) => message.success),
            runTestResult: NO_TESTS,
          }
        : { runTestResult: NO_TESTS },
      done: true,
      numberComponentErrors: errors,
      numberComponentsDeployed: components.filter((message) => message.success).length,
      numberComponentsTotal: Math.max(components.length, errors),
      numberTestErrors: 0,
      numberTestsCompleted: 0,
      numberTestsTotal: 0,
      startDate: at.toISOString(),
      status,
      success: status === 'Succeeded',
    };
  }
}

/** An org without Apex has no tests to run. */
const NO_TESTS = { numFailures: 0, numTestsRun: 0, totalTime: 0 };
