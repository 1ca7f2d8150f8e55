import type { DeployFault } from '../gate.ts';
import type { PracticeOrg } from '../org.ts';
import { type DeployOptions, DeployRefused, type DeployResult, type PreparedDeploy, prepareDeploy } from './deploy.ts';
import { phasesOf } from './jobs.ts';

/** A deploy that was taken on; `outcome` is there when it is done. */
type Deployment = Pick<DeployResult, 'id' | 'options' | 'userId' | 'at'> &
  Pick<PreparedDeploy, 'components'> & {
    /** Let go of at the end: it holds all files of the zip. */
    run?: PreparedDeploy['run'];
    fault: DeployFault;
    /** When it left the queue. */
    began?: Date;
    outcome?: Pick<DeployResult, 'messages' | 'status'>;
    /** When the outcome was there, after the last component was written. */
    completed?: Date;
    /** The user who stopped it. */
    canceledBy?: string;
    /** Of a validation: what was validated, so that it can be deployed. */
    zip?: Uint8Array;
  };

/** Days for which a validation can still be deployed. */
const VALID_DAYS = 10;

/** The part of the time in progress that passes until a deploy in progress has stopped. */
const STOPPING_SHARE = 0.25;

/**
 * The deploys of an org, by id. Each is a DeployRequest as well, which the Tooling API shows. One deploy runs at a
 * time, the others wait (documented). Where jobs take no time, each is done when its id is given.
 */
export class Deployments {
  readonly #org: PracticeOrg;
  readonly #all = new Map<string, Deployment>();
  readonly #queue: Deployment[] = [];
  #running?: Deployment;

  constructor(org: PracticeOrg) {
    this.#org = org;
  }

  /**
   * Takes a deploy on and gives its id. The deploy changes nothing until its time in the queue and in progress is over.
   * Throws DeployRefused. `fault` is what goes wrong on demand.
   */
  start(userId: string, zip: Uint8Array, options: DeployOptions, fault: DeployFault = {}): { id: string } {
    const prepared = prepareDeploy(this.#org, userId, zip, options);
    const { Id: id } = this.#org.insert('DeployRequest', {
      Status: 'Pending',
      CheckOnly: options.checkOnly,
      RollbackOnError: options.rollbackOnError,
      CreatedById: userId,
    });
    const kept = options.checkOnly ? { zip } : {};
    const deployment: Deployment = { ...prepared, id, options, userId, at: this.#org.now(), fault, ...kept };
    this.#all.set(id, deployment);
    this.#org.later((fault.slowSeconds ?? 0) * 1000, () => {
      this.#queue.push(deployment);
      this.#next();
    });
    return { id };
  }

  /** Lets the first deploy of the queue run, when none does. */
  #next(): void {
    if (this.#running) return;
    const next = this.#queue.shift();
    if (!next) return;
    if (next.outcome) return this.#next();
    this.#running = next;
    this.#org.later(phasesOf(this.#org.jobTime).queued, () => this.#begin(next));
  }

  #begin(deployment: Deployment): void {
    if (deployment.outcome) return;
    deployment.began = this.#org.now();
    this.#note(deployment, 'InProgress', { StartDate: deployment.began.toISOString() });
    this.#org.later(phasesOf(this.#org.jobTime).inProgress, () => this.#finish(deployment));
  }

  #finish(deployment: Deployment): void {
    const { canceledBy, run, fault } = deployment;
    if (run) this.#end(deployment, canceledBy ? STOPPED : run(fault.lockedRow === true));
  }

  #end(deployment: Deployment, outcome: NonNullable<Deployment['outcome']>): void {
    if (deployment.outcome) return;
    deployment.outcome = outcome;
    delete deployment.run;
    deployment.completed = this.#org.now();
    this.#note(deployment, outcome.status, { CompletedDate: deployment.completed.toISOString() });
    if (this.#running !== deployment) return;
    this.#running = undefined;
    this.#next();
  }

  #note({ id }: Deployment, Status: string, dates: Record<string, string>): void {
    this.#org.update('DeployRequest', id, { Status, ...dates });
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

  /**
   * Stops a deploy, which then changes nothing. A waiting deploy stops at once. A deploy in progress stops a little
   * later, after the state Canceling (documented). Throws DeployRefused for one that is done.
   *
   * @returns `done`: has it stopped?
   */
  cancel(userId: string, id: string): { done: boolean; id: string } {
    const deployment = this.#find(id);
    if (!deployment) throw new DeployRefused('INVALID_ID_FIELD', `Invalid deploy ID: ${id}`);
    if (deployment.outcome) throw new DeployRefused('INVALID_ID_FIELD', 'Deployment already completed');
    const isStopping = deployment.canceledBy !== undefined;
    deployment.canceledBy ??= userId;
    if (!deployment.began) this.#end(deployment, STOPPED);
    else if (!isStopping) {
      this.#note(deployment, 'Canceling', {});
      const milliseconds = phasesOf(this.#org.jobTime).inProgress * STOPPING_SHARE;
      this.#org.later(milliseconds, () => this.#end(deployment, STOPPED));
    }
    return { done: deployment.outcome !== undefined, id: deployment.id };
  }

  #find(id: string): Deployment | undefined {
    return this.#all.get(id) ?? [...this.#all.values()].find((one) => one.id.startsWith(id));
  }

  /** The answer of checkDeployStatus, in the order of the WSDL; empty for an unknown id. */
  status(id: string, details: boolean): Record<string, unknown> | undefined {
    const deployment = this.#find(id);
    if (!deployment) return undefined;
    const { outcome } = deployment;
    return outcome ? this.#done({ ...deployment, ...outcome }, details) : this.#underWay(deployment);
  }

  #head(result: Deployment): Record<string, unknown> {
    const { options, userId, at, began, completed, canceledBy } = result;
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
      lastModifiedDate: (completed ?? began ?? at).toISOString(),
      rollbackOnError: options.rollbackOnError,
      runTestsEnabled: options.testLevel !== undefined && options.testLevel !== 'NoTestRun',
    };
  }

  #underWay(result: Deployment): Record<string, unknown> {
    const { began, canceledBy, components } = result;
    const part = began ? (this.#org.now().getTime() - began.getTime()) / phasesOf(this.#org.jobTime).inProgress : 0;
    return {
      ...this.#head(result),
      details: { runTestResult: NO_TESTS },
      done: false,
      numberComponentErrors: 0,
      numberComponentsDeployed: Math.min(components, Math.floor(components * part)),
      numberComponentsTotal: began ? components : 0,
      numberTestErrors: 0,
      numberTestsCompleted: 0,
      numberTestsTotal: 0,
      ...(began ? { startDate: began.toISOString() } : {}),
      status: canceledBy ? 'Canceling' : began ? 'InProgress' : 'Pending',
      success: false,
    };
  }

  #done(result: Deployment & Pick<DeployResult, 'messages' | 'status'>, details: boolean): Record<string, unknown> {
    const { messages, status, at, began, completed = at } = result;
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
      ...(began ? { startDate: began.toISOString() } : {}),
      status,
      success: status === 'Succeeded',
    };
  }
}

/** The result of a deploy that was stopped. */
const STOPPED = { messages: [], status: 'Canceled' as const };

/** An org without Apex has no tests to run. */
const NO_TESTS = { numFailures: 0, numTestsRun: 0, totalTime: 0 };
