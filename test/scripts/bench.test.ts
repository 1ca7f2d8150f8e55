import { expect } from 'chai';

import { FAR, NEAR } from '../../scripts/bench/practiceOrgs.ts';
import { type Report, toMarkdown } from '../../scripts/bench/report.ts';
import { countRequests, type LoggedRequest } from '../../scripts/bench/requests.ts';
import { compare, median } from '../../scripts/bench/statistics.ts';

describe('the benchmark', () => {
  it('takes the middle', () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 3, 2])).to.equal(2.5);
    expect(median([])).to.be.NaN;
  });

  it('compares in pairs, so that a machine that slows down in between does not count', () => {
    const { ours, theirs, ratioOfMedians, medianOfRatios } = compare([
      { ours: 100, theirs: 100 },
      { ours: 110, theirs: 100 },
      { ours: 1100, theirs: 1000 },
    ]);
    expect(ours).to.deep.equal({ median: 110, least: 100, most: 1100 });
    expect(theirs.median).to.equal(100);
    expect(ratioOfMedians).to.equal(1.1);
    expect(medianOfRatios).to.equal(1.1);
  });

  describe('counts requests', () => {
    const request = (begun: number, done: number): LoggedRequest => ({
      at: new Date(done).toISOString(),
      method: 'GET',
      path: '/',
      durationMs: done - begun,
    });

    it('that ran side by side as one trip', () => {
      expect(countRequests([request(0, 150), request(5, 155), request(8, 170)])).to.deep.equal({ count: 3, trips: 1 });
    });

    it('that waited for one another as several', () => {
      const log = [request(0, 150), request(2, 152), request(160, 310), request(320, 470), request(165, 480)];
      expect(countRequests(log)).to.deep.equal({ count: 5, trips: 3 });
    });

    it('and none as none', () => {
      expect(countRequests([])).to.deep.equal({ count: 0, trips: 0 });
    });
  });

  it('shows what it found as tables', () => {
    const time = compare([{ ours: 1050, theirs: 1000 }]);
    const report: Report = {
      machine: {
        date: '2026-11-23T10:00:00.000Z',
        processor: 'Some',
        cores: 2,
        memoryGb: 8,
        system: 'Linux',
        node: '24.0.0',
        cli: '2.0.0',
        plugin: '0.1.0',
        load: [0.1, 1.2],
      },
      minutes: 3,
      pairs: 1,
      outcomes: [
        {
          name: 'eca list',
          ours: 'eca list',
          theirs: 'project retrieve start',
          weight: {
            ours: { requests: { count: 6, trips: 3 }, files: 1300, ownFiles: 30, broughtFiles: 2 },
            theirs: { requests: { count: 3, trips: 3 }, files: 1700, ownFiles: 0, broughtFiles: 0 },
          },
          timings: [{ org: FAR.name, mode: 'defaults', aim: 1.03, time, cpu: time, memory: time }],
        },
      ],
      scale: [{ org: NEAR.name, apps: 10, aim: 1.2, time, memory: time, requests: { ours: 14, theirs: 2 } }],
      failures: ['sf eca verify ended with exit code 1'],
    };
    const text = toMarkdown(report);
    expect(text).to.include('| eca list | project retrieve start | 6 / 3 | 3 / 3 | 1300 (30 + 2) | 1700 |');
    expect(text).to.include('#### Time: 150 ms latency, defaults');
    expect(text).to.include(
      '| eca list | project retrieve start | 1050 (1050-1050) | 1000 (1000-1000) | 1.05 | 1.05 | 1.03: not met |',
    );
    expect(text).to.include('| 0 ms latency | 10 | 1050 (1050-1050) | 1000 (1000-1000) | 1.05 | 1.05 | 1.20: met |');
    expect(text).to.include('- sf eca verify ended with exit code 1');
    expect(text).not.to.include('log off');
  });
});
