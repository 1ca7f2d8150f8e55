/**
 * What an error means to the code that catches it. Whoever names an error says its nature, once; whoever catches one asks for it
 * here. An error's name is for users and their scripts: no code of ours reads it.
 */
export type ErrorNature = {
  /** It may go away by itself. Of a write it is not known then whether the write was carried out. */
  passing?: true;
  /** The org refused. Nothing was written, and nothing will be. */
  refused?: true;
  /** The org does not tell: this user may not know, or the org knows nothing of what was asked for. */
  keptBack?: true;
  /** The org takes no token of this kind there. Another login of the same user gets an answer. */
  wrongToken?: true;
  /** The org gives no consumer secret: its switch is off, this user may not read it, or there is none. */
  secretless?: true;
  /** A switch of the org keeps back what was asked for. Whoever opens the switch can ask again. */
  switchedOff?: true;
  /** What was asked for is not there, such as the consumer of an app without OAuth. */
  absent?: true;
  /** The org took a job on, and the job failed: what it was about may be why. */
  failedJob?: true;
  /** A signal told the process to end. */
  interrupted?: true;
};

const natures = new WeakMap<Error, ErrorNature>();

/** Says what an error means. @returns the error */
export const ofNature = <E extends Error>(nature: ErrorNature, error: E): E => {
  natures.set(error, nature);
  return error;
};

const has = (error: unknown, trait: keyof ErrorNature): error is Error =>
  error instanceof Error && natures.get(error)?.[trait] === true;

/** Could what went wrong go away by itself? Of a write it is not known then whether it was carried out. */
export const isPassing = (error: unknown): error is Error => has(error, 'passing');

/** Did the org refuse? Then nothing is or will be written; after any other error a deploy may still be under way. */
export const isRefusal = (error: unknown): error is Error => has(error, 'refused');

/** Does the org just not tell, to this user or to anyone? */
export const isKeptBack = (error: unknown): error is Error => has(error, 'keptBack');

/** Would another login of the same user get an answer? */
export const isWrongToken = (error: unknown): error is Error => has(error, 'wrongToken');

/** Is there no consumer secret to be had? */
export const isSecretless = (error: unknown): error is Error => has(error, 'secretless');

/** Does a switch of the org keep it back, which somebody could open? */
export const isSwitchedOff = (error: unknown): error is Error => has(error, 'switchedOff');

/** Is what was asked for not there? */
export const isAbsent = (error: unknown): error is Error => has(error, 'absent');

/** Did a job of the org fail? */
export const isFailedJob = (error: unknown): error is Error => has(error, 'failedJob');

/** Did somebody end the run? */
export const isInterruption = (error: unknown): error is Error => has(error, 'interrupted');
