import { isPlain } from '../plainText.ts';
import { quotable } from '../problem.ts';
import { type Target, withheldBeside } from './target.ts';

/**
 * The key-value store of HashiCorp Vault, version 2, by its own `vault`. With `-` for the data, it reads a JSON object from standard
 * input. `kv patch` keeps the other keys of the path, and fails where there is nothing yet. `kv put` replaces all of them. With `-cas=0`
 * it writes only where there is nothing (developer.hashicorp.com/vault/docs/commands/kv/patch and /put). `-mount` is there since 1.11.
 */
export const VAULT: Target = {
  program: 'vault',
  atLeast: [1, 11],
  login: 'vault login',
  needs: ['path'],
  takes: ['mount', 'path'],
  defaults: { mount: 'secret' },
  name: /^[\w.][\w.-]*$/,
  variables: { VAULT_CLI_NO_COLOR: '1', VAULT_FORMAT: 'table' },
  withheld: withheldBeside('VAULT_LOG_LEVEL'),
  checkPlace: ({ mount = '', path = '' }) => {
    const wrong = [mount, path].find((word) => word.trim() === '' || /^[-@]/.test(word) || !isPlain(word));
    return wrong === undefined ? undefined : { code: 'error.vaultPathInvalid', values: [quotable(wrong)] };
  },
  looks: () => [],
  readLook: () => ({}),
  calls: ({ mount = '', path = '' }, items) => [
    { words: ['kv', 'patch', `-mount=${mount}`, path, '-'], input: { form: 'json' }, items },
  ],
  instead: ({ words, ...call }, { stdout, stderr }, { mount = '', path = '' }) =>
    words[1] === 'patch' && /No value found|Code: 404/i.test(`${stdout}\n${stderr}`)
      ? { ...call, words: ['kv', 'put', '-cas=0', `-mount=${mount}`, path, '-'] }
      : undefined,
};
