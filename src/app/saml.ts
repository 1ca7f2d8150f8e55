import type { Saml } from './app.ts';
import { checkAttributes } from './attributes.ts';
import { checkOneOf } from './policies.ts';
import { type Problem, quotable } from './problem.ts';
import { checkUrl } from './url.ts';

/** The values that each SAML setting with a fixed set of values accepts (`@salesforce/types` 1.9.0). */
const VALUES = {
  encryptionType: ['aes-128', 'aes-256'],
  nameIdFormat: ['unspecified', 'email-address', 'persistent', 'transient'],
  signingAlgorithm: ['sha1', 'sha256'],
  subjectType: ['username', 'federation-id', 'user-id', 'spoke-id', 'custom-attribute', 'persistent-id'],
  singleLogoutBinding: ['redirect', 'post'],
} as const satisfies { [Setting in keyof Saml]?: readonly Saml[Setting][] };

/** Checks each given SAML setting, alone and together with the others. */
export const checkSaml = (saml: Saml): Problem[] =>
  [
    ...Object.entries(VALUES).map(([setting, values]) =>
      checkOneOf(saml[setting as keyof typeof VALUES], values, `saml.${setting}`),
    ),
    ...(['acsUrl', 'singleLogoutUrl'] as const).map((key) =>
      saml[key] ? checkUrl(saml[key], `saml.${key}`) : undefined,
    ),
    ...checkAttributes(saml.customAttributes ?? [], 'saml.customAttributes'),
    checkSubject(saml),
  ].filter((problem) => problem !== undefined);

const checkSubject = ({ subjectType, subjectCustomAttribute }: Saml): Problem | undefined =>
  subjectCustomAttribute && subjectType !== undefined && subjectType !== 'custom-attribute'
    ? {
        code: 'error.samlSubjectUnused',
        values: [quotable(subjectCustomAttribute), subjectType],
        field: 'saml.subjectCustomAttribute',
      }
    : undefined;

/** Both addresses that SAML policies need (Metadata API guide), as far as a whole app lacks them. */
export const checkWholeSaml = (name: string, saml: Saml): Problem[] =>
  (['acsUrl', 'entityUrl'] as const)
    .filter((key) => !saml[key])
    .map((key): Problem => ({ code: 'error.samlIncomplete', values: [name, `saml.${key}`], field: `saml.${key}` }));
