import { isOwnHost, isSafeForSecrets } from '../app/host.ts';
import { NoAnswerError } from '../net/noAnswer.ts';

/**
 * The address to which a secret or a token may be sent. It is on the org's own host, and over https or on this machine. It is
 * looked at where the secret is attached: whoever made the address may have been misled.
 *
 * @throws NoAnswerError, and nothing is sent
 */
export const requireOwnHost = (url: string | URL, org: string | URL): URL => {
  const address = new URL(url);
  if (!isOwnHost(address, org)) throw new NoAnswerError(address.host, 'NOT_THE_HOST_OF_THE_ORG');
  if (!isSafeForSecrets(address)) throw new NoAnswerError(address.host, 'NOT_OVER_HTTPS');
  return address;
};
