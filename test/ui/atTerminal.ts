const STREAMS = [process.stdin, process.stderr] as const;
const kept = STREAMS.map((stream) => Object.getOwnPropertyDescriptor(stream, 'isTTY'));

/** Makes this process believe that it reads from a terminal and shows at one, or not. */
export const atTerminal = (input: boolean, output = input): void => {
  Object.defineProperty(process.stdin, 'isTTY', { value: input, configurable: true });
  Object.defineProperty(process.stderr, 'isTTY', { value: output, configurable: true });
};

/** Gives it back the truth. */
export const asItIs = (): void =>
  STREAMS.forEach((stream, index) => {
    const descriptor = kept[index];
    if (descriptor) Object.defineProperty(stream, 'isTTY', descriptor);
    else Reflect.deleteProperty(stream, 'isTTY');
  });
