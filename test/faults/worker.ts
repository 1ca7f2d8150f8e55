/**
 * A process of the campaign. It tries the places of one hazard and one command after the other, as its channel says. It
 * has a home folder of its own, and a faster clock.
 */
import './fasterClock.ts';

import { readdirSync, readFileSync, truncateSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { secretsIn } from '../../scripts/secretScan.ts';
import { COMMANDS } from './commands.ts';
import { HAZARDS } from './hazards.ts';

/** What is to be tried: a hazard with a command; a sample of its places, or all. */
export type Task = { command: string; hazard: string; sample: boolean };

/** What came of it. */
export type Tried = Task & {
  tried: number;
  /** The places at which something did not hold, and what. */
  failures: Array<{ place: string; complaints: string[] }>;
};

/**
 * The kinds of secret that were written to the logs since the last look. The logs are at their most talkative level.
 */
const secretsInLogs = (): string[] => {
  const folder = join(homedir(), '.sf');
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return logs.flatMap((name) => {
    const found = secretsIn(readFileSync(join(folder, name), 'utf8'));
    truncateSync(join(folder, name));
    return found.map(({ kind }) => kind).filter((kind) => kind !== 'consumer key');
  });
};

const carryOut = async (task: Task): Promise<Tried> => {
  const command = COMMANDS.find(({ title }) => title === task.command);
  const hazard = HAZARDS.find(({ title }) => title === task.hazard);
  if (!command || !hazard) throw new Error(`No such command or hazard: ${task.command}, ${task.hazard}`);
  const result: Tried = { ...task, tried: 0, failures: [] };
  try {
    const places = await hazard.places(command);
    // The place in the middle is neither the login's first look nor the last look at what was written.
    const chosen = task.sample ? places.slice(Math.floor(places.length / 2)).slice(0, 1) : places;
    for (const { title, attempt } of chosen) {
      result.tried += 1;
      const complaints = await attempt();
      if (complaints.length > 0) result.failures.push({ place: title, complaints });
    }
    const kinds = result.tried > 0 ? secretsInLogs() : [];
    if (kinds.length > 0) result.failures.push({ place: 'the log', complaints: [`it has ${kinds.join(', ')}`] });
  } catch (error) {
    result.tried = Math.max(1, result.tried);
    result.failures.push({ place: 'as a whole', complaints: [String((error as Error).stack)] });
  }
  return result;
};

process.on('message', (task: Task) => {
  void carryOut(task).then((tried) => process.send?.(tried));
});

// Whatever the commands left going, there is nobody left to work for.
process.on('disconnect', () => process.exit());
