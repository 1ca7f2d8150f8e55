import { expect } from 'chai';

import { drawTerminal, readTerminal, selectCommands, wrap } from '../../scripts/terminalPicture.ts';

const RED = '\u001b[31m';
const BOLD = '\u001b[1m';
const PLAIN = '\u001b[0m';

describe('the terminal picture', () => {
  it('reads lines, colours and weights', () => {
    expect(readTerminal(`one ${RED}two${PLAIN}\n${BOLD}three${PLAIN} four`)).to.deep.equal([
      [{ text: 'one ' }, { text: 'two', colour: '#ff7b72' }],
      [{ text: 'three', bold: true }, { text: ' four' }],
    ]);
  });

  it('goes on after a reset in the middle of a sequence, and passes over extended colours', () => {
    expect(readTerminal('\u001b[31;0;1mbold\u001b[38;5;200;22mnot')).to.deep.equal([
      [
        { text: 'bold', bold: true },
        { text: 'not', bold: false, dim: false },
      ],
    ]);
  });

  it('drops what is not text', () => {
    expect(readTerminal('\u001b[2K\u001b[1Gready\u001b[?25h')).to.deep.equal([[{ text: 'ready' }]]);
  });

  it('breaks lines that are too wide, and keeps their style', () => {
    expect(wrap([{ text: 'ab' }, { text: 'cdefg', bold: true }], 4)).to.deep.equal([
      [{ text: 'ab' }, { text: 'cd', bold: true }],
      [{ text: 'efg', bold: true }],
    ]);
  });

  it('shows only some commands, each with all of its output', () => {
    const session = '$ sf one\n  $ sf two is next\n\n$ sf two\noutput\n$ sf three\n';
    expect(selectCommands(session, ['sf one', 'sf three'])).to.equal('$ sf one\n  $ sf two is next\n\n$ sf three\n');
  });

  it('escapes what would be markup', () => {
    const svg = drawTerminal('$ sf eca create --label "<R&D>"', 'A "terminal"');
    expect(svg).to.include('--label &quot;&lt;R&amp;D&gt;&quot;').and.include('aria-label="A &quot;terminal&quot;"');
    expect(svg).to.not.include('<R&D>');
  });
});
