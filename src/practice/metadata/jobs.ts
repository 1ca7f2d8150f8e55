/**
 * How a job of the Metadata API spends its time: it waits in the queue, then it is in progress. The queue is
 * documented, the shares of the time are ours.
 */
export const phasesOf = (jobTime: number): { queued: number; inProgress: number } => {
  const queued = jobTime * QUEUED_SHARE;
  return { queued, inProgress: jobTime - queued };
};

const QUEUED_SHARE = 0.2;
