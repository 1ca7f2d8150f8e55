import { expect } from 'chai';

import { planLines, type PlannedApp, planSummary } from '../../src/ui/planLines.ts';

const app = (more: Partial<PlannedApp>): PlannedApp => ({
  name: 'Order_Sync',
  action: 'change',
  changes: [],
  notCompared: [],
  ...more,
});

describe('the lines of a plan', () => {
  it('say of a new app what it gets, and of another what becomes of what', () => {
    const changes = [
      { field: 'enabled', before: true, after: false },
      { field: 'scopes', before: ['api'], after: ['api', 'openid'] },
      { field: 'description', after: 'a\nb' },
    ];
    expect(planLines([app({ action: 'create', changes }), app({ changes })])).to.deep.equal([
      '+ Order_Sync (create)',
      '    enabled: false',
      '    scopes: api, openid',
      '    description: a\\nb',
      '~ Order_Sync (change)',
      '    enabled: true => false',
      '    scopes: api => api, openid',
      '    description: - => a\\nb',
    ]);
  });

  it('say what could not be compared', () => {
    const [, line] = planLines([app({ action: 'none', notCompared: ['oauth.certificateFile'] })]);
    expect(line)
      .to.match(/^ {4}oauth\.certificateFile: not compared/)
      .and.include('--send-certificates');
  });

  it('pass on nothing that a terminal would obey', () => {
    const lines = planLines([app({ changes: [{ field: 'label', before: '\u001b[2J', after: 'x' }] })]);
    expect(lines.join()).to.include('<U+001B>').and.not.include('\u001b');
  });

  it('are counted', () => {
    const plan = [app({}), app({ action: 'delete' }), app({ action: 'none' }), app({ action: 'none' })];
    expect(planSummary(plan)).to.equal('Plan: 0 to create, 1 to change, 1 to delete, 2 unchanged.');
  });
});
