import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimiter } from './rate-limiter.ts';

describe('the rate limiter', () => {
  it('lets a key make as many calls as it may, and says correctly when the next one can come', () => {
    const limiter = new RateLimiter();
    const take = (now: number, key = 'a') => limiter.take(key, { limit: 3, now });
    expect([take(0), take(10_000), take(20_000), take(30_000)]).toEqual([0, 0, 0, 30_000]);
    expect([take(59_999), take(60_000), take(60_001)]).toEqual([1, 0, 9_999]);
    expect(take(60_001, 'b')).toBe(0);
  });

  it('continues when the clock is set back', () => {
    const limiter = new RateLimiter();
    const take = (now: number) => limiter.take('a', { limit: 1, now });
    expect([take(3_600_000), take(0), take(1_000)]).toEqual([0, 0, 59_000]);
  });

  it('never lets more than the limit through in any 60 seconds', () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 100 });
    fc.assert(
      fc.property(pauses, fc.integer({ min: 1, max: 5 }), (waits, limit) => {
        const limiter = new RateLimiter();
        const taken: number[] = [];
        let now = 0;
        for (const wait of waits) {
          now += wait;
          const later = limiter.take('a', { limit, now });
          if (later === 0) taken.push(now);
          else expect(taken.filter((time) => time > now + later - 60_000).length).toBeLessThan(limit);
          expect(taken.filter((time) => time > now - 60_000).length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('does not grow with the number of keys that have ever called', () => {
    const limiter = new RateLimiter();
    for (let key = 0; key < 5_000; key += 1) limiter.take(`key-${key}`, { limit: 1, now: key * 1_000 });
    expect(limiter.size).toBeLessThanOrEqual(1_100);
  });
});
