import { basename } from 'node:path';

/** How the name of such a file ends in a project of Salesforce's CLI (Salesforce DX Developer Guide, "Salesforce DX Source Format"). */
export const PERMISSION_SET_ENDING = '.permissionset-meta.xml';

/** The API name of the permission set in a file; undefined for a file that could be none. */
export const permissionSetNameOf = (path: string): string | undefined => {
  const file = basename(path);
  if (!file.endsWith(PERMISSION_SET_ENDING)) return undefined;
  const name = file.slice(0, -PERMISSION_SET_ENDING.length);
  return /^[a-zA-Z](_?[a-zA-Z0-9])*$/.test(name) ? name : undefined;
};

/**
 * A permission set as `sf project deploy start` takes it (Metadata API Developer Guide, PermissionSet).
 *
 * @param name its API name
 * @param permissions API names of user permissions, such as `ExternalClientAppDeveloper`
 */
export const permissionSetXml = (name: string, permissions: string[]): string =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">',
    '    <hasActivationRequired>false</hasActivationRequired>',
    `    <label>${name.replaceAll('_', ' ')}</label>`,
    ...permissions
      .toSorted()
      .flatMap((permission) => [
        '    <userPermissions>',
        '        <enabled>true</enabled>',
        `        <name>${permission}</name>`,
        '    </userPermissions>',
      ]),
    '</PermissionSet>',
    '',
  ].join('\n');
