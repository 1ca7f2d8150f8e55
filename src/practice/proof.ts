import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * How the process of a practice org shows that it is the one that was started: with a secret of the file in which it is written down,
 * which it never gives out. Who it is can be asked by everybody; a program that took its port, or its process id, cannot answer.
 */

/** Who answers, and where. */
export type Answerer = { pid: number; port: number; orgId: string };

/** The answer to a challenge, which a question can be asked with once. */
export function proofOf(nonce: string, challenge: string, { pid, port, orgId }: Answerer): string {
  return createHmac('sha256', nonce)
    .update(JSON.stringify([challenge, pid, port, orgId]))
    .digest('base64url');
}

export function isProof(proof: unknown, nonce: string, challenge: string, answerer: Answerer): boolean {
  const [given, right] = [Buffer.from(String(proof)), Buffer.from(proofOf(nonce, challenge, answerer))];
  return given.length === right.length && timingSafeEqual(given, right);
}
