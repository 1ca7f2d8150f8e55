import { sameName } from '../../name.ts';
import { tell } from '../auditText.ts';
import { hasClientCredentials } from '../clientOf.ts';
import type { AuditedApp, AuditedUser, AuditFacts } from '../facts.ts';
import { ownUsername } from '../fixCommands.ts';
import type { AppRule, Fix, Found } from '../rule.ts';

const DAY = 86_400_000;

/** Days before its end in which a certificate is to be replaced. */
const DAYS_LEFT_MIN = 30;

const runAsOf = ({ app }: AuditedApp, { users }: AuditFacts): AuditedUser | undefined =>
  app.oauth?.runAs === undefined ? undefined : users.get(app.oauth.runAs);

const runsAsUser: AppRule['applies'] = (one, facts) => hasClientCredentials(one) && runAsOf(one, facts) !== undefined;

/** More apps than this are not named. */
const NAMED_MAX = 5;

/** Other apps that run as the same user. */
const sharing = ({ app }: AuditedApp, { apps }: AuditFacts): string[] =>
  apps
    .filter((other) => other.app.name !== app.name && sameName(other.app.oauth?.runAs ?? '', app.oauth?.runAs ?? ''))
    .map((other) => other.app.name);

const named = (others: string[]): string =>
  [...others.slice(0, NAMED_MAX), ...(others.length > NAMED_MAX ? ['...'] : [])].join(', ');

const newUser = ({ app }: AuditedApp, { org }: AuditFacts): Fix => ({
  commands: [
    ['sf', 'eca', 'user', 'create', '--name', app.name, '--base-username', ownUsername(app.name, org.username)],
  ],
});

/**
 * The words that give an app a new key and its certificate. A file is never overwritten, and the usual files of the app may
 * be there. So the new files have names of their own.
 */
const newPairWords = (name: string): string[] => [
  ...['sf', 'eca', 'certificate', 'create', '--name', name, '--replace'],
  ...['--key-file', `${name}.new.key`, '--certificate-file', `${name}.new.crt`],
];

const judgeUser = (one: AuditedApp, facts: AuditFacts, user: AuditedUser): Found | undefined => {
  if (!user.active) return { text: tell('ECA403.found.inactive', user.username), score: 7 };
  const others = sharing(one, facts);
  if (others.length > 0) return { text: tell('ECA403.found.shared', user.username, named(others)) };
  return user.apiOnly ? undefined : { text: tell('ECA403.found', user.username, user.profileName) };
};

/** Rules about flows in which no person logs in. */
export const RUN_RULES: readonly AppRule[] = [
  {
    about: 'app',
    id: 'ECA401',
    name: 'client-credentials-on',
    looksAt: ['oauth.flows', 'oauth.runAs'],
    score: 0,
    sources: ['Salesforce Security Health Review', 'Salesforce Help, article 005225370', 'RFC 9700, section 2.5'],
    needs: ['developerSettings', 'policies'],
    judge: (one) => (hasClientCredentials(one) ? { text: tell('ECA401.found') } : undefined),
  },
  {
    about: 'app',
    id: 'ECA402',
    name: 'run-as-user-too-strong',
    looksAt: ['oauth.runAs'],
    score: 8,
    sources: ['Security Benchmark for Salesforce, SBS-ACS-008', 'RFC 9700, section 2.3'],
    needs: ['developerSettings', 'policies', 'runAsUsers'],
    applies: runsAsUser,
    judge: (one, facts) => {
      const user = runAsOf(one, facts);
      const isStrong = user !== undefined && user.powers.length > 0;
      return isStrong ? { text: tell('ECA402.found', user.username, user.powers.join(', ')) } : undefined;
    },
    fix: newUser,
  },
  {
    about: 'app',
    id: 'ECA403',
    name: 'run-as-user-not-its-own',
    looksAt: ['oauth.runAs'],
    score: 5,
    sources: ['Security Benchmark for Salesforce, SBS-ACS-007'],
    needs: ['developerSettings', 'policies', 'runAsUsers'],
    applies: runsAsUser,
    judge: (one, facts) => {
      const user = runAsOf(one, facts);
      return user && judgeUser(one, facts, user);
    },
    fix: newUser,
  },
  {
    about: 'app',
    id: 'ECA404',
    name: 'client-credentials-half-on',
    looksAt: ['oauth.flows', 'oauth.runAs'],
    score: 3,
    sources: ['Metadata API Developer Guide, isClientCredentialsFlowEnabled of both types'],
    needs: ['developerSettings', 'policies', 'runAsUsers'],
    applies: ({ clientCredentials: { global, policy } }) => global || policy,
    judge: (one, facts) => {
      const { global, policy } = one.clientCredentials;
      if (!global) return { text: tell('ECA404.found.developer') };
      if (!policy) return { text: tell('ECA404.found.admin') };
      return runAsOf(one, facts) ? undefined : { text: tell('ECA404.found.user') };
    },
    fix: (one, facts) =>
      runAsOf(one, facts)
        ? { wish: { oauth: { flows: [...new Set([...(one.app.oauth?.flows ?? []), 'client-credentials' as const])] } } }
        : newUser(one, facts),
  },
  {
    about: 'app',
    id: 'ECA405',
    name: 'certificate-ends',
    looksAt: ['oauth.certificateFile'],
    score: 4.5,
    sources: ['Salesforce Help, article 005225370'],
    needs: ['developerSettings'],
    judge: ({ certificate }, { now }) => {
      if (certificate.there === 'no') return undefined;
      if (certificate.there === 'unknown' || !certificate.validity) return { unknown: 'certificate' };
      const { expires } = certificate.validity;
      const day = expires.toISOString().slice(0, 10);
      if (expires <= now) return { text: tell('ECA405.found.ended', day) };
      const days = Math.floor((expires.getTime() - now.getTime()) / DAY);
      return days < DAYS_LEFT_MIN ? { text: tell('ECA405.found', day, String(days)) } : undefined;
    },
    fix: ({ app }) => ({ commands: [newPairWords(app.name)] }),
  },
];
