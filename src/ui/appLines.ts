import { type CERTIFICATE_FIELD, flowsToShow, type SeenApp } from '../app/certificate.ts';
import { leaves } from '../app/changes.ts';
import type { FieldPath } from '../app/fields.ts';
import { texts } from '../texts.ts';
import { cell } from './changeRows.ts';
import { wrapped } from './wrapped.ts';

const messages = texts('eca.display');

/** A setting as people read it: several values are several lines. */
export type Setting = { label: string; value: string };

const GROUPS = ['basic', 'oauth', 'scopes', 'policies', 'saml'] as const;

type Group = (typeof GROUPS)[number];

/** The group of a setting, by the first word of its path. A word that is not here is basic. */
const GROUP_OF: Record<string, Group> = {
  consumerKey: 'oauth',
  oauth: 'oauth',
  scopes: 'scopes',
  customScopes: 'scopes',
  startPage: 'policies',
  startUrl: 'policies',
  policies: 'policies',
  saml: 'saml',
};

/** The fields that can be read, and what an org says of an app beside them. */
type Shown =
  Exclude<FieldPath, typeof CERTIFICATE_FIELD> | 'name' | 'id' | 'consumerKey' | 'setupUrl' | 'oauth.certificate';

/**
 * An app for people: its settings by group, with the labels of Setup. A value stays whole on its line, so that a key can be
 * copied.
 *
 * @param policies more settings, which stand with the policies
 * @param width of the terminal; absent without a terminal, and then text is not wrapped
 */
export const appLines = (app: SeenApp, policies: Setting[], width?: number): string[] => {
  const settings = [
    ...leaves(app).map(([field, value]) => ({
      group: GROUP_OF[field.split('.')[0] ?? ''] ?? 'basic',
      label: messages.getMessage(`label.${field as Shown}`),
      value: valueOf(field === 'oauth.flows' ? flowsToShow(app) : value),
    })),
    ...policies.map((setting) => ({ group: 'policies' as const, ...setting })),
  ];
  return GROUPS.flatMap((group) => {
    const shown = settings.filter((setting) => setting.group === group);
    if (shown.length === 0) return [];
    return [
      ...(group === 'basic' ? [] : ['']),
      messages.getMessage(`group.${group}`),
      ...shown.flatMap((setting) => settingLines(setting, width)),
    ];
  });
};

const settingLines = ({ label, value }: Setting, width?: number): string[] => {
  const [first = '', ...rest] = value.split('\n');
  if (rest.length === 0) return wrapped(`${label}: ${first}`, width, '  ', '  ');
  return [`  ${label}:`, ...[first, ...rest].flatMap((line) => wrapped(line, width, '    ', '  '))];
};

const valueOf = (value: unknown): string =>
  typeof value === 'boolean' ? messages.getMessage(value ? 'value.yes' : 'value.no') : cell(value);
