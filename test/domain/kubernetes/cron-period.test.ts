import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { longestGapSeconds } from '../../../src/domain/kubernetes/cron-period.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

describe('longestGapSeconds', () => {
  it.each([
    ['* * * * *', 60],
    ['*/5 * * * *', 300],
    ['*/7 * * * *', 7 * 60],
    ['0 * * * *', HOUR],
    ['0 9-17 * * *', 16 * HOUR],
    ['0 0,12 * * *', 12 * HOUR],
    ['30 2 * * *', DAY],
    ['@daily', DAY],
    ['@midnight', DAY],
    ['@hourly', HOUR],
    ['@weekly', 7 * DAY],
    ['0 3 * * MON-fri', 3 * DAY],
    ['0 3 * * 1,3', 5 * DAY],
    ['@monthly', 31 * DAY],
    ['0 0 31 * *', 61 * DAY],
    ['@yearly', 366 * DAY],
    ['0 0 1 jan *', 366 * DAY],
    ['@every 1h30m', 90 * 60],
    ['@every 0.5s', 1],
    ['CRON_TZ=Europe/Berlin 0 6 * * *', DAY],
  ])('%s: %d seconds', (schedule, expected) => {
    expect(longestGapSeconds(schedule)).toBe(expected);
  });

  it('knows that the year 2100 has no 29 February', () => {
    const days = ((longestGapSeconds('0 0 29 2 *') ?? 0) / DAY) | 0;
    expect(days).toBe(8 * 365 + 1);
  });

  it('joins day of month and day of week with "or" when both are given', () => {
    expect(longestGapSeconds('0 0 1 * 1')).toBe(7 * DAY);
  });

  it('takes a stepped star as given, as Kubernetes does', () => {
    expect(longestGapSeconds('0 0 */2 * 1')).toBe(2 * DAY);
  });

  it.each([
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 7',
    '5-1 * * * *',
  ])('refuses %j', (schedule) => {
    expect(longestGapSeconds(schedule)).toBeUndefined();
  });

  it.each([
    '*/0 * * * *',
    '1-2-3 * * * *',
    '1/2/3 * * * *',
    '@reboot',
    '@every',
    '@every soon',
    '0 0 30 2 *',
    'a b c d e',
  ])('gives nothing for %j', (schedule) => {
    expect(longestGapSeconds(schedule)).toBeUndefined();
  });

  property.prop([fc.integer({ min: 1, max: 59 })])('a step is never exceeded within the hour', (step) => {
    const gap = longestGapSeconds(`*/${String(step)} * * * *`) ?? 0;
    expect(gap).toBeGreaterThanOrEqual(60);
    expect(gap).toBeLessThanOrEqual(HOUR);
  });

  property.prop([fc.string()])('never throws on any text', (text) => {
    expect(() => longestGapSeconds(text)).not.toThrow();
  });
});
