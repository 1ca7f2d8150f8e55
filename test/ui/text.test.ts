import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { say } from '../../src/app/checks.ts';
import { explanationIds } from '../../src/app/explanations.ts';
import { Messages } from '../../src/salesforce.ts';
import { inWords } from '../../src/ui/text.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca.verify');

const root = join(import.meta.dirname, '..', '..', 'src');

const inFolder = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(root, folder, file));

const sources = ['app', join('client', 'checks')].flatMap(inFolder).map((file) => readFileSync(file, 'utf8'));

/** Every saying that the sources say by its full name, with the number of values it is given at least. */
const codes = [...new Set(sources.flatMap((text) => text.match(/(?<=')(?:detail|fix)\.[A-Za-z]+(?=')/g) ?? []))];

describe('a saying', () => {
  const texts = { getMessage: (key: string, values: string[]) => `${key}(${values.join(', ')})` };

  it('is put into words, with the sayings in it', () => {
    expect(inWords(texts, say('a', 'x', say('b', 'y')))).to.equal('a(x, b(y))');
  });

  it('cannot make a terminal obey what an org said', () => {
    expect(inWords(texts, say('a', '\u001b[31mred'))).to.equal('a(<U+001B>[31mred)');
  });

  it('has a text in the messages of verify, whichever it is', () => {
    const dynamic = [
      ...explanationIds.map((id) => `cause.${id}`),
      ...[
        'detail.approvedBy.permissionSet',
        'detail.approvedBy.profile',
        'detail.secretFrom.org',
        'detail.secretFrom.file',
      ],
    ];
    expect(codes).to.include.members(['detail.refused', 'fix.run', 'detail.notApproved']);
    const missing = [...codes, ...dynamic].filter((code) => {
      try {
        return messages.getMessage(code) === '';
      } catch {
        return true;
      }
    });
    expect(missing).to.deep.equal([]);
  });
});
