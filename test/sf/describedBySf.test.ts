import { expect } from 'chai';

import type { Cli } from '../e2e/cli.ts';
import { packedPlugin } from './packed.ts';
import { CLI_VERSIONS, readFrom } from './sfCli.ts';
import { sideBySide } from './sideBySide.ts';

/** What sf's own commands say of the plugin. They do things with its texts that no command of ours does. */
for (const version of Object.values(CLI_VERSIONS)) {
  describe(`sf ${version} describes the packed plugin`, function () {
    let sf: Cli;
    let ids: string[];

    before(async function () {
      this.timeout(600_000);
      const packed = await packedPlugin();
      sf = await packed.cli(version);
      const manifest = JSON.parse(readFrom(packed.tarball, 'oclif.manifest.json')) as {
        commands: Record<string, { hidden?: boolean }>;
      };
      ids = Object.keys(manifest.commands).filter((id) => !manifest.commands[id]?.hidden);
    });

    const read = async (args: string): Promise<string> => {
      const { code, stdout, stderr } = await sf.run(args.split(' '));
      expect(code, `${args}: ${stdout}${stderr}`).to.equal(0);
      expect(stdout, args).to.not.match(/<%|\$\{|undefined|\[object/);
      return stdout;
    };

    it('in sf commands', async () => {
      const listed = await read('commands');
      for (const id of ids) expect(listed).to.include(id.replaceAll(':', ' '));
    });

    it('in sf commands --json', async () => {
      const { code, stdout, stderr } = await sf.run(['commands', '--json']);
      expect(code, stderr).to.equal(0);
      const listed = JSON.parse(stdout) as Array<{ id: string; summary?: string }>;
      for (const id of ids)
        expect(listed.find((one) => one.id === id)?.summary, id)
          .to.be.a('string')
          .and.not.equal('');
    });

    it('in sf eca --help and sf help eca', async () => {
      for (const args of ['eca --help', 'help eca']) expect(await read(args)).to.include('eca create');
    });

    it('in sf help of each command', async () => {
      const helps = sideBySide(ids.map((id) => () => read(`help ${id.replaceAll(':', ' ')}`)));
      for (const help of helps) expect(await help()).to.include('USAGE');
    });

    it('in sf which', async () => {
      expect(await read('which eca create')).to.include('sf-plugin-eca');
    });

    it('when a command is nearly right', async () => {
      const { code, stderr } = await sf.run(['eca', 'creat']);
      expect(code).to.not.equal(0);
      expect(stderr).to.include('eca creat is not a sf command').and.include('sf help eca');
    });
  });
}
