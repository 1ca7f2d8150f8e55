/**
 * Searches every file of the repository for text that looks like a secret of Salesforce. Such secrets are access and
 * refresh tokens, consumer keys and secrets, JWTs, and private keys. The end-to-end tests search the output and the
 * files of the commands for the actual secrets of their run. This script searches for secrets that someone might
 * commit.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The pattern of each kind of secret. */
export const SECRET_SHAPES: Array<{ kind: string; shape: RegExp }> = [
  { kind: 'access token', shape: /\b00D[A-Za-z0-9]{12,15}!AQ[A-Za-z0-9._]{20,}/ },
  { kind: 'refresh token', shape: /\b5Aep[A-Za-z0-9._]{40,}/ },
  { kind: 'consumer key', shape: /\b3MVG9[A-Za-z0-9._]{30,}/ },
  { kind: 'consumer secret', shape: /\b(?=[A-F0-9]*[A-F])(?=[A-F0-9]*[0-9])[A-F0-9]{64}\b/ },
  { kind: 'JSON Web Token', shape: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/ },
  { kind: 'private key', shape: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{40,}/ },
];

/** A consumer key that was made up by a practice org, which ended when the picture was drawn. */
const HARMLESS = { file: 'docs/terminal.svg', kind: 'consumer key' };

/** The kinds of secret that a text seems to hold, each with its line; never the secret itself. */
export const secretsIn = (text: string): Array<{ kind: string; line: number }> =>
  SECRET_SHAPES.flatMap(({ kind, shape }) => {
    const match = shape.exec(text);
    return match ? [{ kind, line: text.slice(0, match.index).split('\n').length }] : [];
  });

/** The files that git has or would take, less those that were deleted. */
const repositoryFiles = (root: string): string[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
    .toString()
    .split('\0')
    .filter((file) => file !== '' && statSync(join(root, file), { throwIfNoEntry: false })?.isFile());

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const files = repositoryFiles(root);
  const findings = files.flatMap((file) =>
    secretsIn(readFileSync(join(root, file), 'utf8'))
      .filter(({ kind }) => file !== HARMLESS.file || kind !== HARMLESS.kind)
      .map(({ kind, line }) => `${file}:${line}: looks like a ${kind}`),
  );
  console.log(findings.length > 0 ? findings.join('\n') : `Nothing that looks like a secret in ${files.length} files.`);
  if (findings.length > 0) process.exitCode = 1;
}
