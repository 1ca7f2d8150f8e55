import type { CommandOfCampaign } from './commands.ts';
import { echo } from './echo.ts';
import { ctrlC, kill } from './endings.ts';
import { fullDisk, fullHome } from './fullDisk.ts';
import { KINDS } from './kinds.ts';
import { cleanRunOf, placeOf, placesOf, tryFault } from './trials.ts';
import { otherAtOnce, twoAtOnce } from './twoAtOnce.ts';

/** One place where something can go wrong: trying it says what did not hold there. */
export type Place = { title: string; attempt: () => Promise<string[]> };

/** Something that can go wrong, and the places at which it can happen to a command; none when it cannot. */
export type Hazard = {
  /** Heads a column of the report. */
  title: string;
  /** What it stands for. */
  meaning: string;
  /** What is promised when it happens. */
  promise: string;
  places: (command: CommandOfCampaign) => Promise<Place[]>;
};

/** What the org, or the way to it, can do wrong: at each request. */
const orgFaults: Hazard[] = KINDS.map((kind) => ({
  title: kind.title,
  meaning: kind.meaning,
  promise: kind.expects === 'success' ? 'goes well' : 'clear error',
  places: async (command) => {
    const { requests } = await cleanRunOf(command, kind.login);
    return placesOf(requests, kind).map((place) => ({
      title: placeOf(place.nth, place.request),
      attempt: () => tryFault(command, kind, place),
    }));
  },
}));

export const HAZARDS: Hazard[] = [...orgFaults, kill, ctrlC, fullDisk, fullHome, twoAtOnce, otherAtOnce, echo];
