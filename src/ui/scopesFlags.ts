import { START_PAGES } from '../app/checkWish.ts';
import { POLICY_VALUES } from '../app/policies.ts';
import { SCOPES } from '../app/scopes.ts';
import { Flags } from '../salesforce.ts';
import { texts } from '../texts.ts';

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
  'permitted-users': Flags.option({
    options: POLICY_VALUES.permittedUsers,
    summary: messages.getMessage('flags.permitted-users.summary'),
  })(),
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
  'refresh-token-policy': Flags.option({
    options: POLICY_VALUES.refreshToken,
    summary: messages.getMessage('flags.refresh-token-policy.summary'),
  })(),
  'refresh-token-validity': Flags.string({
    summary: messages.getMessage('flags.refresh-token-validity.summary'),
    description: messages.getMessage('flags.refresh-token-validity.description'),
  }),
  'ip-relaxation': Flags.option({
    options: POLICY_VALUES.ipRelaxation,
    summary: messages.getMessage('flags.ip-relaxation.summary'),
  })(),
  'session-timeout': Flags.integer({ summary: messages.getMessage('flags.session-timeout.summary') }),
  'jwt-timeout': Flags.integer({ summary: messages.getMessage('flags.jwt-timeout.summary') }),
  'session-level': Flags.option({
    options: POLICY_VALUES.sessionLevel,
    summary: messages.getMessage('flags.session-level.summary'),
  })(),
  'session-level-action': Flags.option({
    options: POLICY_VALUES.sessionLevelAction,
    summary: messages.getMessage('flags.session-level-action.summary'),
  })(),
  'guest-jwt-timeout': Flags.integer({ summary: messages.getMessage('flags.guest-jwt-timeout.summary') }),
  'start-page': Flags.option({
    options: START_PAGES,
    summary: messages.getMessage('flags.start-page.summary'),
    description: messages.getMessage('flags.start-page.description'),
  })(),
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
