import { isThere, saveFile, saveFiles } from '../../file/save.ts';
import { readApps, requireApps, type StoredApp } from '../../org/read.ts';
import { sourceFiles } from '../../org/sourceFormat.ts';
import type { App } from '../../app/app.ts';
import { Flags, Messages, SfCommand } from '../../salesforce.ts';
import { commandLine } from '../../app/commandLine.ts';
import { sameOrg } from '../../ui/commandLine.ts';
import { confirmLoss, yesFlag } from '../../ui/confirmation.ts';
import { orgFlags } from '../../ui/flags.ts';
import { showNext } from '../../ui/written.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca.export');

export type EcaExportResult = {
  /** By name. */
  apps: App[];
  /** The apps as eca.yaml. */
  yaml: string;
  /** The files that were written. */
  files: string[];
};

export default class EcaExport extends SfCommand<EcaExportResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly flags = {
    ...orgFlags,
    name: Flags.string({
      char: 'n',
      multiple: true,
      multipleNonGreedy: true,
      summary: messages.getMessage('flags.name.summary'),
    }),
    'output-file': Flags.string({
      char: 'f',
      exclusive: ['metadata'],
      summary: messages.getMessage('flags.output-file.summary'),
    }),
    metadata: Flags.string({
      summary: messages.getMessage('flags.metadata.summary'),
      description: messages.getMessage('flags.metadata.description'),
    }),
    'no-prompt': yesFlag,
  };

  public async run(): Promise<EcaExportResult> {
    const { flags, raw } = await this.parse(EcaExport);
    const connection = flags['target-org'].getConnection(flags['api-version']);
    const stored = flags.name ? await requireApps(connection, flags.name) : [...(await readApps(connection)).values()];
    stored.sort((a, b) => (a.app.name < b.app.name ? -1 : 1));
    const apps = stored.map(({ app }) => app);
    // Loaded here, so that help does without the YAML library.
    const { formatEcaFile } = await import('../../file/format.ts');
    const yaml = formatEcaFile(apps);

    if (flags.metadata) return { apps, yaml, files: await this.saveMetadata(stored, flags.metadata, flags) };
    const file = flags['output-file'];
    if (!file || file === '-') {
      this.log(yaml.trimEnd());
      return { apps, yaml, files: [] };
    }
    await this.confirmOverwriting([file], flags);
    await saveFile(file, yaml).catch(notWritten(file));
    this.logSuccess(messages.getMessage('saved', [String(apps.length), file]));
    showNext(this, {
      text: messages.getMessage('next'),
      commandLine: commandLine([this.config.bin, 'eca', 'apply', '--file', file, '--dry-run', ...sameOrg(raw)]),
    });
    return { apps, yaml, files: [file] };
  }

  private async saveMetadata(stored: StoredApp[], folder: string, flags: { 'no-prompt': boolean }): Promise<string[]> {
    const files = stored.flatMap(sourceFiles);
    await this.confirmOverwriting(
      files.map(({ path }) => `${folder}/${path}`),
      flags,
    );
    const paths = await saveFiles(folder, files).catch(notWritten(folder));
    this.logSuccess(messages.getMessage('savedMetadata', [String(paths.length), folder]));
    return paths;
  }

  private async confirmOverwriting(paths: string[], flags: { 'no-prompt': boolean }): Promise<void> {
    const [there] = (await Promise.all(paths.map(async (path) => ((await isThere(path)) ? [path] : [])))).flat();
    if (there) await confirmLoss(this, flags, messages.getMessage('prompt.overwrite', [there]));
  }
}

/** Names what stood in the way of a file, by Node's code: no room on the disk, no right to write, something in its place. */
const notWritten =
  (path: string) =>
  (error: NodeJS.ErrnoException): never => {
    if (error.code === undefined) throw error;
    if (error.code === 'ENOTREG') throw messages.createError('error.outputFileNotRegular', [path]);
    throw messages.createError('error.outputFileUnwritable', [path, error.code]);
  };
