import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Cli, createCli } from '../e2e/cli.ts';
import { installPlugin, installSalesforceCli, packPlugin, waysToTheRegistry } from './sfCli.ts';

/** The packed plugin, installed once for all tests: the releases of Salesforce's CLI find it in one home folder. */
export type Packed = {
  tarball: string;
  home: string;
  /** A release of the CLI, with the plugin; `before` is what its Node is started with. */
  cli: (version?: string, env?: NodeJS.ProcessEnv, before?: string[]) => Promise<Cli>;
};

let packed: Promise<Packed> | undefined;

/** Packs and installs the plugin when it is first asked for. Its folder goes when the test run ends. */
export const packedPlugin = (): Promise<Packed> => (packed ??= packAndInstall());

const packAndInstall = async (): Promise<Packed> => {
  const folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-packed-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const home = join(folder, 'home');
  mkdirSync(home);
  const tarball = packPlugin(folder);
  const cli: Packed['cli'] = async (version, env, before = []) =>
    createCli({
      command: [...before, process.execPath, await installSalesforceCli(version)],
      home,
      env: { ...waysToTheRegistry, ...env },
    });
  await installPlugin(await cli(), tarball);
  return { tarball, home, cli };
};
