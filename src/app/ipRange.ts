import type { IpRange } from './app.ts';
import { quotable, type Problem } from './problem.ts';

/** The most trusted IP ranges that one app may have. */
export const IP_RANGES_MAX = 128;

const FIELD = 'oauth.trustedIpRanges';

/** `203.0.113.0-203.0.113.255`, or a single address; IPv4 or IPv6. */
export function parseIpRange(text: string): IpRange | Problem {
  const [start = '', end = start, ...more] = text.split('-').map((part) => part.trim());
  if (more.length > 0) return { code: 'error.ipRangeInvalid', values: [quotable(text)], field: FIELD };
  const range = { start, end };
  return checkIpRange(range) ?? range;
}

/** Two addresses of the same kind, with the first not after the second. */
export function checkIpRange(range: IpRange): Problem | undefined {
  const text = quotable(range.start === range.end ? range.start : `${range.start}-${range.end}`);
  const start = parseAddress(range.start);
  const end = parseAddress(range.end);
  if (start === undefined || end === undefined) return { code: 'error.ipRangeInvalid', values: [text], field: FIELD };
  if (start.version !== end.version) return { code: 'error.ipRangeMixed', values: [text], field: FIELD };
  if (start.number > end.number) {
    return { code: 'error.ipRangeBackwards', values: [text, `${range.end}-${range.start}`], field: FIELD };
  }
  return undefined;
}

/** Checks each range, and the number of ranges. */
export function checkIpRanges(ranges: readonly IpRange[]): Problem[] {
  const problems = ranges.map(checkIpRange).filter((problem) => problem !== undefined);
  if (ranges.length > IP_RANGES_MAX) {
    problems.push({
      code: 'error.ipRangesTooMany',
      values: [String(ranges.length), String(IP_RANGES_MAX)],
      field: FIELD,
    });
  }
  return problems;
}

/** Do two ranges have the same addresses and the same description, in any spelling? */
export function sameIpRange(a: IpRange, b: IpRange): boolean {
  return sameAddress(a.start, b.start) && sameAddress(a.end, b.end) && (a.description ?? '') === (b.description ?? '');
}

function sameAddress(a: string, b: string): boolean {
  const [one, other] = [parseAddress(a), parseAddress(b)];
  return one === undefined || other === undefined
    ? a === b
    : one.version === other.version && one.number === other.number;
}

type Address = { version: 4 | 6; number: bigint };

function parseAddress(text: string): Address | undefined {
  return parseIpv4(text) ?? parseIpv6(text);
}

function parseIpv4(text: string): Address | undefined {
  const parts = text.split('.');
  // No leading zeros: some programs read such numbers as octal.
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return { version: 4, number: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
}

function parseIpv6(text: string): Address | undefined {
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
}
