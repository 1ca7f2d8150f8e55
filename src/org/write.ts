import { readFile } from 'node:fs/promises';
import type { Connection as OrgConnection } from '@salesforce/core';
import type { App, Change, Wish } from '../app/app.ts';
import { changesOf, fieldOf, merge, notKept } from '../app/changes.ts';
import { Messages } from '../salesforce.ts';
import { useNewestVersion } from './apiVersion.ts';
import {
  appReference,
  partNames,
  parts,
  withText,
  type Component,
  type Components,
  type Element,
  type Part,
} from './components.ts';
import { deploy, type DeployFile } from './deploy.ts';
import {
  fields,
  keep,
  oauthPluginOn,
  switchOauthPluginOn,
  withElement,
  type ElementValue,
  type Field,
  type WriteContext,
} from './fields.ts';
import { unwritable } from './metadataXml.ts';
import { readApps, type StoredApp } from './read.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'org');

export type WriteOptions = {
  /** The org validates with a check-only deploy; nothing is written. */
  dryRun: boolean;
  /** How long to wait for the org, in minutes. */
  wait: number;
  /** The API version that the user asked for. Only a new app can be written at a lower one than the org's newest. */
  apiVersion?: string;
  onProgress?: (status: string, deployId: string) => void;
};

/** An app as results show it: its shape, and what only the org can say. */
export type DisplayedApp = App & { id?: string; consumerKey?: string; setupUrl?: string };

export type WriteResult = {
  /** As read back from the org; with a dry run, as it would be. */
  app: DisplayedApp;
  created: boolean;
  changes: Change[];
  /** What the org took and did not keep: `before` is what was asked for, `after` what the org has. */
  notApplied: Change[];
  /** Absent when there was nothing to change. */
  deployId?: string;
  dryRun: boolean;
};

/** What is to be done to one app. */
export type Plan = {
  /** The app as readApps gave it; undefined for one that is to be made. */
  stored: StoredApp | undefined;
  wish: Wish;
  /** Empty for an app that is as wished already. */
  changes: Change[];
};

/** What a wish changes in the app that is there. */
export const plan = (stored: StoredApp | undefined, wish: Wish): Plan => ({
  stored,
  wish,
  changes: changesTo(stored, wish),
});

/**
 * The one road for writing apps: each wish is merged into the app that is there, the components whose elements change are
 * deployed whole, in one deploy, all or nothing, and what came out is read back. What a wish does not say stays as it is.
 * Where nothing changes, nothing is deployed.
 *
 * @returns a result for each plan, in their order
 * @throws error.apiVersionTooLow, error.fieldNeedsVersion, error.valueNotWritable, error.installedApp,
 *   error.certificateNeeded, error.certificateUnreadable before anything is sent; what `deploy` throws
 */
export const writeApps = async (
  connection: OrgConnection,
  plans: Plan[],
  options: WriteOptions,
): Promise<WriteResult[]> => {
  const toDo = plans.filter(({ stored, changes }) => !stored || changes.length > 0);
  if (toDo.length === 0) return plans.map((planned) => resultOf(planned, planned.stored, options));

  const version = await versionFor(connection, toDo, options.apiVersion);
  const files = await Promise.all(toDo.map(async (planned) => filesOf(await componentsFor(planned, version))));
  const subject = toDo.map(({ wish }) => wish.name).join(', ');
  const deployId = await deploy(connection, subject, files.flat(), options);
  const result = (planned: Plan, now: StoredApp | undefined): WriteResult =>
    resultOf(planned, now, options, toDo.includes(planned) ? deployId : undefined);
  if (options.dryRun) return plans.map((planned) => result(planned, planned.stored));

  const after = await readApps(
    connection,
    plans.map(({ wish }) => wish.name),
  );
  return plans.map((planned) => {
    const { name } = planned.wish;
    const stored = after.get(name);
    if (!stored) throw new Error(`The org took ${name} in deploy ${deployId} and does not have it.`);
    return result(planned, stored);
  });
};

/** Like writeApps, for one app. */
export const writeApp = async (
  connection: OrgConnection,
  stored: StoredApp | undefined,
  wish: Wish,
  options: WriteOptions,
): Promise<WriteResult> => {
  const [result] = await writeApps(connection, [plan(stored, wish)], options);
  if (!result) throw new Error('A plan without a result.');
  return result;
};

/** @param now the app as it was read back; with a dry run, or where nothing was to be done, as it was before */
const resultOf = (
  { stored, wish, changes }: Plan,
  now: StoredApp | undefined,
  { dryRun }: WriteOptions,
  deployId?: string,
): WriteResult => ({
  app: dryRun || !now ? { ...(now && displayed(now)), ...merge(now?.app, wish) } : displayed(now),
  created: !stored,
  changes:
    dryRun || !now
      ? changes
      : changes.map((change) =>
          isReadable(change.field) ? { ...change, after: fieldOf(now.app, change.field) } : change,
        ),
  notApplied: dryRun || !now ? [] : notKept(changes, now.app),
  ...(deployId && { deployId }),
  dryRun,
});

const isReadable = (path: string): boolean => fields.some((field) => field.path === path && field.read !== undefined);

/** An app as results show it. */
export const displayed = ({ app, id, consumerKey, setupUrl }: StoredApp): DisplayedApp => ({
  ...app,
  id,
  ...(consumerKey && { consumerKey }),
  setupUrl,
});

/**
 * What a wish changes in an app that is there. While the OAuth plugin is switched off no flow is on, so a wish for OAuth
 * changes the flows even where it does not name them: it switches the plugin on.
 */
const changesTo = (stored: StoredApp | undefined, wish: Wish): Change[] => {
  const changes = changesOf(stored?.app, wish);
  if (!wish.oauth || !stored?.components.globalOauthSettings || oauthPluginOn(stored.components)) return changes;
  if (changes.some(({ field }) => field === 'oauth.flows')) return changes;
  return [...changes, { field: 'oauth.flows', before: [], after: wish.oauth.flows ?? ['web-server'] }];
};

/** Apps are written at the org's newest version; a lower one that the user asks for is fit for new apps only. */
const versionFor = async (connection: OrgConnection, plans: Plan[], asked: string | undefined): Promise<number> => {
  const newest = await useNewestVersion(connection);
  if (!asked || Number(asked) >= Number(newest)) return Number(newest);
  const there = plans.find(({ stored }) => stored);
  if (there) throw messages.createError('error.apiVersionTooLow', [asked, newest, there.wish.name]);
  connection.setApiVersion(asked);
  return Number(asked);
};

/** The PEM text of a certificate file; undefined for none. */
const readCertificate = async (file: string | undefined): Promise<string | undefined> => {
  if (file === undefined || file === 'none') return undefined;
  const pem = await readFile(file, 'utf8').catch((error: unknown) => {
    throw messages.createError('error.certificateUnreadable', [file, (error as Error).message]);
  });
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw messages.createError('error.certificateUnreadable', [file, 'it holds no PEM certificate']);
  }
  return pem.trim();
};

/** The components to deploy: each whole, and only those that the changes touch. */
const componentsFor = async ({ stored, wish, changes }: Plan, version: number): Promise<Components> => {
  const context = { certificate: await readCertificate(wish.oauth?.certificateFile) };
  const before = stored?.components ?? {};
  const wanted = Object.fromEntries(changes.map(({ field, after }) => [field, after]));
  const components: Components = stored ? {} : { application: fresh('application', wish) };
  for (const field of fields.filter(({ path }) => path in wanted)) {
    writeField(field, wanted[field.path], { before, components, wish, context, version });
  }
  // Salesforce refuses global OAuth settings without OAuth settings; either would be of no use alone.
  if (wish.oauth ?? wish.scopes ?? wish.customScopes) {
    for (const part of ['oauthSettings', 'globalOauthSettings'] as const) {
      if (!before[part]) components[part] ??= fresh(part, wish);
    }
  }
  if (wish.oauth && before.policies && !oauthPluginOn(before)) {
    components.policies = switchOauthPluginOn(components.policies ?? before.policies);
  }
  const touched = partNames.filter((part) => components[part]);
  const foreign = touched.find((part) => part !== 'oauthPolicies' && part !== 'policies');
  if (stored?.installed && foreign) {
    throw messages.createError('error.installedApp', [wish.name, changes.map(({ field }) => field).join(', ')]);
  }
  if (before.globalOauthSettings && components.globalOauthSettings && wish.oauth?.certificateFile === undefined) {
    throw messages.createError('error.certificateNeeded', [wish.name]);
  }
  return components;
};

type Draft = { before: Components; components: Components; wish: Wish; context: WriteContext; version: number };

const writeField = (field: Field, wanted: unknown, { before, components, wish, context, version }: Draft): void => {
  const values = field.write(wanted as never, context);
  field.elements.forEach(({ part, element, since, dispensable }, index) => {
    const value = values[index];
    const current = components[part] ?? before[part];
    if (value === keep || (value === undefined && !current)) return;
    if (since > version) {
      if (dispensable || value === undefined) return;
      throw messages.createError('error.fieldNeedsVersion', [field.path, `${since}.0`, `${version}.0`]);
    }
    refuseUnwritable(field.path, value);
    const target = current ?? fresh(part, wish);
    const elements = withElement(target.elements, element, value);
    if (JSON.stringify(elements) === JSON.stringify(current?.elements)) return;
    components[part] = { ...target, elements };
  });
};

const refuseUnwritable = (path: string, value: ElementValue): void => {
  const texts = Array.isArray(value)
    ? value.flat().map((element) => ('text' in element ? element.text : ''))
    : [typeof value === 'string' ? value : ''];
  const character = unwritable(texts.join(''));
  if (character) throw messages.createError('error.valueNotWritable', [path, character]);
};

/** A component that the org does not have yet, with what every one of its type needs. */
const fresh = (part: Part, wish: Wish): Component => {
  const fullName = parts[part].newName(wish.name);
  if (part === 'application') {
    return {
      fullName,
      elements: [
        { name: 'distributionState', text: 'Local' },
        { name: 'label', text: wish.label ?? wish.name },
      ],
    };
  }
  const elements: Element[] = [
    { name: appReference, text: wish.name },
    ...(part === 'policies' ? [{ name: 'isEnabled', text: 'true' }] : []),
    { name: 'label', text: fullName },
  ];
  return { fullName, elements };
};

/** Rotation switches would act on this very deploy, so they are never sent, whatever the org returned. */
const rotationSwitches = ['shouldRotateConsumerKey', 'shouldRotateConsumerSecret'];

const filesOf = (components: Components): DeployFile[] =>
  partNames.flatMap((part) => {
    const component = components[part];
    if (!component) return [];
    const { type, folder, suffix } = parts[part];
    const { fullName } = component;
    const elements = rotationSwitches.reduce((rest, name) => withText(rest, name, undefined), component.elements);
    return [{ type, root: type, fullName, path: `${folder}/${fullName}.${suffix}`, elements }];
  });
