import { setTimeout as pause } from 'node:timers/promises';
import { openFaultyWire } from '../faultyWire.ts';
import type { Hazard } from './hazards.ts';
import { judgeClearly, judgeSecondRun, judgeState } from './judge.ts';
import { stateOf } from './orgState.ts';
import { run } from './run.ts';
import { logIn } from './scene.ts';
import { cleanRunOf, onStage, placeOf } from './trials.ts';

/** How long the first run is held up for the second, which may itself have to wait for the first. */
const longestHold = 1_000;

/**
 * Two admins run the same command on the same app: while the first waits for the answer to one of its requests, the second
 * runs from beginning to end, or as far as it gets.
 */
export const twoAtOnce: Hazard = {
  title: 'two at once',
  meaning: 'while a run waits for an answer, another admin runs the same command on the same app',
  promise: 'go well, or clear error',
  places: async (command) => {
    if (!command.writes) return [];
    const { requests } = await cleanRunOf(command);
    return requests.map((request, index) => ({
      title: placeOf(index + 1, request),
      attempt: () =>
        onStage(command, 'access-token', async (stage) => {
          const { org, practice, username, colleague } = stage;
          const wanted = await cleanRunOf(command);
          const before = stateOf(org);
          await logIn(org, colleague, practice.url);
          let other: ReturnType<typeof run> | undefined;
          const wire = await openFaultyWire(practice, async (_request, at) => {
            if (at !== index) return undefined;
            other = run(command, stage, [], colleague);
            await Promise.race([other, pause(longestHold)]);
            return undefined;
          });
          try {
            await logIn(org, username, wire.url);
            const first = await run(command, stage);
            const second = await other;
            if (!second) return [`the first run made no request ${index + 1}`];
            const complaints = [
              ...judgeClearly(first).map((complaint) => `first: ${complaint}`),
              ...judgeClearly(second).map((complaint) => `second: ${complaint}`),
              ...judgeState(command, stateOf(org), before, wanted.state),
            ];
            const third = await run(command, stage, ['--json']);
            return [...complaints, ...judgeSecondRun(command, third, stage, wanted)];
          } finally {
            await wire.close();
          }
        }),
    }));
  },
};
