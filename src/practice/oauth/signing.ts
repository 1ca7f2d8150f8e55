import { randomUUID } from 'node:crypto';

import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

import type { PracticeOrg } from '../org.ts';

type SigningKey = { kid: string; privateKey: CryptoKey; publicJwk: JWK };

/** One key pair for each org, created when first needed. */
const keys = new WeakMap<PracticeOrg, Promise<SigningKey>>();

const keyOf = (org: PracticeOrg): Promise<SigningKey> => {
  const there = keys.get(org);
  if (there) return there;
  const made = newKey();
  keys.set(org, made);
  return made;
};

const newKey = async (): Promise<SigningKey> => {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const kid = randomUUID();
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
};

/** The org's public keys, as /id/keys gives them. */
export const jwks = async (org: PracticeOrg): Promise<{ keys: JWK[] }> => ({ keys: [(await keyOf(org)).publicJwk] });

/** Signs claims with the org's key. `header` comes on top of algorithm and key id. */
export const signed = async (
  org: PracticeOrg,
  claims: JWTPayload,
  header: Record<string, string> = {},
): Promise<string> => {
  const { kid, privateKey } = await keyOf(org);
  return new SignJWT(claims).setProtectedHeader({ ...header, alg: 'RS256', kid }).sign(privateKey);
};
