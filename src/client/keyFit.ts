import { type KeyObject, X509Certificate } from 'node:crypto';

/** Does a private key belong to a certificate? */
export const fits = (key: KeyObject, { pem }: { pem: string }): boolean =>
  new X509Certificate(pem).checkPrivateKey(key);
