import type { App } from '../../app/app.ts';
import { completeApp } from '../../app/completeApp.ts';
import { sameName } from '../../app/name.ts';
import { besideFile, isThere, saveFile, saveFiles } from '../../file/save.ts';
import { type Certificate, readCertificates } from '../../local/certificate.ts';
import { readApps, requireApps, returnedCertificate, type StoredApp } from '../../org/app/read.ts';
import { sourceFiles } from '../../org/app/sourceFormat.ts';
import { Flags, SfCommand } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { asSpelled } from '../../ui/appName.ts';
import { beginInOrg } from '../../ui/begin.ts';
import { confirmLoss, yesFlag } from '../../ui/confirmation.ts';
import { ORG_FLAGS } from '../../ui/flags.ts';
import { notWritten } from '../../ui/outputFile.ts';
import { showNext } from '../../ui/writeResult.ts';

const messages = texts('eca.export');

export type EcaExportResult = {
  /** By name. */
  apps: App[];
  /** The apps as eca.yaml. */
  yaml: string;
  /** The files that were written: eca.yaml and certificates that were not there yet, or the metadata files. */
  files: string[];
};

export default class EcaExport extends SfCommand<EcaExportResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:pull'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly flags = {
    ...ORG_FLAGS,
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
    complete: Flags.boolean({
      exclusive: ['metadata'],
      summary: messages.getMessage('flags.complete.summary'),
      description: messages.getMessage('flags.complete.description'),
    }),
    'no-prompt': yesFlag,
  };

  public async run(): Promise<EcaExportResult> {
    const { flags, connection, inSameOrg } = beginInOrg(this, await this.parse(EcaExport));
    const stored = flags.name ? await requireApps(connection, flags.name) : (await readApps(connection)).values();
    flags.name?.forEach((given) => asSpelled(this, given, spellingIn(stored, given)));
    stored.sort((a, b) => (a.app.name < b.app.name ? -1 : 1));
    const file = flags['output-file'] === '-' ? undefined : flags['output-file'];
    const certificates = file === undefined ? [] : certificatesBeside(file, stored);
    const named = new Map(certificates.map(({ app, name }) => [app, name]));
    const parts = stored.map(({ app }) => (flags.complete ? completeApp(app) : { whole: app, left: [] }));
    const apps = parts.map(({ whole }) => withCertificateFile(whole, named.get(whole.name)));
    const left = new Map(parts.map((part) => [part.whole.name, part.left]));
    // Loaded here, so that help does without the YAML library.
    const { formatEcaFile } = await import('../../file/format.ts');
    const yaml = formatEcaFile(apps, new Map(stored.map(({ app, certificate }) => [app.name, certificate])), left);

    if (flags.metadata) return { apps, yaml, files: await this.saveMetadata(stored, flags.metadata, flags) };
    if (file === undefined) {
      this.log(yaml.trimEnd());
      const left = stored.filter(({ certificate }) => certificate.there === 'yes').map(({ app }) => app.name);
      if (left.length > 0) this.warn(messages.createWarning('warning.certificatesLeftOut', [left.join(', ')]));
      return { apps, yaml, files: [] };
    }
    const toWrite = await changedCertificates(certificates);
    await this.confirmOverwriting([file, ...toWrite.map(({ path }) => path)], flags);
    for (const { path, pem } of toWrite) await saveFile(path, pem).catch(notWritten(path));
    await saveFile(file, yaml).catch(notWritten(file));
    this.logSuccess(messages.getMessage('saved', [String(apps.length), file]));
    if (certificates.length > 0) {
      this.log(messages.getMessage('savedCertificates', [certificates.map(({ path }) => path).join(', ')]));
    }
    showNext(this, {
      text: messages.getMessage('next'),
      commandLine: inSameOrg('apply', '--file', file, '--dry-run'),
    });
    return { apps, yaml, files: [file, ...toWrite.map(({ path }) => path)] };
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

/** A certificate that the org returned: whose it is, and the file that it goes to. */
type CertificateFile = { app: string; name: string; path: string } & Certificate;

/** Names of apps are letters, digits and underscores. Whatever an org calls an app, its name is a path's last word here. */
const certificatesBeside = (file: string, stored: StoredApp[]): CertificateFile[] =>
  stored.flatMap((one) => {
    const certificate = returnedCertificate(one);
    if (!certificate) return [];
    const name = `${encodeURIComponent(one.app.name)}.crt`;
    return [{ app: one.app.name, name, path: besideFile(file, name), ...certificate }];
  });

const withCertificateFile = (app: App, certificateFile: string | undefined): App =>
  certificateFile === undefined ? app : { ...app, oauth: { ...app.oauth, certificateFile } };

/** Those that are not in their files yet. */
const changedCertificates = async (certificates: CertificateFile[]): Promise<CertificateFile[]> => {
  const there = await readCertificates(certificates.map(({ path }) => path));
  return certificates.filter(({ path, fingerprint }) => there.get(path)?.fingerprint !== fingerprint);
};
const spellingIn = (stored: StoredApp[], given: string): string | undefined =>
  stored.map(({ app }) => app.name).find((name) => sameName(name, given));
