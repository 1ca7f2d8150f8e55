import type { Interfaces } from '@oclif/core';
import type { Connection } from '@salesforce/core';
import { announcement, changesFor } from '../../../app/announcedChanges.ts';
import type { App, Flow, IpRange, Oauth, Wish } from '../../../app/app.ts';
import { checkCallbackUrls } from '../../../app/callbackUrl.ts';
import { isCertificateFile, judgeValidity, NO_CERTIFICATE } from '../../../app/certificate.ts';
import { changesOf, merge } from '../../../app/changes.ts';
import { parseAttribute } from '../../../app/attributes.ts';
import { CERTIFICATE_FIELDS, checkWish } from '../../../app/checkWish.ts';
import { fieldsSaid, wholeList } from '../../../app/fields.ts';
import { FLOWS, parseFlow } from '../../../app/flows.ts';
import { parseIpRange, withRanges } from '../../../app/ipRange.ts';
import { isProblem, type Problem } from '../../../app/problem.ts';
import { judgeScopes, parseScopes } from '../../../app/scopes.ts';
import { requirePermissions } from '../../../org/users/permissions.ts';
import { readCertificate, readCertificates } from '../../../local/certificate.ts';
import { answersInOrder } from '../../../org/request/answersInOrder.ts';
import { isCodeAndCredentialsAllowed } from '../../../org/organization/oauthSettings.ts';
import { requireApp, type StoredApp } from '../../../org/app/read.ts';
import { findUser, type UserFacts } from '../../../org/users/users.ts';
import {
  certificateProblem,
  plan,
  refuseCertificateProblem,
  removesCertificate,
  writeApps,
  type CertificateTerms,
  type Plan,
  type WriteResult,
} from '../../../org/app/write.ts';
import { Flags, SfCommand, toHelpSection } from '../../../salesforce.ts';
import { inWords, texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { sameApp } from '../../../ui/commandLine.ts';
import { confirmIfAsked } from '../../../ui/confirmation.ts';
import { exitCodes } from '../../../ui/exitCodes.ts';
import { nameFlag, noPromptFlag, orgFlags, writeFlags, writeOptions } from '../../../ui/flags.ts';
import { explain, refuseProblems, warnOf } from '../../../ui/problems.ts';
import { showingProgress } from '../../../ui/progress.ts';
import { askName, mayAsk, needFlags, prompts } from '../../../ui/prompts.ts';
import { showWritten, type NextStep } from '../../../ui/writeResult.ts';

const messages = texts('eca.oauth.set');

export type EcaOauthSetResult = WriteResult;

type GivenFlags = Interfaces.InferredFlags<typeof EcaOauthSet.flags>;

export default class EcaOauthSet extends SfCommand<EcaOauthSetResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', exitCodes);

  public static override readonly flags = {
    ...orgFlags,
    name: nameFlag,
    'callback-url': Flags.string({
      char: 'c',
      multiple: true,
      multipleNonGreedy: true,
      summary: messages.getMessage('flags.callback-url.summary'),
      description: messages.getMessage('flags.callback-url.description'),
    }),
    flow: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: messages.getMessage('flags.flow.summary'),
      description: messages.getMessage('flags.flow.description'),
    }),
    'run-as': Flags.string({
      summary: messages.getMessage('flags.run-as.summary'),
      description: messages.getMessage('flags.run-as.description'),
    }),
    'certificate-file': Flags.file({
      exclusive: ['no-certificate', 'remove-certificate'],
      summary: messages.getMessage('flags.certificate-file.summary'),
      description: messages.getMessage('flags.certificate-file.description'),
    }),
    'no-certificate': Flags.boolean({
      exclusive: ['remove-certificate'],
      summary: messages.getMessage('flags.no-certificate.summary'),
      description: messages.getMessage('flags.no-certificate.description'),
    }),
    'remove-certificate': Flags.boolean({
      summary: messages.getMessage('flags.remove-certificate.summary'),
      description: messages.getMessage('flags.remove-certificate.description'),
    }),
    pkce: Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.pkce.summary'),
      description: messages.getMessage('flags.pkce.description'),
    }),
    secret: Flags.boolean({ allowNo: true, summary: messages.getMessage('flags.secret.summary') }),
    'secret-for-refresh': Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.secret-for-refresh.summary'),
    }),
    'secret-for-token-exchange': Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.secret-for-token-exchange.summary'),
    }),
    'rotate-refresh-tokens': Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.rotate-refresh-tokens.summary'),
    }),
    'introspect-all-tokens': Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.introspect-all-tokens.summary'),
    }),
    'jwt-access-tokens': Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.jwt-access-tokens.summary'),
    }),
    'trusted-ip-range': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: messages.getMessage('flags.trusted-ip-range.summary'),
      description: messages.getMessage('flags.trusted-ip-range.description'),
    }),
    'id-token-audience': Flags.string({ summary: messages.getMessage('flags.id-token-audience.summary') }),
    'id-token-validity': Flags.integer({ summary: messages.getMessage('flags.id-token-validity.summary') }),
    'id-token-standard-claims': Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.id-token-standard-claims.summary'),
    }),
    'id-token-attributes': Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.id-token-attributes.summary'),
    }),
    'id-token-custom-permissions': Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.id-token-custom-permissions.summary'),
    }),
    'custom-attribute': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: messages.getMessage('flags.custom-attribute.summary'),
      description: messages.getMessage('flags.custom-attribute.description'),
    }),
    'single-logout-url': Flags.string({ summary: messages.getMessage('flags.single-logout-url.summary') }),
    'asset-token-audiences': Flags.string({
      summary: messages.getMessage('flags.asset-token-audiences.summary'),
      description: messages.getMessage('flags.asset-token-audiences.description'),
    }),
    'asset-token-validity': Flags.integer({ summary: messages.getMessage('flags.asset-token-validity.summary') }),
    'asset-token-certificate': Flags.string({ summary: messages.getMessage('flags.asset-token-certificate.summary') }),
    'asset-token-attributes': Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.asset-token-attributes.summary'),
    }),
    'asset-token-custom-permissions': Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.asset-token-custom-permissions.summary'),
    }),
    'credentials-by-post-only': Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.credentials-by-post-only.summary'),
    }),
    'guest-credentials': Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.guest-credentials.summary'),
    }),
    'refresh-token-idle-limit': Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.refresh-token-idle-limit.summary'),
      description: messages.getMessage('flags.refresh-token-idle-limit.description'),
    }),
    'refresh-token-ip-range': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      exclusive: ['add-refresh-token-ip-range', 'remove-refresh-token-ip-range'],
      summary: messages.getMessage('flags.refresh-token-ip-range.summary'),
      description: messages.getMessage('flags.refresh-token-ip-range.description'),
    }),
    'add-refresh-token-ip-range': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: messages.getMessage('flags.add-refresh-token-ip-range.summary'),
    }),
    'remove-refresh-token-ip-range': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: messages.getMessage('flags.remove-refresh-token-ip-range.summary'),
    }),
    dpop: Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.dpop.summary'),
      description: messages.getMessage('flags.dpop.description'),
    }),
    'mutual-tls': Flags.boolean({
      allowNo: true,
      summary: messages.getMessage('flags.mutual-tls.summary'),
      description: messages.getMessage('flags.mutual-tls.description'),
    }),
    'mutual-tls-field': Flags.option({
      options: CERTIFICATE_FIELDS,
      summary: messages.getMessage('flags.mutual-tls-field.summary'),
    })(),
    'mutual-tls-value': Flags.string({ summary: messages.getMessage('flags.mutual-tls-value.summary') }),
    scope: Flags.string({
      char: 's',
      multiple: true,
      multipleNonGreedy: true,
      summary: messages.getMessage('flags.scope.summary'),
      description: messages.getMessage('flags.scope.description'),
    }),
    ...writeFlags,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaOauthSetResult> {
    const { flags, raw } = await this.parse(EcaOauthSet);
    const asking = mayAsk(this, flags);
    const connection = flags['target-org'].getConnection(flags['api-version']);
    const { name: given } = await needFlags(asking, { name: { given: flags.name, ask: () => askName() } });
    const said = wishFrom(flags, given, sameApp(given, raw));

    const { runAs } = said.oauth ?? {};
    const [, stored, named] = await answersInOrder(
      requirePermissions(connection, 'oauth set', writesPolicies(said) ? ['ExternalClientAppAdmin'] : []),
      requireApp(connection, given, { grants: true }),
      runAs ? findUser(connection, runAs) : Promise.resolve(undefined),
    );
    const name = asSpelled(this, given, stored.app.name);
    const app = sameApp(name, raw);
    refuseOtherScopes(stored.app, said, app);
    const { wish, terms } = await withCertificate(
      withAllowlist(await complete({ ...said, name }, stored, asking), stored, flags),
      stored,
      flags,
      asking,
    );
    refuseProblems(checkWish(wish, stored.app), app);
    const planned = plan(stored, wish, terms);
    this.judgeCertificate(planned, app);
    await this.judgeRunAs(connection, stored.app, wish, named);
    await this.judgeNeeds(connection, wish);
    warnOf(this, judgeScopes(wish.scopes ?? [], flowsAfter(stored.app, wish)), app);

    this.warnOfAnnounced(planned);
    if (removesCertificate(planned)) await this.confirmRemoval(planned, flags);

    const [result] = await showingProgress(this.spinner, messages.getMessage('progress', [name]), (onProgress) =>
      writeApps(connection, [planned], writeOptions(flags, onProgress)),
    );
    if (!result) throw new Error('A plan without a result.');
    showWritten(this, result, nextStep(result, this.config.bin, app));
    return result;
  }

  /** Whoever logs in with the certificate's private key is locked out from then on. */
  private async confirmRemoval({ wish }: Plan, flags: Pick<GivenFlags, 'dry-run' | 'no-prompt'>): Promise<void> {
    if (flags['dry-run'] || !mayAsk(this, flags)) {
      this.warn(messages.createWarning('warning.certificateRemoved', [wish.name]));
      return;
    }
    await confirmIfAsked(this, flags, messages.getMessage('prompt.removeCertificate', [wish.name]));
  }

  /** What was announced for apps with the settings that this run changes. */
  private warnOfAnnounced({ stored, wish, changes }: Plan): void {
    const now = new Date();
    for (const change of changesFor(merge(stored?.app, wish))) {
      if (!changes.some(({ field }) => change.settings?.some((setting) => setting === field))) continue;
      this.warn(inWords(announcement(change, now)));
    }
  }

  /** JWT bearer is on with a certificate: what is known of the app's, and what is wrong with the one that it has or gets. */
  private judgeCertificate(planned: Plan, app: string): void {
    const { stored, wish, changes, terms } = planned;
    const { certificateFile: file, flows } = wish.oauth ?? {};
    const known = stored?.certificate ?? { there: 'no' };
    refuseCertificateProblem(planned);
    const given = isCertificateFile(file) ? terms?.given.get(file)?.validity : undefined;
    if (file !== undefined && given) warnOf(this, judgeValidity(given, file), app);
    if (file !== undefined) return;
    if (known.there === 'yes' && known.validity && changes.length > 0) {
      warnOf(this, judgeValidity(known.validity, wish.name), app);
    }
    const isWished = flows?.includes('jwt-bearer');
    if (isWished && known.there === 'no') throw messages.createError('error.certificateMissing', [wish.name]);
    if (isWished && known.there === 'unknown') {
      this.warn(messages.createWarning('warning.certificateUnseen', [wish.name]));
    }
    if (flows && flows.length > 0 && !isWished && known.there === 'yes') {
      this.warn(messages.createWarning('warning.jwtBearerStays', [wish.name], [app]));
    }
  }

  /** What the flows that are asked for need beyond this app: a switch of the whole org, an Apex handler. */
  private async judgeNeeds(connection: Connection, { name, oauth }: Wish): Promise<void> {
    const needs = new Set(oauth?.flows?.flatMap((flow) => FLOWS[flow].needs));
    if (needs.has('token-exchange-handler')) this.warn(messages.createWarning('warning.handlerNeeded', [name]));
    if (!needs.has('org-switch')) return;
    const allowed = await isCodeAndCredentialsAllowed(connection);
    if (allowed !== true) this.warn(messages.createWarning(`warning.orgSwitch${allowed === false ? 'Off' : 'Unseen'}`));
  }

  /**
   * Whoever has the secret is this user: it must be there, be active, and should not be mighty.
   *
   * @param named the user that the flags name, if there is one
   */
  private async judgeRunAs(connection: Connection, app: App, wish: Wish, named?: UserFacts): Promise<void> {
    const used = flowsAfter(app, wish).includes('client-credentials');
    const username = wish.oauth?.runAs ?? app.oauth?.runAs;
    if (!used && wish.oauth?.runAs) this.warn(messages.createWarning('warning.runAsUnused'));
    if (!username || !mentionsClientCredentials(wish)) return;
    const user = named ?? (await findUser(connection, username));
    if (!user) throw messages.createError('error.runAsNotFound', [username]);
    if (!user.active) throw messages.createError('error.runAsInactive', [username]);
    const powers = [
      ...(user.isAdmin ? [messages.getMessage('power.admin', [user.profileName])] : []),
      ...(user.modifyAllData ? [messages.getMessage('power.modifyAllData')] : []),
    ];
    if (powers.length > 0) {
      this.warn(messages.createWarning('warning.runAsPowerful', [username, powers.join('; ')], [app.name]));
    }
  }
}

/** What the flags say. Everything that can be seen to be wrong without the org is refused here, all at once. */
const wishFrom = (flags: GivenFlags, name: string, app: string): Wish => {
  const problems: Problem[] = [];
  const accepted = <T>(values: Array<T | Problem>): T[] =>
    values.flatMap((value) => {
      if (!isProblem(value)) return [value];
      problems.push(value);
      return [];
    });
  const parsed = <T>(texts: string[] | undefined, parse: (text: string) => T | Problem): T[] | undefined =>
    texts && accepted(texts.map((text) => parse(text)));
  const oauth: Oauth = {
    ...fieldsSaid(flags).oauth,
    flows: parsed(flags.flow, parseFlow),
    trustedIpRanges: parsed(wholeList(flags['trusted-ip-range']), (text) => parseIpRange(text)),
    refreshTokenIpRanges: parsed(wholeList(flags['refresh-token-ip-range']), parseAllowed),
    customAttributes: parsed(wholeList(flags['custom-attribute']), (text) =>
      parseAttribute(text, 'oauth.customAttributes'),
    ),
    ...((flags['no-certificate'] || flags['remove-certificate']) && { certificateFile: NO_CERTIFICATE }),
  };
  const wish: Wish = { name, oauth, scopes: flags.scope && accepted(parseScopes(flags.scope)) };
  // Ranges that are added or taken away come with the app that has the others; here only their form can be wrong.
  parsed(flags['add-refresh-token-ip-range'], parseAllowed);
  parsed(flags['remove-refresh-token-ip-range'], parseAllowed);
  refuseProblems([...problems, ...checkWish(wish)], app);
  return wish;
};

/** Fills in what OAuth cannot do without and the app does not have yet: a callback URL, and a run-as user. */
const complete = async (wish: Wish, { app, installed }: StoredApp, asking: boolean): Promise<Wish> => {
  const { oauth = {} } = merge(app, wish);
  const askCallback = !installed && !oauth.callbackUrls?.length;
  const askRunAs = oauth.flows?.includes('client-credentials') === true && !oauth.runAs;
  const needed = await needFlags(asking, {
    ...(askCallback && { 'callback-url': { given: undefined, ask: askCallbackUrls } }),
    ...(askRunAs && { 'run-as': { given: undefined, ask: askForRunAs } }),
  });
  return merge(wish, { name: wish.name, oauth: { callbackUrls: needed['callback-url'], runAs: needed['run-as'] } });
};

const parseAllowed = (text: string): IpRange | Problem => parseIpRange(text, 'oauth.refreshTokenIpRanges');

/** The wish with the ranges for refresh tokens that the app has, plus those to add and less those to take away. */
const withAllowlist = (
  wish: Wish,
  { app }: StoredApp,
  flags: Pick<GivenFlags, 'add-refresh-token-ip-range' | 'remove-refresh-token-ip-range'>,
): Wish => {
  const { 'add-refresh-token-ip-range': add, 'remove-refresh-token-ip-range': remove } = flags;
  if (!add && !remove) return wish;
  const inRanges = (texts: string[] = []): IpRange[] =>
    texts.map(parseAllowed).filter((range): range is IpRange => !isProblem(range));
  const refreshTokenIpRanges = withRanges(app.oauth?.refreshTokenIpRanges ?? [], inRanges(add), inRanges(remove));
  return merge(wish, { name: wish.name, oauth: { refreshTokenIpRanges } });
};

const flowsAfter = (app: App, wish: Wish): Flow[] => wish.oauth?.flows ?? app.oauth?.flows ?? [];

const mentionsClientCredentials = ({ oauth }: Wish): boolean =>
  oauth?.runAs !== undefined || oauth?.flows?.includes('client-credentials') === true;

/** Some of a flow's switches, and the run-as user, are the admin's: they are kept in the app's policies. */
const writesPolicies = ({ oauth }: Wish): boolean =>
  oauth?.runAs !== undefined ||
  oauth?.guestCredentials !== undefined ||
  oauth?.flows?.some((flow) => FLOWS[flow].switches.includes('admin')) === true;

/** This command may give an app its first scopes, so that one line sets it up; it never changes those that are there. */
const refuseOtherScopes = (stored: App, { name, scopes = [] }: Wish, app: string): void => {
  if (!stored.scopes?.length || scopes.length === 0 || changesOf(stored, { name, scopes }).length === 0) return;
  throw messages.createError('error.scopesThere', [name, stored.scopes.join(', ')], [app, scopes.join(',')]);
};

/**
 * The wish with a word on the certificate, and how that word is meant. It is asked for only where the settings can't be written
 * without: the org did not return whether there is a certificate, and this machine does not know.
 */
const withCertificate = async (
  said: Wish,
  stored: StoredApp,
  flags: Pick<GivenFlags, 'no-certificate' | 'remove-certificate'>,
  asking: boolean,
): Promise<{ wish: Wish; terms: CertificateTerms }> => {
  const asked = asking ? await askedCertificate(plan(stored, said)) : undefined;
  const wish = asked === undefined ? said : merge(said, { name: said.name, oauth: { certificateFile: asked } });
  const file = wish.oauth?.certificateFile;
  // A file that was named and will not do is refused, also where nothing else is to be changed.
  if (isCertificateFile(file)) await readCertificate(file);
  return {
    wish,
    terms: {
      given: await readCertificates([file]),
      alone: isCertificateFile(file) || flags['remove-certificate'],
      removes: flags['remove-certificate'],
    },
  };
};

/** @returns the answer, a file or `none`; undefined where there is no need to ask */
const askedCertificate = async (planned: Plan): Promise<string | undefined> => {
  const problem = certificateProblem(planned);
  if (!problem || planned.wish.oauth?.certificateFile !== undefined) return undefined;
  const [, fingerprint] = problem.values;
  if (fingerprint) return prompts.text({ message: messages.getMessage('prompt.sameCertificate', [fingerprint]) });
  const answer = await prompts.choice({
    message: messages.getMessage('prompt.certificate'),
    choices: [
      { value: NO_CERTIFICATE, name: messages.getMessage('prompt.certificate.none') },
      { value: 'file', name: messages.getMessage('prompt.certificate.file') },
    ],
  });
  return answer === NO_CERTIFICATE ? answer : prompts.text({ message: messages.getMessage('prompt.certificateFile') });
};

const askCallbackUrls = async (): Promise<string[]> => [
  await prompts.text({
    message: messages.getMessage('prompt.callbackUrl'),
    // Where `sf` itself listens when somebody logs in with a browser, so it can be tried out at once.
    default: 'http://localhost:1717/OauthRedirect',
    problem: (answer) => explain(checkCallbackUrls([answer])[0]),
  }),
];

const askForRunAs = (): Promise<string> => prompts.text({ message: messages.getMessage('prompt.runAs') });

const nextStep = (result: EcaOauthSetResult, bin: string, app: string): NextStep =>
  result.app.scopes?.length
    ? { text: messages.getMessage('next.credentials'), commandLine: `${bin} eca credentials --name ${app}` }
    : { text: messages.getMessage('next.scopes'), commandLine: `${bin} eca scopes set --name ${app}` };
