import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { createPacer, retryDelaySeconds, systemClock } from '../../../src/adapters/kube/clock.ts';
import { impatientClock } from './read-stub.ts';

describe('systemClock', () => {
  it('wakes up at once when the reading is cancelled', async () => {
    const abort = new AbortController();
    const sleeping = systemClock.sleep(60_000, abort.signal);
    abort.abort();
    await expect(sleeping).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('createPacer', () => {
  it('lets a second’s worth start at once and the rest at the rate', async () => {
    const clock = impatientClock();
    const pacer = createPacer(5, clock);
    const starts: number[] = [];
    for (let index = 0; index < 12; index += 1) {
      await pacer.turn(new AbortController().signal);
      starts.push(clock.now());
    }
    expect(starts).toEqual([0, 0, 0, 0, 0, 200, 400, 600, 800, 1000, 1200, 1400]);
  });
});

describe('retryDelaySeconds', () => {
  const attempt = fc.nat({ max: 30 });
  const chance = fc.double({ min: 0, max: 0.999, noNaN: true });
  const asked = fc.option(fc.nat({ max: 100_000 }), { nil: undefined });

  property.prop([attempt, asked, chance])(
    'is at least what was asked for, and bounded',
    (count, retryAfter, random) => {
      const delay = retryDelaySeconds(count, retryAfter, () => random);
      expect(delay).toBeGreaterThanOrEqual(Math.min(retryAfter ?? 0, 60));
      expect(delay).toBeGreaterThanOrEqual(0.5);
      expect(delay).toBeLessThanOrEqual(90);
    },
  );
});
