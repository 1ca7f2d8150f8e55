import { expect } from 'chai';

import type { Problem } from '../../src/app/problem.ts';
import { type PlacedProblem, refuseFileProblems, shownProblems } from '../../src/ui/fileProblems.ts';

const TAB: Problem = { code: 'file.tab', values: [] };

const at = (line: number, column: number, problem: Problem = TAB, file = 'eca.yaml'): PlacedProblem => ({
  ...problem,
  file,
  line,
  column,
});

const SCREEN = { logToStderr: (): void => {} };

describe('problems of files', () => {
  it('are nothing to refuse when there are none', () => {
    expect(() => refuseFileProblems(SCREEN, [])).to.not.throw();
  });

  it('are told in the order of their places', () => {
    const shown = shownProblems([at(10, 1), at(2, 5), at(2, 1), at(1, 1, TAB, 'a.yaml')]);
    expect(shown.map(({ file, line, column }) => `${file}:${line}:${column}`)).to.deep.equal([
      'a.yaml:1:1',
      'eca.yaml:2:1',
      'eca.yaml:2:5',
      'eca.yaml:10:1',
    ]);
  });

  it('are one error, with all of them in its data', () => {
    try {
      refuseFileProblems(SCREEN, [at(1, 1), at(2, 1)]);
    } catch (error) {
      expect(error).to.include({ name: 'FilesWrongError', exitCode: 1 });
      expect((error as Error).message).to.match(/^There are 2 problems.*\neca\.yaml:1:1: .*\neca\.yaml:2:1: /);
      expect((error as { data: { problems: unknown[] } }).data.problems).to.have.length(2);
      return;
    }
    expect.fail('nothing was thrown');
  });

  it('speak of keys where texts for the command line speak of flags, and leave out commands', () => {
    const [flow] = shownProblems([at(1, 1, { code: 'error.flowPassword', values: ['password'] })]);
    expect(flow?.message).to.include('oauth.flows client-credentials with oauth.runAs').and.not.include('--');
    const [unknown] = shownProblems([at(1, 1, { code: 'error.flowUnknown', values: ['x', 'device'] })]);
    expect(unknown?.message).to.include('device').and.not.include('sf eca');
  });
});
