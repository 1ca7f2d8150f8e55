import type { IpRange } from './app.ts';
import { type Problem, quotable } from './problem.ts';
import { splitList } from './spelling.ts';

/** The most IP ranges that one list of an app may have. */
export const IP_RANGES_MAX = 128;

/** The most addresses that all ranges for refresh tokens may have together (ISVforce guide). */
const REFRESH_ADDRESSES_MAX = 256;

/** The fields that are lists of IP ranges. */
type RangesField = 'oauth.trustedIpRanges' | 'oauth.refreshTokenIpRanges';

const FIELD: RangesField = 'oauth.trustedIpRanges';

/** `203.0.113.0-203.0.113.255`, `203.0.113.0/24`, or a single address; IPv4 or IPv6. */
export const parseIpRange = (text: string, field: RangesField = FIELD): IpRange | Problem => {
  const [start = '', end = start, ...more] = text.split(/[-–]/).map((part) => part.trim());
  if (more.length > 0) return { code: 'error.ipRangeInvalid', values: [quotable(text)], field };
  if (start === end && start.includes('/')) return parseNetwork(start, field);
  const range = { start, end };
  return checkIpRange(range, field) ?? range;
};

/** IP ranges in one text or in several texts. Blanks or commas separate them; blanks may also be around a hyphen. */
export const parseIpRanges = (texts: readonly string[], field: RangesField = FIELD): Array<IpRange | Problem> =>
  texts
    .flatMap((text) =>
      splitList(
        text
          .replace(/\s+/g, ' ')
          .replace(/ ([-–])/g, '$1')
          .replace(/([-–]) /g, '$1'),
        /[ ,;]/,
      ),
    )
    .map((text) => parseIpRange(text, field));

/** A network in the form with a slash (CIDR): its first and its last address. */
const parseNetwork = (text: string, field: RangesField): IpRange | Problem => {
  const [network = '', length = '', ...more] = text.split('/');
  const address = parseAddress(network);
  const bits = address?.version === 4 ? 32 : 128;
  if (address === undefined || more.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > bits)
    return { code: 'error.ipRangeInvalid', values: [quotable(text)], field };
  const last = (1n << BigInt(bits - Number(length))) - 1n;
  const first = address.number & ~last;
  // Perhaps the address is meant, perhaps its network: nobody can know.
  if (first !== address.number) {
    const meant = `${formatAddress({ ...address, number: first })}/${length}`;
    return { code: 'error.ipNetworkInside', values: [quotable(text), network, meant], field };
  }
  return { start: network, end: formatAddress({ ...address, number: first | last }) };
};

/** Two addresses of the same kind, with the first not after the second. */
export const checkIpRange = (range: IpRange, field: RangesField = FIELD): Problem | undefined => {
  const text = quotable(range.start === range.end ? range.start : `${range.start}-${range.end}`);
  const start = parseAddress(range.start);
  const end = parseAddress(range.end);
  if (start === undefined || end === undefined) return { code: 'error.ipRangeInvalid', values: [text], field };
  if (start.version !== end.version) return { code: 'error.ipRangeMixed', values: [text], field };
  if (start.number > end.number) {
    return { code: 'error.ipRangeBackwards', values: [text, `${range.end}-${range.start}`], field };
  }
  return undefined;
};

/** Checks each range, and the number of ranges. */
export const checkIpRanges = (ranges: readonly IpRange[], field: RangesField = FIELD): Problem[] => {
  const problems = ranges.map((range) => checkIpRange(range, field)).filter((problem) => problem !== undefined);
  if (ranges.length > IP_RANGES_MAX) {
    problems.push({
      code: 'error.ipRangesTooMany',
      values: [String(ranges.length), String(IP_RANGES_MAX)],
      field,
    });
  }
  return problems;
};

/**
 * Checks the ranges for refresh tokens: each range, their number, and how many addresses they have together. An IPv4
 * address is written as one, so that each address has one spelling.
 */
export const checkRefreshTokenRanges = (ranges: readonly IpRange[]): Problem[] => {
  const field = 'oauth.refreshTokenIpRanges';
  const problems = checkIpRanges(ranges, field);
  for (const { start, end } of ranges) {
    const mapped = [start, end].find((address) => ipv4In(address) !== undefined);
    if (mapped !== undefined) {
      problems.push({ code: 'error.ipRangeMapped', values: [quotable(mapped), ipv4In(mapped)!], field });
    }
  }
  const addresses = ranges.reduce((sum, range) => sum + addressesIn(range), 0n);
  if (addresses > BigInt(REFRESH_ADDRESSES_MAX)) {
    const values: [string, string] = [String(addresses), String(REFRESH_ADDRESSES_MAX)];
    problems.push({ code: 'error.ipAddressesTooMany', values, field });
  }
  return problems;
};

/** How many addresses a range has; none where it is no range. */
const addressesIn = ({ start, end }: IpRange): bigint => {
  const [first, last] = [parseAddress(start), parseAddress(end)];
  const isRange = first !== undefined && first.version === last?.version && first.number <= last.number;
  return isRange ? last.number - first.number + 1n : 0n;
};

/** The IPv4 address in an IPv6 address such as `::ffff:192.0.2.1`; undefined for every other address. */
const ipv4In = (text: string): string | undefined => {
  const address = parseAddress(text);
  if (address?.version !== 6 || address.number >> 32n !== 0xffffn) return undefined;
  return formatAddress({ version: 4, number: address.number & 0xffffffffn });
};

const formatAddress = ({ version, number }: Address): string => {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => String((number >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => (number >> BigInt(16 * (7 - index))) & 0xffffn);
  // The URL parser shortens the zeros (RFC 5952).
  return new URL(`http://[${groups.map((group) => group.toString(16)).join(':')}]/`).hostname.slice(1, -1);
};

/** The ranges with some more, and without others. A description does not tell two ranges apart here. */
export const withRanges = (
  ranges: readonly IpRange[],
  added: readonly IpRange[],
  removed: readonly IpRange[],
): IpRange[] => {
  const has = (some: readonly IpRange[], range: IpRange): boolean =>
    some.some(({ start, end }) => sameIpRange({ start, end }, { start: range.start, end: range.end }));
  return [...ranges, ...added.filter((range) => !has(ranges, range))].filter((range) => !has(removed, range));
};

/** Do two ranges have the same addresses and the same description, in any spelling? */
export const sameIpRange = (a: IpRange, b: IpRange): boolean =>
  sameAddress(a.start, b.start) && sameAddress(a.end, b.end) && (a.description ?? '') === (b.description ?? '');

const sameAddress = (a: string, b: string): boolean => {
  const [one, other] = [parseAddress(a), parseAddress(b)];
  return one === undefined || other === undefined
    ? a === b
    : one.version === other.version && one.number === other.number;
};

type Address = { version: 4 | 6; number: bigint };

const parseAddress = (text: string): Address | undefined => parseIpv4(text) ?? parseIpv6(text);

const parseIpv4 = (text: string): Address | undefined => {
  const parts = text.split('.');
  // No leading zeros: some programs read such numbers as octal.
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return { version: 4, number: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
};

const parseIpv6 = (text: string): Address | undefined => {
  // The WHATWG URL parser knows every spelling, also `::ffff:192.0.2.1`, and returns groups of hexadecimal digits.
  if (!/^[0-9A-Fa-f:.]+$/.test(text) || !URL.canParse(`http://[${text}]/`)) return undefined;
  const [head = '', tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = groups(tail ?? '');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return {
    version: 6,
    number: [...left, ...zeros, ...right].reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n),
  };
};
