import type { DeployFault } from '../gate.ts';
import type { PracticeOrg } from '../org.ts';
import { DeployRefused, prepareDeploy } from './deploy.ts';
import type { DeployOptions, DeployResult } from './deploy.ts';

/** A deploy that was taken on; `outcome` is there when it is done, `canceledBy` when a user stopped it before. */
type Deployment = Pick<DeployResult, 'id' | 'options' | 'userId' | 'at'> & {
  outcome?: Pick<DeployResult, 'messages' | 'status'>;
  /** When the outcome was there, after the last component was written. */
  completed?: Date;
  canceledBy?: string;
  /** Of a validation: what was validated, so that it can be deployed. */
  zip?: Uint8Array;
};

/** Days for which a validation can still be deployed. */
const VALID_DAYS = 10;

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
    const deployment: Deployment = { id, options, userId, at: this.#org.now(), ...(options.checkOnly ? { zip } : {}) };
    this.#all.set(id, deployment);
    const finish = (): void => {
      if (deployment.outcome) return;
      deployment.outcome = run(fault.lockedRow === true);
      deployment.completed = this.#org.now();
      const now = deployment.completed.toISOString();
      const { status: Status } = deployment.outcome;
      this.#org.update('DeployRequest', id, { Status, StartDate: now, CompletedDate: now });
    };
    if (fault.slowSeconds) setTimeout(finish, fault.slowSeconds * 1000).unref();
    else finish();
    return { id };
  }

  /** Deploys what was validated, without doing so again (a quick deploy), and gives the new deploy's id. Throws DeployRefused. */
  deployValidated(userId: string, id: string, fault: DeployFault = {}): { id: string } {
    const validation = this.#find(id);
    const oldest = this.#org.now().getTime() - VALID_DAYS * 24 * 3600 * 1000;
    if (!validation?.zip || validation.outcome?.status !== 'Succeeded' || validation.at.getTime() < oldest) {
      throw new DeployRefused(
        'INVALID_ID_FIELD',
        `The validated deploy request ID ${id} is invalid or no longer valid`,
      );
    }
    return this.start(userId, validation.zip, { ...validation.options, checkOnly: false }, fault);
  }

  /** Stops a deploy that is still pending; it then changes nothing. Throws DeployRefused for any other one. */
  cancel(userId: string, id: string): { id: string } {
    const deployment = this.#find(id);
    if (!deployment) throw new DeployRefused('INVALID_ID_FIELD', `Invalid deploy ID: ${id}`);
    if (deployment.outcome) throw new DeployRefused('INVALID_ID_FIELD', 'Deployment already completed');
    deployment.outcome = { messages: [], status: 'Canceled' };
    deployment.canceledBy = userId;
    const now = this.#org.now().toISOString();
    this.#org.update('DeployRequest', deployment.id, { Status: 'Canceled', CompletedDate: now });
    return { id: deployment.id };
  }

  #find(id: string): Deployment | undefined {
    return this.#all.get(id) ?? [...this.#all.values()].find((one) => one.id.startsWith(id));
  }

  /** What checkDeployStatus says, in the order of the WSDL; nothing for an id that is unknown. */
  status(id: string, details: boolean): Record<string, unknown> | undefined {
    const deployment = this.#find(id);
    if (!deployment) return undefined;
    const { outcome } = deployment;
    return outcome ? this.#done({ ...deployment, ...outcome }, details) : this.#pending(deployment);
  }

  #head(result: Deployment): Record<string, unknown> {
    const { options, userId, at, canceledBy } = result;
    return {
      ...(canceledBy
        ? {
            canceledBy: canceledBy.slice(0, 15),
            canceledByName: String(this.#org.record('User', canceledBy)?.Name ?? ''),
          }
        : {}),
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

  #done(result: DeployResult & Pick<Deployment, 'completed'>, details: boolean): Record<string, unknown> {
    const { messages, status, at, completed = at } = result;
    const failures = messages.filter((message) => !message.success);
    const components = messages.filter((message) => message.componentType !== '');
    const errors = failures.length;
    return {
      ...this.#head(result),
      completedDate: completed.toISOString(),
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
