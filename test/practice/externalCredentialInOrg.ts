import { addExternalCredential } from '../../src/practice/namedCredentials.ts';
import type { PracticeOrg } from '../../src/practice/org.ts';

/** Puts an external credential for the client-credentials flow into the org, with one principal without values. */
export const externalCredentialInOrg = (org: PracticeOrg, developerName: string, principalName: string): void => {
  addExternalCredential(org, {
    developerName,
    masterLabel: developerName,
    authenticationProtocol: 'OAuth',
    authenticationProtocolVariant: 'ClientCredentialsClientSecret',
    parameters: [],
    principals: [{ principalName, principalType: 'NamedPrincipal' }],
  });
};
