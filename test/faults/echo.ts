import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { ENVELOPES, openEchoWire, secretsSaid, spellings } from '../echoWire.ts';
import type { Hazard } from './hazards.ts';
import { type Ran, run } from './run.ts';
import { logIn } from './scene.ts';
import { cleanRunOf, onStage, placeOf } from './trials.ts';

const names = Object.keys(spellings);

/** All that a run said: on its streams, in its error, and in the log. */
const saidBy = ({ output, error }: Ran): string => {
  const folder = join(homedir(), '.sf');
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return [
    output,
    ...(error ? [error.message, error.stack, JSON.stringify(error), String(error.cause)] : []),
    ...logs.map((name) => readFileSync(join(folder, name), 'utf8')),
  ].join('\n');
};

/** An org, or something on the way to it, that answers with what it was sent. It uses several spellings. */
export const echo: Hazard = {
  title: 'echo',
  meaning: 'the answer is an error, a page or a result that holds what the request held, plain or encoded',
  promise: 'no secret leaves',
  places: async (command) => {
    const { requests } = await cleanRunOf(command);
    return requests.map((request, index) => ({
      title: placeOf(index + 1, request),
      attempt: () =>
        onStage(command, 'access-token', async (stage) => {
          const wire = await openEchoWire(stage.practice);
          try {
            await logIn(stage.org, stage.username, wire.url);
            const envelope = ENVELOPES[index % ENVELOPES.length] ?? 'error';
            const spelling = names[index % names.length] ?? '';
            wire.set({ index, envelope, spelling });
            const ran = await run(command, stage);
            // The secret that the command was asked for is in its result.
            const asked = command.words.startsWith('credentials')
              ? [...stage.org.consumers.values()].map(({ primary }) => primary.secret)
              : [];
            const secrets = [...wire.secrets].filter((secret) => !asked.includes(secret));
            return secretsSaid(secrets, saidBy(ran)).map(() => `a secret was said: ${envelope}, ${spelling}`);
          } finally {
            await wire.close();
          }
        }),
    }));
  },
};
