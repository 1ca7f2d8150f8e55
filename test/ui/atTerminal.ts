const STREAMS = [process.stdin, process.stderr] as const;
const kept = STREAMS.map((stream) => Object.getOwnPropertyDescriptor(stream, 'isTTY'));
const { CI, TERM } = process.env;

const setVariables = (variables: NodeJS.ProcessEnv): void => {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
};

/** Makes this process believe that it reads from a terminal and shows at one, or not. */
export const atTerminal = (input: boolean, output = input): void => {
  Object.defineProperty(process.stdin, 'isTTY', { value: input, configurable: true });
  Object.defineProperty(process.stderr, 'isTTY', { value: output, configurable: true });
  // What runs the tests may have said that it is a CI service, whose terminals show no movement.
  if (output) setVariables({ CI: undefined, TERM: 'xterm' });
};

/** Gives it back the truth. */
export const asItIs = (): void => {
  setVariables({ CI, TERM });
  STREAMS.forEach((stream, index) => {
    const descriptor = kept[index];
    if (descriptor) Object.defineProperty(stream, 'isTTY', descriptor);
    else Reflect.deleteProperty(stream, 'isTTY');
  });
};
