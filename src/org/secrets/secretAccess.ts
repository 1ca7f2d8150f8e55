import type { Connection } from '@salesforce/core';

import { isPassing, isRefusal } from '../../app/errorNature.ts';
import { interruptible, unlessAborted, unlessLongAborted } from '../../local/interruption.ts';
import { orgIdOf } from '../../local/stateFiles.ts';
import { texts } from '../../texts.ts';
import type { Element } from '../app/components.ts';
import { deploy } from '../app/deploy.ts';
import { updateComponent } from '../app/updateComponent.ts';
import { operation } from '../request/operation.ts';
import { askOrg, askOrgIfSeen } from '../request/orgError.ts';
import { resend } from '../request/resend.ts';
import { type Entry, type Hold, type Journal, living, newHold, peek, withJournal } from './switchJournal.ts';

const messages = texts('org');

/** The org's switch: may the REST API return consumer secrets? (Metadata API Developer Guide, ExternalClientAppSettings) */
const SECRET_SWITCH = 'enableClientSecretInRestApiAccess';

/**
 * The elements of the settings, and the fields with which the Tooling API returns them. A deploy sends all of them back
 * unchanged.
 */
const SETTING_FIELDS = {
  [SECRET_SWITCH]: 'IsClientSecretInRestApiAccessEnabled',
  enableConsumerSecretApiAccess: 'IsConsumerSecretApiAccessEnabled',
  enablePackageEcaOauthFromDevOrg: 'IsPackageEcaOauthFromDevOrgEnabled',
} as const;

type Setting = keyof typeof SETTING_FIELDS;
type Settings = Record<Setting, boolean>;

const settingNames = Object.keys(SETTING_FIELDS) as Setting[];

type Row = Record<string, unknown>;

const querySettings = (connection: Connection): PromiseLike<{ records: Row[] }> =>
  connection.tooling.query<Row>(`SELECT ${Object.values(SETTING_FIELDS).join(', ')} FROM ExternalClientAppSettings`);

const readSettings = async (connection: Connection): Promise<Settings> => {
  const { records } = await askOrg(connection, operation('readingSecretSettings'), () => querySettings(connection));
  return Object.fromEntries(
    settingNames.map((name) => [name, records[0]?.[SETTING_FIELDS[name]] === true]),
  ) as Settings;
};

const isOn = (settings: Settings): boolean => settings[SECRET_SWITCH];

/**
 * Does the org let the REST API return consumer secrets at the moment?
 *
 * @returns undefined when this login may not see the org's settings
 * @throws what orgSaidNo names
 */
export const isSecretAccessOpen = async (connection: Connection): Promise<boolean | undefined> => {
  const asked = await askOrgIfSeen(connection, operation('readingSecretSettings'), () => querySettings(connection));
  const settings = asked?.records[0];
  return settings && settings[SETTING_FIELDS[SECRET_SWITCH]] === true;
};

/**
 * Writes the settings as they were read, with the switch on or off. A call of the Metadata API does it at once. Where
 * the org does not take the call, a deploy does it, which is a job in a queue.
 *
 * @param signal ends the waiting for a deploy
 */
const turn = async (connection: Connection, settings: Settings, on: boolean, signal?: AbortSignal): Promise<void> => {
  const elements: Element[] = settingNames.map((name) => ({
    name,
    text: String(name === SECRET_SWITCH ? on : settings[name]),
  }));
  const subject = messages.getMessage('secretAccess.setting', [SECRET_SWITCH]);
  const named = { fullName: 'ExternalClientApp', elements };
  const root = 'ExternalClientAppSettings';
  // A call goes by the settings' own type, a deploy by the type of all settings.
  const updated = await updateComponent(connection, operation('deploying', subject), { type: root, ...named }, signal);
  if (updated) return;
  const file = { type: 'Settings', path: 'settings/ExternalClientApp.settings', root, ...named };
  await deploy(connection, subject, [file], { dryRun: false, wait: 10, signal });
};

/** An open switch, which its last user puts back. */
type Opened = { close: () => Promise<void> };

/**
 * Lets the REST API return consumer secrets, until the caller calls `close` of the result. If the org allows this
 * already, nothing is changed. The former state of the switch is first written down on this machine. If this process
 * dies, the next run that reads the note puts the switch back. If several runs need the switch at the same time, the
 * last run puts it back.
 *
 * @param onProgress is called when the switch is turned
 * @param signal ends the waiting for other runs on this machine, and for the org; completed steps are undone first
 * @throws the signal's reason; the org's refusal; afterwards the switch is as it was. `close` throws
 *   error.secretAccessLeftOpen when the switch could not be turned back, or is not back
 */
export const openSecretAccess = async (
  connection: Connection,
  onProgress: OnProgress,
  signal: AbortSignal = new AbortController().signal,
): Promise<Opened> => {
  const orgId = orgIdOf(connection);
  return withJournal(
    orgId,
    async ({ entry, write }) => {
      const settings = await unlessAborted(signal, readSettings(connection));
      if (!entry && isOn(settings)) return { close: () => Promise.resolve() };
      const others = await living(entry?.holders ?? []);
      const hold = await newHold();
      try {
        await write({ orgId, before: entry?.before ?? false, holders: [...others, hold.holder] });
        if (!isOn(settings)) await open(connection, settings, { onProgress, forget: () => write(entry), signal });
      } catch (error) {
        await hold.letGo();
        throw error;
      }
      return { close: () => leave(connection, orgId, hold, onProgress) };
    },
    { signal },
  );
};

/** Told when the switch is turned. */
export type OnProgress = (step: 'opening' | 'closing') => void;

const open = async (
  connection: Connection,
  settings: Settings,
  { onProgress, forget, signal }: { onProgress: OnProgress; forget: () => Promise<void>; signal: AbortSignal },
): Promise<void> => {
  onProgress('opening');
  try {
    await turn(connection, settings, true, signal);
  } catch (error) {
    // The write may still be under way, unless the org refused it. A later write comes after the earlier ones.
    if (!isRefusal(error)) {
      onProgress('closing');
      await turnOff(connection, true);
    }
    await forget();
    throw error;
  }
};

/**
 * Gives the switch up, and puts it back if no other process needs it. A full disk does not keep the switch open. The
 * next run that reads the note first reads the state of the switch.
 */
const leave = (connection: Connection, orgId: string, { holder, letGo }: Hold, onProgress: OnProgress): Promise<void> =>
  withJournal(
    orgId,
    async ({ entry, write }) => {
      // Somebody has closed the switch in Setup.
      if (!entry) return;
      const others = await living(entry.holders.filter(({ id }) => id !== holder.id));
      await write({ ...entry, holders: others }).catch(() => undefined);
      if (others.length > 0) return;
      await putBack(connection, entry, onProgress);
      await write(undefined).catch(() => undefined);
    },
    { anyway: true },
  ).finally(letGo);

const putBack = async (connection: Connection, { before }: Entry, onProgress: OnProgress): Promise<void> => {
  if (before) return;
  onProgress('closing');
  await turnOff(connection, false);
};

/**
 * Turns the switch off, and checks that the switch is off.
 *
 * @param anyway also when the switch is off already
 * @throws error.secretAccessLeftOpen
 */
const turnOff = async (connection: Connection, anyway: boolean): Promise<void> => {
  const stillOn = new Error(messages.getMessage('secretAccess.stillOn'));
  try {
    await resend(
      async () => {
        const settings = await readSettings(connection);
        if (!isOn(settings) && !anyway) return;
        await turn(connection, settings, false);
        if (isOn(await readSettings(connection))) throw stillOn;
      },
      (error) => isPassing(error) || error === stillOn,
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw messages.createError('error.secretAccessLeftOpen', [reason], [connection.instanceUrl]);
  }
};

/**
 * Does some work while the org lets the REST API return consumer secrets (see openSecretAccess). Afterwards the switch
 * is as it was. This is also true after a failure, and after a signal to end the process.
 *
 * @throws error.secretAccessLeftOpen when the switch could not be turned back; error.interrupted; what the work throws
 */
export const withSecretAccess = async <T>(
  connection: Connection,
  onProgress: OnProgress,
  work: () => Promise<T>,
): Promise<T> =>
  interruptible(async (signal) => {
    const { close } = await openSecretAccess(connection, onProgress, signal);
    try {
      return await unlessAborted(signal, work());
    } finally {
      await close();
      // A user who ended the run while the switch was being closed does not want the result.
      signal.throwIfAborted();
    }
  });

/** Milliseconds after a signal in which work can be undone. CI services kill a job about ten seconds after the signal. */
const TIDYING_UP = 5_000;

/**
 * Does work that undoes what it began once the signal comes. It opens the org's switch for it if that is allowed. An org
 * that does not answer holds up neither the process nor the switch for long.
 *
 * @param left makes the error for work that was left before it had tidied up
 * @throws error.secretAccessLeftOpen; error.interrupted; what the work throws, or `left` makes
 */
export const tidyingWork = <T>(
  connection: Connection,
  { allowed, onProgress, left }: { allowed: boolean; onProgress: OnProgress; left: (signal: AbortSignal) => Error },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> =>
  interruptible(async (signal) => {
    const access = allowed ? await openSecretAccess(connection, onProgress, signal) : undefined;
    try {
      return await unlessLongAborted(signal, { ms: TIDYING_UP, left: () => left(signal) }, work(signal));
    } finally {
      await access?.close();
    }
  });

/**
 * Puts a switch back that a killed run on this machine has left turned. Sends no request when there was no such run.
 *
 * @throws error.secretAccessLeftOpen; error.interrupted
 */
export const restoreSecretAccess = async (connection: Connection, onProgress: OnProgress): Promise<void> => {
  const orgId = orgIdOf(connection);
  const left = await peek(orgId);
  if (!left || (await living(left.holders)).length > 0) return;
  await interruptible(async (signal) => {
    const restore = async ({ entry, write }: Journal): Promise<void> => {
      if (!entry || (await living(entry.holders)).length > 0) return;
      await putBack(connection, entry, onProgress);
      await write(undefined);
    };
    await withJournal(orgId, restore, { signal });
    signal.throwIfAborted();
  });
};

/**
 * Closes the switch, whoever opened it.
 *
 * @returns was the switch open?
 * @throws error.secretAccessLeftOpen; the org's refusal; error.interrupted while it waits for another run
 */
export const closeSecretAccess = async (connection: Connection): Promise<boolean> =>
  interruptible((signal) =>
    withJournal(
      orgIdOf(connection),
      async ({ write }) => {
        const wasOn = isOn(await readSettings(connection));
        if (wasOn) await turnOff(connection, false);
        await write(undefined);
        return wasOn;
      },
      { anyway: true, signal },
    ),
  );
