import type { DeployFault } from '../gate.ts';
import { type Component, qualifiedName } from '../org.ts';
import { Fault } from '../soapFault.ts';
import { child, childText, childTexts, type XmlElement } from '../xml.ts';
import { type Body, Problem } from './body.ts';
import { problemOf, removeComponent } from './deploy.ts';
import { callableType, componentCalled, elementsOf, isReadRefused, type MetadataReader } from './read.ts';
import { checkTogether } from './rules.ts';
import { Staging } from './staging.ts';
import { isSettingsType, PLUGIN_POLICIES } from './types.ts';
import { addPolicies, takeEffect, writeComponent } from './write.ts';

/**
 * The calls that read and write components without a job: readMetadata, createMetadata, updateMetadata, upsertMetadata,
 * deleteMetadata. Each component that is written meets the rules of a deploy, and has its effects.
 */
export type CrudCall = MetadataReader & {
  call: XmlElement;
  /** Is nothing saved unless everything can be? */
  allOrNone: boolean;
  fault?: DeployFault;
};

/** Names and components that one call takes at most (Metadata API guide; the code and the text were reported). */
const MOST_AT_ONCE = 10;

const limited = <Item>(items: Item[]): Item[] => {
  if (items.length <= MOST_AT_ONCE) return items;
  throw new Fault(
    'sf:EXCEEDED_ID_LIMIT',
    `record limit reached. cannot submit more than ${MOST_AT_ONCE} records in this operation`,
  );
};

/** The text was reported for a type that these calls do not take (jsforce#1206). */
const refuseType = (): never => {
  throw new Fault('sf:INVALID_TYPE', 'This type of metadata is not available for this organization');
};

// -- reading

/** The answer of readMetadata for one name: empty when no such component exists, or the reader may not see it. */
export type ReadRecord = { type: string; elements: Body } | undefined;

export const readMetadata = (call: CrudCall): ReadRecord[] => {
  const type = childText(call.call, 'type') ?? '';
  const names = limited(childTexts(call.call, 'fullNames'));
  if (!callableType(call, type) || isReadRefused(call.org, type)) refuseType();
  return names.map((name) => {
    const component = componentCalled(call, type, name);
    return (
      component && {
        type: component.type,
        elements: { fullName: qualifiedName(component), ...elementsOf(call, component) },
      }
    );
  });
};

// -- writing

export const createMetadata = (call: CrudCall): Body[] =>
  saveAll(call, (staging, sent) => {
    const { type, fullName } = sent;
    if (isSettingsType(type) || staging.component(type, fullName)) {
      throw new Problem(`The name ${fullName} is already in use`, 'DUPLICATE_DEVELOPER_NAME');
    }
    return write(staging, call, sent);
  });

export const updateMetadata = (call: CrudCall): Body[] =>
  saveAll(call, (staging, sent) => {
    const { type, fullName } = sent;
    if (!isSettingsType(type) && !staging.component(type, fullName)) throw noSuch(type, fullName);
    return write(staging, call, sent);
  });

/** UpsertResult says beside what SaveResult says whether the component was made. */
export const upsertMetadata = (call: CrudCall): Body[] => {
  const made = new Set<Sent>();
  const save: Save = (staging, sent) => {
    if (!isSettingsType(sent.type) && !staging.component(sent.type, sent.fullName)) made.add(sent);
    return write(staging, call, sent);
  };
  return saveAll(call, save, ({ success }, sent) => ({ created: success === true && made.has(sent) }));
};

export const deleteMetadata = (call: CrudCall): Body[] => {
  const type = childText(call.call, 'type') ?? '';
  const names = limited(childTexts(call.call, 'fullNames'));
  if (!callableType(call, type)) refuseType();
  const remove: Save = (staging, { fullName }) => {
    const component = staging.component(type, fullName);
    if (!component) throw noSuch(type, fullName);
    removeComponent(staging, component, call.userId);
    return undefined;
  };
  return outcomes(
    call,
    names.map((fullName) => ({ type, fullName })),
    remove,
  );
};

/** One component of a call: its type, its name, and its elements, if there are any. */
type Sent = { type: string; fullName: string; root?: XmlElement };

/** Puts into the staging what is sent. */
type Save = (staging: Staging, sent: Sent) => Component | undefined;

const saveAll = (call: CrudCall, save: Save, more: (result: Body, sent: Sent) => Body = () => ({})): Body[] => {
  const all = limited(call.call.children.filter((one) => one.name === 'metadata')).map((element) => sentIn(element));
  for (const { type } of all) if (!callableType(call, type)) refuseType();
  // Documented; the wording is ours.
  if (new Set(all.map(({ type }) => type)).size > 1) {
    throw new Fault('sf:INVALID_TYPE', 'All components of a call must be of the same type');
  }
  const results = outcomes(call, all, save);
  return results.map((result, nth) => ({ ...more(result, all[nth] as Sent), ...result }));
};

const sentIn = (element: XmlElement): Sent => {
  const declared = element.attributes.type;
  if (declared === undefined) {
    throw new Fault(
      'sf:INVALID_TYPE',
      'Must specify a {http://www.w3.org/2001/XMLSchema-instance}type attribute value for the {http://soap.sforce.com/2006/04/metadata}metadata element',
    );
  }
  const root = trimmed(element);
  return { type: declared.replace(/^.*:/, ''), fullName: childText(root, 'fullName') ?? '', root };
};

/** "When storing values in string fields, the API trims any leading and trailing white space" (updateMetadata()). */
const trimmed = (element: XmlElement): XmlElement => ({
  ...element,
  text: element.text.trim(),
  children: element.children.map(trimmed),
});

const write = (
  staging: Staging,
  { userId, version }: CrudCall,
  { type, fullName, root }: Sent,
): Component | undefined => {
  if (!root) return undefined;
  const kind = isSettingsType(type) ? 'Settings' : type;
  const sent = { type: kind, fullName, root: withEnabled(staging, type, fullName, root), version, userId };
  const { component, created } = writeComponent(staging, sent);
  if (!component) return undefined;
  if (kind === 'Settings') {
    if (component.type !== type) throw noSuch(type, fullName);
    return component;
  }
  checkTogether(staging, component);
  if (created) addPolicies(staging, component, userId);
  return component;
};

/** If the variant allows it, a call that leaves out whether an app is enabled keeps the org's value. */
const withEnabled = (staging: Staging, type: string, fullName: string, root: XmlElement): XmlElement => {
  if (type !== PLUGIN_POLICIES || staging.org.variants['update-without-enabled'] !== 'taken') return root;
  const before = staging.component(type, fullName)?.body.isEnabled;
  if (before === undefined || child(root, 'isEnabled')) return root;
  const isEnabled = { name: 'isEnabled', attributes: {}, children: [], text: String(before) };
  return { ...root, children: [...root.children, isEnabled] };
};

const noSuch = (type: string, fullName: string): Problem =>
  new Problem(`no ${type} named ${fullName} found`, 'INVALID_CROSS_REFERENCE_KEY');

// -- what came of it

/**
 * Saves each component by itself or, with allOrNone, all of them together. The result of each component has its own
 * errors.
 */
const outcomes = (call: CrudCall, all: Sent[], save: Save): Body[] => {
  if (!call.allOrNone) return all.map((sent) => saved(call, new Staging(call.org), [sent], save)[0] as Body);
  return saved(call, new Staging(call.org), all, save);
};

const saved = (call: CrudCall, staging: Staging, all: Sent[], save: Save): Body[] => {
  const written: Component[] = [];
  const results = all.map((sent) =>
    outcome(sent.fullName, () => {
      if (call.fault?.lockedRow) throw new Problem(LOCKED, 'UNABLE_TO_LOCK_ROW');
      const component = save(staging, sent);
      if (component) written.push(component);
    }),
  );
  if (results.some(({ success }) => success === false)) return results.map(rolledBack);
  staging.commit();
  for (const component of written) takeEffect(call.org, component);
  return results;
};

const LOCKED = 'unable to obtain exclusive access to this record or 1 records';

const outcome = (fullName: string, work: () => void): Body => {
  try {
    work();
    return { fullName, success: true };
  } catch (error) {
    const message = problemOf(error);
    const statusCode = error instanceof Problem ? error.statusCode : 'UNKNOWN_EXCEPTION';
    return { errors: { message, statusCode }, fullName, success: false };
  }
};

/** Code and text are those that the data API has for records. */
const rolledBack = (result: Body): Body => {
  if (result.success === false) return result;
  const errors = {
    message: 'Record rolled back because not all records were valid and the request was using AllOrNone header',
    statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  };
  return { errors, fullName: result.fullName, success: false };
};
