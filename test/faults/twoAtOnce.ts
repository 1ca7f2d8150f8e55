import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import EcaApply from '../../src/commands/eca/apply.ts';
import { openFaultyWire } from '../faultyWire.ts';
import type { CommandOfCampaign } from './commands.ts';
import type { Hazard } from './hazards.ts';
import { judgeClearly, judgeSecondRun, judgeState, judgeSuccess } from './judge.ts';
import { type OrgState, stateOf } from './orgState.ts';
import { type Ran, run } from './run.ts';
import { logIn, type Stage } from './scene.ts';
import { cleanRunOf, onStage, placeOf } from './trials.ts';

/** How long the first run is held up for the second, which may itself have to wait for the first. */
const LONGEST_HOLD = 1_000;

type BothRan = { first: Ran; second: Ran; before: OrgState };

/**
 * While a command waits for an answer, another command runs from beginning to end, or as far as it gets.
 *
 * @param judge says what did not hold, while the org can still be reached
 */
const runBoth = async (
  command: CommandOfCampaign,
  other: CommandOfCampaign,
  stage: Stage,
  index: number,
  judge: (both: BothRan) => string[] | Promise<string[]>,
): Promise<string[]> => {
  const { org, practice, username, colleague } = stage;
  const before = stateOf(org);
  await logIn(org, colleague, practice.url);
  let others: Promise<Ran> | undefined;
  const wire = await openFaultyWire(practice, async (_request, at) => {
    if (at !== index) return undefined;
    others = run(other, stage, [], colleague);
    await Promise.race([others, pause(LONGEST_HOLD)]);
    return undefined;
  });
  try {
    await logIn(org, username, wire.url);
    const first = await run(command, stage);
    const second = await others;
    if (!second) throw new Error(`The first run made no request ${index + 1}.`);
    return await judge({ first, second, before });
  } finally {
    await wire.close();
  }
};

/** The same run twice: two admins do the same, or a pipeline was started twice. */
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
          const wanted = await cleanRunOf(command);
          return runBoth(command, command, stage, index, async ({ first, second, before }) => {
            const complaints = [
              ...judgeClearly(first).map((complaint) => `first: ${complaint}`),
              ...judgeClearly(second).map((complaint) => `second: ${complaint}`),
              ...judgeState(command, stateOf(stage.org), before, wanted.state),
            ];
            const third = await run(command, stage, ['--json']);
            return [...complaints, ...judgeSecondRun(third, stage, wanted)];
          });
        }),
    }));
  },
};

const OTHER_PHONE = '  - name: Order_Sync\n    contactPhone: "+49 30 901820"\n';
const OTHER_POLICY = '    policies: { ipRelaxation: relax-2fa }\n';

/** Changes what no command of the campaign changes, in the same components as they do. */
const otherChange = (hasOauth: boolean): CommandOfCampaign => ({
  title: 'another change',
  words: 'apply',
  command: EcaApply,
  flags: ({ folder }) => {
    // Beside the folder of the command, where nothing is to be left behind.
    const file = `${folder}.yaml`;
    writeFileSync(file, `apps:\n${OTHER_PHONE}${hasOauth ? OTHER_POLICY : ''}`);
    return ['--file', file, '--no-prompt'];
  },
});

const has = (state: OrgState, type: string): boolean =>
  [...state].some((line) => line.startsWith(`app ${type} `) && line.includes(' Order_Sync'));

export const otherAtOnce: Hazard = {
  title: 'another change',
  meaning: 'while a run waits for an answer, another admin changes something else of the same app, on the same machine',
  promise: 'both changes are there',
  places: async (command) => {
    if (!command.writes) return [];
    const { requests, state } = await cleanRunOf(command);
    const before = await onStage(command, 'access-token', ({ org }) => Promise.resolve(stateOf(org)));
    // Where an app is made or deleted, there is nothing to be changed beside it.
    if (![before, state].every((one) => has(one, 'ExternalClientApplication'))) return [];
    const other = otherChange(has(before, 'ExtlClntAppOauthSettings'));
    return requests.map((request, index) => ({
      title: placeOf(index + 1, request),
      attempt: async () => {
        const wanted = await onStage(command, 'access-token', async (stage) => {
          stateOf(stage.org);
          await run(command, stage);
          await run(other, stage);
          return { ...(await cleanRunOf(command)), state: stateOf(stage.org) };
        });
        return onStage(command, 'access-token', (stage) =>
          runBoth(command, other, stage, index, ({ first, second }) => [
            ...judgeSuccess(first, stage, wanted).map((complaint) => `first: ${complaint}`),
            ...judgeSuccess(second, stage, wanted).map((complaint) => `second: ${complaint}`),
          ]),
        );
      },
    }));
  },
};
