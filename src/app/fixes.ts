import type { App, Flow } from './app.ts';
import type { Saying, Situation } from './checks.ts';
import { flowsOf, say } from './checks.ts';
import { commandLine } from './commandLine.ts';

/** What a fix can fill in. Placeholders stand where nothing is known, as in an explanation that is asked for offline. */
export type Known = { app: App } & Partial<
  Pick<
    Situation,
    | 'certificate'
    | 'targetOrg'
    | 'flags'
    | 'setupUrl'
    | 'myDomainUrl'
    | 'consumerKey'
    | 'orgConsumerKey'
    | 'secret'
    | 'client'
  >
>;

export const nothingKnown: Known = { app: { name: '<name>' } };

const inOrg = (words: string[], known: Known): string =>
  commandLine([...words, ...(known.targetOrg ? ['--target-org', known.targetOrg] : [])]);

const command = (name: string, known: Known, ...rest: string[]): string =>
  inOrg(
    [
      'sf',
      'eca',
      ...name.split(' '),
      '--name',
      known.app.name,
      ...(name === 'verify' ? again(known, rest) : []),
      ...rest,
    ],
    known,
  );

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

/** Is it known whether the app has a certificate? Then a command needs no word on it, and keeps the one that is there. */
const knowsCertificate = ({ certificate }: Known): boolean => certificate === 'yes' || certificate === 'no';

// A deploy of the global settings takes away a certificate that it leaves out. Where nobody can see whether there is one, the
// message says so beside the command.
const certificate = (known: Known, flows: Flow[]): string[] => {
  if (known.certificate === 'yes') return [];
  if (flows.includes('jwt-bearer')) return ['--certificate-file', '<certificate>'];
  return knowsCertificate(known) ? [] : ['--no-certificate'];
};

const run = (known: Known): string => (knowsCertificate(known) ? 'fix.run' : 'fix.runWithCertificate');

const oauthSet = (known: Known, ...flags: string[]): string =>
  command('oauth set', known, ...flags, ...certificate(known, flowsOf(known.app)));

const withFlow = (known: Known, flow: Flow): string[] =>
  [...new Set([...flowsOf(known.app), flow])].flatMap((one) => ['--flow', one]);

const localCallback = 'http://localhost:1717/OauthRedirect';

/** To API Access Control an app is approved that lets in only users whom an admin approved, and this one is among them. */
const approval = (known: Known): [string, string] => {
  const [permissionSet = '<permission set>'] = known.app.policies?.permissionSets ?? [];
  return [
    command('scopes set', known, '--permitted-users', 'admin-approved', '--permission-set', permissionSet),
    assign(permissionSet, known.app.oauth?.runAs ?? '<username>', known),
  ];
};

/** Every fix by its name: a saying, with the command to run filled in where there is one. */
export const fixes = {
  configureOauth: (known: Known): Saying =>
    say(
      'fix.run',
      command(
        'oauth set',
        known,
        ...['--callback-url', '<callback URL>', ...withFlow(known, 'client-credentials'), '--run-as', '<username>'],
      ),
    ),
  /**
   * Naming flows switches the plugin on. While it is off no flow is, so the app does not show which it had: of those with
   * switches of their own, `meant` has the ones that are known otherwise, and the rest has to be added by hand.
   */
  switchOauthOn: (known: Known, meant: Flow[]): Saying =>
    say(
      knowsCertificate(known) ? 'fix.switchOauthOnAgain' : 'fix.switchOauthOn',
      command('oauth set', known, ...meant.flatMap((flow) => ['--flow', flow]), ...certificate(known, meant)),
    ),
  enableApp: (known: Known): Saying => say('fix.run', command('enable', known)),
  addFlow: (known: Known, flow: Flow): Saying =>
    say(
      run(known),
      command('oauth set', known, ...withFlow(known, flow), ...certificate(known, [...flowsOf(known.app), flow])),
    ),
  clientCredentials: (known: Known): Saying =>
    say(
      run(known),
      oauthSet(
        known,
        ...withFlow(known, 'client-credentials'),
        ...['--run-as', known.app.oauth?.runAs ?? '<username>'],
      ),
    ),
  runAs: (known: Known): Saying => say('fix.runAs', command('oauth set', known, '--run-as', '<username>')),
  activateUser: (known: Known): Saying =>
    say(
      'fix.activateUser',
      known.app.oauth?.runAs ?? '<username>',
      command('oauth set', known, '--run-as', '<username>'),
    ),
  unlockUser: (known: Known): Saying => say('fix.unlockUser', known.app.oauth?.runAs ?? '<username>'),
  apiAccess: (known: Known): Saying => say('fix.apiAccess', known.app.oauth?.runAs ?? '<username>'),
  permission: (known: Known): Saying => say('fix.permission', known.app.oauth?.runAs ?? '<username>'),
  atTerminal: (known: Known): Saying => say('fix.atTerminal', command('verify', known, '--flow', 'device')),
  giveKey: (known: Known): Saying =>
    say(
      'fix.run',
      command('verify', known, '--flow', 'jwt-bearer', '--jwt-key-file', '<private key>', '--run-as', '<username>'),
    ),
  letIn: (known: Known, username: string): Saying => {
    const [permissionSet = '<permission set>'] = known.app.policies?.permissionSets ?? [];
    return say('fix.run', assign(permissionSet, username, known));
  },
  activate: (username: string): Saying => say('fix.activate', username),
  lesserLogin: (): Saying => say('fix.lesserLogin'),
  lesserUser: (known: Known): Saying =>
    say('fix.lesserUser', command('user create', known, '--base-username', '<username>')),
  approveUser: (known: Known): Saying => {
    const user = known.app.oauth?.runAs ?? '<username>';
    const [permissionSet] = known.app.policies?.permissionSets ?? [];
    return permissionSet
      ? say('fix.run', assign(permissionSet, user, known))
      : say(
          'fix.approveUser',
          command('scopes set', known, '--permission-set', '<permission set>'),
          assign('<permission set>', user, known),
        );
  },
  preapprove: (known: Known): Saying =>
    say(
      'fix.run',
      command('scopes set', known, '--permitted-users', 'admin-approved', '--permission-set', '<permission set>'),
    ),
  /** The redirect URI that the client sends and the app does not have: one of the two has to change. */
  sameRedirect: (known: Known): Saying => {
    const { callbackUrls = ['<callback URL>'] } = known.app.oauth ?? {};
    const sent = known.client?.callbackUrl ?? '<redirect URI>';
    return say(
      'fix.sameRedirect',
      callbackUrls.join(' '),
      oauthSet(known, ...[...callbackUrls, sent].flatMap((url) => ['--callback-url', url])),
    );
  },
  addScope: (known: Known, ...scopes: string[]): Saying =>
    say('fix.run', command('scopes set', known, ...scopes.flatMap((scope) => ['--add', scope]))),
  removeScope: (known: Known, ...scopes: string[]): Saying =>
    say('fix.run', command('scopes set', known, ...scopes.flatMap((scope) => ['--remove', scope]))),
  callbackUrls: (known: Known, ...urls: string[]): Saying =>
    say(run(known), oauthSet(known, ...urls.flatMap((url) => ['--callback-url', url]))),
  /** One more callback URL, on this machine: where `sf` itself listens when somebody logs in with a browser. */
  localCallback: (known: Known): Saying =>
    say(
      'fix.localCallback',
      oauthSet(
        known,
        ...[...(known.app.oauth?.callbackUrls ?? []), localCallback].flatMap((url) => ['--callback-url', url]),
      ),
    ),
  freePort: (known: Known, url: string): Saying => say('fix.freePort', url, command('verify', known, '--browser')),
  explainBrowser: (): Saying => say('fix.explainBrowser'),
  requirePkce: (known: Known): Saying => say(run(known), oauthSet(known, '--pkce')),
  jwtTokens: (known: Known): Saying => say(run(known), oauthSet(known, '--jwt-access-tokens')),
  opaqueTokens: (known: Known): Saying => say(run(known), oauthSet(known, '--no-jwt-access-tokens')),
  certificate: (known: Known): Saying =>
    say('fix.certificate', command('oauth set', known, '--certificate-file', '<certificate>')),
  policies: (known: Known, ...flags: string[]): Saying => say('fix.run', command('scopes set', known, ...flags)),
  readKey: (known: Known): Saying => say('fix.readKey', command('credentials', known)),
  readSecret: (known: Known): Saying => say('fix.readSecret', command('credentials', known, '--show-secret')),
  allowSecret: (known: Known): Saying =>
    say(
      'fix.allowSecret',
      command('verify', known, '--allow-secret-access'),
      command('verify', known, '--credentials-file', '<file>'),
    ),
  closeSecretAccess: (known: Known): Saying =>
    say('fix.run', inOrg(['sf', 'eca', 'credentials', '--close-secret-access'], known)),
  waitLonger: (known: Known): Saying => say('fix.waitLonger', command('verify', known, '--wait', '15')),
  sendPkce: (): Saying => say('fix.sendPkce'),
  askFewerScopes: (known: Known): Saying =>
    say('fix.askFewerScopes', command('scopes set', known, '--add', '<scope>'), (known.app.scopes ?? []).join(' ')),
  useMyDomain: (known: Known, myDomainUrl = 'https://<name>.my.salesforce.com'): Saying =>
    say(
      'fix.useMyDomain',
      commandLine(['sf', 'org', 'login', 'web', '--instance-url', myDomainUrl]),
      known.app.name,
      myDomainUrl,
    ),
  askHere: (known: Known): Saying =>
    say('fix.askHere', known.myDomainUrl ?? '', command('credentials', known, '--output-file', '<file>')),
  rightOrg: (known: Known): Saying => say('fix.rightOrg', known.app.name),
  audience: (): Saying => say('fix.audience'),
  thisAudience: (audience: string): Saying => say('fix.thisAudience', audience),
  logInAgain: (known: Known): Saying =>
    say('fix.logInAgain', command('scopes set', known, '--session-timeout', '<minutes>')),
  handler: (known: Known): Saying => say('fix.handler', known.app.name),
  allowCodeAndCredentials: (): Saying => say('fix.allowCodeAndCredentials'),
  probe: (known: Known): Saying => say('fix.run', command('verify', known, '--probe')),
  newCertificate: (known: Known): Saying =>
    say('fix.newCertificate', command('oauth set', known, '--certificate-file', '<certificate>')),
  startAgain: (): Saying => say('fix.startAgain'),
  otherFlow: (known: Known): Saying => say('fix.otherFlow', command('verify', known)),
  unblock: (known: Known): Saying => say('fix.unblock', known.app.name, ...approval(known)),
  completeRequest: (): Saying => say('fix.completeRequest'),
  browserUser: (known: Known): Saying => say('fix.browserUser', known.app.name),
  apiPath: (known: Known): Saying => say('fix.apiPath', command('verify', known, '--api-path', '<path>')),
  ipAddress: (known: Known): Saying => say('fix.ipAddress', command('scopes set', known, '--ip-relaxation', 'relax')),
  allowIpAddress: (): Saying => say('fix.allowIpAddress'),
  ipAddressOfApp: (known: Known): Saying => say('fix.ipAddressOfApp', known.app.name, known.setupUrl ?? '<Setup>'),
  apiLimit: (): Saying => say('fix.apiLimit'),
  apiAccessControl: (known: Known): Saying => say('fix.apiAccessControl', ...approval(known)),
  reachOrg: (host: string): Saying => say('fix.reachOrg', host),
  askSalesforce: (known: Known): Saying => say('fix.askSalesforce', known.setupUrl ?? '<Setup>'),
} as const;
