/**
 * The answers of requests that were sent side by side, since none needs what another brings. Where several are refused, the first
 * of them in this order is what is thrown, whichever was refused first: what a user may not do explains what cannot be read.
 */
export const answersInOrder = async <T extends readonly unknown[]>(
  ...asked: { [Index in keyof T]: Promise<T[Index]> }
): Promise<T> => {
  // A refusal waits for its turn, and is nobody's where an earlier one was thrown.
  for (const one of asked) one.catch(() => undefined);
  const answers: unknown[] = [];
  for (const one of asked) answers.push(await one);
  return answers as unknown as T;
};
