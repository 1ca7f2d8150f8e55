import { tell } from '../auditText.ts';
import { hasClientCredentials, isPublic } from '../clientOf.ts';
import type { AuditedApp } from '../facts.ts';
import type { AppRule, Fix } from '../rule.ts';

const DAY = 86_400_000;

/** Days after which a secret counts as old. */
const SECRET_DAYS_MAX = 365;

/** The words of a rotation. An app without a flow for a try has a pair that cannot be tried before it is promoted. */
const rotation = (one: AuditedApp): string[] => [
  ...['sf', 'eca', 'credentials', 'rotate', '--name', one.app.name],
  ...(hasClientCredentials(one) ? [] : ['--promote-unverified']),
];

const finishing = ({ app }: AuditedApp): string[] => [
  ...['sf', 'eca', 'credentials', 'rotate', '--name', app.name, '--finish'],
];

const finish = (one: AuditedApp): Fix => {
  const isRotated = one.secondPairs?.some(({ state }) => state === 'rotated') === true;
  return { commands: [...(isRotated ? [] : [rotation(one)]), finishing(one)] };
};

const hasSecretOfItsOwn: AppRule['applies'] = ({ app, installed }) => !installed && !isPublic(app);

/** Rules about how long a consumer secret is in use. */
export const SECRET_RULES: readonly AppRule[] = [
  {
    about: 'app',
    id: 'ECA501',
    name: 'secret-not-rotated',
    looksAt: [],
    score: 4,
    sources: ['Salesforce Help, article 005226734'],
    needs: ['oauthSince'],
    applies: hasSecretOfItsOwn,
    judge: ({ oauthSince, secondPairs }, { now }) => {
      if (!oauthSince) return { unknown: 'oauthSince' };
      const days = Math.floor((now.getTime() - oauthSince.getTime()) / DAY);
      if (days <= SECRET_DAYS_MAX) return undefined;
      if (!secondPairs) return { unknown: 'secondPairs' };
      // The pair before the rotation is there until it expires.
      return secondPairs.some(({ state }) => state === 'rotated')
        ? undefined
        : { text: tell('ECA501.found', String(days)) };
    },
    fix: (one) => ({ commands: [rotation(one)] }),
  },
  {
    about: 'app',
    id: 'ECA502',
    name: 'second-pair-works',
    looksAt: [],
    score: 5,
    sources: ['Connect REST API Developer Guide, OAuth Staged Credentials'],
    needs: ['secondPairs'],
    applies: ({ installed }) => !installed,
    judge: ({ secondPairs }) => {
      if (!secondPairs) return { unknown: 'secondPairs' };
      const [pair] = secondPairs;
      if (!pair) return undefined;
      const day = pair.expires?.toISOString().slice(0, 10) ?? '-';
      return { text: pair.state === 'rotated' ? tell('ECA502.found.rotated', day) : tell('ECA502.found.staged', day) };
    },
    fix: finish,
  },
];
