import { expect } from 'chai';

import {
  checkIpRange,
  checkIpRanges,
  checkRefreshTokenRanges,
  IP_RANGES_MAX,
  parseIpRange,
  parseIpRanges,
  sameIpRange,
  withRanges,
} from '../../src/app/ipRange.ts';

describe('IP range', () => {
  const taken: Record<string, { start: string; end: string }> = {
    '203.0.113.0-203.0.113.255': { start: '203.0.113.0', end: '203.0.113.255' },
    ' 203.0.113.0 - 203.0.113.255 ': { start: '203.0.113.0', end: '203.0.113.255' },
    '203.0.113.7': { start: '203.0.113.7', end: '203.0.113.7' },
    '0.0.0.0-255.255.255.255': { start: '0.0.0.0', end: '255.255.255.255' },
    '9.0.0.0-10.0.0.0': { start: '9.0.0.0', end: '10.0.0.0' },
    '2001:db8::-2001:DB8::ffff': { start: '2001:db8::', end: '2001:DB8::ffff' },
    '::-::1': { start: '::', end: '::1' },
    '::ffff:192.0.2.1': { start: '::ffff:192.0.2.1', end: '::ffff:192.0.2.1' },
    '1:2:3:4:5:6:7:8': { start: '1:2:3:4:5:6:7:8', end: '1:2:3:4:5:6:7:8' },
  };
  for (const [text, range] of Object.entries(taken)) {
    it(`reads ${text}`, () => {
      expect(parseIpRange(text)).to.deep.equal(range);
      expect(parseIpRange(`${range.start}-${range.end}`)).to.deep.equal(range);
    });
  }

  const networks: Record<string, { start: string; end: string }> = {
    '203.0.113.0/24': { start: '203.0.113.0', end: '203.0.113.255' },
    '10.0.0.0/8': { start: '10.0.0.0', end: '10.255.255.255' },
    '203.0.113.7/32': { start: '203.0.113.7', end: '203.0.113.7' },
    '0.0.0.0/0': { start: '0.0.0.0', end: '255.255.255.255' },
    '2001:db8::/32': { start: '2001:db8::', end: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff' },
    '2001:db8::8/125': { start: '2001:db8::8', end: '2001:db8::f' },
  };
  for (const [text, range] of Object.entries(networks)) {
    it(`reads the network ${text}`, () => expect(parseIpRange(text)).to.deep.equal(range));
  }

  it('stands beside others in one text', () => {
    const lists = [
      '203.0.113.7, 198.51.100.0/31',
      '203.0.113.7 198.51.100.0 -  198.51.100.1',
      '203.0.113.7;198.51.100.0–198.51.100.1',
    ];
    for (const text of lists) {
      expect(parseIpRanges([text]), text).to.deep.equal([
        { start: '203.0.113.7', end: '203.0.113.7' },
        { start: '198.51.100.0', end: '198.51.100.1' },
      ]);
    }
    expect(parseIpRanges([''])[0]).to.have.property('code', 'error.ipRangeInvalid');
  });

  it('tells the address from its network', () => {
    expect(parseIpRange('203.0.113.7/24')).to.deep.include({
      values: ['203.0.113.7/24', '203.0.113.7', '203.0.113.0/24'],
    });
  });

  const refused: Record<string, string[]> = {
    'error.ipRangeInvalid': [
      '',
      '-',
      '203.0.113.0-',
      '-203.0.113.0',
      '1.2.3.4-1.2.3.5-1.2.3.6',
      '203.0.113.0/33',
      '203.0.113.0/',
      '203.0.113.0/24/8',
      '203.0.113/24',
      '203.0.113.0/24-203.0.114.0',
      '203.0.113',
      '203.0.113.256',
      '203.0.113.07',
      '0x7f.0.0.1',
      '1.2.3.4.5',
      'example.com',
      '2001:db8::/129',
      '2001:db8',
      '1::2::3',
      'fe80::1%eth0',
      '::g',
    ],
    'error.ipNetworkInside': ['203.0.113.7/24', '2001:db8::1/32'],
    'error.ipRangeMixed': ['203.0.113.0-2001:db8::1'],
    'error.ipRangeBackwards': ['203.0.113.255-203.0.113.0', '2001:db8::2-2001:db8::1', '10.0.0.0-9.255.255.255'],
  };
  for (const [code, texts] of Object.entries(refused)) {
    for (const text of texts) {
      it(`refuses ${JSON.stringify(text)} (${code})`, () =>
        expect(parseIpRange(text)).to.include({ code, field: 'oauth.trustedIpRanges' }));
    }
  }

  it('turned round is the way out of one that ends before it begins', () => {
    const problem = checkIpRange({ start: '203.0.113.9', end: '203.0.113.1' });
    expect(problem?.values).to.deep.equal(['203.0.113.9-203.0.113.1', '203.0.113.1-203.0.113.9']);
    expect(parseIpRange(problem?.values[1] ?? '')).to.not.have.property('code');
  });

  it('is the same however it is spelled, and another with another description', () => {
    const range = { start: '2001:db8::', end: '2001:db8::ff' };
    expect(sameIpRange(range, { start: '2001:0DB8:0::', end: '2001:db8:0:0:0:0:0:00ff' })).to.equal(true);
    expect(sameIpRange(range, { ...range, description: '' })).to.equal(true);
    expect(sameIpRange(range, { ...range, description: 'Office' })).to.equal(false);
    expect(sameIpRange(range, { ...range, end: '2001:db8::fe' })).to.equal(false);
    expect(sameIpRange({ start: '::1', end: '::1' }, { start: '0.0.0.1', end: '0.0.0.1' })).to.equal(false);
  });
});

describe('what is no IP address', () => {
  it('is the same only letter by letter, since an org may hold what nobody here understands', () => {
    const odd = { start: 'x', end: '10.0.0.1' };
    expect(sameIpRange(odd, { ...odd })).to.equal(true);
    expect(sameIpRange(odd, { ...odd, start: 'y' })).to.equal(false);
    expect(sameIpRange(odd, { ...odd, start: '10.0.0.1' })).to.equal(false);
  });
});

describe('all IP ranges', () => {
  const some = (count: number): Array<{ start: string; end: string }> =>
    Array.from({ length: count }, (_, index) => ({ start: `10.0.0.${index}`, end: `10.0.0.${index}` }));

  it('may be 128', () => {
    expect(checkIpRanges(some(IP_RANGES_MAX))).to.deep.equal([]);
    expect(checkIpRanges(some(IP_RANGES_MAX + 1))).to.deep.equal([
      { code: 'error.ipRangesTooMany', values: ['129', '128'], field: 'oauth.trustedIpRanges' },
    ]);
  });

  it('are told about one by one', () => {
    const problems = checkIpRanges([
      { start: 'a', end: 'b' },
      { start: '10.0.0.1', end: '10.0.0.2' },
      { start: 'c', end: 'c' },
    ]);
    expect(problems.map(({ values }) => values[0])).to.deep.equal(['a-b', 'c']);
  });
});

describe('IP ranges for refresh tokens', () => {
  const codes = (...texts: string[]): string[] =>
    checkRefreshTokenRanges(
      texts.map((text) => {
        const [start = '', end = start] = text.split('-');
        return { start, end };
      }),
    ).map(({ code }) => code);

  it('may have 256 addresses together, of both kinds', () => {
    expect(codes('203.0.113.0-203.0.113.127', '2001:db8::-2001:db8::7f')).to.deep.equal([]);
    expect(codes('203.0.113.0-203.0.113.127', '2001:db8::-2001:db8::80')).to.deep.equal(['error.ipAddressesTooMany']);
    expect(codes('::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')).to.deep.equal(['error.ipAddressesTooMany']);
  });

  it('may be 128', () => {
    const some = (count: number) => Array.from({ length: count }, (_, n) => `10.0.${n}.1`);
    expect(codes(...some(128))).to.deep.equal([]);
    expect(codes(...some(129))).to.deep.equal(['error.ipRangesTooMany']);
  });

  it('write an IPv4 address as one', () => {
    expect(codes('::fffe:192.0.2.1')).to.deep.equal([]);
    expect(checkRefreshTokenRanges([{ start: '::ffff:c000:201', end: '::ffff:192.0.2.9' }])).to.deep.equal([
      {
        code: 'error.ipRangeMapped',
        values: ['::ffff:c000:201', '192.0.2.1'],
        field: 'oauth.refreshTokenIpRanges',
      },
    ]);
  });

  it('are ranges, and told under their own field', () => {
    expect(codes('203.0.113.9-203.0.113.1', 'x', '203.0.113.1-2001:db8::1')).to.deep.equal([
      'error.ipRangeBackwards',
      'error.ipRangeInvalid',
      'error.ipRangeMixed',
    ]);
    expect(parseIpRange('x', 'oauth.refreshTokenIpRanges')).to.include({ field: 'oauth.refreshTokenIpRanges' });
  });
});

describe('ranges with more and without others', () => {
  const office = { start: '203.0.113.1', end: '203.0.113.9', description: 'Office' };
  const home = { start: '2001:db8::1', end: '2001:db8::1' };

  it('gain what they do not have yet, in any spelling, and lose what is taken away', () => {
    const again = { start: '203.0.113.1', end: '203.0.113.9' };
    expect(withRanges([office], [again, home], [])).to.deep.equal([office, home]);
    expect(withRanges([office, home], [], [{ start: '2001:0DB8::1', end: '2001:db8:0::1' }])).to.deep.equal([office]);
    expect(withRanges([office], [home], [home, again])).to.deep.equal([]);
  });
});
