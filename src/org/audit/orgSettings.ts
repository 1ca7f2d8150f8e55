import type { Connection } from '@salesforce/core';

import type { OrgSettings } from '../../app/audit/facts.ts';
import { readRecords } from '../app/componentCalls.ts';
import { textOf } from '../app/components.ts';
import { operation } from '../request/operation.ts';

/** The members of Settings that rules look at, each with its type and the elements (Metadata API Developer Guide). */
const MEMBERS = {
  appSettings: {
    type: 'ExternalClientAppSettings',
    member: 'ExternalClientApp',
    elements: {
      restSecretAccess: 'enableClientSecretInRestApiAccess',
      metadataSecretAccess: 'enableConsumerSecretApiAccess',
    },
  },
  oauthSettings: {
    type: 'OauthOidcSettings',
    member: 'OauthOidc',
    elements: {
      pkceRequired: 'isPkceRequired',
      passwordFlowBlocked: 'blockOAuthUnPwFlow',
      userAgentFlowBlocked: 'blockOAuthUsrAgtFlow',
    },
  },
  connectedAppSettings: {
    type: 'ConnectedAppSettings',
    member: 'ConnectedApp',
    elements: { approvedAppsOnly: 'enableAdminApprovedAppsOnly' },
  },
} as const satisfies Record<
  string,
  { type: string; member: string; elements: Partial<Record<keyof OrgSettings, string>> }
>;

export type SettingsMember = keyof typeof MEMBERS;

export const SETTINGS_MEMBERS = Object.keys(MEMBERS) as SettingsMember[];

/**
 * Settings of the whole org, by one call.
 *
 * @returns `now`: the time by the org's clock. Undefined where the org has no such settings, or returns none to this login
 * @throws what orgSaidNo names
 */
export const readSettings = async (
  connection: Connection,
  member: SettingsMember,
): Promise<{ settings: OrgSettings; now?: Date } | undefined> => {
  const { type, member: name, elements } = MEMBERS[member];
  const { components, began } = await readRecords(connection, operation('readingSettings'), type, [name]);
  const [component] = components;
  if (!component) return undefined;
  // An element that is left out has its default, which is off.
  const settings: OrgSettings = Object.fromEntries(
    Object.entries(elements).map(([setting, element]) => [setting, textOf(component.elements, element) === 'true']),
  );
  return { settings, ...(began && { now: began }) };
};
