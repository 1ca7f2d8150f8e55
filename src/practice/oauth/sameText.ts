import { createHash, timingSafeEqual } from 'node:crypto';

/** Are two secrets the same? Takes as long for a wrong one as for the right one. */
export const sameText = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const digest = (value: string): Buffer => createHash('sha256').update(value).digest();
