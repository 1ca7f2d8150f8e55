import { quotable } from '../problem.ts';
import { keepSecret } from '../secret.ts';
import { type Answer, type Existing, type Target, withheldBeside } from './target.ts';

/**
 * Variables of a GitLab project, by GitLab's own `glab`. `glab variable set` and `update` take the value from standard input
 * (docs.gitlab.com/cli/variable/set and /update). `set` refuses a variable that is there. `update` of some versions turns off what its
 * flags do not say. So the variable is read first. `--raw` of `update` is in the manual of glab 1.49, and not in that of 1.36.
 */
export const GITLAB: Target = {
  program: 'glab',
  atLeast: [1, 49],
  login: 'glab auth login',
  needs: ['project'],
  takes: ['project', 'scope'],
  defaults: { scope: '*' },
  // docs.gitlab.com, "Project-level CI/CD variables API".
  name: /^[A-Za-z_]\w{0,254}$/,
  variables: { NO_PROMPT: '1', GLAB_CHECK_UPDATE: 'false', NO_COLOR: '1' },
  withheld: withheldBeside('DEBUG|GLAB_DEBUG|GLAB_DEBUG_HTTP|GLAB_DEBUG_HTTP_BODY|FORCE_HYPERLINKS'),
  checkPlace: ({ project = '' }) =>
    /^[\w.-]+(\/[\w.-]+)+$/.test(project) && !project.startsWith('-')
      ? undefined
      : { code: 'error.projectInvalid', values: [quotable(project)] },
  looks: ({ project = '', scope = '' }, items) =>
    items.map(({ name }) => [
      'api',
      `projects/${encodeURIComponent(project)}/variables/${name}?filter[environment_scope]=${encodeURIComponent(scope)}`,
    ]),
  readLook: (answer, items, look) => {
    const name = items[look]?.name ?? '';
    if (answer.exitCode !== 0)
      return /404 Variable Not Found/i.test(`${answer.stdout}\n${answer.stderr}`) ? {} : undefined;
    return { [name]: variableIn(answer) };
  },
  calls: ({ project = '', scope = '' }, items, existing) =>
    items.map((item) => {
      const there = existing[item.name];
      const flags = [`--repo=${project}`, `--scope=${scope}`, '--raw'];
      if (item.holds === 'consumerSecret') flags.push('--masked');
      if (there?.isProtected) flags.push('--protected');
      return {
        words: ['variable', there ? 'update' : 'set', item.name, ...flags],
        input: { form: 'value', holds: item.holds },
        items: [item],
      };
    }),
  // It was not there at the look: somebody made it meanwhile, or an earlier call of this run did.
  instead: ({ words: [, verb, ...words], ...call }, { stdout, stderr }) =>
    verb === 'set' && /has already been taken/i.test(`${stdout}\n${stderr}`)
      ? { ...call, words: ['variable', 'update', ...words] }
      : undefined,
};

/** The answer has the present value, which no output may have. */
const variableIn = ({ stdout }: Answer): NonNullable<Existing[string]> => {
  try {
    const { value, protected: isProtected } = JSON.parse(stdout) as { value?: unknown; protected?: unknown };
    keepSecret(value);
    return { isProtected: isProtected === true };
  } catch {
    return { isProtected: false };
  }
};
