import { commandLine } from '../../../app/commandLine.ts';
import { loginOf, logOut } from '../../../local/logins.ts';
import {
  BadConnectedApp,
  BadFaults,
  chosenVariants,
  type PracticeHandle,
  PracticeProblem,
  readConnectedAppFile,
  readFaults,
  type RunningOrg,
  runningPracticeOrg,
  startPracticeOrg,
  stopPracticeOrg,
  UnknownVariant,
} from '../../../practice/practice.ts';
import { AuthInfo, Flags, Global, SfCommand } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { refuseOtherFlags } from '../../../ui/practiceFlags.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.practice.start');

export type EcaPracticeStartResult = {
  instanceUrl: string;
  username: string;
  alias: string;
  orgId: string;
  port: number;
  pid: number;
  integrationUsername: string;
};

/** Milliseconds: an hour. Salesforce's own CLI waits for a job for 33 minutes when it is not told otherwise. */
const JOB_TIME_MAX = 3_600_000;

export default class EcaPracticeStart extends SfCommand<EcaPracticeStartResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly flags = {
    alias: Flags.string({ char: 'a', default: 'practice', summary: messages.getMessage('flags.alias.summary') }),
    'set-default': Flags.boolean({ summary: messages.getMessage('flags.set-default.summary') }),
    port: Flags.integer({ min: 0, max: 65_535, default: 0, summary: messages.getMessage('flags.port.summary') }),
    production: Flags.boolean({ summary: messages.getMessage('flags.production.summary') }),
    variant: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: messages.getMessage('flags.variant.summary'),
      description: messages.getMessage('flags.variant.description'),
    }),
    latency: Flags.integer({ min: 0, default: 0, summary: messages.getMessage('flags.latency.summary') }),
    'job-time': Flags.integer({
      min: 0,
      max: JOB_TIME_MAX,
      default: 0,
      summary: messages.getMessage('flags.job-time.summary'),
      description: messages.getMessage('flags.job-time.description'),
    }),
    propagation: Flags.integer({ min: 0, default: 0, summary: messages.getMessage('flags.propagation.summary') }),
    'installed-app': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: messages.getMessage('flags.installed-app.summary'),
    }),
    'connected-app': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: messages.getMessage('flags.connected-app.summary'),
      description: messages.getMessage('flags.connected-app.description'),
    }),
    faults: Flags.file({
      exists: true,
      summary: messages.getMessage('flags.faults.summary'),
      description: messages.getMessage('flags.faults.description'),
    }),
  };

  public async run(): Promise<EcaPracticeStartResult> {
    const { flags, raw } = await this.parse(EcaPracticeStart);
    const { alias } = flags;
    const variants = variantsOf(flags.variant ?? []);
    const faults = flags.faults ? await faultsIn(flags.faults) : undefined;
    const connectedApps = await connectedAppsIn(flags['connected-app'] ?? []);
    const { port, production, latency, 'job-time': jobTime, propagation, 'installed-app': installed } = flags;
    const options = { port, production, latency, jobTime, propagation, variants, faults, installed, connectedApps };

    const before = await loginOf(alias);
    if (before && !before.practice) throw messages.createError('error.aliasTaken', [alias, before.username], [alias]);
    const running = before && (await runningAs(alias, before.username));
    const given = raw.flatMap((token) => (token.type === 'flag' ? token.flag : []));
    if (running) refuseOtherFlags(running, { ...options }, given);
    const org = running ?? (await startedAnew(alias, options, before?.username));
    await setAlias(org, flags['set-default']);

    this.logSuccess(messages.getMessage(running ? 'done.running' : 'done', [org.instanceUrl, alias]));
    this.log(messages.getMessage('done.users', [org.username, org.integrationUsername]));
    this.log(messages.getMessage('done.what'));
    const target = flags['set-default'] ? [] : ['--target-org', alias];
    showNext(this, {
      text: messages.getMessage('next'),
      commandLine: commandLine([this.config.bin, 'eca', 'create', '--name', 'Order_Sync', ...target]),
    });
    const { options: _options, ...result } = org;
    return result;
  }
}

/** `NAME=VALUE` texts as an object, checked before anything is started. */
const variantsOf = (texts: string[]): Record<string, string> => {
  const asked = Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
  try {
    chosenVariants(asked);
  } catch (error) {
    if (!(error instanceof UnknownVariant)) throw error;
    throw messages.createError('error.unknownVariant', [error.message], [error.known.join(', ')]);
  }
  return asked;
};

const faultsIn = async (path: string): ReturnType<typeof readFaults> => {
  try {
    return await readFaults(path);
  } catch (error) {
    if (error instanceof BadFaults) throw messages.createError('error.badFaults', [path, error.message]);
    throw error;
  }
};

const connectedAppsIn = (paths: string[]): Promise<Array<Awaited<ReturnType<typeof readConnectedAppFile>>>> =>
  Promise.all(
    paths.map(async (path) => {
      try {
        return await readConnectedAppFile(path);
      } catch (error) {
        if (error instanceof BadConnectedApp)
          throw messages.createError('error.badConnectedApp', [path, error.message]);
        throw error;
      }
    }),
  );

const started = async (alias: string, options: Parameters<typeof startPracticeOrg>[2]): Promise<PracticeHandle> => {
  try {
    return await startPracticeOrg(Global.SF_DIR, alias, options);
  } catch (error) {
    if (!(error instanceof PracticeProblem)) throw error;
    const { code, message } = error;
    if (code === 'notRunning') throw error;
    if (code === 'portInUse') throw messages.createError('error.portInUse', [alias, String(options.port), message]);
    throw code === 'alreadyRunning'
      ? messages.createError('error.alreadyRunning', [alias], [alias, alias])
      : messages.createError('error.didNotStart', [alias, message]);
  }
};

/** The practice org that runs under an alias, if that is the one that `sf` is logged in to. */
const runningAs = async (alias: string, username: string): Promise<RunningOrg | undefined> => {
  const running = await runningPracticeOrg(Global.SF_DIR, alias);
  // An earlier version of this plugin did not note what it started an org with.
  return running?.username === username && 'options' in running ? running : undefined;
};

type Options = Parameters<typeof startPracticeOrg>[2];

const startedAnew = async (alias: string, options: Options, before: string | undefined): Promise<RunningOrg> => {
  const { accessToken, ...org } = await started(alias, options);
  if (before !== undefined) await logOut(before);
  await logIn({ accessToken, ...org });
  return org;
};

const setAlias = async ({ alias, username }: RunningOrg, setDefault: boolean): Promise<void> => {
  const login = await AuthInfo.create({ username });
  await login.handleAliasAndDefaultSettings({ alias, setDefault, setDefaultDevHub: false });
};

/** Logs `sf` in; when that goes wrong, the org is ended again. */
const logIn = async (handle: PracticeHandle): Promise<void> => {
  const { accessToken, instanceUrl, alias, username, orgId } = handle;
  try {
    // Core asks the org for what it does not know, and looks up its address. With both it warns that http is insecure. So it
    // gets what is known, and looks up nothing.
    const known = { username, orgId, isDevHub: false };
    process.env.SF_DISABLE_DNS_CHECK = 'true';
    const login = await AuthInfo.create({
      accessTokenOptions: { accessToken, instanceUrl, loginUrl: instanceUrl, ...known },
    });
    await login.save();
  } catch (error) {
    await stopPracticeOrg(Global.SF_DIR, alias);
    throw error;
  }
};
