import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

const folder = join(import.meta.dirname, '..', '..', 'messages');

/** All messages, by `file: key`. */
const MESSAGES = new Map(
  readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split(/^# /m)
      .slice(1)
      .map((text): [string, string] => {
        const [key = '', ...lines] = text.split('\n');
        return [`${file}: ${key}`, lines.join('\n')];
      }),
  ),
);

/** What somebody has to put something else in the place of: `<app>`, `<permission set>`, `<My Domain>`. */
const emptyPlaces = (text: string): string[] => text.match(/<[\p{L}][\p{L}\d _-]*>/gu) ?? [];

/** The help texts of commands and flags describe, and name files that are called after something. */
const isHelp = (key: string): boolean => /: (summary|description|examples|flags\..*)$/.test(key);

/** `ui/problems.ts` puts the app in its place, in the actions of this file. */
const isFilledIn = (key: string, place: string): boolean =>
  /^app\.md: .*\.(actions|onCommandLine)$/.test(key) && place === '<app>';

describe('the messages', () => {
  it('leave no place empty in what they tell a user to do', () => {
    expect(MESSAGES.size).to.be.greaterThan(500);
    for (const [key, text] of MESSAGES) {
      if (isHelp(key)) continue;
      expect(
        emptyPlaces(text).filter((place) => !isFilledIn(key, place)),
        key,
      ).to.deep.equal([]);
    }
  });

  it('would be found with an empty place', () => {
    for (const text of ['--name <app>', 'https://<My Domain>.my', '--scope <scopes> -o x', '<Größe>'])
      expect(emptyPlaces(text), text).to.have.length(1);
    expect(isFilledIn('app.md: error.flowRefreshToken.actions', '<permission set>')).to.equal(false);
    expect(isFilledIn('eca.doctor.md: fix.permission', '<app>')).to.equal(false);
  });

  it('give a file no action with a place for the app', () => {
    // What is wrong with a file is said with these actions, but for those of the command line alone.
    for (const [key, text] of MESSAGES) {
      if (/^app\.md: error\..*\.actions$/.test(key)) expect(text, key).to.not.include('<app>');
    }
  });
});
