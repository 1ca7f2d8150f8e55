import type { Connection } from '@salesforce/core';

import { CERTIFICATE_FIELD, isCertificateFile } from '../../app/certificate.ts';
import { isRefusal } from '../../app/errorNature.ts';
import { readCertificate } from '../../local/certificate.ts';
import { texts } from '../../texts.ts';
import { useNewestVersion } from '../request/apiVersion.ts';
import { operation } from '../request/operation.ts';
import { NO_TERMS, refuseCertificateProblem, sendsSettings } from './certificateTerms.ts';
import { type Components, isAdmins, partNames, PARTS, withText } from './components.ts';
import { deploy, type Deployed, type DeployFile } from './deploy.ts';
import { draft } from './draft.ts';
import { guardGrants } from './grants.ts';
import { inOrgsSpelling } from './ipRelaxationSpelling.ts';
import { isDeletion, isDone, type Plan } from './plan.ts';
import { guardedBy, sendsPolicies, warnOfAccess } from './planAccess.ts';
import { updateComponent } from './updateComponent.ts';

const messages = texts('org');

export type WriteOptions = {
  /** The org validates with a check-only deploy; nothing is written. */
  dryRun: boolean;
  /** How long to wait for the org, in minutes. */
  wait: number;
  /** The API version that the user asked for. Only a new app can be written at a lower one than the org's newest. */
  apiVersion?: string;
  onProgress?: (status: string) => void;
};

/** A plan with the components that were sent for it. They are empty for a deletion, and where nothing was to be done. */
type SentPlan<Source> = { plan: Plan<Source>; components: Components };

/** What became of plans. */
export type Sent<Source = unknown> = {
  all: Array<SentPlan<Source>>;
  /** Was anything sent? Nothing is where all was done already. */
  isSent: boolean;
  /** Absent where no deploy was needed. */
  deployId?: string;
  completed?: Date;
  forgetGrants?: () => Promise<void>;
};

/** Sends all that is to be done in one deploy. What only switches one app is done at once, where the org lets it. */
export const send = async <Source>(
  connection: Connection,
  plans: Array<Plan<Source>>,
  options: WriteOptions,
): Promise<Sent<Source>> => {
  const toDo = plans.filter((planned) => !isDone(planned));
  if (toDo.length === 0) return { all: plans.map((plan) => ({ plan, components: {} })), isSent: false };

  const version = await versionFor(connection, toDo, options.apiVersion);
  connection.setApiVersion(`${version}.0`);
  const [toDelete, toWrite] = [toDo.filter(isDeletion), toDo.filter((planned) => !isDeletion(planned))];
  const all: Array<SentPlan<Source>> = [];
  for (const plan of plans) {
    all.push({ plan, components: toWrite.includes(plan) ? await componentsFor(plan, version) : {} });
  }
  const files = all.flatMap(({ components }) => filesOf(components));
  const deletions = toDelete.map(({ app }) => ({ type: PARTS.application.type, fullName: app }));
  const isSwitch = !options.dryRun && toDo.length === 1 && toDo.every(switchesOnly);
  const deployAll = async (changed: DeployFile[]): Promise<Partial<Deployed>> => {
    const updated = isSwitch ? await updateOne(connection, subjectOf(toDo), changed) : undefined;
    return updated ?? deploy(connection, subjectOf(toDo), changed, options, deletions);
  };
  await warnOfAccess(connection, toWrite);
  const guarded = toWrite.filter(sendsPolicies).flatMap(guardedBy);
  const forgetGrants = options.dryRun ? undefined : await guardGrants(connection, guarded);
  try {
    const { id: deployId, completed } = await deployAll(files).catch((refused: unknown) => {
      const respelled = inOrgsSpelling(files, refused);
      if (!respelled) throw refused;
      return deployAll(respelled);
    });
    return {
      all,
      isSent: true,
      ...(deployId && { deployId }),
      ...(completed && { completed }),
      ...(forgetGrants && { forgetGrants }),
    };
  } catch (error) {
    if (isRefusal(error)) await forgetGrants?.();
    throw error;
  }
};

/** Does a plan only switch an app on or off? In an emergency nobody wants to wait for a job in a queue. */
const switchesOnly = ({ stored, changes }: Plan): boolean =>
  stored?.components.policies !== undefined && changes.length > 0 && changes.every(({ field }) => field === 'enabled');

/** @returns undefined where a deploy has to do it */
const updateOne = async (
  connection: Connection,
  subject: string,
  [file, ...others]: DeployFile[],
): Promise<Partial<Deployed> | undefined> =>
  file && others.length === 0 ? updateComponent(connection, operation('deploying', subject), file) : undefined;

/**
 * Refuses plans that a write would refuse before it sends anything, for whoever makes something else first.
 *
 * @throws what writeApps throws before anything is sent
 */
export const refuseUnsendable = async (
  connection: Connection,
  plans: Plan[],
  { apiVersion }: Pick<WriteOptions, 'apiVersion'>,
): Promise<void> => {
  const toWrite = plans.filter((planned) => !isDone(planned) && !isDeletion(planned));
  if (toWrite.length === 0) return;
  const version = await versionFor(connection, toWrite, apiVersion);
  for (const planned of toWrite) await componentsFor(planned, version);
};

/** What a deploy is about, in messages: the apps' names, as far as they fit into a line. */
export const subjectOf = (plans: Plan[]): string => {
  const names = plans.slice(0, 3).map(({ app }) => app);
  const more = plans.length - names.length;
  return more > 0 ? messages.getMessage('deploy.andMore', [names.join(', '), String(more)]) : names.join(', ');
};

/** Apps are written at the org's newest version. A lower one that the user asks for is fit for new apps only. */
const versionFor = async (connection: Connection, plans: Plan[], asked: string | undefined): Promise<number> => {
  const newest = await useNewestVersion(connection);
  if (!asked || Number(asked) >= Number(newest)) return Number(newest);
  const there = plans.find(({ stored }) => stored);
  if (there) throw messages.createError('error.apiVersionTooLow', [asked, newest, there.app]);
  return Number(asked);
};

/** The components to deploy, each whole; refuses what an org would take and do damage with. */
const componentsFor = async (planned: Plan, version: number): Promise<Components> => {
  const { stored, wish, changes, terms = NO_TERMS } = planned;
  const said = wish.oauth?.certificateFile;
  const change = changes.find(({ field }) => field === CERTIFICATE_FIELD);
  const known = stored?.certificate;
  // One that is the app's already goes along where the org did not return it. What is left out is taken away.
  const goesAlong = known?.there === 'yes' && !known.returned && sendsSettings(planned);
  const given = isCertificateFile(said) && (change ?? goesAlong);
  const certificate = given ? (terms.given.get(said) ?? (await readCertificate(said))).pem : undefined;
  const components = draft(planned, version, { certificate });
  const foreign = partNames.find((part) => components[part] && !isAdmins(part));
  if (stored?.installed && foreign) {
    throw messages.createError('error.installedApp', [planned.app, changes.map(({ field }) => field).join(', ')]);
  }
  refuseCertificateProblem(planned);
  const { globalOauthSettings } = components;
  if (!globalOauthSettings || certificate === undefined || change) return components;
  const elements = withText(globalOauthSettings.elements, 'certificate', certificate);
  return { ...components, globalOauthSettings: { ...globalOauthSettings, elements } };
};

/** Rotation switches would act on this very deploy, so they are never sent, whatever the org returned. */
const ROTATION_SWITCHES = ['shouldRotateConsumerKey', 'shouldRotateConsumerSecret'];

const filesOf = (components: Components): DeployFile[] =>
  partNames.flatMap((part) => {
    const component = components[part];
    if (!component) return [];
    const { type, folder, suffix } = PARTS[part];
    const { fullName } = component;
    const elements = ROTATION_SWITCHES.reduce((rest, name) => withText(rest, name, undefined), component.elements);
    return [{ type, root: type, fullName, path: `${folder}/${fullName}.${suffix}`, elements }];
  });
