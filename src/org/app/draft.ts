import type { Change, Wish } from '../../app/app.ts';
import { CERTIFICATE_FIELD } from '../../app/certificate.ts';
import { nameWithoutNamespace } from '../../app/name.ts';
import { texts } from '../../texts.ts';
import {
  APP_REFERENCE,
  type Component,
  type Components,
  type Element,
  type Part,
  partNames,
  PARTS,
} from './components.ts';
import { type Field, fields, oauthPluginOn, switchOauthPluginOn, withElement } from './fields.ts';
import { type ElementValue, keep, type WriteContext } from './keptValues.ts';
import { unwritable } from './metadataXml.ts';
import type { StoredApp } from './read.ts';

const messages = texts('org');

/** What a plan changes in an app. */
export type AppChange = { stored?: StoredApp; wish: Wish; changes: Change[] };

/** The components that the changes touch, each whole and merged into what the org has. */
export const draft = ({ stored, wish, changes }: AppChange, version: number, context: WriteContext): Components => {
  const before = stored?.components ?? {};
  const wanted = Object.fromEntries(changes.map(({ field, after }) => [field, after]));
  const components: Components = stored ? {} : { application: fresh('application', wish) };
  for (const field of fields.filter(({ path }) => path in wanted)) {
    writeField(field, wanted[field.path], { before, components, wish, context, version });
  }
  // Salesforce refuses global OAuth settings without OAuth settings. Scopes alone make neither where OAuth settings are there.
  // An installed app has both: the org keeps its global ones to itself.
  const hasSettings = stored?.installed === true;
  if (!hasSettings && (wish.oauth ?? (before.oauthSettings ? undefined : (wish.scopes ?? wish.customScopes)))) {
    for (const part of ['oauthSettings', 'globalOauthSettings'] as const) {
      if (!before[part]) components[part] ??= fresh(part, wish);
    }
  }
  // Salesforce removes the certificate when a deploy omits it, so without one the settings are sent just as they are.
  if (CERTIFICATE_FIELD in wanted && before.globalOauthSettings) {
    components.globalOauthSettings ??= before.globalOauthSettings;
  }
  const wantsOauth = wish.oauth && wish.oauth.flows?.length !== 0;
  if (wantsOauth && before.policies && !oauthPluginOn(before)) {
    components.policies = switchOauthPluginOn(components.policies ?? before.policies);
  }
  return components;
};

/** The parts of an app that a plan sends. */
export const partsSent = ({ stored, wish, changes }: AppChange): Part[] => {
  const components = draft({ stored, wish, changes }, Infinity, {});
  return partNames.filter((part) => components[part]);
};

type Draft = { before: Components; components: Components; wish: Wish; context: WriteContext; version: number };

const writeField = (field: Field, wanted: unknown, { before, components, wish, context, version }: Draft): void => {
  const values = field.write(wanted as never, context);
  field.elements.forEach(({ part, element, since, valuesSince, dispensable }, index) => {
    const value = values[index];
    const current = components[part] ?? before[part];
    if (value === keep || (value === undefined && !current)) return;
    if (since > version) {
      if (dispensable || value === undefined) return;
      throw messages.createError('error.fieldNeedsVersion', [field.path, `${since}.0`, `${version}.0`]);
    }
    const valueSince = typeof value === 'string' ? (valuesSince?.[value] ?? since) : since;
    if (valueSince > version) {
      const pair = `${field.path}: ${String(wanted)}`;
      throw messages.createError('error.fieldNeedsVersion', [pair, `${valueSince}.0`, `${version}.0`]);
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
  // A component of one's own has no namespace, also where its app was installed and has one. Its name is no other app's.
  const fullName = PARTS[part].newName(nameWithoutNamespace(wish.name));
  if (part === 'application') {
    return {
      fullName: wish.name,
      elements: [
        { name: 'distributionState', text: 'Local' },
        { name: 'label', text: wish.label ?? wish.name },
      ],
    };
  }
  const elements: Element[] = [
    { name: APP_REFERENCE, text: wish.name },
    ...(part === 'policies' ? [{ name: 'isEnabled', text: 'true' }] : []),
    { name: 'label', text: fullName },
  ];
  return { fullName, elements };
};
