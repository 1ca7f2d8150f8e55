import { child, childText, childTexts, parseXml, type XmlElement } from '../xml.ts';
/** The content of a package.xml or destructiveChanges.xml: members by type, and the API version, such as 67. */
export type Manifest = { members: Map<string, string[]>; version?: number };

export const readManifest = (text: string): Manifest => manifestOf(parseXml(text));

/** Reads the same from an element of a SOAP message. */
export const manifestOf = (root: XmlElement): Manifest => {
  const members = new Map<string, string[]>();
  for (const types of root.children.filter((one) => one.name === 'types')) {
    const name = childText(types, 'name') ?? '';
    members.set(name, [...(members.get(name) ?? []), ...childTexts(types, 'members')]);
  }
  const version = child(root, 'version') && Number(childText(root, 'version'));
  return { members, ...(version ? { version } : {}) };
};
