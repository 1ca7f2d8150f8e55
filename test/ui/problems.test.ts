import { readFileSync } from 'node:fs';

import { expect } from 'chai';

import type { Advice, Problem } from '../../src/app/problem.ts';
import { Messages, type SfError } from '../../src/salesforce.ts';
import { adviceWarning, problemError } from '../../src/texts.ts';
import { explain, refuseAll, refuseProblems, warnOf } from '../../src/ui/problems.ts';

const EMAIL: Problem = { code: 'error.contactEmailInvalid', values: ['nobody'], field: 'contactEmail' };
const FLOW: Problem = { code: 'error.flowPassword', values: ['password'], field: 'oauth.flows' };

const refusal = (problems: Problem[]): SfError => {
  try {
    refuseProblems(problems, 'Order_Sync');
  } catch (error) {
    return error as SfError;
  }
  throw new Error('nothing was refused');
};

describe('problems', () => {
  it('refuses nothing when there is no problem', () => {
    expect(() => refuseProblems([], 'Order_Sync')).not.to.throw();
  });

  it('names one problem, and what to do, with the exit code for wrong flags', () => {
    const error = refusal([EMAIL]);
    expect(error).to.include({ name: 'ContactEmailInvalidError', exitCode: 2 });
    expect(error.message).to.include('"nobody"');
    expect(error.actions).to.have.lengthOf(1);
  });

  it('lets no control character through', () => {
    const bad: Problem = { code: 'error.contactEmailInvalid', values: ['\u001b[2Jnobody'], field: 'contactEmail' };
    expect(refusal([bad]).message).to.include('<U+001B>[2Jnobody');
    expect(explain(bad)).to.include('<U+001B>');
    const warned: string[] = [];
    const advice: Advice = { code: 'warning.approvedButAllUsers', values: ['Set\u0007'] };
    warnOf({ warn: ({ message }) => warned.push(message) }, [advice], 'Order_Sync');
    expect(warned.join()).to.include('Set<U+0007>');
  });

  it('tells of all problems at once', () => {
    const error = refusal([EMAIL, FLOW]);
    expect(error).to.include({ name: 'SeveralProblemsError', exitCode: 2 });
    expect(error.message).to.include('"nobody"').and.include('"password"');
    expect(error.actions).to.have.lengthOf(2);
    expect(error.data).to.have.nested.property('problems[1].name', 'FlowPasswordError');
  });

  it('says why an answer will not do', () => {
    expect(explain(EMAIL)).to.include('"nobody"');
    expect(explain(undefined)).to.equal(undefined);
  });

  it('fills the app into the commands that it suggests', () => {
    const warned: Array<{ name: string; message: string; actions?: string[] }> = [];
    warnOf({ warn: (warning) => warned.push(warning) }, [{ code: 'warning.scopeFull', values: [] }], 'Order_Sync');
    expect(warned).to.have.lengthOf(1);
    expect(warned[0]).to.have.property('name', 'ScopeFullWarning');
    expect(warned[0]?.actions?.join()).to.include('--name Order_Sync').and.not.include('<app>');
  });

  it('names in each next step the app that the step is about', () => {
    const problem: Problem = { code: 'error.flowRefreshToken', values: ['refresh-token'], field: 'oauth.flows' };
    const ofApps = (problems: Problem[]) => ['Order_Sync', 'Billing'].map((app) => ({ app, problems }));
    expect(() => refuseAll(ofApps([]))).not.to.throw();
    const steps = (): string => {
      try {
        refuseAll(ofApps([problem]));
      } catch (error) {
        return (error as SfError).actions?.join('\n') ?? '';
      }
      return '';
    };
    expect(steps()).to.include('--name Order_Sync').and.include('--name Billing');
  });
});

describe('texts for the problems and advice of app/', () => {
  const messages = Messages.loadMessages('sf-plugin-eca', 'app');
  const codes = readFileSync(new URL('../../messages/app.md', import.meta.url), 'utf8')
    .split('\n')
    .flatMap((line) => /^# ((?:error|warning)\.\w+)$/.exec(line)?.[1] ?? []);

  it('finds the codes', () => {
    expect(codes).to.include.members(['error.nameInvalid', 'error.flowPassword', 'warning.scopeFull']);
  });

  for (const code of codes) {
    it(`has a text and a next step for ${code}`, () => {
      expect(messages.getMessage(code)).to.match(/\.$|\?$|%s$/);
      const { actions } = code.startsWith('error.')
        ? problemError({ code, values: [] } as unknown as Problem)
        : adviceWarning({ code, values: [] } as unknown as Advice);
      expect(actions).to.have.length.greaterThan(0);
    });
  }
});
