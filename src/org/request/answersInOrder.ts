/**
 * The answers of requests that were sent side by side, because none needs the answer of another. If several requests
 * are refused, the first one in this order is thrown, whichever was refused first. A missing permission explains why
 * other data cannot be read.
 */
export const answersInOrder = async <T extends readonly unknown[]>(
  ...asked: { [Index in keyof T]: Promise<T[Index]> }
): Promise<T> => {
  // If an earlier lookup fails, a later refusal must not become an unhandled rejection.
  for (const one of asked) one.catch(() => undefined);
  const answers: unknown[] = [];
  for (const one of asked) answers.push(await one);
  return answers as unknown as T;
};
