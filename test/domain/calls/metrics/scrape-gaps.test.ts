import { describe, expect, it } from 'vitest';
import { scrapeGaps, servingGaps, type ScrapedTarget } from '../../../../src/domain/calls/metrics/scrape-gaps.ts';

const WINDOW = { from: 0, to: 360_000, stepSeconds: 3600 };

function target(instance: string, more: Partial<ScrapedTarget> = {}): ScrapedTarget {
  return { job: 'proxies', instance, steps: 100, last: 360_000, answered: 1, ...more };
}

describe('gaps in scraping', () => {
  it('are none where every target was there and answered all the time', () => {
    expect(scrapeGaps([target('a'), target('b')], WINDOW)).toEqual([]);
  });

  it('are none below one in a hundred', () => {
    expect(scrapeGaps([target('a', { answered: 0.985 }), target('b')], WINDOW)).toEqual([]);
    expect(scrapeGaps([target('a', { answered: 0.97 }), target('b')], WINDOW)).toEqual([
      'only 98.5 % of the scrapes of 2 targets were answered (proxies a: 97 %)',
    ]);
  });

  it('name the target that went last', () => {
    const [gap] = scrapeGaps(
      [target('a'), target('b', { steps: 50, last: 180_000 }), target('c', { steps: 60, last: 216_000 })],
      WINDOW,
    );
    expect(gap).toContain('proxies c not since 1970-01-03T12:00:00Z');
  });

  it('are none where one target follows another, and none where another is added for a while', () => {
    const followed = [target('a', { steps: 50, last: 180_000 }), target('b', { steps: 50 })];
    expect(scrapeGaps(followed, WINDOW)).toEqual([]);
    expect(scrapeGaps([target('a'), target('surge', { steps: 5, last: 100_000 })], WINDOW)).toEqual([]);
  });

  it('are everything where nobody knows of a target', () => {
    expect(scrapeGaps([], WINDOW)).toHaveLength(1);
  });

  it('are those of Prometheus itself too', () => {
    expect(servingGaps(99, WINDOW)).toEqual([]);
    expect(servingGaps(98, WINDOW)).toEqual(['Prometheus itself has samples for only 98 % of the window']);
  });
});
