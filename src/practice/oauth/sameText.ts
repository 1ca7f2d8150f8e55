import { createHash, timingSafeEqual } from 'node:crypto';

/** Are two secrets the same? Takes as long for a wrong one as for the right one. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}
