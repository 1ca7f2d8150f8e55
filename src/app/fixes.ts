import type { App, Flow } from './app.ts';
import type { Saying, Situation } from './checks.ts';
import { flowsOf, say } from './checks.ts';
import { commandLine } from './commandLine.ts';

/** What a fix can fill in. Where something is not known, as in an explanation that is asked for offline, the command asks. */
export type Known = { app: App } & Partial<
  Pick<
    Situation,
    | 'certificate'
    | 'targetOrg'
    | 'username'
    | 'flags'
    | 'setupUrl'
    | 'myDomainUrl'
    | 'consumerKey'
    | 'orgConsumerKey'
    | 'secret'
    | 'client'
    | 'fileOnly'
  >
>;

/** An app without a name: commands leave `--name` out and ask for it. */
export const nothingKnown: Known = { app: { name: '' } };

const inOrg = (words: string[], known: Known): string =>
  commandLine([...words, ...(known.targetOrg ? ['--target-org', known.targetOrg] : [])]);

const command = (name: string, known: Known, ...rest: string[]): string => {
  // A client that is tried without an org is tried so again: a name would ask an org for the app.
  const isNamed = known.app.name !== '' && !(name === 'verify' && known.fileOnly !== undefined);
  const app = isNamed ? ['--name', known.app.name] : [];
  const repeated = name === 'verify' ? again(known, rest) : [];
  return inOrg(['sf', 'eca', ...name.split(' '), ...app, ...repeated, ...rest], known);
};

/** This run's own flags, less those that a fix gives itself, and those that do not go with one that it gives. */
const again = ({ flags = [] }: Known, given: string[]): string[] =>
  flags
    .filter(([flag = '']) => !given.includes(flag) && !given.some((other) => notTogether.get(other) === flag))
    .flat();

const notTogether = new Map([
  ['--allow-secret-access', '--credentials-file'],
  ['--credentials-file', '--allow-secret-access'],
]);

const assign = (permissionSet: string, user: string, known: Known): string =>
  inOrg(['sf', 'org', 'assign', 'permset', '--name', permissionSet, '--on-behalf-of', user], known);

/** The app, or the user, in a sentence. */
const appOf = ({ app }: Known): string | Saying => (app.name === '' ? say('who.app') : app.name);
const userOf = ({ app }: Known): Saying =>
  app.oauth?.runAs ? say('who.user', app.oauth.runAs) : say('who.clientsUser');

/** A file in the current folder, named after the app. */
const fileOf = ({ app }: Known, ending: string): string => `${app.name === '' ? 'app' : app.name}.${ending}`;

// A deploy of the global settings takes away a certificate that it leaves out. One that the org returns goes along by itself. Else
// the command asks for it, or whether there is one, and no command line can answer that for the user.
const withCertificate = (known: Known, saying: Saying): Saying => {
  if (known.app.oauth === undefined || known.certificate === 'returned' || known.certificate === 'no') return saying;
  return say(known.certificate === 'noted' ? 'fix.certificateNoted' : 'fix.certificateUnknown', saying);
};

/** Runs `oauth set`, which writes the global settings. */
const oauthSet = (known: Known, ...flags: string[]): Saying =>
  withCertificate(known, say('fix.run', oauthSetLine(known, ...flags)));

const oauthSetLine = (known: Known, ...flags: string[]): string => command('oauth set', known, ...flags);

const withFlow = (known: Known, flow: Flow): string[] =>
  [...new Set([...flowsOf(known.app), flow])].flatMap((one) => ['--flow', one]);

/** Without the API path that this run was given. */
const withoutPath = (known: Known): Known => ({
  ...known,
  flags: known.flags?.filter(([flag]) => flag !== '--api-path'),
});

/** Node's codes of TLS certificates that are not trusted (documentation of Node's tls module, "X509 certificate error codes"). */
const isAboutCertificate = (reason: string): boolean => /CERT|_SIGNATURE$|^ERR_TLS_/.test(reason);

const localCallback = 'http://localhost:1717/OauthRedirect';

/** Makes the integration's user if it is not there, gives it a permission set for the app, and lets only such users in. */
const userCreate = (known: Known, username = known.app.oauth?.runAs): string =>
  command('user create', known, ...(username ? ['--base-username', username] : []));

/**
 * To API Access Control an app is approved that lets in only users whom an admin approved, and this one is among them. Such a
 * permission set is assigned where the app names one, and made where it does not.
 */
const approval = (known: Known): string | Saying => {
  const [permissionSet] = known.app.policies?.permissionSets ?? [];
  const { runAs } = known.app.oauth ?? {};
  if (permissionSet === undefined || runAs === undefined) return userCreate(known);
  const only = command('scopes set', known, '--permitted-users', 'admin-approved', '--permission-set', permissionSet);
  return say('fix.twoCommands', only, assign(permissionSet, runAs, known));
};

/** A new key with its certificate, and the app that is given it. */
const newPair = (known: Known): [string, string] => {
  const [key, certificateFile] = [fileOf(known, 'key'), fileOf(known, 'crt')];
  const name = known.app.name === '' ? 'app' : known.app.name;
  return [
    commandLine(
      ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '365'].concat(
        ...[`-subj`, `/CN=${name}`, '-keyout', key, '-out', certificateFile],
      ),
    ),
    oauthSetLine(known, '--certificate-file', certificateFile),
  ];
};

/** Every fix by its name: a saying, with the command to run filled in where there is one. */
export const fixes = {
  configureOauth: (known: Known): Saying =>
    say('fix.run', oauthSetLine(known, ...withFlow(known, 'client-credentials'))),
  /**
   * Naming flows switches the plugin on. While it is off no flow is, so the app does not show which it had: of those with
   * switches of their own, `meant` has the ones that are known otherwise, and the rest has to be added by hand.
   */
  switchOauthOn: (known: Known, meant: Flow[]): Saying =>
    withCertificate(known, say('fix.switchOauthOn', oauthSetLine(known, ...meant.flatMap((flow) => ['--flow', flow])))),
  enableApp: (known: Known): Saying => say('fix.run', command('enable', known)),
  addFlow: (known: Known, flow: Flow): Saying => oauthSet(known, ...withFlow(known, flow)),
  clientCredentials: (known: Known): Saying => {
    const { runAs } = known.app.oauth ?? {};
    return oauthSet(known, ...withFlow(known, 'client-credentials'), ...(runAs ? ['--run-as', runAs] : []));
  },
  /** The user that the app names, if it names one, is not in the org: another has to take its place. */
  runAs: (known: Known): Saying => say('fix.runAs', command('user create', known)),
  activateUser: (known: Known): Saying => say('fix.activateUser', userOf(known), command('user create', known)),
  unlockUser: (known: Known): Saying => say('fix.unlockUser', userOf(known)),
  apiAccess: (known: Known): Saying => say('fix.apiAccess', userOf(known)),
  permission: (known: Known): Saying => say('fix.permission', userOf(known)),
  atTerminal: (known: Known): Saying => say('fix.atTerminal', command('verify', known, '--flow', 'device')),
  giveKey: (known: Known): Saying => {
    const key = fileOf(known, 'key');
    const flags = ['--flow', 'jwt-bearer', '--jwt-key-file', key];
    // A user is known of every app that has one for client credentials. Of others, the user of this login is one whom the org has.
    const needsUser = known.app.oauth?.runAs === undefined && known.username !== undefined;
    return needsUser
      ? say('fix.giveKeyAndUser', key, command('verify', known, ...flags, '--run-as', known.username ?? ''))
      : say('fix.giveKey', key, command('verify', known, ...flags));
  },
  /** The user that was named is not in the org. */
  otherJwtUser: (known: Known): Saying => {
    const hasKey = known.flags?.some(([flag]) => flag === '--jwt-key-file');
    const key = hasKey ? [] : ['--jwt-key-file', fileOf(known, 'key')];
    const user = known.username === undefined ? [] : ['--run-as', known.username];
    return say('fix.otherJwtUser', command('verify', known, '--flow', 'jwt-bearer', ...key, ...user));
  },
  letIn: (known: Known, username: string): Saying => {
    const [permissionSet] = known.app.policies?.permissionSets ?? [];
    return permissionSet === undefined
      ? say('fix.approveUser', userCreate(known, username))
      : say('fix.run', assign(permissionSet, username, known));
  },
  activate: (username: string): Saying => say('fix.activate', username),
  lesserLogin: (): Saying => say('fix.lesserLogin'),
  lesserUser: (known: Known): Saying => say('fix.lesserUser', command('user create', known)),
  approveUser: (known: Known): Saying => {
    const { runAs } = known.app.oauth ?? {};
    const [permissionSet] = known.app.policies?.permissionSets ?? [];
    return permissionSet !== undefined && runAs !== undefined
      ? say('fix.run', assign(permissionSet, runAs, known))
      : say('fix.approveUser', userCreate(known));
  },
  preapprove: (known: Known): Saying => say('fix.approveUser', userCreate(known)),
  /** A person whom the org does not let use the app in a browser. */
  browserUser: (known: Known): Saying => say('fix.browserUser', appOf(known), command('display', known)),
  approveInBrowser: (known: Known): Saying => say('fix.approveInBrowser', appOf(known), command('display', known)),
  /** The redirect URI that the client sends and the app does not have: one of the two has to change. */
  sameRedirect: (known: Known): Saying => {
    const { callbackUrls } = known.app.oauth ?? {};
    const sent = known.client?.callbackUrl;
    if (callbackUrls === undefined || callbackUrls.length === 0)
      return say('fix.compareRedirect', command('display', known));
    return sent === undefined
      ? say('fix.oneOfTheRedirects', callbackUrls.join(' '))
      : withCertificate(
          known,
          say(
            'fix.sameRedirect',
            callbackUrls.join(' '),
            oauthSetLine(known, ...[...callbackUrls, sent].flatMap((url) => ['--callback-url', url])),
          ),
        );
  },
  addScope: (known: Known, ...scopes: string[]): Saying =>
    say('fix.run', command('scopes set', known, ...scopes.flatMap((scope) => ['--add', scope]))),
  removeScope: (known: Known, ...scopes: string[]): Saying =>
    say('fix.run', command('scopes set', known, ...scopes.flatMap((scope) => ['--remove', scope]))),
  callbackUrls: (known: Known, ...urls: string[]): Saying =>
    oauthSet(known, ...urls.flatMap((url) => ['--callback-url', url])),
  /** One more callback URL, on this machine: where `sf` itself listens when somebody logs in with a browser. */
  localCallback: (known: Known): Saying =>
    withCertificate(
      known,
      say(
        'fix.localCallback',
        oauthSetLine(
          known,
          ...[...(known.app.oauth?.callbackUrls ?? []), localCallback].flatMap((url) => ['--callback-url', url]),
        ),
      ),
    ),
  freePort: (known: Known, url: string): Saying => say('fix.freePort', url, command('verify', known, '--browser')),
  explainBrowser: (): Saying => say('fix.explainBrowser'),
  requirePkce: (known: Known): Saying => oauthSet(known, '--pkce'),
  opaqueTokens: (known: Known): Saying => oauthSet(known, '--no-jwt-access-tokens'),
  /** Salesforce's hosted MCP servers take no other tokens. */
  jwtTokens: (known: Known): Saying => oauthSet(known, '--jwt-access-tokens'),
  otherAppForSoap: (known: Known): Saying => say('fix.otherAppForSoap', appOf(known)),
  certificate: (known: Known): Saying => say('fix.certificate', ...newPair(known)),
  newAssertion: (): Saying => say('fix.newAssertion'),
  assertionType: (): Saying => say('fix.assertionType'),
  policies: (known: Known, ...flags: string[]): Saying => say('fix.run', command('scopes set', known, ...flags)),
  readKey: (known: Known): Saying => say('fix.readKey', command('credentials', known)),
  readSecret: (known: Known): Saying => say('fix.readSecret', command('credentials', known, '--show-secret')),
  allowSecret: (known: Known): Saying =>
    say(
      'fix.allowSecret',
      command('verify', known, '--allow-secret-access'),
      command('verify', known, '--credentials-file', fileOf(known, 'env')),
    ),
  closeSecretAccess: (known: Known): Saying =>
    say('fix.run', inOrg(['sf', 'eca', 'credentials', '--close-secret-access'], known)),
  waitLonger: (known: Known): Saying => say('fix.waitLonger', command('verify', known, '--wait', '15')),
  sendPkce: (): Saying => say('fix.sendPkce'),
  askFewerScopes: (known: Known): Saying => {
    const { scopes = [] } = known.app;
    return scopes.length > 0
      ? say('fix.askFewerScopes', scopes.join(' '))
      : say('fix.compareScopes', command('display', known), commandLine(['sf', 'eca', 'scopes', 'set', '--help']));
  },
  useMyDomain: (known: Known, myDomainUrl?: string): Saying =>
    myDomainUrl === undefined
      ? say(
          'fix.findMyDomain',
          appOf(known),
          inOrg(['sf', 'org', 'open', '--path', '/lightning/setup/OrgDomain/home'], known),
        )
      : say(
          'fix.useMyDomain',
          commandLine(['sf', 'org', 'login', 'web', '--instance-url', myDomainUrl]),
          appOf(known),
          myDomainUrl,
        ),
  askHere: (known: Known): Saying =>
    say('fix.askHere', known.myDomainUrl ?? '', command('credentials', known, '--output-file', fileOf(known, 'env'))),
  rightOrg: (known: Known): Saying =>
    say('fix.rightOrg', appOf(known), inOrg(['sf', 'eca', 'list'], known), command('export', known)),
  audience: (): Saying => say('fix.audience'),
  thisAudience: (audience: string): Saying => say('fix.thisAudience', audience),
  logInAgain: (known: Known): Saying => say('fix.logInAgain', command('scopes set', known, '--session-timeout', '120')),
  handler: (known: Known): Saying => say('fix.handler', appOf(known)),
  allowCodeAndCredentials: (): Saying => say('fix.allowCodeAndCredentials'),
  probe: (known: Known): Saying => say('fix.run', command('verify', known, '--probe')),
  newCertificate: (known: Known): Saying => say('fix.newCertificate', ...newPair(known)),
  startAgain: (): Saying => say('fix.startAgain'),
  otherFlow: (known: Known): Saying => say('fix.otherFlow', command('verify', known)),
  unblock: (known: Known): Saying => say('fix.unblock', appOf(known), approval(known)),
  completeRequest: (): Saying => say('fix.completeRequest'),
  apiPath: (known: Known): Saying => say('fix.apiPath', command('verify', withoutPath(known))),
  ipAddress: (known: Known): Saying => say('fix.ipAddress', command('scopes set', known, '--ip-relaxation', 'relax')),
  allowIpAddress: (): Saying => say('fix.allowIpAddress'),
  ipAddressOfApp: (known: Known): Saying => say('fix.ipAddressOfApp', appOf(known), command('open', known)),
  apiLimit: (): Saying => say('fix.apiLimit'),
  apiAccessControl: (known: Known): Saying => say('fix.apiAccessControl', approval(known)),
  /**
   * A host gave no answer, or none that could be used.
   *
   * @param reason as `NoAnswerError` has it
   */
  noAnswer: (known: Known, host: string, reason: string): Saying => {
    if (reason === 'ANSWER_TOO_LARGE') {
      const namesPath = known.flags?.some(([flag]) => flag === '--api-path') === true;
      return namesPath
        ? say('fix.shorterAnswer', command('verify', withoutPath(known)))
        : say('fix.answerTooLarge', host, command('verify', known));
    }
    if (reason === 'TIMEOUT') return say('fix.slowHost', host, command('verify', known));
    if (reason === 'NOT_OVER_HTTPS') return fixes.useHttps();
    if (reason === 'NOT_THE_HOST_OF_THE_ORG')
      return say('fix.foreignHost', inOrg(['sf', 'org', 'open', '--path', '/lightning/setup/OrgDomain/home'], known));
    return isAboutCertificate(reason) ? say('fix.trustHost', host) : say('fix.reachOrg', host);
  },
  askSalesforce: (known: Known): Saying =>
    known.setupUrl === undefined
      ? say('fix.openApp', command('open', known))
      : say('fix.askSalesforce', known.setupUrl),
  showApp: (known: Known): Saying => say('fix.showApp', command('display', known)),
  listApps: (known: Known): Saying => say('fix.listApps', inOrg(['sf', 'eca', 'list'], known)),
  upgradePackage: (known: Known): Saying =>
    say('fix.upgradePackage', inOrg(['sf', 'package', 'installed', 'list'], known)),
  devHub: (): Saying =>
    say('fix.devHub', commandLine(['sf', 'org', 'login', 'web', '--set-default-dev-hub', '--alias', 'DevHub'])),
  loginHours: (known: Known): Saying => say('fix.loginHours', userOf(known)),
  loginRate: (): Saying => say('fix.loginRate'),
  fewerRequests: (): Saying => say('fix.fewerRequests'),
  tryLater: (): Saying => say('fix.tryLater'),
  reactivateOrg: (): Saying => say('fix.reactivateOrg'),
  setPassword: (known: Known): Saying => say('fix.setPassword', userOf(known)),
  withoutVerification: (known: Known): Saying => say('fix.withoutVerification', command('verify', known)),
  checkUser: (known: Known): Saying => say('fix.checkUser', command('user display', known)),
  licence: (known: Known): Saying => say('fix.licence', userOf(known)),
  securityPolicy: (): Saying => say('fix.securityPolicy'),
  sessionLevel: (known: Known): Saying =>
    say('fix.sessionLevel', command('scopes set', known, '--session-level', 'standard')),
  loginAnew: (): Saying => say('fix.loginAnew'),
  keepPolling: (): Saying => say('fix.keepPolling'),
  showLogin: (): Saying => say('fix.showLogin'),
  responseType: (): Saying => say('fix.responseType'),
  useHttps: (): Saying => say('fix.useHttps'),
  basicHeader: (): Saying => say('fix.basicHeader'),
  dpop: (): Saying => say('fix.dpop'),
  mutualTls: (known: Known): Saying => say('fix.mutualTls', userOf(known)),
  samlValidator: (): Saying => say('fix.samlValidator'),
  experienceSite: (): Saying => say('fix.experienceSite'),
  apiVersion: (): Saying => say('fix.apiVersion'),
  updateClient: (): Saying => say('fix.updateClient'),
  readAgain: (): Saying => say('fix.readAgain'),
  readWholeError: (): Saying => say('fix.readWholeError'),
  notALoginError: (known: Known): Saying => say('fix.notALoginError', command('verify', known)),
} as const;
