import { checkIpRange } from '../ipRange.ts';
import { sameName, splitNamespace } from '../name.ts';
import { cannot, carried, changed, keeps, needsYou, type Answer, type Row } from './answer.ts';
import type { ConnectedAppContext } from './context.ts';
import { tell } from './migrationText.ts';

const permissionSet = (label: string, { options }: ConnectedAppContext): Answer => {
  if (!options.org) return needsYou(tell('reason.permissionSetWithoutOrg', label));
  const found = options.org.permissionSets.filter((set) => sameName(set.label, label)).map(({ name }) => name);
  const [name] = found;
  if (name === undefined) return needsYou(tell('reason.permissionSetMissing', label));
  if (found.length > 1) return needsYou(tell('reason.permissionSetAmbiguous', label, found.join(', ')));
  const fields = { 'policies.permissionSets': [name] };
  return name === label ? carried(fields) : changed(tell('reason.permissionSetByName', label, name), fields);
};

const profile = (name: string, { options }: ConnectedAppContext): Answer => {
  // Salesforce keeps the list as one text with commas.
  if (name.includes(',')) return needsYou(tell('reason.profileWithComma', name));
  if (!options.org) return needsYou(tell('reason.profileWithoutOrg', name));
  const found = options.org.profiles.find((one) => sameName(one, name));
  return found === undefined
    ? needsYou(tell('reason.profileMissing', name))
    : carried({ 'policies.profiles': [found] });
};

/** Only an app for approved users has a use for its lists. */
const ofApprovedUsers = (answer: typeof profile): Row => ({
  isList: true,
  ofOauth: true,
  answer: ({ text }, context) =>
    context.options.adminApproved || context.isOn('oauthConfig.isAdminApproved')
      ? answer(text, context)
      : changed(tell('reason.listWithoutEffect')),
});

/** The elements of the Connected App itself, and of its start page, handler, canvas app and mobile app. */
export const BASICS: Readonly<Record<string, Row>> = {
  fullName: {
    answer: (_item, { app, name }) =>
      splitNamespace(app.name).namespace === undefined
        ? changed(tell('reason.newName', name))
        : needsYou(tell('reason.vendor', app.name)),
    absent: '',
  },
  label: keeps('label'),
  contactEmail: keeps('contactEmail'),
  contactPhone: keeps('contactPhone'),
  description: keeps('description'),
  iconUrl: keeps('iconUrl'),
  infoUrl: keeps('infoUrl'),
  logoUrl: keeps('logoUrl'),
  startUrl: { answer: () => needsYou(tell('reason.startUrl')) },
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
    answer: () => needsYou(tell('reason.attributes')),
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
