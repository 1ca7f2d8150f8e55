import type { FieldPath } from '../fields.ts';
import { checkIpRange } from '../ipRange.ts';
import { NAME_MAX_LENGTH, sameName, splitNamespace } from '../name.ts';
import {
  type Answer,
  cannot,
  carried,
  changed,
  keeps,
  needsYou,
  type Row,
  withoutOauth,
  withoutSaml,
} from './answer.ts';
import { hasGroup } from './connectedApp.ts';
import type { ConnectedAppContext } from './context.ts';
import { tell } from './migrationText.ts';

/** The lists of the new app that let somebody in. A list of the OAuth policies has an effect only for approved users. */
const listsFor = (list: 'permissionSets' | 'profiles', context: ConnectedAppContext): FieldPath[] => [
  ...(context.hasOauth && isForApproved(context) ? [`policies.${list}` as const] : []),
  ...(context.hasSaml ? [`saml.${list}` as const] : []),
];

const isForApproved = ({ options, isOn }: ConnectedAppContext): boolean =>
  options.adminApproved === true || isOn('oauthConfig.isAdminApproved');

const inEach = (paths: FieldPath[], item: unknown): Answer['fields'] =>
  Object.fromEntries(paths.map((path) => [path, [item]]));

const permissionSet = (label: string, context: ConnectedAppContext): Answer => {
  const { options } = context;
  if (!options.org) return needsYou(tell('reason.permissionSetWithoutOrg', label));
  const found = options.org.permissionSets.filter((set) => sameName(set.label, label)).map(({ name }) => name);
  const [name] = found;
  if (name === undefined) return needsYou(tell('reason.permissionSetMissing', label));
  if (found.length > 1) return needsYou(tell('reason.permissionSetAmbiguous', label, found.join(', ')));
  const fields = inEach(listsFor('permissionSets', context), name);
  return name === label ? carried(fields) : changed(tell('reason.permissionSetByName', label, name), fields);
};

const profile = (name: string, context: ConnectedAppContext): Answer => {
  const { options } = context;
  // Salesforce keeps the list as one text with commas.
  if (name.includes(',')) return needsYou(tell('reason.profileWithComma', name));
  if (!options.org) return needsYou(tell('reason.profileWithoutOrg', name));
  const found = options.org.profiles.find((one) => sameName(one, name));
  return found === undefined
    ? needsYou(tell('reason.profileMissing', name))
    : carried(inEach(listsFor('profiles', context), found));
};

const ofApprovedUsers = (answer: typeof profile): Row => ({
  isList: true,
  answer: ({ text }, context) => {
    const missing = withoutLogin(context);
    if (missing) return missing;
    return context.hasSaml || isForApproved(context)
      ? answer(text, context)
      : changed(tell('reason.listWithoutEffect'));
  },
});

/** The lists and attributes of an app belong to its OAuth or SAML settings. The answer where the new app has neither. */
const withoutLogin = (context: ConnectedAppContext): Answer | undefined => {
  if (context.hasOauth || context.hasSaml) return undefined;
  return hasGroup(context.app, 'samlConfig') ? withoutSaml(context) : withoutOauth(context);
};

const attribute = (key: string, formula: string, context: ConnectedAppContext): Answer => {
  const { hasOauth, hasSaml } = context;
  const paths: FieldPath[] = [
    ...(hasOauth ? ['oauth.customAttributes' as const] : []),
    ...(hasSaml ? ['saml.customAttributes' as const] : []),
  ];
  return withoutLogin(context) ?? carried(inEach(paths, { key, formula }));
};

/** The elements of the Connected App itself, and of its start page, handler, canvas app and mobile app. */
export const BASICS: Readonly<Record<string, Row>> = {
  fullName: {
    answer: (_item, { app, name }) =>
      splitNamespace(app.name).namespace === undefined
        ? changed(tell('reason.newName', name))
        : needsYou(tell('reason.vendor', app.name)),
    absent: '',
  },
  label: {
    answer: ({ text }) =>
      text.length > NAME_MAX_LENGTH
        ? changed(tell('reason.labelCut', String(NAME_MAX_LENGTH)), { label: text.slice(0, NAME_MAX_LENGTH) })
        : carried({ label: text }),
  },
  contactEmail: keeps('contactEmail'),
  contactPhone: keeps('contactPhone'),
  description: keeps('description'),
  iconUrl: keeps('iconUrl'),
  infoUrl: keeps('infoUrl'),
  logoUrl: keeps('logoUrl'),
  startUrl: { answer: ({ text }) => carried({ startPage: 'custom', startUrl: text }) },
  mobileStartUrl: { answer: () => cannot(tell('reason.mobileStartUrl')) },
  ipRanges: {
    isList: true,
    ofOauth: true,
    children: ['start', 'end', 'description'],
    shown: ({ child }) => `${child('start')}-${child('end')}`,
    answer: ({ child }) => {
      const range = { start: child('start'), end: child('end') };
      const problem = checkIpRange(range);
      const description = child('description');
      return problem
        ? needsYou(tell('reason.refused'), problem)
        : carried({ 'oauth.trustedIpRanges': [{ ...range, ...(description && { description }) }] });
    },
  },
  attributes: {
    isList: true,
    children: ['key', 'formula'],
    shown: ({ child }) => child('key'),
    answer: ({ child }, context) => attribute(child('key'), child('formula'), context),
  },
  permissionSetName: ofApprovedUsers(permissionSet),
  profileName: ofApprovedUsers(profile),
  plugin: { answer: ({ text }) => needsYou(tell('reason.handler', text)) },
  pluginExecutionUser: { answer: ({ text }) => needsYou(tell('reason.handlerUser', text)) },
  canvas: { children: 'any', answer: () => cannot(tell('reason.canvas')) },
  canvasConfig: {
    children: 'any',
    shown: ({ child }) => child('canvasUrl'),
    answer: () => cannot(tell('reason.canvas')),
  },
  mobileAppConfig: {
    children: 'any',
    shown: ({ child }) => [child('devicePlatform'), child('version')].filter(Boolean).join(' '),
    answer: () => cannot(tell('reason.mobileApp')),
  },
};
