import { checkValidity } from '../policies.ts';
import { type Answer, carried, keeps, keepsNumber, keepsWord, needsYou, type Row } from './answer.ts';
import { tell } from './migrationText.ts';

const WITHOUT_PERIOD: Readonly<Record<string, string>> = { infinite: 'infinite', zero: 'immediate' };

const WITH_PERIOD: Readonly<Record<string, string>> = {
  specific_lifetime: 'lifetime',
  specific_inactivity: 'inactivity',
};

/** Metadata has these units alone. A user may say a validity in others. */
const UNITS: ReadonlySet<string> = new Set(['hours', 'days', 'months']);

/** `infinite`, `zero`, `specific_lifetime:30:DAYS`, `specific_inactivity:7:DAYS` (Metadata API guide). */
const refreshToken = (text: string): Answer => {
  const [policy = '', period, unit, ...more] = text.toLowerCase().split(':');
  const without = WITHOUT_PERIOD[policy];
  if (without !== undefined && period === undefined) return carried({ 'policies.refreshToken': without });
  const validity = `${period} ${unit}`;
  const withPeriod = WITH_PERIOD[policy];
  const isPeriod = UNITS.has(unit ?? '') && more.length === 0 && checkValidity(validity) === undefined;
  return withPeriod === undefined || !isPeriod
    ? needsYou(tell('reason.refreshTokenPolicy', text))
    : carried({ 'policies.refreshToken': withPeriod, 'policies.refreshTokenValidity': validity });
};

/** The elements of `oauthPolicy` and `sessionPolicy`. The first two have other defaults in an external client app. */
export const POLICIES: Readonly<Record<string, Row>> = {
  'oauthPolicy.ipRelaxation': keepsWord(
    'policies.ipRelaxation',
    {
      ENFORCE: 'enforce',
      BYPASS: 'relax',
      BYPASS_2FACTOR: 'relax-2fa',
      ENFORCE_RELAXREFRESH: 'enforce-relax-refresh',
    },
    'ENFORCE',
  ),
  'oauthPolicy.refreshTokenPolicy': {
    ofOauth: true,
    absent: 'infinite',
    answer: ({ text }) => refreshToken(text),
  },
  'oauthPolicy.singleLogoutUrl': { ...keeps('policies.singleLogoutUrl'), ofOauth: true },
  'sessionPolicy.sessionLevel': keepsWord('policies.sessionLevel', {
    LOW: 'low',
    STANDARD: 'standard',
    HIGH_ASSURANCE: 'high-assurance',
  }),
  'sessionPolicy.policyAction': keepsWord('policies.sessionLevelAction', {
    Block: 'block',
    RaiseSessionLevel: 'raise',
    StepUpMFA: 'step-up-mfa',
  }),
  'sessionPolicy.sessionTimeout': keepsNumber('policies.sessionTimeoutMinutes'),
};
