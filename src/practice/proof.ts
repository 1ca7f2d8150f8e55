import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Proof that a process is the practice org that was started. The proof uses a secret from the file that describes the
 * practice org; the secret itself is never sent. Everybody can ask for the identity. A program that took the org's
 * port, or its process id, cannot answer.
 */

/** The practice org that answers, and its address. */
export type Answerer = { pid: number; port: number; orgId: string };

/** The answer to a challenge, which a question can be asked with once. */
export const proofOf = (nonce: string, challenge: string, { pid, port, orgId }: Answerer): string =>
  createHmac('sha256', nonce)
    .update(JSON.stringify([challenge, pid, port, orgId]))
    .digest('base64url');

export const isProof = (proof: unknown, nonce: string, challenge: string, answerer: Answerer): boolean => {
  const [given, right] = [Buffer.from(String(proof)), Buffer.from(proofOf(nonce, challenge, answerer))];
  return given.length === right.length && timingSafeEqual(given, right);
};
