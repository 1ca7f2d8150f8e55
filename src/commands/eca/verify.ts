import type { Connection } from '@salesforce/core';
import type { Flow } from '../../app/app.ts';
import type { Check, CheckStatus, Saying } from '../../app/checks.ts';
import { meantFlowsOf, say } from '../../app/checks.ts';
import { FLOW_NAMES } from '../../app/flows.ts';
import { fixes } from '../../app/fixes.ts';
import { isProblem } from '../../app/problem.ts';
import { openInBrowser } from '../../client/browser.ts';
import type { CallbackPage } from '../../client/callbackPage.ts';
import { readCredentialsFile } from '../../client/credentialsFile.ts';
import { createHttpClient, isLoopback } from '../../client/httpClient.ts';
import { readPrivateKey, type SigningKey } from '../../client/jwtBearer.ts';
import { persistent } from '../../client/persistent.ts';
import { verify, type BrowserLogin, type JwtTrial, type Verdict } from '../../client/verify.ts';
import { readCredentials } from '../../org/credentials.ts';
import { interruptible } from '../../org/interruption.ts';
import { requireApp, type StoredApp } from '../../org/read.ts';
import { restoreSecretAccess, withSecretAccess } from '../../org/secretAccess.ts';
import { readSituation, type Trial } from '../../org/situation.ts';
import { findUser, findUserById, type UserFacts } from '../../org/users.ts';
import { Flags, Messages, SfCommand, SfError, toHelpSection } from '../../salesforce.ts';
import { sameOrg } from '../../ui/commandLine.ts';
import { nameFlag, noPromptFlag, orgFlags, refuseTwoInputs } from '../../ui/flags.ts';
import { junit } from '../../ui/junit.ts';
import { plainText } from '../../app/plainText.ts';
import { askName, mayAsk, needFlags } from '../../ui/prompts.ts';
import { remedyLines } from '../../ui/remedies.ts';
import { inWords } from '../../ui/saying.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca.verify');

export type EcaVerifyCheck = {
  /** Stable, such as `client-credentials.token`. */
  id: string;
  flow?: Flow;
  title: string;
  status: CheckStatus;
  detail: string;
  /** What mends it; every failed check has one. */
  fix?: string;
  durationMs: number;
};

export type EcaVerifyResult = { name: string; passed: boolean; checks: EcaVerifyCheck[] };

export default class EcaVerify extends SfCommand<EcaVerifyResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', {
    '0': messages.getMessage('exitCode.0'),
    '1': messages.getMessage('exitCode.1'),
  });

  public static override readonly flags = {
    ...orgFlags,
    name: nameFlag,
    flow: Flags.option({
      options: FLOW_NAMES,
      multiple: true,
      summary: messages.getMessage('flags.flow.summary'),
      description: messages.getMessage('flags.flow.description'),
    })(),
    'credentials-file': Flags.string({
      summary: messages.getMessage('flags.credentials-file.summary'),
      description: messages.getMessage('flags.credentials-file.description'),
    }),
    'allow-secret-access': Flags.boolean({
      summary: messages.getMessage('flags.allow-secret-access.summary'),
      exclusive: ['credentials-file'],
    }),
    browser: Flags.boolean({
      summary: messages.getMessage('flags.browser.summary'),
      description: messages.getMessage('flags.browser.description'),
    }),
    'jwt-key-file': Flags.file({ summary: messages.getMessage('flags.jwt-key-file.summary') }),
    'run-as': Flags.string({
      summary: messages.getMessage('flags.run-as.summary'),
      description: messages.getMessage('flags.run-as.description'),
      dependsOn: ['jwt-key-file'],
    }),
    'api-path': Flags.string({
      summary: messages.getMessage('flags.api-path.summary'),
      description: messages.getMessage('flags.api-path.description'),
    }),
    wait: Flags.duration({
      unit: 'minutes',
      char: 'w',
      summary: messages.getMessage('flags.wait.summary'),
      description: messages.getMessage('flags.wait.description'),
    }),
    probe: Flags.boolean({
      summary: messages.getMessage('flags.probe.summary'),
      description: messages.getMessage('flags.probe.description'),
    }),
    strict: Flags.boolean({ summary: messages.getMessage('flags.strict.summary') }),
    'result-format': Flags.option({
      options: ['human', 'junit'] as const,
      default: 'human' as const,
      exclusive: ['json'],
      summary: messages.getMessage('flags.result-format.summary'),
    })(),
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaVerifyResult> {
    const { flags, raw } = await this.parse(EcaVerify);
    const connection = flags['target-org'].getConnection(flags['api-version']);
    const asking = mayAsk(this, flags);
    const { name } = await needFlags(asking, { name: { given: flags.name, ask: () => askName() } });
    refuseTwoInputs(flags['credentials-file'], flags['jwt-key-file']);
    const fileCredentials = await credentialsFrom(flags['credentials-file']);
    const key = await keyFrom(flags['jwt-key-file']);

    const stored = await requireApp(connection, name);
    await restoreSecretAccess(connection, (step) => this.logToStderr(messages.getMessage(`secretAccess.${step}`)));
    const known = await readSituation(connection, stored, sameOrg(raw)[1], isLoopback(connection.instanceUrl));
    const trial =
      fileCredentials ??
      (needsSecret(known, flags.flow ?? [], flags.browser)
        ? await this.trialFromOrg(connection, stored, known, flags['allow-secret-access'])
        : noSecret(say('detail.secretNotNeeded'), stored, known));
    const jwt = key && (await jwtTrial(connection, key, flags['run-as'] ?? stored.app.oauth?.runAs));
    const situation = { ...known, ...trial, consumerKey: trial.consumerKey ?? stored.consumerKey };

    let waited = false;
    const verdict = await interruptible((signal) =>
      verify(
        situation,
        { http: persistent(createHttpClient()), userById: (id) => userIfSeen(connection, id) },
        {
          flows: flags.flow,
          probe: flags.probe,
          strict: flags.strict,
          jwt,
          ...(flags.browser && { browserLogin: this.browserLogin() }),
          ...(asking && {
            showDeviceLogin: ({ url, userCode }) =>
              this.spinner.pause(() =>
                this.logToStderr(messages.getMessage('deviceLogin', [plainText(url), plainText(userCode)])),
              ),
          }),
          apiPath: flags['api-path'],
          waitMs: flags.wait?.milliseconds,
          signal,
          onStart: ({ title }) => this.spinner.start(words(title)),
          onWait: (why) => {
            // Off a terminal every status is a line of a log, and one says it all.
            if (process.stderr.isTTY || !waited) this.spinner.status = words(why);
            waited = true;
          },
          onDone: ({ status }) => {
            waited = false;
            this.spinner.stop(messages.getMessage(`status.${status}`));
          },
        },
      ),
    );

    const result = { name, passed: verdict.passed, checks: verdict.checks.map(inText) };
    if (flags['result-format'] === 'junit') this.log(junit(name, result.checks, flags.strict));
    else this.show(result, verdict);
    if (!verdict.passed) process.exitCode = 1;
    return result;
  }

  /** The secret that the org has, if it gives it. */
  private async trialFromOrg(
    connection: Connection,
    stored: StoredApp,
    known: Known,
    allowSecretAccess: boolean,
  ): Promise<Trial> {
    const read = async (): Promise<Trial> => {
      const { consumerKey, consumerSecret } = await readCredentials(
        connection,
        { id: stored.id, name: stored.app.name },
        { secret: true },
      );
      return { consumerKey, secret: { from: 'org', secret: consumerSecret ?? '' } };
    };
    try {
      return allowSecretAccess
        ? await withSecretAccess(
            connection,
            (step) => this.logToStderr(messages.getMessage(`secretAccess.${step}`)),
            read,
          )
        : await read();
    } catch (error) {
      const { name, message } = error as SfError;
      if (!withoutSecret.has(name)) throw error;
      return noSecret(say('detail.secretUnreadable', message), stored, known);
    }
  }

  /** The address is shown, too: there may be no browser here, or another one is wanted. */
  private browserLogin(): BrowserLogin {
    return {
      open: async (url) => {
        this.spinner.pause(() => this.logToStderr(messages.getMessage('browserLogin', [url])));
        if (!(await openInBrowser(url)))
          this.spinner.pause(() => this.logToStderr(messages.getMessage('browserLogin.noBrowser')));
      },
      waitMs: browserWait,
      pages: {
        notOurs: pageOf('notOurs'),
        done: pageOf('done'),
        success: pageOf('success'),
        refused: (error) => pageOf('refused', error ? plainText(error.message) : messages.getMessage('page.noAnswer')),
      },
    };
  }

  private show({ name, passed, checks }: EcaVerifyResult, { tested, untested }: Verdict): void {
    this.table({
      data: checks.map(({ title, status, detail }) => ({
        title,
        status: messages.getMessage(`status.${status}`),
        detail,
      })),
      columns: [
        { key: 'title', name: messages.getMessage('column.check') },
        { key: 'status', name: messages.getMessage('column.status') },
        { key: 'detail', name: messages.getMessage('column.detail') },
      ],
      overflow: 'wrap',
    });
    const remedies = remedyLines(checks, process.stdout.columns);
    if (remedies.length > 0) {
      this.log(messages.getMessage('toMend'));
      for (const line of ['', ...remedies, '']) this.log(line);
    }
    if (passed) this.logSuccess(messages.getMessage('passed', [name]));
    else this.log(messages.getMessage('notPassed', [name]));
    // A flow that nobody could test is not known to work, whatever the rest says.
    const list = (flows: Flow[]): string => (flows.length > 0 ? flows.join(', ') : messages.getMessage('noFlow'));
    this.log(messages.getMessage(untested.length > 0 ? 'testedInPart' : 'tested', [list(tested), list(untested)]));
  }
}

/** Time enough to log in, with a code from a telephone and a look at what is asked for. */
const browserWait = 5 * 60_000;

const pageOf = (page: 'notOurs' | 'done' | 'success' | 'refused', ...values: string[]): CallbackPage => ({
  title: messages.getMessage(`page.${page}.title`),
  text: messages.getMessage(`page.${page}`, values),
});

/** A user whom the org does not show is no reason to end: the check that wants to know the user says so. */
const userIfSeen = async (connection: Connection, id: string): Promise<UserFacts | undefined> => {
  try {
    return await findUserById(connection, id);
  } catch (error) {
    if (error instanceof SfError) return undefined;
    throw error;
  }
};

type Known = Awaited<ReturnType<typeof readSituation>>;

/** Has any flow that is to be tested a use for the consumer secret? */
const needsSecret = (known: Known, asked: Flow[], browser: boolean): boolean => {
  const { oauth } = known.app;
  if (!oauth) return false;
  const flows = asked.length > 0 ? asked : meantFlowsOf(known);
  if (flows.includes('client-credentials')) return true;
  if (flows.includes('token-exchange') && oauth.secretRequiredForTokenExchange) return true;
  const { secretRequired, secretRequiredForRefresh } = oauth;
  return browser && flows.includes('web-server') && (secretRequired !== false || secretRequiredForRefresh !== false);
};

/** Why there may be no secret to try, short of an org that does not answer. */
const withoutSecret = new Set(['SecretAccessOffError', 'SecretNotAllowedError', 'NoConsumerError']);

const noSecret = (detail: Saying, { consumerKey }: StoredApp, known: Known): Trial => ({
  consumerKey,
  secret: { from: 'nowhere', detail, fix: fixes.allowSecret(known) },
});

/** @throws error.credentialsFileUnreadable, error.credentialsFileEmpty */
const credentialsFrom = async (path: string | undefined): Promise<Trial | undefined> => {
  if (path === undefined) return undefined;
  const read = await readCredentialsFile(path);
  if (isProblem(read)) throw messages.createError(read.code, read.values, read.values);
  const { consumerKey, consumerSecret, client } = read;
  return { consumerKey, secret: { from: 'file', secret: consumerSecret }, client };
};

/** @throws error.keyFileUnreadable, error.keyFileInvalid, error.keyFileEncrypted, error.keyFileNotRsa */
const keyFrom = async (path: string | undefined): Promise<SigningKey | undefined> => {
  if (path === undefined) return undefined;
  const read = await readPrivateKey(path);
  if (isProblem(read)) throw messages.createError(read.code, read.values, read.values);
  return read;
};

/** @throws error.noJwtUser when no user is named, neither here nor in the app */
const jwtTrial = async (
  connection: Connection,
  signing: SigningKey,
  username: string | undefined,
): Promise<JwtTrial> => {
  if (username === undefined) throw messages.createError('error.noJwtUser');
  return { ...signing, username, user: await findUser(connection, username) };
};

const words = (saying: Saying): string =>
  inWords({ getMessage: (key, values) => messages.getMessage(key, values) }, saying);

const inText = ({ id, flow, title, status, detail, fix, durationMs }: Check): EcaVerifyCheck => ({
  id,
  ...(flow ? { flow } : {}),
  title: words(title),
  status,
  detail: words(detail),
  ...(fix ? { fix: words(fix) } : {}),
  durationMs,
});
