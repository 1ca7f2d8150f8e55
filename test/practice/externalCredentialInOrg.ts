import { addExternalCredential } from '../../src/practice/namedCredentials.ts';
import type { PracticeOrg } from '../../src/practice/org.ts';

/** The key and secret of a client. */
type Pair = { key: string; secret: string };

/**
 * Puts an external credential for the client-credentials flow into the org, with one principal without values.
 *
 * @returns what the principal has: to look at, and to set
 */
export const externalCredentialInOrg = (
  org: PracticeOrg,
  developerName: string,
  principalName: string,
): { held: () => Pair | undefined; hold: (pair: Pair | undefined) => void } => {
  const { principals } = addExternalCredential(org, {
    developerName,
    masterLabel: developerName,
    authenticationProtocol: 'OAuth',
    authenticationProtocolVariant: 'ClientCredentialsClientSecret',
    parameters: [],
    principals: [{ principalName, principalType: 'NamedPrincipal' }],
  });
  const principal = principals[0]!;
  return {
    held: () => {
      const { clientId, clientSecret } = principal.credentials;
      return clientId && clientSecret && { key: clientId.value, secret: clientSecret.value };
    },
    hold: (pair) => {
      principal.credentials = pair
        ? {
            clientId: { value: pair.key, encrypted: false },
            clientSecret: { value: pair.secret, encrypted: true },
          }
        : {};
    },
  };
};
