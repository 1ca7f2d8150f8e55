import { expect } from 'chai';

import { showWritten, type Written } from '../../src/ui/writeResult.ts';

const screen = () => {
  const out: string[] = [];
  const err: string[] = [];
  const warnings: Array<{ name: string; message: string }> = [];
  const tables: Array<Array<Record<string, string>>> = [];
  return {
    config: { bin: 'sf' },
    id: 'eca:oauth:set',
    argv: ['--name', 'Order_Sync', '--dry-run', '--callback-url', 'myapp://a b'],
    out,
    err,
    warnings,
    tables,
    log: (message = '') => void out.push(message),
    logSuccess: (message: string) => void out.push(message),
    logToStderr: (message = '') => void err.push(message),
    warn: (warning: { name: string; message: string }) => warnings.push(warning),
    table: ({ data }: { data: Array<Record<string, string>> }) => void tables.push(data),
  };
};

const written = (more: Partial<Written>): Written => ({
  app: { name: 'Order_Sync' },
  created: false,
  changes: [],
  notApplied: [],
  dryRun: false,
  ...more,
});

const NEXT = { text: 'Next:', commandLine: 'sf eca oauth set --name Order_Sync' };
const CHANGE = { field: 'label', before: 'Old', after: 'New' };

describe('showWritten', () => {
  let exitCode: typeof process.exitCode;
  beforeEach(() => {
    exitCode = process.exitCode;
    process.exitCode = undefined;
  });
  afterEach(() => {
    process.exitCode = exitCode;
  });

  it('says what was changed, and shows it', () => {
    const shown = screen();
    showWritten(shown, written({ changes: [CHANGE] }), NEXT);
    expect(shown.out.join()).to.include('Changed external client app Order_Sync');
    expect(shown.tables).to.deep.equal([[CHANGE]]);
    expect(shown.warnings).to.deep.equal([]);
    expect(process.exitCode).to.equal(undefined);
  });

  it('says that it is already there when nothing changes', () => {
    const shown = screen();
    showWritten(shown, written({}), NEXT);
    expect(shown.out.join()).to.include('nothing to do');
    expect(shown.tables).to.deep.equal([]);
  });

  it('says of a dry run that nothing was written', () => {
    for (const created of [true, false]) {
      const shown = screen();
      showWritten(shown, written({ created, changes: [CHANGE], dryRun: true }), NEXT);
      expect(shown.out.join()).to.include('nothing was written');
      expect(shown.err.join()).to.include("$ sf eca oauth set --name Order_Sync --callback-url 'myapp://a b'");
    }
  });

  it('warns of what the org did not keep, with exit code 68', () => {
    const shown = screen();
    const notApplied = [{ field: 'oauth.pkceRequired', before: false, after: true }];
    showWritten(shown, written({ changes: notApplied, notApplied }), NEXT);
    expect(shown.warnings[0]?.name).to.equal('NotAppliedWarning');
    expect(shown.warnings[0]?.message).to.include('oauth.pkceRequired: requested false, but the org has true');
    expect(process.exitCode).to.equal(68);
  });

  it('suggests the next step on stderr', () => {
    const shown = screen();
    showWritten(shown, written({ created: true }), NEXT);
    expect(shown.err.join()).to.include('$ sf eca oauth set --name Order_Sync');
    expect(shown.out.join()).not.to.include('oauth set');
  });
});
