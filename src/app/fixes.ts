import type { AnnouncedChange } from './announcedChanges.ts';
import type { App, Flow } from './app.ts';
import { type AppFacts, flowsOf } from './checks.ts';
import { commandLine } from './commandLine.ts';
import { isForIntegrations, suggestUsername } from './integrationUser.ts';
import { say, type Text } from './text.ts';
import { CERTIFICATE_CODES } from './tlsCodes.ts';
import type { UserFacts } from './user.ts';

/**
 * The values that a fix can fill in. The command asks for an unknown value, for example after an offline explanation.
 */
export type Known = { app: App } & Partial<
  Pick<
    AppFacts,
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
    | 'settled'
    | 'runAs'
  >
>;

/** An app without a name: commands leave out `--name` and ask for the name. */
export const NOTHING_KNOWN: Known = { app: { name: '' } };

const inOrg = (words: string[], known: Known): string =>
  commandLine([...words, ...(known.targetOrg ? ['--target-org', known.targetOrg] : [])]);

const command = (name: string, known: Known, ...rest: string[]): string => {
  // A client that is tried without an org is tried without an org again. With a name, verify would read the app from an
  // org.
  const isNamed = known.app.name !== '' && !(name === 'verify' && known.fileOnly !== undefined);
  const app = isNamed ? ['--name', known.app.name] : [];
  const repeated = name === 'verify' ? again(known, rest) : [];
  return inOrg(['sf', 'eca', ...name.split(' '), ...app, ...repeated, ...rest], known);
};

/** This run's own flags, without the flags that a fix sets itself, and without the flags that contradict them. */
const again = ({ flags = [] }: Known, given: string[]): string[] =>
  flags
    .filter(([flag = '']) => !given.includes(flag) && !given.some((other) => NOT_TOGETHER.get(other) === flag))
    .flat();

const NOT_TOGETHER = new Map([
  ['--allow-secret-access', '--credentials-file'],
  ['--credentials-file', '--allow-secret-access'],
]);

const assign = (permissionSet: string, user: string, known: Known): string =>
  inOrg(['sf', 'org', 'assign', 'permset', '--name', permissionSet, '--on-behalf-of', user], known);

/** The app, or the user, as part of a sentence. */
const appOf = ({ app }: Known): string | Text => (app.name === '' ? say('who.app') : app.name);
const userOf = ({ app }: Known): Text => (app.oauth?.runAs ? say('who.user', app.oauth.runAs) : say('who.clientsUser'));

/** A file in the current folder, named after the app. */
const fileOf = ({ app }: Known, ending: string): string => `${app.name === '' ? 'app' : app.name}.${ending}`;

// A deploy of the global settings removes a certificate that the deploy omits. A certificate that the org returns is
// included automatically. Otherwise the command asks for the certificate, or whether there is one. A command line
// cannot answer this for the user.
const withCertificate = (known: Known, saying: Text): Text => {
  if (known.app.oauth === undefined || known.certificate === 'returned' || known.certificate === 'no') return saying;
  return say(known.certificate === 'noted' ? 'fix.certificateNoted' : 'fix.certificateUnknown', saying);
};

/** Runs `oauth set`, which writes the global settings. */
const oauthSet = (known: Known, ...flags: string[]): Text =>
  withCertificate(known, say('fix.run', oauthSetLine(known, ...flags)));

const oauthSetLine = (known: Known, ...flags: string[]): string => command('oauth set', known, ...flags);

const withFlow = (known: Known, flow: Flow): string[] =>
  [...new Set([...flowsOf(known.app), flow])].flatMap((one) => ['--flow', one]);

/** Without the API path that this run was given. */
const withoutPath = (known: Known): Known => ({
  ...known,
  flags: known.flags?.filter(([flag]) => flag !== '--api-path'),
});

const LOCAL_CALLBACK = 'http://localhost:1717/OauthRedirect';

/**
 * Creates the integration's user if missing, and assigns a permission set for the app. Then only users with such a
 * permission set may use the app.
 */
const userCreate = (known: Known, username = known.app.oauth?.runAs ?? suggestUsername(known.app)): string =>
  command('user create', known, ...(username ? ['--base-username', username] : []));

/**
 * Approves a user. `user create` takes over no user with another licence, such as an admin. Such a user is not approved:
 * another user takes their place.
 */
const approve = (known: Known, username?: string, user = known.runAs): Text =>
  user === undefined || isForIntegrations(user)
    ? say('fix.approveUser', userCreate(known, username))
    : say('fix.ownUser', user.username, newUser(known));

/** Creates another user for the integration than the one that the app names. */
const newUser = (known: Known): string => userCreate(known, suggestUsername(known.app) ?? '');

/**
 * API Access Control counts an app as approved in one case. The app must allow only users whom an admin approved, and
 * this user must be one of them. If the app names a permission set, this set is assigned; otherwise the fix creates
 * one.
 */
const approval = (known: Known): string | Text => {
  const [permissionSet] = known.app.policies?.permissionSets ?? [];
  const { runAs } = known.app.oauth ?? {};
  if (permissionSet === undefined || runAs === undefined) return userCreate(known);
  const only = command('scopes set', known, '--permitted-users', 'admin-approved', '--permission-set', permissionSet);
  return say('fix.twoCommands', only, assign(permissionSet, runAs, known));
};

/** Replaces also a certificate that has expired, or whose key is lost. */
const newPair = (known: Known): string => command('certificate create', known, '--replace');

/** Every fix by its name: a saying, with the completed command where a command exists. */
export const fixes = {
  /** OAuth needs a callback URL. Flows that need more, such as a user, come after it: `verify` then names them. */
  configureOauth: (known: Known): Text => {
    const scopes = known.app.scopes?.length ? [] : ['--scope', 'api,refresh_token'];
    return say(
      'fix.configureOauth',
      oauthSetLine(known, '--callback-url', LOCAL_CALLBACK, ...scopes),
      newUser(known),
      oauthSetLine(known, '--flow', 'client-credentials'),
    );
  },
  /**
   * Naming flows switches the plugin on. While the plugin is off, no flow is on, so the app does not show its former
   * flows. `meant` has the flows with switches of their own that are known otherwise. A user has to add the others by
   * hand.
   */
  switchOauthOn: (known: Known, meant: Flow[]): Text =>
    withCertificate(known, say('fix.switchOauthOn', oauthSetLine(known, ...meant.flatMap((flow) => ['--flow', flow])))),
  enableApp: (known: Known): Text => say('fix.run', command('enable', known)),
  addFlow: (known: Known, flow: Flow): Text => oauthSet(known, ...withFlow(known, flow)),
  clientCredentials: (known: Known): Text => {
    const { runAs } = known.app.oauth ?? {};
    const flows = withFlow(known, 'client-credentials');
    if (runAs) return oauthSet(known, ...flows, '--run-as', runAs);
    // Without the app's settings nobody knows whether the app names a user. The command asks if not.
    if (known.app.oauth === undefined) return oauthSet(known, ...flows);
    return withCertificate(known, say('fix.userAndFlow', newUser(known), oauthSetLine(known, ...flows)));
  },
  /** If the app names a user, this user does not exist in the org: another user must replace them. */
  runAs: (known: Known): Text => say('fix.runAs', newUser(known)),
  activateUser: (known: Known): Text => say('fix.activateUser', userOf(known), newUser(known)),
  unlockUser: (known: Known): Text => say('fix.unlockUser', userOf(known)),
  apiAccess: (known: Known): Text => say('fix.apiAccess', userOf(known)),
  permission: (known: Known): Text => say('fix.permission', userOf(known)),
  atTerminal: (known: Known): Text => say('fix.atTerminal', command('verify', known, '--flow', 'device')),
  giveKey: (known: Known): Text => {
    const key = fileOf(known, 'key');
    const flags = ['--flow', 'jwt-bearer', '--jwt-key-file', key];
    // Every app with client credentials has a known user. For other apps, the user of this login is certain to exist in
    // the org.
    const needsUser = known.app.oauth?.runAs === undefined && known.username !== undefined;
    return needsUser
      ? say('fix.giveKeyAndUser', key, command('verify', known, ...flags, '--run-as', known.username ?? ''))
      : say('fix.giveKey', key, command('verify', known, ...flags));
  },
  /** The named user does not exist in the org. */
  otherJwtUser: (known: Known): Text => {
    const hasKey = known.flags?.some(([flag]) => flag === '--jwt-key-file');
    const key = hasKey ? [] : ['--jwt-key-file', fileOf(known, 'key')];
    const user = known.username === undefined ? [] : ['--run-as', known.username];
    return say('fix.otherJwtUser', command('verify', known, '--flow', 'jwt-bearer', ...key, ...user));
  },
  letIn: (known: Known, user: UserFacts): Text => {
    const [permissionSet] = known.app.policies?.permissionSets ?? [];
    return permissionSet === undefined
      ? approve(known, user.username, user)
      : say('fix.run', assign(permissionSet, user.username, known));
  },
  activate: (username: string): Text => say('fix.activate', username),
  lesserLogin: (): Text => say('fix.lesserLogin'),
  lesserUser: (known: Known): Text => say('fix.lesserUser', newUser(known)),
  approveUser: (known: Known): Text => {
    const { runAs } = known.app.oauth ?? {};
    const [permissionSet] = known.app.policies?.permissionSets ?? [];
    return permissionSet !== undefined && runAs !== undefined
      ? say('fix.run', assign(permissionSet, runAs, known))
      : approve(known);
  },
  preapprove: (known: Known, user?: UserFacts): Text => approve(known, user?.username, user),
  /** A person whom the org does not allow to use the app in a browser. */
  browserUser: (known: Known): Text => say('fix.browserUser', appOf(known), command('display', known)),
  approveInBrowser: (known: Known): Text => say('fix.approveInBrowser', appOf(known), command('display', known)),
  /** The redirect URI that the client sends and that the app does not have: one of the two must change. */
  sameRedirect: (known: Known): Text => {
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
  addScope: (known: Known, ...scopes: string[]): Text =>
    say('fix.run', command('scopes set', known, ...scopes.flatMap((scope) => ['--add', scope]))),
  removeScope: (known: Known, ...scopes: string[]): Text =>
    say('fix.run', command('scopes set', known, ...scopes.flatMap((scope) => ['--remove', scope]))),
  /** A change that Salesforce announced, and that the app can be made ready for. */
  announcedChange: (known: Known, id: AnnouncedChange['id']): Text => {
    const limit = (): string => oauthSetLine(known, '--refresh-token-idle-limit');
    if (id !== 'device-flow') return withCertificate(known, say('fix.idleLimit', appOf(known), limit()));
    return (known.app.distributionState ?? 'local') === 'local'
      ? withCertificate(
          known,
          say('fix.deviceFlow', appOf(known), oauthSetLine(known, '--add-callback-url', LOCAL_CALLBACK)),
        )
      : say('fix.deviceFlowPackaged', appOf(known));
  },
  callbackUrls: (known: Known, ...urls: string[]): Text =>
    oauthSet(known, ...urls.flatMap((url) => ['--callback-url', url])),
  /** An app without any callback URL gets the client's, where the client's own configuration names one. */
  firstCallback: (known: Known): Text =>
    withCertificate(
      known,
      say('fix.firstCallback', oauthSetLine(known, '--callback-url', known.client?.callbackUrl ?? LOCAL_CALLBACK)),
    ),
  /** One more callback URL, on this machine: `sf` listens there when somebody logs in with a browser. */
  localCallback: (known: Known): Text =>
    withCertificate(
      known,
      say(
        'fix.localCallback',
        oauthSetLine(
          known,
          ...[...(known.app.oauth?.callbackUrls ?? []), LOCAL_CALLBACK].flatMap((url) => ['--callback-url', url]),
        ),
      ),
    ),
  freePort: (known: Known, url: string): Text => say('fix.freePort', url, command('verify', known, '--browser')),
  explainBrowser: (): Text => say('fix.explainBrowser'),
  requirePkce: (known: Known): Text => oauthSet(known, '--pkce'),
  opaqueTokens: (known: Known): Text => oauthSet(known, '--no-jwt-access-tokens'),
  /** Salesforce's hosted MCP servers accept no other tokens. */
  jwtTokens: (known: Known): Text => oauthSet(known, '--jwt-access-tokens'),
  otherAppForSoap: (known: Known): Text => say('fix.otherAppForSoap', appOf(known)),
  certificate: (known: Known): Text => say('fix.certificate', newPair(known)),
  newAssertion: (): Text => say('fix.newAssertion'),
  assertionType: (): Text => say('fix.assertionType'),
  policies: (known: Known, ...flags: string[]): Text => say('fix.run', command('scopes set', known, ...flags)),
  readKey: (known: Known): Text => say('fix.readKey', command('credentials', known)),
  readSecret: (known: Known): Text =>
    say('fix.readSecret', command('credentials', known, '--show-secret', '--allow-secret-access')),
  allowSecret: (known: Known): Text =>
    say(
      'fix.allowSecret',
      command('verify', known, '--allow-secret-access'),
      command('verify', known, '--credentials-file', fileOf(known, 'env')),
    ),
  callbackUrlInFile: (known: Known): Text =>
    say('fix.callbackUrlInFile', command('verify', known, '--credentials-file', fileOf(known, 'env'))),
  closeSecretAccess: (known: Known): Text => say('fix.run', inOrg(['sf', 'eca', 'credentials', 'close-access'], known)),
  /** A difference between the org's settings and its tokens. It passes by itself only after a change. */
  waitLonger: (known: Known): Text =>
    known.settled
      ? say('fix.notByWaiting', command('display', known), command('open', known))
      : say('fix.waitLonger', command('verify', known, '--wait', '15')),
  /** The org refuses the pair that it returned, of an app that did not change lately. */
  pairRefused: (known: Known): Text =>
    say('fix.pairRefused', command('credentials status', known, '--allow-secret-access'), command('open', known)),
  sendPkce: (): Text => say('fix.sendPkce'),
  askFewerScopes: (known: Known): Text => {
    const { scopes = [] } = known.app;
    return scopes.length > 0
      ? say('fix.askFewerScopes', scopes.join(' '))
      : say('fix.compareScopes', command('display', known), commandLine(['sf', 'eca', 'scopes', 'set', '--help']));
  },
  useMyDomain: (known: Known, myDomainUrl?: string): Text =>
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
  askHere: (known: Known): Text =>
    say('fix.askHere', known.myDomainUrl ?? '', command('credentials', known, '--output-file', fileOf(known, 'env'))),
  rightOrg: (known: Known): Text =>
    say('fix.rightOrg', appOf(known), inOrg(['sf', 'eca', 'list'], known), command('export', known)),
  audience: (): Text => say('fix.audience'),
  thisAudience: (audience: string): Text => say('fix.thisAudience', audience),
  logInAgain: (known: Known): Text => say('fix.logInAgain', command('scopes set', known, '--session-timeout', '120')),
  handler: (known: Known): Text => say('fix.handler', appOf(known)),
  allowCodeAndCredentials: (): Text => say('fix.allowCodeAndCredentials'),
  probe: (known: Known): Text => say('fix.run', command('verify', known, '--probe')),
  newCertificate: (known: Known): Text => say('fix.newCertificate', newPair(known)),
  startAgain: (): Text => say('fix.startAgain'),
  otherFlow: (known: Known): Text => say('fix.otherFlow', command('verify', known)),
  unblock: (known: Known): Text => say('fix.unblock', appOf(known), approval(known)),
  completeRequest: (): Text => say('fix.completeRequest'),
  apiPath: (known: Known): Text => say('fix.apiPath', command('verify', withoutPath(known))),
  ipAddress: (known: Known): Text => say('fix.ipAddress', command('scopes set', known, '--ip-relaxation', 'relax')),
  allowIpAddress: (): Text => say('fix.allowIpAddress'),
  ipAddressOfApp: (known: Known): Text => say('fix.ipAddressOfApp', appOf(known), command('open', known)),
  apiLimit: (): Text => say('fix.apiLimit'),
  apiAccessControl: (known: Known): Text => say('fix.apiAccessControl', approval(known)),
  /**
   * A host gave no answer, or no usable answer.
   *
   * @param reason the reason that `NoAnswerError` has
   */
  noAnswer: (known: Known, host: string, reason: string): Text => {
    if (reason === 'ANSWER_TOO_LARGE') {
      const namesPath = known.flags?.some(([flag]) => flag === '--api-path') === true;
      return namesPath
        ? say('fix.shorterAnswer', command('verify', withoutPath(known)))
        : say('fix.answerTooLarge', host, command('verify', known));
    }
    if (reason === 'TIMEOUT') return say('fix.slowHost', host, command('verify', known));
    if (reason === 'NOT_OVER_HTTPS') return fixes.useHttps();
    if (reason === 'PORT_BLOCKED') return say('fix.otherPort', host);
    if (reason === 'NOT_THE_HOST_OF_THE_ORG')
      return say('fix.foreignHost', inOrg(['sf', 'org', 'open', '--path', '/lightning/setup/OrgDomain/home'], known));
    return CERTIFICATE_CODES.has(reason) ? say('fix.trustHost', host) : say('fix.reachOrg', host);
  },
  askSalesforce: (known: Known): Text =>
    known.setupUrl === undefined
      ? say('fix.openApp', command('open', known))
      : say('fix.askSalesforce', known.setupUrl),
  showApp: (known: Known): Text => say('fix.showApp', command('display', known)),
  listApps: (known: Known): Text => say('fix.listApps', inOrg(['sf', 'eca', 'list'], known)),
  upgradePackage: (known: Known): Text =>
    say('fix.upgradePackage', inOrg(['sf', 'package', 'installed', 'list'], known)),
  devHub: (): Text =>
    say('fix.devHub', commandLine(['sf', 'org', 'login', 'web', '--set-default-dev-hub', '--alias', 'DevHub'])),
  loginHours: (known: Known): Text => say('fix.loginHours', userOf(known)),
  loginRate: (): Text => say('fix.loginRate'),
  fewerRequests: (): Text => say('fix.fewerRequests'),
  tryLater: (): Text => say('fix.tryLater'),
  reactivateOrg: (): Text => say('fix.reactivateOrg'),
  setPassword: (known: Known): Text => say('fix.setPassword', userOf(known)),
  withoutVerification: (known: Known): Text => say('fix.withoutVerification', command('verify', known)),
  checkUser: (known: Known): Text => say('fix.checkUser', command('user display', known)),
  licence: (known: Known): Text => say('fix.licence', userOf(known)),
  securityPolicy: (): Text => say('fix.securityPolicy'),
  sessionLevel: (known: Known): Text =>
    say('fix.sessionLevel', command('scopes set', known, '--session-level', 'standard')),
  loginAnew: (): Text => say('fix.loginAnew'),
  keepPolling: (): Text => say('fix.keepPolling'),
  showLogin: (): Text => say('fix.showLogin'),
  responseType: (): Text => say('fix.responseType'),
  useHttps: (): Text => say('fix.useHttps'),
  basicHeader: (): Text => say('fix.basicHeader'),
  dpop: (): Text => say('fix.dpop'),
  mutualTls: (known: Known): Text => say('fix.mutualTls', userOf(known)),
  samlValidator: (): Text => say('fix.samlValidator'),
  experienceSite: (): Text => say('fix.experienceSite'),
  apiVersion: (): Text => say('fix.apiVersion'),
  updateClient: (): Text => say('fix.updateClient'),
  readAgain: (): Text => say('fix.readAgain'),
  /** The form of a private key that a client cannot read: `verify` reads the same file and names the damage. */
  keyForm: (known: Known): Text =>
    say('fix.keyForm', command('verify', known, '--flow', 'jwt-bearer', '--jwt-key-file', fileOf(known, 'key'))),
  checkHostName: (): Text => say('fix.checkHostName'),
  checkConnection: (): Text => say('fix.checkConnection'),
  checkProxy: (): Text => say('fix.checkProxy'),
  trustHostOfClient: (): Text => say('fix.trustHostOfClient'),
  checkClock: (): Text => say('fix.checkClock'),
  checkHostOfCertificate: (): Text => say('fix.checkHostOfCertificate'),
  checkTls: (): Text => say('fix.checkTls'),
  scratchOrg: (): Text => say('fix.scratchOrg'),
  allowOrigin: (): Text => say('fix.allowOrigin'),
  checkTokenUrl: (): Text => say('fix.checkTokenUrl'),
  showAnswer: (): Text => say('fix.showAnswer'),
  readWholeError: (): Text => say('fix.readWholeError'),
  notALoginError: (known: Known): Text => say('fix.notALoginError', command('verify', known)),
} as const;
