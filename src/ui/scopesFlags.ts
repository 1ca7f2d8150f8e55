import { START_PAGES } from '../app/checkWish.ts';
import { POLICY_VALUES, POLICY_WORDS } from '../app/policies.ts';
import { SCOPES } from '../app/scopes.ts';
import { Flags } from '../salesforce.ts';
import { texts } from '../texts.ts';
import { lengthFlag, valueFlag } from './flags.ts';

const messages = texts('eca.scopes.set');

/** The scopes and policies of an app. */
export const SCOPES_FLAGS = {
  scope: Flags.string({
    char: 's',
    multiple: true,
    multipleNonGreedy: true,
    exclusive: ['add', 'remove'],
    summary: messages.getMessage('flags.scope.summary'),
    description: messages.getMessage('flags.scope.description', [SCOPES.map(({ wire }) => wire).join(', ')]),
  }),
  add: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    summary: messages.getMessage('flags.add.summary'),
  }),
  remove: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    summary: messages.getMessage('flags.remove.summary'),
  }),
  'custom-scope': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    summary: messages.getMessage('flags.custom-scope.summary'),
    description: messages.getMessage('flags.custom-scope.description'),
  }),
  'permitted-users': valueFlag(POLICY_VALUES.permittedUsers, messages.getMessage('flags.permitted-users.summary'), {
    words: POLICY_WORDS.permittedUsers,
  }),
  'permission-set': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    summary: messages.getMessage('flags.permission-set.summary'),
    description: messages.getMessage('flags.permission-set.description'),
  }),
  profile: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    summary: messages.getMessage('flags.profile.summary'),
    description: messages.getMessage('flags.profile.description'),
  }),
  'refresh-token-policy': valueFlag(
    POLICY_VALUES.refreshToken,
    messages.getMessage('flags.refresh-token-policy.summary'),
    {
      words: POLICY_WORDS.refreshToken,
    },
  ),
  'refresh-token-validity': Flags.string({
    summary: messages.getMessage('flags.refresh-token-validity.summary'),
    description: messages.getMessage('flags.refresh-token-validity.description'),
  }),
  'ip-relaxation': valueFlag(POLICY_VALUES.ipRelaxation, messages.getMessage('flags.ip-relaxation.summary'), {
    words: POLICY_WORDS.ipRelaxation,
  }),
  'session-timeout': lengthFlag('minutes', messages.getMessage('flags.session-timeout.summary')),
  'jwt-timeout': lengthFlag('minutes', messages.getMessage('flags.jwt-timeout.summary')),
  'session-level': valueFlag(POLICY_VALUES.sessionLevel, messages.getMessage('flags.session-level.summary'), {
    words: POLICY_WORDS.sessionLevel,
  }),
  'session-level-action': valueFlag(
    POLICY_VALUES.sessionLevelAction,
    messages.getMessage('flags.session-level-action.summary'),
    {
      words: POLICY_WORDS.sessionLevelAction,
    },
  ),
  'guest-jwt-timeout': lengthFlag('minutes', messages.getMessage('flags.guest-jwt-timeout.summary')),
  'start-page': valueFlag(START_PAGES, messages.getMessage('flags.start-page.summary'), {
    description: messages.getMessage('flags.start-page.description'),
  }),
  'start-url': Flags.string({ summary: messages.getMessage('flags.start-url.summary') }),
  'oauth-start-url': Flags.string({ summary: messages.getMessage('flags.oauth-start-url.summary') }),
  'policy-single-logout-url': Flags.string({
    summary: messages.getMessage('flags.policy-single-logout-url.summary'),
    description: messages.getMessage('flags.policy-single-logout-url.description'),
  }),
  'policy-attribute': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    summary: messages.getMessage('flags.policy-attribute.summary'),
    description: messages.getMessage('flags.policy-attribute.description'),
  }),
  'apex-handler': Flags.string({
    summary: messages.getMessage('flags.apex-handler.summary'),
    description: messages.getMessage('flags.apex-handler.description'),
  }),
  'apex-handler-run-as': Flags.string({ summary: messages.getMessage('flags.apex-handler-run-as.summary') }),
};
