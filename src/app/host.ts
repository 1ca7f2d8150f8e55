import { type Problem, quotable } from './problem.ts';

/** The names of this machine. Plain http is acceptable only for these names. */
export const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/** Is this an address on this machine? */
export const isLoopback = (url: string | URL): boolean => LOOPBACK_HOSTS.includes(new URL(url).hostname);

/** May a secret be sent to this address? Only over an encrypted connection, or to this machine. */
export const isSafeForSecrets = (url: string | URL): boolean =>
  new URL(url).protocol === 'https:' || (new URL(url).protocol === 'http:' && isLoopback(url));

/** Is this address on the org's own host? The org's secrets and tokens go to no other host. */
export const isOwnHost = (url: string | URL, org: string | URL): boolean => new URL(url).origin === new URL(org).origin;

/**
 * `acme.my.salesforce.com`, `acme--uat.sandbox.my.salesforce.com`: the My Domain's name, and the partition if the name
 * has one.
 */
const MY_DOMAIN = /^([a-z0-9-]+)(?:\.([a-z]+))?\.my\.salesforce\.(?:com|mil)$/;

/** A name of one kind of org only: a sandbox's name (`acme--uat`), or a Developer Edition's name (`acme-dev-ed`). */
const OF_ONE_KIND = /--|-dev-ed$/;

/**
 * Do these two hosts belong to the same org? Salesforce redirects from a My Domain without a partition in its name to
 * the name with the partition (Salesforce Help, "Partitioned Domains"). Any other host may belong to another customer.
 */
export const isSameMyDomain = (a: string | URL, b: string | URL): boolean => {
  if (isOwnHost(a, b)) return true;
  const urls = [new URL(a), new URL(b)];
  if (urls.some(({ protocol, port }) => protocol !== 'https:' || port !== '')) return false;
  const [one, other] = urls.map(({ hostname }) => MY_DOMAIN.exec(hostname));
  if (!one?.[1] || one[1] !== other?.[1]) return false;
  const onlyOneHasPartition = (one[2] === undefined) !== (other[2] === undefined);
  return onlyOneHasPartition && OF_ONE_KIND.test(one[1]);
};

/**
 * Is this a path of an API, from `/` on? A token is sent to this path. So every path that could lead to another host,
 * by any spelling or decoding, is refused.
 */
export const checkApiPath = (path: string): Problem | undefined =>
  isApiPath(path) ? undefined : { code: 'error.apiPathInvalid', values: [quotable(path)] };

const isApiPath = (path: string): boolean => {
  // Some parsers drop blanks and control characters, and some read a backslash as a slash.
  if (!/^\/[^\s\p{C}\\]*$/u.test(path)) return false;
  const base = 'https://org.example';
  if (!URL.canParse(path, base) || new URL(path, base).origin !== base) return false;
  return decodings(new URL(path, base).pathname).every(
    (text) => /^\/(?![/\\@])[^\\\p{Cc}]*$/u.test(text) && !/^\/[^/]*[@:]/.test(text),
  );
};

/** A path as it is, and the path after each decoding. */
const decodings = (path: string): string[] => {
  const texts = [path];
  for (let step = 0; step < 3; step++) {
    const last = texts.at(-1) ?? '';
    const next = last.replace(/%([0-7][0-9a-f])/gi, (_escape, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
    if (next === last) break;
    texts.push(next);
  }
  return texts;
};
