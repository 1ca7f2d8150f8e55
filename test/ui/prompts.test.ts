import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';

import { expect } from 'chai';

import type { SfError } from '../../src/salesforce.ts';
import { mayAsk, needFlags, PROMPTS } from '../../src/ui/prompts.ts';
import { asItIs, atTerminal } from './atTerminal.ts';

/** A keyboard and a screen. */
const terminal = (): { input: PassThrough; output: PassThrough; shown: () => string } => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const chunks: string[] = [];
  output.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  return { input, output, shown: () => chunks.join('') };
};

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

const thrown = async (promise: Promise<unknown>): Promise<SfError> => {
  const error = await promise.then(
    () => undefined,
    (reason: SfError) => reason,
  );
  if (!error) throw new Error('nothing was thrown');
  return error;
};

describe('asking', () => {
  it('takes a line that is typed, without blanks around it', async () => {
    const { input, output, shown } = terminal();
    const answer = PROMPTS.text({ message: 'Contact email' }, { input, output });
    await soon();
    input.write(' it@example.com \r');
    expect(await answer).to.equal('it@example.com');
    expect(shown()).to.include('Contact email');
  });

  it('takes the default for an empty line', async () => {
    const { input, output } = terminal();
    const answer = PROMPTS.text({ message: 'Name', default: 'Order_Sync' }, { input, output });
    await soon();
    input.write('\r');
    expect(await answer).to.equal('Order_Sync');
  });

  it('says why an answer will not do, and asks on', async () => {
    const { input, output, shown } = terminal();
    const problem = (answer: string): string | undefined => (answer === 'bad' ? 'That is bad.' : undefined);
    const answer = PROMPTS.text({ message: 'Name', problem }, { input, output });
    await soon();
    input.write('bad\r');
    await soon();
    expect(shown()).to.include('That is bad.');
    input.write('\b\b\bgood\r');
    expect(await answer).to.equal('good');
  });

  it('takes one of several choices', async () => {
    const { input, output } = terminal();
    const choices = [
      { value: 'none', name: 'No' },
      { value: 'file', name: 'Yes' },
    ];
    const answer = PROMPTS.choice({ message: 'Certificate?', choices }, { input, output });
    await soon();
    input.write('\u001b[B');
    await soon();
    input.write('\r');
    expect(await answer).to.equal('file');
  });

  it('ends with exit code 130 when the user leaves', async () => {
    const { input, output } = terminal();
    const answer = thrown(PROMPTS.text({ message: 'Name' }, { input, output }));
    await soon();
    input.write('\u0003');
    expect(await answer).to.include({ name: 'PromptLeftError', exitCode: 130 });
  });

  it('ends in the same way at a yes or no, which sf asks', async () => {
    const left = Object.assign(new Error('User force closed the prompt with SIGINT'), { name: 'ExitPromptError' });
    const answer = thrown(PROMPTS.yes({ confirm: () => Promise.reject(left) }, 'Delete it?', 1000));
    expect(await answer).to.include({ name: 'PromptLeftError', exitCode: 130 });
  });
});

describe('a question that is open when a signal ends the process', function () {
  this.timeout(240_000);
  const source = (path: string): string => JSON.stringify(join(import.meta.dirname, '..', '..', 'src', path));
  const showCursor = '\u001b[?25h';

  const questions = {
    text: "PROMPTS.text({ message: 'Which?' }, streams)",
    choice: "PROMPTS.choice({ message: 'Which?', choices: [{ value: 1, name: 'One' }] }, streams)",
  };

  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131 };
  const tried = { text: ['SIGTERM'], choice: Object.keys(codes) } as Record<string, Array<keyof typeof codes>>;

  for (const [kind, question] of Object.entries(questions)) {
    for (const signal of tried[kind] ?? []) {
      it(`leaves the signal's exit code and a cursor that is seen (${kind}, ${signal})`, async () => {
        const script = `
          import { PassThrough } from 'node:stream';
          import { SfCommand } from ${source('salesforce.ts')};
          import { PROMPTS } from ${source('ui/prompts.ts')};
          const streams = { input: new PassThrough(), output: process.stderr };
          class Ask extends SfCommand {
            async run() {
              await ${question};
            }
          }
          // As a keyboard does, it keeps the process alive.
          setInterval(() => {}, 1000);
          await Ask.run([], ${JSON.stringify(join(import.meta.dirname, '..', '..'))});`;
        const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let shown = '';
        child.stderr.on('data', (chunk: Buffer) => {
          shown += chunk.toString();
          if (shown.includes('Which?')) child.kill(signal);
        });
        expect(await once(child, 'close'), shown).to.deep.equal([codes[signal], null]);
        const hidden = shown.lastIndexOf('\u001b[?25l');
        expect(kind === 'choice' ? hidden : 0, 'hides the cursor').not.to.equal(-1);
        expect(hidden, 'shows it afterwards').to.be.at.most(shown.lastIndexOf(showCursor));
      });
    }
  }
});

describe('needFlags', () => {
  const ask = (answer: string) => ({ given: undefined, ask: () => Promise.resolve(answer) });

  it('asks only for what was not given, in order', async () => {
    const asked: string[] = [];
    const asking = (flag: string) => ({
      given: undefined,
      ask: () => Promise.resolve(`${flag} ${asked.push(flag)}`),
    });
    const never = { given: 'given', ask: () => Promise.reject(new Error('was given')) };
    expect(await needFlags(true, { name: asking('name'), label: never, email: asking('email') })).to.deep.equal({
      name: 'name 1',
      label: 'given',
      email: 'email 2',
    });
  });

  it('names all that is missing when nobody may be asked', async () => {
    const error = await thrown(needFlags(false, { name: ask('x'), 'contact-email': ask('y') }));
    expect(error).to.include({ name: 'FlagsMissingError', exitCode: 2 });
    expect(error.message).to.include('--name, --contact-email');
    expect(error.data).to.deep.equal({ flags: ['name', 'contact-email'] });
  });
});

describe('mayAsk', () => {
  const command = (json: boolean) => ({ jsonEnabled: () => json });

  afterEach(asItIs);

  it('is so at a terminal', () => {
    atTerminal(true, true);
    expect(mayAsk(command(false), { 'no-prompt': false })).to.equal(true);
  });

  it('is never so under --json or --no-prompt', () => {
    atTerminal(true, true);
    expect(mayAsk(command(true), { 'no-prompt': false })).to.equal(false);
    expect(mayAsk(command(false), { 'no-prompt': true })).to.equal(false);
  });

  it('is never so without a terminal to read from and to show at', () => {
    atTerminal(false, true);
    expect(mayAsk(command(false), { 'no-prompt': false })).to.equal(false);
    atTerminal(true, false);
    expect(mayAsk(command(false), { 'no-prompt': false })).to.equal(false);
  });
});
