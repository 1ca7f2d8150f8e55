import { quotable } from '../problem.ts';
import { type Existing, type Target, withheldBeside } from './target.ts';

/**
 * GitHub Actions, by GitHub's own `gh`. `gh secret set -f -` takes several secrets as dotenv lines from standard input, and encrypts
 * them on this machine (cli.github.com/manual/gh_secret_set). It does so since gh 2.4 (github.com/cli/cli/pull/4534).
 */
export const GITHUB: Target = {
  program: 'gh',
  atLeast: [2, 4],
  login: 'gh auth login',
  needs: ['repo'],
  takes: ['repo', 'environment'],
  defaults: {},
  // docs.github.com, "Naming your secrets".
  name: /^(?!GITHUB_)[A-Za-z_]\w*$/i,
  variables: { GH_PROMPT_DISABLED: '1', GH_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' },
  withheld: withheldBeside('GH_DEBUG|DEBUG|GH_FORCE_TTY|CLICOLOR_FORCE'),
  checkPlace: ({ repo = '' }) =>
    /^([\w.-]+\/)?[\w.-]+\/[\w.-]+$/.test(repo) && !repo.startsWith('-')
      ? undefined
      : { code: 'error.repoInvalid', values: [quotable(repo)] },
  looks: (place) => [['secret', 'list', ...flagsOf(place)]],
  readLook: ({ exitCode, stdout }, items) => {
    if (exitCode !== 0) return undefined;
    const names = new Set(stdout.split('\n').map((line) => line.split(/\s/)[0]?.toUpperCase()));
    const there = items.filter(({ name }) => names.has(name.toUpperCase()));
    return Object.fromEntries(there.map(({ name }) => [name, { isProtected: false }])) satisfies Existing;
  },
  calls: (place, items) => [
    { words: ['secret', 'set', '-f', '-', ...flagsOf(place)], input: { form: 'dotenv' }, items },
  ],
};

const flagsOf = ({ repo = '', environment }: { repo?: string; environment?: string }): string[] => [
  `--repo=${repo}`,
  ...(environment === undefined ? [] : [`--env=${environment}`]),
];
