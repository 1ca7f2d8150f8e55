import { setTimeout as pause } from 'node:timers/promises';

/** Waits until a process is gone; the test's time limit is how long. One that has ended is there until its parent took note. */
export const untilGone = async (pid: number): Promise<void> => {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await pause(10);
  }
};
