import { Readable } from 'node:stream';

import type { SinonSandbox } from 'sinon';

/** Puts a text on this process's standard input. */
export const onStandardInput = (sandbox: SinonSandbox, text: string): void => {
  sandbox.stub(process, 'stdin').value(Readable.from([Buffer.from(text)]));
};
