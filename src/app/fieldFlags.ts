/**
 * Fields of an app as texts name them, such as `{oauth.runAs}` or `{oauth.secretRequired: false}`, with the flag that says the same on
 * the command line.
 */
export const FIELD_FLAGS = {
  contactEmail: '--contact-email',
  customScopes: '--custom-scope',
  label: '--label',
  'oauth.callbackUrls': '--callback-url',
  'oauth.certificateFile': '--certificate-file',
  'oauth.certificateFile: none': '--no-certificate',
  'oauth.flows': '--flow',
  'oauth.runAs': '--run-as',
  'oauth.secretRequired: false': '--no-secret',
  'policies.permissionSets': '--permission-set',
  'policies.profiles': '--profile',
  'policies.refreshToken': '--refresh-token-policy',
  'policies.refreshTokenValidity': '--refresh-token-validity',
} as const;

/** Who reads a text: somebody who types a command, or somebody who writes an eca.yaml. */
export type Reader = 'commandLine' | 'file';

const isField = (name: string): name is keyof typeof FIELD_FLAGS => Object.hasOwn(FIELD_FLAGS, name);

/** A text whose fields are named as its reader writes them. A field with its value is quoted for a file, as it is two words there. */
export const nameFields = (text: string, reader: Reader): string =>
  text.replaceAll(/\{([\w.]+(?:: \w+)?)\}/g, (written, name: string) => {
    if (!isField(name)) return written;
    if (reader === 'commandLine') return FIELD_FLAGS[name];
    return name.includes(':') ? `"${name}"` : name;
  });
