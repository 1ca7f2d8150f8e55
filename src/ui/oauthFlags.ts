import { CERTIFICATE_FIELDS } from '../app/checkWish.ts';
import { Flags } from '../salesforce.ts';
import { type TextKey, texts } from '../texts.ts';
import { lengthFlag, valueFlag } from './flags.ts';

const messages = texts('eca.oauth.set');

/** The summary and the description of a flag. */
const textsOf = (flag: FlagsWithDescription): { summary: string; description: string } => ({
  summary: messages.getMessage(`flags.${flag}.summary`),
  description: messages.getMessage(`flags.${flag}.description`),
});

type FlagsWithDescription =
  TextKey<'eca.oauth.set'> extends infer Key ? (Key extends `flags.${infer Flag}.description` ? Flag : never) : never;

type FlagsWithSummary =
  TextKey<'eca.oauth.set'> extends infer Key ? (Key extends `flags.${infer Flag}.summary` ? Flag : never) : never;

/** For a flag that can be given more than once, or with several values. */
const SEVERAL_VALUES = { multiple: true, multipleNonGreedy: true } as const;

const several = (flag: FlagsWithSummary) =>
  Flags.string({ ...SEVERAL_VALUES, summary: messages.getMessage(`flags.${flag}.summary`) });

/** A switch of the app: `--no-...` turns the switch off; without the flag, the switch does not change. */
const onOff = (flag: FlagsWithSummary) =>
  Flags.boolean({ allowNo: true, summary: messages.getMessage(`flags.${flag}.summary`) });

/** The OAuth settings of an app. */
export const OAUTH_FLAGS = {
  'callback-url': Flags.string({
    char: 'c',
    ...SEVERAL_VALUES,
    exclusive: ['add-callback-url', 'remove-callback-url'],
    ...textsOf('callback-url'),
  }),
  'add-callback-url': several('add-callback-url'),
  'remove-callback-url': several('remove-callback-url'),
  flow: Flags.string({ ...SEVERAL_VALUES, exclusive: ['add-flow', 'remove-flow'], ...textsOf('flow') }),
  'add-flow': several('add-flow'),
  'remove-flow': several('remove-flow'),
  'run-as': Flags.string({ exclusive: ['create-user'], ...textsOf('run-as') }),
  'create-user': Flags.string({ ...textsOf('create-user') }),
  'certificate-file': Flags.file({
    exclusive: ['no-certificate', 'remove-certificate'],
    ...textsOf('certificate-file'),
  }),
  'new-certificate': Flags.directory({
    exists: true,
    exclusive: ['certificate-file', 'no-certificate', 'remove-certificate'],
    ...textsOf('new-certificate'),
  }),
  'no-certificate': Flags.boolean({ exclusive: ['remove-certificate'], ...textsOf('no-certificate') }),
  'remove-certificate': Flags.boolean({ ...textsOf('remove-certificate') }),
  pkce: Flags.boolean({ allowNo: true, ...textsOf('pkce') }),
  secret: onOff('secret'),
  'secret-for-refresh': onOff('secret-for-refresh'),
  'secret-for-token-exchange': onOff('secret-for-token-exchange'),
  'rotate-refresh-tokens': onOff('rotate-refresh-tokens'),
  'introspect-all-tokens': onOff('introspect-all-tokens'),
  'jwt-access-tokens': onOff('jwt-access-tokens'),
  'trusted-ip-range': Flags.string({ ...SEVERAL_VALUES, ...textsOf('trusted-ip-range') }),
  'id-token-audience': Flags.string({ summary: messages.getMessage('flags.id-token-audience.summary') }),
  'id-token-validity': lengthFlag('minutes', messages.getMessage('flags.id-token-validity.summary')),
  'id-token-standard-claims': onOff('id-token-standard-claims'),
  'id-token-attributes': onOff('id-token-attributes'),
  'id-token-custom-permissions': onOff('id-token-custom-permissions'),
  'custom-attribute': Flags.string({ ...SEVERAL_VALUES, ...textsOf('custom-attribute') }),
  'single-logout-url': Flags.string({ summary: messages.getMessage('flags.single-logout-url.summary') }),
  'asset-token-audiences': Flags.string({ ...textsOf('asset-token-audiences') }),
  'asset-token-validity': lengthFlag('seconds', messages.getMessage('flags.asset-token-validity.summary')),
  'asset-token-certificate': Flags.string({ summary: messages.getMessage('flags.asset-token-certificate.summary') }),
  'asset-token-attributes': onOff('asset-token-attributes'),
  'asset-token-custom-permissions': onOff('asset-token-custom-permissions'),
  'credentials-by-post-only': onOff('credentials-by-post-only'),
  'guest-credentials': onOff('guest-credentials'),
  'refresh-token-idle-limit': Flags.boolean({ allowNo: true, ...textsOf('refresh-token-idle-limit') }),
  'refresh-token-ip-range': Flags.string({
    ...SEVERAL_VALUES,
    exclusive: ['add-refresh-token-ip-range', 'remove-refresh-token-ip-range'],
    ...textsOf('refresh-token-ip-range'),
  }),
  'add-refresh-token-ip-range': several('add-refresh-token-ip-range'),
  'remove-refresh-token-ip-range': several('remove-refresh-token-ip-range'),
  hardened: Flags.boolean({ ...textsOf('hardened') }),
  'no-ip-allowlist': Flags.boolean({
    dependsOn: ['hardened'],
    exclusive: ['refresh-token-ip-range', 'add-refresh-token-ip-range'],
    ...textsOf('no-ip-allowlist'),
  }),
  dpop: Flags.boolean({ allowNo: true, ...textsOf('dpop') }),
  'mutual-tls': Flags.boolean({ allowNo: true, ...textsOf('mutual-tls') }),
  'mutual-tls-field': valueFlag(CERTIFICATE_FIELDS, messages.getMessage('flags.mutual-tls-field.summary')),
  'mutual-tls-value': Flags.string({ summary: messages.getMessage('flags.mutual-tls-value.summary') }),
  scope: Flags.string({ char: 's', ...SEVERAL_VALUES, ...textsOf('scope') }),
};
