import type { DeployFault } from '../gate.ts';
import type { PracticeOrg } from '../org.ts';
import { runDeploy } from './deploy.ts';
import type { DeployOptions, DeployResult } from './deploy.ts';

/** A deploy as its result is asked for: how far it is, then what came of it. */
type Deployment = { result: DeployResult; readyAt: number };

/** The deploys of an org, by id. They are done at once; a slow queue only tells later that they are. */
export class Deployments {
  readonly #org: PracticeOrg;
  readonly #all = new Map<string, Deployment>();

  constructor(org: PracticeOrg) {
    this.#org = org;
  }

  /** Runs a deploy. Throws DeployRefused. `fault` is what goes wrong on demand. */
  start(userId: string, zip: Uint8Array, options: DeployOptions, fault: DeployFault = {}): DeployResult {
    const result = runDeploy(this.#org, userId, zip, options, fault.lockedRow);
    this.#all.set(result.id, { result, readyAt: Date.now() + (fault.slowSeconds ?? 0) * 1000 });
    return result;
  }

  /** What checkDeployStatus says, in the order of the WSDL; nothing for an id that is unknown. */
  status(id: string, details: boolean): Record<string, unknown> | undefined {
    const deployment = this.#all.get(id) ?? [...this.#all.values()].find(({ result }) => result.id.startsWith(id));
    if (!deployment) return undefined;
    const { result, readyAt } = deployment;
    return Date.now() < readyAt ? this.#pending(result) : this.#done(result, details);
  }

  #head(result: DeployResult): Record<string, unknown> {
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

  #pending(result: DeployResult): Record<string, unknown> {
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
