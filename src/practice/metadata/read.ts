import { strToU8, zipSync } from 'fflate';

import { type Component, CONNECTED_APP, type PracticeOrg, qualifiedName, wholeSecond } from '../org.ts';
import { maySeeApps } from '../sobjects/rows.ts';
import { writeXml } from '../xml.ts';
import { type Body, visibleBody } from './body.ts';
import type { Manifest } from './manifest.ts';
import { PERMISSION_SET, permissionSet, permissionSets } from './permissionSets.ts';
import {
  isAppType,
  isSettingsType,
  METADATA_TYPES,
  type MetadataType,
  metadataType,
  ONLY_IN_FILES,
  SETTINGS,
} from './types.ts';
import { typeSince } from './versions.ts';
import { settingsComponent } from './write.ts';

const NAMESPACE = 'http://soap.sforce.com/2006/04/metadata';

/** The reader, and the API version of the request. */
export type MetadataReader = { org: PracticeOrg; userId: string; version: number };

/** A type that this reader has; nothing when the version, or the org, has no such type. */
export const readableType = ({ org, version }: MetadataReader, name: string): MetadataType | undefined => {
  const type = metadataType(name);
  if (!type || type.since > version || (isAppType(name) && !org.externalClientApps)) return undefined;
  return type;
};

/** All components of a type that this user may see. */
export const componentsOf = ({ org, userId }: MetadataReader, type: string): Component[] => {
  if (type === 'Settings') {
    return Object.entries(SETTINGS).map(([name, root]) => settingsComponent(org, name, org.settings[root] ?? {}));
  }
  if (type === PERMISSION_SET) return permissionSets(org);
  if (type === CONNECTED_APP) return org.listedConnectedApps();
  return isAppType(type) && !maySeeApps(org, userId) ? [] : org.components(type);
};

export const componentNamed = (reader: MetadataReader, type: string, fullName: string): Component | undefined => {
  if (type === 'Settings') return componentsOf(reader, type).find((one) => one.fullName === fullName);
  if (type === PERMISSION_SET) return permissionSet(reader.org, fullName);
  if (type === CONNECTED_APP) {
    const app = reader.org.component(type, fullName);
    return app?.vendor ? undefined : app;
  }
  return isAppType(type) && !maySeeApps(reader.org, reader.userId) ? undefined : reader.org.component(type, fullName);
};

/** Do the calls for single components take this type? A member of Settings goes by the type of its own there. */
export const callableType = (reader: MetadataReader, name: string): boolean => {
  if (!isSettingsType(name)) return readableType(reader, name) !== undefined && !ONLY_IN_FILES.has(name);
  const isThere = reader.org.externalClientApps || name !== 'ExternalClientAppSettings';
  return isThere && typeSince(name) <= reader.version;
};

/** The component that a call for single components means. */
export const componentCalled = (reader: MetadataReader, type: string, fullName: string): Component | undefined => {
  if (!isSettingsType(type)) return componentNamed(reader, type, fullName);
  const member = componentNamed(reader, 'Settings', fullName);
  return member?.type === type ? member : undefined;
};

/** In this variant, readMetadata accepts only the one type of an app for which somebody reported success. */
export const isReadRefused = (org: PracticeOrg, type: string): boolean =>
  org.variants['read-metadata'] === 'refused' && isAppType(type) && type !== 'ExtlClntAppGlobalOauthSettings';

/** The elements of a component, without its name. */
export const elementsOf = ({ org, version }: MetadataReader, component: Component): Body => {
  const { type, body } = component;
  if (org.variants['certificate-retrieved'] === 'never' || type !== 'ExtlClntAppGlobalOauthSettings') {
    return visibleBody(type, body, version);
  }
  const certificate = body.certificate === undefined ? undefined : bareCertificate(String(body.certificate));
  return visibleBody(type, { ...body, certificate }, version, 'certificate');
};

/** A certificate as files of real orgs have it: lines of 64 characters, without the first and the last line. */
const bareCertificate = (pem: string): string => {
  const text = pem.replace(/-----[^-]*-----/g, '').replace(/\s/g, '');
  return text.replace(/.{64}(?=.)/g, '$&\n');
};

/** The data of a component in listMetadata and in a retrieve, in the order of the WSDL. */
export const fileProperties = ({ org }: MetadataReader, type: MetadataType, component: Component): Body => {
  const nameOf = (id: string): string => String(org.record('User', id)?.Name ?? '');
  const fullName = qualifiedName(component);
  return {
    createdById: component.createdById,
    createdByName: nameOf(component.createdById),
    createdDate: wholeSecond(component.createdDate),
    fileName: `${type.folder}/${fullName}.${type.suffix}`,
    fullName,
    id: component.id,
    lastModifiedById: component.lastModifiedById,
    lastModifiedByName: nameOf(component.lastModifiedById),
    lastModifiedDate: wholeSecond(component.lastModifiedDate),
    ...(component.namespace
      ? { manageableState: 'installed', namespacePrefix: component.namespace }
      : { manageableState: 'unmanaged', ...(org.namespace && { namespacePrefix: org.namespace }) }),
    type: type.name,
  };
};

/** The answer of describeMetadata. */
export const describe = (reader: MetadataReader): Body => ({
  metadataObjects: METADATA_TYPES.filter((type) => readableType(reader, type.name)).map((type) => ({
    directoryName: type.folder,
    inFolder: false,
    metaFile: false,
    suffix: type.suffix,
    xmlName: type.name,
  })),
  organizationNamespace: reader.org.namespace ?? '',
  partialSaveAllowed: !reader.org.production,
  testRequired: reader.org.production,
});

export type Retrieved = { properties: Body[]; messages: Body[]; zip: Uint8Array };

/** Makes the zip of a retrieve: the components that the manifest names, and a package.xml. */
export const retrieve = (reader: MetadataReader, manifest: Manifest, singlePackage: boolean): Retrieved => {
  const base = singlePackage ? '' : 'unpackaged/';
  const files: Record<string, Uint8Array> = {};
  const properties: Body[] = [];
  const messages: Body[] = [];
  const complain = (problem: string): void => {
    messages.push({ fileName: `${base}package.xml`, problem });
  };
  const got = new Map<string, string[]>();
  for (const [name, members] of manifest.members) {
    const type = readableType(reader, name);
    if (!type) {
      complain(`Entity type: '${name}' is unknown`);
      continue;
    }
    const found = components(reader, name, members, complain);
    for (const component of found) {
      const path = `${base}${type.folder}/${qualifiedName(component)}.${type.suffix}`;
      files[path] = strToU8(fileOf(reader, component));
      properties.push({ ...fileProperties(reader, type, component), fileName: path });
    }
    got.set(name, found.map(qualifiedName));
  }
  files[`${base}package.xml`] = strToU8(packageXml(got, reader.version));
  return { properties, messages, zip: zipSync(files) };
};

/** The components that a manifest's members stand for; `*` is all that were not installed. */
const components = (
  reader: MetadataReader,
  type: string,
  members: string[],
  complain: (problem: string) => void,
): Component[] => {
  const found = new Set<Component>();
  for (const member of members) {
    if (member === '*') {
      for (const one of componentsOf(reader, type)) if (!one.namespace && !one.vendor) found.add(one);
      continue;
    }
    const one = componentNamed(reader, type, member);
    if (one) found.add(one);
    else complain(unreadable(reader, type, member));
  }
  return [...found];
};

/** Both texts were reported for the Connected App of a vendor. */
const unreadable = ({ org }: MetadataReader, type: string, member: string): string =>
  org.component(type, member)?.vendor && org.variants['vendor-connected-app'] === 'load-failed'
    ? `Metadata API received improper input.Please ensure file name and capitalization is correct.Load of metadata from db failed for metadata of type:${type} and file name:${member}.`
    : `Entity of type '${type}' named '${member}' cannot be found`;

/** A component's file, in the form of the Metadata API. */
const fileOf = (reader: MetadataReader, component: Component): string => {
  const xml = writeXml(component.type, elementsOf(reader, component), '', ` xmlns="${NAMESPACE}"`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`;
};

const packageXml = (members: Map<string, string[]>, version: number): string => {
  const types = [...members].map(([name, names]) => ({ members: names.toSorted(), name }));
  const xml = writeXml('Package', { types, version: `${version}.0` }, '', ` xmlns="${NAMESPACE}"`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`;
};
