import { expect } from 'chai';

import type { App, Flow, IpRange, Wish } from '../../src/app/app.ts';
import { changesOf, merge, notKept } from '../../src/app/changes.ts';
import { checkWish } from '../../src/app/checkWish.ts';
import { FLOW_NAMES, sameFlows } from '../../src/app/flows.ts';
import { checkIpRange, parseIpRange, sameIpRange } from '../../src/app/ipRange.ts';
import { checkName, splitNamespace, suggestName } from '../../src/app/name.ts';
import { JWT_TIMEOUT_MINUTES, POLICY_VALUES } from '../../src/app/policies.ts';
import { SCOPES } from '../../src/app/scopes.ts';

/**
 * Numbers between 0 and 1 (a linear congruential generator). They are the same in every run, so a failure can be
 * repeated.
 */
const dice = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** Picks at random, from one seed. */
class Chooser {
  private readonly roll: () => number;

  public constructor(seed: number) {
    this.roll = dice(seed);
  }

  public upTo(limit: number): number {
    return Math.floor(this.roll() * limit);
  }

  public one<T>(values: readonly T[]): T {
    return values[this.upTo(values.length)]!;
  }

  public some<T>(values: readonly T[]): T[] {
    return values.filter(() => this.roll() < 0.4);
  }

  public text(): string {
    const letters = [...'abzAZ019__  -.éßłØ日😀<&"\'\n\r'];
    return Array.from({ length: this.upTo(12) }, () => this.one(letters)).join('');
  }

  /** About half of the time: said or not said. */
  public maybe<T>(value: T): T | undefined {
    return this.roll() < 0.5 ? value : undefined;
  }

  public ipRange(): IpRange {
    const last = this.upTo(200);
    const network = this.one(['203.0.113.', '2001:db8::']);
    return {
      start: `${network}${last}`,
      end: `${network}${last + this.upTo(50)}`,
      description: this.maybe(this.text()),
    };
  }

  /** A wish in which anything may be said or not said, and everything that is said is possible. */
  public wish(): Wish {
    return {
      name: 'A',
      label: this.maybe(`x${this.text().replace(/\p{Cc}/gu, '')}`),
      description: this.maybe(this.text()),
      enabled: this.maybe(this.one([true, false])),
      oauth: this.maybe({
        callbackUrls: this.maybe(['https://a.example', ...this.some(['myapp://b', 'http://localhost/c'])]),
        flows: this.maybe(this.some(FLOW_NAMES)),
        runAs: this.maybe(this.one(['', 'it@example.com', 'IT@example.com'])),
        pkceRequired: this.maybe(this.one([true, false])),
        idToken: this.maybe({ validityMinutes: this.maybe(1 + this.upTo(720)), attributes: this.maybe(true) }),
        trustedIpRanges: this.maybe(
          Array.from({ length: this.upTo(4) }, () => this.ipRange()).map((range) => ({
            ...range,
            description: range.description?.replace(/\p{Cc}/gu, ''),
          })),
        ),
      }),
      scopes: this.maybe(this.some(SCOPES.map(({ wire }) => wire))),
      policies: this.maybe({
        permittedUsers: this.maybe(this.one(POLICY_VALUES.permittedUsers)),
        permissionSets: this.maybe(this.some(['A', 'a', 'B'])),
        refreshToken: this.maybe(this.one(['lifetime', 'inactivity'] as const)),
        refreshTokenValidity: this.maybe(`${1 + this.upTo(3)} ${this.one(['hour', 'day', 'days', 'months'])}`),
        jwtTimeoutMinutes: this.maybe(this.one(JWT_TIMEOUT_MINUTES)),
      }),
    };
  }
}

const RUNS = 300;

/** Runs a law against many random choices, and says with which seed it broke. */
const holds = (law: string, check: (choose: Chooser) => void): void => {
  it(`${law}, whatever comes`, () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      try {
        check(new Chooser(seed * 7919));
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
  });
};

describe('laws', () => {
  holds('a suggested name is a name, and is suggested again for itself', (choose) => {
    const name = suggestName(choose.text());
    expect(checkName(name)).to.equal(undefined);
    expect(suggestName(name)).to.equal(name);
    expect(splitNamespace(name)).to.deep.equal({ name });
    expect(splitNamespace(`ns__${name}`)).to.deep.equal({ namespace: 'ns', name });
  });

  holds('an IP range comes back from its text', (choose) => {
    const { start, end } = choose.ipRange();
    expect(parseIpRange(`${start}-${end}`)).to.deep.equal({ start, end });
  });

  holds('an IPv6 address is the same with all its zeros and without', (choose) => {
    const groups = Array.from({ length: 8 }, () => choose.one([0, 0, 1, 0xab, 0xffff]).toString(16));
    const long = groups.map((group) => group.padStart(4, '0').toUpperCase()).join(':');
    const short = new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
    expect(checkIpRange({ start: long, end: short })).to.equal(undefined);
    expect(sameIpRange({ start: long, end: long }, { start: short, end: short })).to.equal(true);
  });

  holds('flows are the same in any order and with those that do not count', (choose) => {
    const flows: Flow[] = choose.some(FLOW_NAMES);
    expect(sameFlows(flows, [...flows].reverse())).to.equal(true);
    expect(sameFlows(flows, ['web-server', 'jwt-bearer', ...flows])).to.equal(true);
  });

  holds('a possible wish is passed, for any app', (choose) => {
    const before = choose.wish();
    expect(checkWish(before)).to.deep.equal([]);
    expect(checkWish(choose.wish(), before)).to.deep.equal([]);
  });

  holds('an app that took a wish has nothing left to change, and kept all of it', (choose) => {
    const before: App | undefined = choose.maybe(choose.wish());
    const wish = choose.wish();
    const after = merge(before, wish);
    expect(changesOf(after, wish)).to.deep.equal([]);
    expect(notKept(changesOf(before, wish), after)).to.deep.equal([]);
    expect(merge(after, wish)).to.deep.equal(after);
  });

  holds('what a wish changes is exactly what an org can fail to keep', (choose) => {
    const before = choose.wish();
    const changes = changesOf(before, choose.wish());
    const lost = notKept(changes, before);
    expect(lost.map(({ field }) => field)).to.deep.equal(changes.map(({ field }) => field));
    expect(lost.map(({ before: asked }) => asked)).to.deep.equal(changes.map(({ after }) => after));
  });

  holds('a wish changes an app only in the fields that it changes', (choose) => {
    const before = choose.wish();
    const wish = choose.wish();
    const changed = changesOf(before, wish).map(({ field }) => field);
    expect(
      changesOf(before, merge(before, wish))
        .map(({ field }) => field)
        .sort(),
    ).to.deep.equal(changed.sort());
  });
});
