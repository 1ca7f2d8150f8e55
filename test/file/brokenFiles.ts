/**
 * Files that are broken in usual ways. Each has the place of every problem (line:column), and words that its message
 * must have.
 */
export type BrokenFile = {
  what: string;
  text: string | Uint8Array;
  problems: Array<[place: string, ...words: string[]]>;
};

const app = (...lines: string[]): string =>
  ['apps:', '  - name: Order_Sync', ...lines.map((line) => `    ${line}`), ''].join('\n');

export const BROKEN_FILES: BrokenFile[] = [
  { what: 'nothing', text: '', problems: [['1:1', 'This file is empty', 'apps:']] },
  { what: 'comments alone', text: '# soon\n# more\n', problems: [['1:1', 'This file is empty']] },
  { what: 'a null', text: '~\n', problems: [['1:1', 'This file is empty']] },
  { what: 'a picture', text: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 1, 2), problems: [['1:1', 'not a text file']] },
  { what: 'UTF-16', text: Uint8Array.of(0xff, 0xfe, 0x61, 0), problems: [['1:1', 'UTF-8']] },
  { what: 'Latin-1', text: Uint8Array.of(0x61, 0x3a, 0x20, 0xe9, 0x0a), problems: [['1:1', 'UTF-8']] },
  { what: 'a text', text: 'Order_Sync\n', problems: [['1:1', 'apps:']] },
  { what: 'a list at the top', text: '- name: Order_Sync\n', problems: [['1:1', 'The file is a list', 'apps:']] },
  { what: 'an app at the top', text: 'name: Order_Sync\n', problems: [['1:1', '"name" belongs to an app', 'apps:']] },
  {
    what: 'another key at the top',
    text: 'version: 2\napps: []\n',
    problems: [['1:1', '"version" is not known here', 'apps']],
  },
  { what: 'no apps', text: '{}\n', problems: [['1:1', 'no key "apps:"']] },
  { what: 'nothing under apps', text: 'apps:\n', problems: [['1:1', '"apps:" is empty', 'apps: []']] },
  {
    what: 'apps without hyphens',
    text: 'apps:\n  name: Order_Sync\n',
    problems: [['2:3', 'must be a list', '"- "']],
  },
  {
    what: 'an app that is a text',
    text: 'apps: [Order_Sync]\n',
    problems: [['1:8', 'must be an app', '- name: Order_Sync']],
  },
  { what: 'two documents', text: 'apps: []\n---\napps: []\n', problems: [['3:1', 'second document', '---']] },
  { what: 'a tab', text: 'apps:\n\t- name: A\n', problems: [['2:1', 'tab', 'spaces']] },
  { what: 'a key twice', text: app('label: a', 'label: b'), problems: [['4:5', 'twice']] },
  {
    what: 'lines out of line',
    text: app('label: a').replace('    label', '   label'),
    problems: [['3:1', 'indentation']],
  },
  {
    what: 'a line too far in',
    text: app('label: a').replace('    label', '     label'),
    problems: [['2:11', 'indented too far']],
  },
  {
    what: 'a key out of line',
    text: 'apps:\n  - name: A\n    oauth:\n        runAs: b\n      flows: []\n',
    problems: [['5:1', 'indentation']],
  },
  {
    what: 'a colon in a value',
    text: app('description: Orders: all of them'),
    problems: [['3:18', 'colon', 'quotes']],
  },
  { what: 'a missing colon', text: app('label', 'description: x'), problems: [['3:5', 'colon']] },
  {
    what: 'an open quote',
    text: app('label: "Order Sync', 'description: x'),
    problems: [['5:1', 'quote', 'missing']],
  },
  {
    what: 'an open bracket',
    text: app('scopes: [api, openid', 'label: x'),
    problems: [['4:5', 'bracket', '"]" is missing']],
  },
  { what: 'a reserved character', text: app('label: @home'), problems: [['3:12', 'quotes']] },
  { what: 'a Windows path in double quotes', text: app('label: "C:\\Orders"'), problems: [['3:15', 'backslash']] },
  { what: 'a tag', text: app('label: !secret order'), problems: [['3:12', 'Tags']] },
  { what: 'a bracket that closes nothing', text: 'apps: []\n]\n', problems: [['2:1', 'not valid YAML']] },
  { what: 'a variable in brackets', text: app('scopes: [${SCOPE}]'), problems: [['3:15', '["${NAME}"]']] },
  {
    what: 'a variable that is not set',
    text: app('description: |', '  Pulls orders', '  from ${ORDERS_HOST}'),
    problems: [['5:12', 'ORDERS_HOST', 'not set']],
  },
  { what: 'a variable that is empty', text: app('label: "${EMPTY}"'), problems: [['3:13', 'EMPTY', 'empty']] },
  { what: 'a variable without an end', text: app('label: "Price: ${"'), problems: [['3:20', '"$${"']] },
  { what: 'no name', text: 'apps:\n  - label: Orders\n', problems: [['2:5', 'no name']] },
  { what: 'an empty name', text: 'apps:\n  - name: ""\n', problems: [['2:11', 'name is empty']] },
  { what: 'a name without a value', text: 'apps:\n  - name:\n', problems: [['2:5', '"name" has no value']] },
  {
    what: 'the same app twice',
    text: 'apps:\n  - name: A\n  - name: a\n',
    problems: [['3:11', '"a" occurs twice', ':2']],
  },
  {
    what: 'a mistyped key',
    text: app('contactEmial: a@example.com'),
    problems: [['3:5', 'contactEmial', 'Did you mean contactEmail']],
  },
  {
    what: 'a key like no other',
    text: app('zzz: 1'),
    problems: [['3:5', '"zzz"', 'The keys here are: name, absent, label']],
  },
  {
    what: 'a key in the wrong group',
    text: app('callbackUrls: [https://a.example.com]'),
    problems: [['3:5', '"callbackUrls" does not belong here', 'oauth.callbackUrls']],
  },
  { what: "a key that is the org's", text: app('consumerKey: 3MVG'), problems: [['3:5', 'consumerKey', 'org']] },
  {
    what: 'a secret',
    text: app('oauth:', '  consumerSecret: hunter2'),
    problems: [['4:7', 'must not contain secrets', 'sf eca credentials']],
  },
  {
    what: 'a merge key',
    text: 'apps:\n  - &a { name: A }\n  - { <<: *a, name: B }\n',
    problems: [['3:7', 'merge key']],
  },
  { what: 'a yes', text: app('enabled: yes'), problems: [['3:14', '"enabled" must be true or false', 'yes']] },
  { what: 'a number for a yes', text: app('enabled: 1'), problems: [['3:14', 'true or false', '1']] },
  {
    what: 'a text for a number',
    text: app('policies:', '  sessionTimeoutMinutes: half an hour'),
    problems: [['4:30', 'whole number', 'half an hour']],
  },
  { what: 'a yes for a text', text: app('label: true'), problems: [['3:12', 'must be a text', 'quotes']] },
  { what: 'a list for a text', text: app('label: [a, b]'), problems: [['3:12', 'must be a text', 'a list']] },
  { what: 'an unquoted template', text: app('label: {{ label }}'), problems: [['3:12', 'must be a text', 'quotes']] },
  {
    what: 'commas instead of a list',
    text: app('scopes: api, openid'),
    problems: [['3:13', 'must be a list', '[api, openid]']],
  },
  { what: 'a key without a value', text: app('description:'), problems: [['3:5', '"description" has no value', '""']] },
  { what: 'a list without items', text: app('scopes:'), problems: [['3:5', '"scopes" has no value', '[]']] },
  { what: 'a yes without a value', text: app('enabled:'), problems: [['3:5', '"enabled" has no value']] },
  { what: 'a group without keys', text: app('oauth:', 'label: x'), problems: [['3:5', 'group "oauth" is empty']] },
  { what: 'a list for a group', text: app('oauth: [a]'), problems: [['3:12', '"oauth" must be a group']] },
  { what: 'an empty item', text: app('scopes:', '  - api', '  -'), problems: [['5:8', 'item of "scopes" is empty']] },
  {
    what: 'half an IP range',
    text: app('oauth:', '  trustedIpRanges: [{ start: 203.0.113.0 }]'),
    problems: [['4:25', '"end" is missing']],
  },
  { what: 'an alias to nothing', text: app('label: *label'), problems: [['3:12', '&label']] },
  { what: 'an alias to itself', text: 'apps: &apps [*apps]\n', problems: [['1:14', 'contains the alias itself']] },
  {
    what: 'an unknown flow',
    text: app('oauth:', '  flows: [web-server, clientcredentails]'),
    problems: [['4:27', 'flow "clientcredentails" does not exist', 'client-credentials']],
  },
  {
    what: 'the password flow',
    text: app('oauth:', '  flows:', '    - password'),
    problems: [['5:11', 'password', 'client-credentials', 'oauth.runAs']],
  },
  {
    what: 'many things at once',
    text: app('enabled: on', 'oauth:', '  callbackUrl: x', '  pkceRequired: ja', 'polices: {}'),
    problems: [
      ['3:14', 'true or false'],
      ['5:7', 'Did you mean callbackUrls'],
      ['6:21', 'true or false', 'ja'],
      ['7:5', 'Did you mean policies'],
    ],
  },
];
