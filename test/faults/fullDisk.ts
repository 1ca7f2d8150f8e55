import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import type { CommandOfCampaign } from './commands.ts';
import type { Hazard, Place } from './hazards.ts';
import { judgeFailure, judgeSecondRun } from './judge.ts';
import { stateOf } from './orgState.ts';
import { run } from './run.ts';
import type { Stage } from './scene.ts';
import { cleanRunOf, onStage } from './trials.ts';

/** A few files fit, before it is filled up. */
const SIZE_OF_DISK = '64k';

/** Puts a small disk in the place of a folder, for as long as the work takes. */
const onSmallDisk = async <T>(folder: string, work: () => Promise<T>): Promise<T> => {
  mkdirSync(folder, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_OF_DISK},mode=0700`, 'none', folder]);
  if (mounted.status !== 0) throw new Error(`No disk could be mounted: ${String(mounted.stderr)}`);
  try {
    return await work();
  } finally {
    spawnSync('umount', ['--lazy', folder]);
  }
};

/** Only who may mount a disk can fill one without harm. */
const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

/** Fills the disk of a folder to the last byte, for as long as the work takes. */
const whileFull = async <T>(folder: string, work: () => Promise<T>): Promise<T> => {
  const filler = join(folder, 'filler');
  for (let size = 32_768; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  try {
    return await work();
  } finally {
    rmSync(filler);
  }
};

/**
 * Runs a command while a disk is full, and once more when there is room.
 *
 * @param before what is done on the disk while there still is room
 */
const attempt = (
  command: CommandOfCampaign,
  folderOf: (stage: Stage) => string,
  errors: RegExp,
  before: (stage: Stage) => Promise<unknown>,
): Promise<string[]> =>
  onStage(command, 'access-token', async (stage) => {
    const wanted = await cleanRunOf(command);
    const folder = folderOf(stage);
    return onSmallDisk(folder, async () => {
      await before(stage);
      const state = stateOf(stage.org);
      const first = await whileFull(folder, () => run(command, stage));
      const complaints = judgeFailure(command, first, stage, state, wanted, errors);
      const second = await run(command, stage, ['--json']);
      return [...complaints, ...judgeSecondRun(second, stage, wanted)];
    });
  });

/** The disk that the command's file goes to is full. */
export const fullDisk: Hazard = {
  title: 'full disk',
  meaning: 'the disk of the file that it writes is full: where there is no file yet, and where there is one',
  promise: 'clear error; the file is as it was',
  places: (command) => {
    if (!mayMount || !command.file) return Promise.resolve([]);
    const inFolder = ({ folder }: Stage): string => folder;
    const errors = /^(OutputFileUnwritable|FileUnwritable|NotWritten)Error$/;
    const places: Place[] = [
      { title: 'no file yet', attempt: () => attempt(command, inFolder, errors, async () => undefined) },
      {
        title: 'a file of an earlier run',
        attempt: () =>
          attempt(command, inFolder, errors, async (stage) => {
            stateOf(stage.org);
            await run(command, stage);
          }),
      },
    ];
    return Promise.resolve(places);
  },
};

/** The disk is full. On this disk, commands write down that they have turned a switch of the org for a while. */
export const fullHome: Hazard = {
  title: 'full home',
  meaning:
    'the disk of the home folder is full, where a run writes down which switch of the org it has turned for a while',
  promise: 'clear error; the switch is not touched',
  places: (command) => {
    if (!mayMount || !command.turnsSwitch) return Promise.resolve([]);
    const inHome = (): string => join(homedir(), '.sf', 'sf-plugin-eca');
    const errors = /Error$/;
    return Promise.resolve([
      { title: 'the journal', attempt: () => attempt(command, inHome, errors, async () => undefined) },
    ]);
  },
};
