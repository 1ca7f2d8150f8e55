import { expect } from 'chai';

import type { Problem } from '../src/app/problem.ts';
import { say } from '../src/app/text.ts';
import { inWords, problemError, problemInFile, texts } from '../src/texts.ts';

const ESCAPE = '\u001b';

describe('the door to the texts', () => {
  it('puts a finding into words, with the findings in it', () => {
    const cause = inWords(say('cause.unknown'));
    expect(inWords(say('detail.refused', 'invalid_grant', say('cause.unknown')))).to.include(cause);
  });

  it('cannot make a terminal obey what an org said', () => {
    expect(inWords(say('detail.refused', `${ESCAPE}[31mred`, say('cause.unknown')))).to.include('<U+001B>[31mred');
    expect(texts('eca').getMessage('written.created', [`${ESCAPE}[31mred`])).to.include('<U+001B>[31mred');
    const error = problemError({ code: 'error.contactEmailInvalid', values: [`${ESCAPE}[31mred`] });
    expect(error.message).to.include('<U+001B>[31mred');
  });

  it('shows a line feed in a value, and lets only a list have lines', () => {
    expect(texts('eca').getMessage('written.created', ['one\ntwo'])).to.include('one<U+000A>two');
    expect(texts('eca').createError('error.severalProblems', [['- one', `- t${ESCAPE}wo`]]).message).to.include(
      '- one\n- t<U+001B>wo',
    );
  });

  it('names a field as its reader writes it, and leaves what a value says', () => {
    const problem: Problem = { code: 'error.flowPassword', values: ['{oauth.runAs}'] };
    const { message, actions } = problemError(problem);
    expect(message).to.include('{oauth.runAs}');
    expect(actions?.join()).to.include('--flow client-credentials with --run-as').and.not.include('{');
    expect(problemInFile(problem)).to.include('oauth.flows client-credentials with oauth.runAs').and.not.include('--');
    const noSecret = problemInFile({ code: 'error.flowUserAgent', values: ['implicit'] });
    expect(noSecret).to.include('"oauth.secretRequired: false"');
  });

  it('keeps commands out of what is said about a file', () => {
    const problem: Problem = { code: 'error.flowUnknown', values: ['x', 'device'] };
    expect(problemError(problem).actions?.join()).to.include('sf eca');
    expect(problemInFile(problem)).to.include('device').and.not.include('sf eca');
  });

  it('lets colours of ours through', () => {
    const line = texts('eca.verify').getMessage('line.flow', ['device', { coloured: `${ESCAPE}[31mfailed` }]);
    expect(line).to.include(`${ESCAPE}[31mfailed`);
  });

  it('gives the actions of an error the values that they take', () => {
    const { actions } = texts('eca').createError('error.flagsMissing', ['--name'], ['--name'], 2);
    expect(actions?.join(' ')).to.include('--name');
  });
});
