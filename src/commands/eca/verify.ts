import type { Interfaces } from '@oclif/core';
import type { Connection, Org } from '@salesforce/core';
import { isInterruption } from '../../app/errorNature.ts';
import { exitCodeFor } from '../../app/exitCodes.ts';
import type { Flow } from '../../app/app.ts';
import type { Check, FlowResult, Outcome, AppFacts, TrialStatus } from '../../app/checks.ts';
import { say } from '../../app/text.ts';
import { FLOW_NAMES } from '../../app/flows.ts';
import { checkApiPath, isLoopback } from '../../app/host.ts';
import { isProblem } from '../../app/problem.ts';
import { Secret } from '../../app/secret.ts';
import { openInBrowser } from '../../client/browser.ts';
import type { CallbackPage } from '../../client/callbackPage.ts';
import { flowsOfClient, requireClient, situationOfClient, type Client } from '../../client/clientAlone.ts';
import { readClientFile, readCredentialsFile } from '../../client/credentialsFile.ts';
import { createHttpClient } from '../../client/httpClient.ts';
import { readPrivateKey, type SigningKey } from '../../client/jwtBearer.ts';
import { longestPause } from '../../client/propagation.ts';
import { retryingClient } from '../../client/retryingClient.ts';
import { verify, type BrowserLogin, type JwtTrial, type VerifyOptions } from '../../client/verify.ts';
import { canReadSecrets } from '../../org/users/permissions.ts';
import { readCredentials } from '../../org/secrets/credentials.ts';
import { interruptible, unlessAborted } from '../../local/interruption.ts';
import { requireApp, type StoredApp } from '../../org/app/read.ts';
import { restoreSecretAccess, withSecretAccess } from '../../org/secrets/secretAccess.ts';
import { readFacts, type Trial } from '../../org/app/facts.ts';
import { Flags, SfCommand, type SfError, toHelpSection } from '../../salesforce.ts';
import { inWords, problemError, texts } from '../../texts.ts';
import { needsSecret, noSecret, withoutSecret, type Known } from '../../org/app/trial.ts';
import { findUser, userIfSeen, type UserFacts } from '../../org/users/users.ts';
import { asSpelled } from '../../ui/appName.ts';
import { beginWithApp } from '../../ui/begin.ts';
import type { Token } from '../../ui/commandLine.ts';
import { offer } from '../../ui/confirmation.ts';
import { nameFlag, noPromptFlag, orgFlags, refuseTwoInputs } from '../../ui/flags.ts';
import { junit } from '../../ui/junit.ts';
import { mayAsk, prompts } from '../../ui/prompts.ts';
import { refuseProblems } from '../../ui/problems.ts';
import { checkInWords, checkLines, endLines, jwtLoginLine } from '../../ui/verification.ts';
import { showNext } from '../../ui/writeResult.ts';

const messages = texts('eca.verify');

export type EcaVerifyCheck = {
  /** Stable, such as `client-credentials.token`. */
  id: string;
  flow?: Flow;
  title: string;
  /** `unfinished`: tried, and the org's answer may be another one in a few minutes. */
  status: TrialStatus;
  detail: string;
  /** What fixes it; every failed check has one. */
  fix?: string;
  /** The commands of the fix that run as they stand. */
  commands: string[];
  durationMs: number;
};

export type EcaVerifyFlow = { flow: Flow; result: FlowResult };

export type EcaVerifyResult = {
  /** The app's name; without an org the one in the credentials file, or else that file as it was given. */
  name: string;
  result: Outcome;
  /** True for the result `passed` alone. */
  passed: boolean;
  flows: EcaVerifyFlow[];
  checks: EcaVerifyCheck[];
};

export default class EcaVerify extends SfCommand<EcaVerifyResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', {
    '0': messages.getMessage('exitCode.0'),
    '1': messages.getMessage('exitCode.1'),
    '68': messages.getMessage('exitCode.68'),
  });

  public static override readonly flags = {
    ...orgFlags,
    // Without an org no login is read, so the default org is looked up only where one is needed.
    'target-org': Flags.optionalOrg({ default: undefined, summary: messages.getMessage('flags.target-org.summary') }),
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
    refuseProblems(
      [flags['api-path']].flatMap((path) => (path === undefined ? [] : (checkApiPath(path) ?? []))),
      '',
    );
    refuseTwoInputs(flags['credentials-file'], flags['jwt-key-file']);
    const file = flags['credentials-file'];
    const seen: Seen = { checks: [], restored: false };
    try {
      return file !== undefined && flags['target-org'] === undefined && flags.name === undefined
        ? await this.verifyClient(flags, file, seen)
        : await this.verifyApp({ flags, raw }, seen);
    } catch (error) {
      throw interrupted(error, seen) ?? error;
    }
  }

  private async verifyApp({ flags, raw }: ParsedFlags, seen: Seen): Promise<EcaVerifyResult> {
    const org = flags['target-org'] ?? (await defaultOrg());
    const parsed = { flags: { ...flags, 'target-org': org }, raw };
    const { connection, given, targetOrg } = await beginWithApp(this, parsed);
    const fileCredentials = await credentialsFrom(flags['credentials-file']);
    const key = await keyFrom(flags['jwt-key-file']);

    const stored = await requireApp(connection, given);
    const name = asSpelled(this, given, stored.app.name);
    await restoreSecretAccess(connection, (step) => this.logToStderr(messages.getMessage(`secretAccess.${step}`)));
    const known = {
      ...(await readFacts(connection, stored, targetOrg, isLoopback(connection.instanceUrl))),
      flags: flagsToRepeat(flags),
    };
    const trial =
      fileCredentials ??
      (needsSecret(known, flags.flow ?? [], flags.browser)
        ? await this.trialFromOrg(connection, stored, known, flags, seen)
        : noSecret(say('detail.secretNotNeeded'), stored, known));
    const jwt = key && (await jwtTrial(connection, key, await this.jwtUser(flags, stored.app.oauth?.runAs)));
    const facts = { ...known, ...trial, consumerKey: trial.consumerKey ?? stored.consumerKey };
    return this.verify(flags, { name, facts, jwt, userById: (id) => userIfSeen(connection, id) }, seen);
  }

  /** With what a client has, and nothing else: no org is looked up, and no login read. */
  private async verifyClient(flags: VerifyFlags, path: string, seen: Seen): Promise<EcaVerifyResult> {
    const key = await keyFrom(flags['jwt-key-file']);
    const file = await clientFrom(path, key !== undefined);
    const jwt = key && { ...key, username: await this.jwtUser(flags, file.username) };
    const facts = {
      ...situationOfClient(file, path, flags['api-version']),
      flags: flagsToRepeat(flags),
    };
    this.tell(flags, messages.getMessage('withoutOrg', [file.origin]));
    const flow = flags.flow ?? flowsOfClient(file, jwt !== undefined);
    const name = file.app.name ?? path;
    return this.verify({ ...flags, flow }, { name, facts, jwt, userById: () => Promise.resolve(undefined) }, seen);
  }

  /**
   * The user whom the client logs in as: the one that is named here, or else the configured one.
   *
   * @throws error.noJwtUser when there is neither, and nobody may be asked
   */
  private async jwtUser(flags: VerifyFlags, configured: string | undefined): Promise<string> {
    const username = flags['run-as'] ?? configured;
    if (username !== undefined) return username;
    if (!mayAsk(this, flags)) throw messages.createError('error.noJwtUser');
    return prompts.text({ message: messages.getMessage('prompt.runAs') });
  }

  private async verify(flags: VerifyFlags, trial: VerifyTrial, seen: Seen): Promise<EcaVerifyResult> {
    const { name, facts, jwt, userById } = trial;
    this.spinner.start(messages.getMessage('verifying', [name]));
    const verdict = await interruptible((signal) =>
      verify(
        facts,
        { http: retryingClient(createHttpClient()), userById: (id) => unlessAborted(signal, userById(id)) },
        {
          flows: flags.flow,
          probe: flags.probe,
          strict: flags.strict,
          jwt,
          ...(flags.browser && { browserLogin: this.browserLogin() }),
          ...(mayAsk(this, flags) && { showDeviceLogin: (login) => this.showDeviceLogin(login) }),
          apiPath: flags['api-path'],
          waitMs: flags.wait?.milliseconds,
          signal,
          ...this.telling(flags, seen),
        },
      ),
    ).finally(() => this.spinner.stop());
    const { result, flows, checks } = verdict;
    if (flags['result-format'] === 'junit') {
      this.log(junit(name, checks.map(checkInWords), flows.map(flowInWords), flags.strict));
    } else {
      for (const line of endLines({ name, strict: flags.strict, ...verdict }, process.stdout.columns)) this.log(line);
    }
    if (jwt && flags['jwt-key-file'] !== undefined) this.showJwtLogin(flags['jwt-key-file'], trial, flows);
    if (result !== 'passed') process.exitCode = result === 'failed' ? exitCodeFor.failure : exitCodeFor.unfinished;
    return { name, result, passed: result === 'passed', flows, checks: checks.map(checkInWords) };
  }

  /** Tells about each check as it is made. At a terminal the one that is under way is shown, too, with what it waits for. */
  private telling(
    flags: VerifyFlags,
    seen: Seen,
  ): Pick<VerifyOptions, 'onStart' | 'onWait' | 'onDone' | 'onTakenBack'> {
    const { isTTY } = process.stderr;
    let waited = false;
    return {
      onStart: ({ title }) => {
        waited = false;
        if (isTTY) this.spinner.status = inWords(title);
      },
      onWait: (why, pauseMs) => {
        if (isTTY) this.spinner.status = inWords(why);
        // In a log a line says that it waits, and one for each longer pause that it still does.
        else if (!waited || pauseMs >= longestPause / 2) this.logToStderr(inWords(why));
        waited = true;
      },
      onDone: (check) => {
        seen.checks.push(check);
        const lines = checkLines(check, process.stdout.columns);
        // In one piece, so that the spinner draws nothing in between.
        if (lines.length > 0) this.tell(flags, lines.join('\n'));
      },
      onTakenBack: () => (seen.restored = true),
    };
  }

  /** Shows lines among the results, or on stderr where the results are for a program. */
  private tell(flags: VerifyFlags, line: string): void {
    if (this.jsonEnabled()) return;
    this.spinner.pause(() => (flags['result-format'] === 'human' ? this.log(line) : this.logToStderr(line)));
  }

  private showJwtLogin(keyFile: string, { facts, jwt }: VerifyTrial, flows: EcaVerifyFlow[]): void {
    const { consumerKey, myDomainUrl: instanceUrl } = facts;
    if (!jwt || consumerKey === undefined) return;
    if (!flows.some(({ flow, result }) => flow === 'jwt-bearer' && result === 'worked')) return;
    const login = jwtLoginLine({ consumerKey, keyFile, username: jwt.username, instanceUrl });
    showNext(this, { text: messages.getMessage('next.jwtLogin'), commandLine: login });
  }

  /** The secret that the org has, if it gives it. Where a switch of the org keeps it back, somebody at the terminal may open that. */
  private async trialFromOrg(
    connection: Connection,
    stored: StoredApp,
    known: Known,
    flags: VerifyFlags,
    seen: Seen,
  ): Promise<Trial> {
    const read = async (): Promise<Trial> => {
      const { consumerKey, consumerSecret } = await readCredentials(
        connection,
        { id: stored.id, name: stored.app.name },
        { secret: true },
      );
      return { consumerKey, secret: { from: 'org', secret: consumerSecret ?? new Secret('') } };
    };
    const open = (): Promise<Trial> =>
      withSecretAccess(
        connection,
        (step) => {
          seen.restored ||= step === 'closing';
          this.logToStderr(messages.getMessage(`secretAccess.${step}`));
        },
        read,
      );
    try {
      return flags['allow-secret-access'] ? await open() : await read();
    } catch (error) {
      const { name, message } = error as SfError;
      if (!withoutSecret.has(name)) throw error;
      if (name === 'SecretAccessOffError' && (await this.mayOpen(connection, stored, flags))) return open();
      return noSecret(say('detail.secretUnreadable', message), stored, known);
    }
  }

  /** Asks whether to open the switch, if this user can: a question that only leads to a refusal is not worth an answer. */
  private async mayOpen(connection: Connection, { app }: StoredApp, flags: VerifyFlags): Promise<boolean> {
    if (flags['allow-secret-access'] || !mayAsk(this, flags) || !(await canReadSecrets(connection))) return false;
    return offer(this, flags, messages.getMessage('offerSecretAccess', [app.name, connection.getUsername() ?? '']));
  }

  private showDeviceLogin({ url, userCode }: { url: string; userCode: string }): void {
    this.spinner.pause(() => this.logToStderr(messages.getMessage('deviceLogin', [url, userCode])));
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
        refused: (error) => ({
          title: messages.getMessage('page.refused.title'),
          text: messages.getMessage('page.refused', [error ? error.message : messages.getMessage('page.noAnswer')]),
        }),
      },
    };
  }
}

/** What this run has found, and whether it changed something of the org's that is now as it was. */
type Seen = { checks: Check[]; restored: boolean };

/** The flags, as far as the steps look at them. */
type VerifyFlags = Interfaces.InferredFlags<typeof EcaVerify.flags>;

type ParsedFlags = { flags: VerifyFlags; raw: Token[] };

/** Whom and what to try. */
type VerifyTrial = {
  name: string;
  facts: AppFacts;
  jwt: JwtTrial | undefined;
  userById: (id: string) => Promise<UserFacts | undefined>;
};

/** The default org, or the error that every command has where there is none. */
const defaultOrg = async (): Promise<Org> => {
  const { default: lookUp } = orgFlags['target-org'] as { default?: unknown };
  return (lookUp as () => Promise<Org>)();
};

/**
 * What a run ends with that was told to end: how far it came, with the checks that it made as the error's data. Undefined for any
 * other error.
 */
const interrupted = (error: unknown, { checks, restored }: Seen): SfError | undefined => {
  if (!isInterruption(error)) return undefined;
  const rest = messages.getMessage(restored ? 'interrupted.restored' : 'interrupted.nothingChanged');
  const made = checks.filter(({ status }) => status !== 'skipped');
  return messages
    .createError('error.interrupted', [String(made.length), rest], [], (error as SfError).exitCode)
    .setData({ checks: checks.map(checkInWords) });
};

/** This run's flags that a command which runs it again has to have, too. What came on standard input is there no more. */
const flagsToRepeat = (flags: VerifyFlags): string[][] => [
  ...(flags.flow ?? []).map((flow) => ['--flow', flow]),
  ...(['credentials-file', 'jwt-key-file', 'run-as', 'api-path'] as const).flatMap((flag) =>
    flags[flag] === undefined || flags[flag] === '-' ? [] : [[`--${flag}`, flags[flag]]],
  ),
  ...(['allow-secret-access', 'browser', 'probe', 'strict'] as const).flatMap((flag) =>
    flags[flag] ? [[`--${flag}`]] : [],
  ),
];

const flowInWords = ({ flow, result }: EcaVerifyFlow) => ({
  flow,
  result,
  title: messages.getMessage('flow.title'),
  detail: messages.getMessage(`flow.${result}`),
});

/** Time enough to log in, with a code from a telephone and a look at what is asked for. */
const browserWait = 5 * 60_000;

const pageOf = (page: 'notOurs' | 'done' | 'success'): CallbackPage => ({
  title: messages.getMessage(`page.${page}.title`),
  text: messages.getMessage(`page.${page}`),
});

/**
 * What a client says of itself in its file, enough to try it without an org.
 *
 * @param signs does it sign JWTs? Then it needs no secret
 * @throws error.credentialsFileUnreadable, error.credentialsFileEmpty, error.credentialsFileNoKey, error.credentialsFileNoHost,
 *   error.credentialsFileHttp
 */
const clientFrom = async (path: string, signs: boolean): Promise<Client> => {
  const read = await readClientFile(path);
  const client = isProblem(read) ? read : requireClient(read, path, signs);
  if (isProblem(client)) throw problemError(client);
  return client;
};

/** @throws error.credentialsFileUnreadable, error.credentialsFileEmpty */
const credentialsFrom = async (path: string | undefined): Promise<Trial | undefined> => {
  if (path === undefined) return undefined;
  const read = await readCredentialsFile(path);
  if (isProblem(read)) throw problemError(read);
  const { consumerKey, consumerSecret, client } = read;
  return { consumerKey, secret: { from: 'file', secret: consumerSecret }, client };
};

/** @throws error.keyFileUnreadable, error.keyFileInvalid, error.keyFileEncrypted, error.keyFileNotRsa */
const keyFrom = async (path: string | undefined): Promise<SigningKey | undefined> => {
  if (path === undefined) return undefined;
  const read = await readPrivateKey(path);
  if (isProblem(read)) throw problemError(read);
  return read;
};

const jwtTrial = async (connection: Connection, signing: SigningKey, username: string): Promise<JwtTrial> => ({
  ...signing,
  username,
  user: await findUser(connection, username),
});
