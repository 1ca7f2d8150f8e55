import { expect } from 'chai';

import { annotation, withoutCommands } from '../../src/ui/githubActions.ts';
import { asCommandToRunner, filteringOutput } from '../../src/ui/outlet.ts';

describe('in a job of GitHub Actions', () => {
  it('a mistake is marked at its place, whatever the names and the text are', () => {
    expect(annotation({ file: 'a,b:c%.yaml', line: 3, column: 7, message: '100%\r\n::error::x, y: z' })).to.equal(
      '::error file=a%2Cb%3Ac%25.yaml,line=3,col=7::100%25%0D%0A::error::x, y: z',
    );
  });

  const lines: Array<[line: string, shown: string]> = [
    ['::error::x', ': :error::x'],
    ['  ::add-mask::x', '  : :add-mask::x'],
    ['##[error]x', '# #[error]x'],
    ['one\n::stop-commands::x\ntwo', 'one\n: :stop-commands::x\ntwo'],
    ['one\r::x', 'one\r: :x'],
    ['a::b', 'a::b'],
    ['## heading', '## heading'],
  ];
  for (const [line, shown] of lines) {
    it(`${JSON.stringify(line)} is no command`, () => {
      expect(withoutCommands(line)).to.equal(shown);
    });
  }

  describe('the output', () => {
    const before = process.env.GITHUB_ACTIONS;
    let printed = '';

    beforeEach(() => {
      printed = '';
      process.stdout.write = (text: string | Uint8Array): boolean => {
        printed += String(text);
        return true;
      };
    });

    afterEach(() => {
      // What is left is the stream's own.
      Reflect.deleteProperty(process.stdout, 'write');
      if (before === undefined) delete process.env.GITHUB_ACTIONS;
      else process.env.GITHUB_ACTIONS = before;
    });

    const print = async (): Promise<string> => {
      await filteringOutput({ log: undefined, spinner: undefined }, () => {
        process.stdout.write('::warning::of an org\n');
        asCommandToRunner(() => void process.stdout.write('::error::ours\n'));
        return Promise.resolve();
      });
      return printed;
    };

    it('has commands of ours alone', async () => {
      process.env.GITHUB_ACTIONS = 'true';
      expect(await print()).to.equal(': :warning::of an org\n::error::ours\n');
    });

    it('is as it was elsewhere', async () => {
      delete process.env.GITHUB_ACTIONS;
      expect(await print()).to.equal('::warning::of an org\n');
    });
  });
});
