import { describe, expect, it } from 'vitest';
import type { RequestMoment } from '../core/request-events.ts';
import { Speed } from './speed.ts';

let seq = 0;
function see(speed: Speed, requestId: string, at: number, moment: RequestMoment): void {
  seq += 1;
  speed.see({ seq, requestId, organizationId: 'default', at, moment });
}

/** Claims, calls and ends a request. */
function work(speed: Speed, requestId: string, { from, to }: { readonly from: number; readonly to: number }): void {
  const facts = { attempt: 1, image: 0, upstream: 'main' } as const;
  see(speed, requestId, from, { ...facts, kind: 'claimed', calls: 1 });
  see(speed, requestId, from, { ...facts, kind: 'sent' });
  see(speed, requestId, to, { ...facts, kind: 'answered', result: 'succeeded', costMicros: 1 });
  see(speed, requestId, to, { kind: 'succeeded', pictures: 1 });
}

describe('the measured speed', () => {
  it('is unknown before anything has ended', () => {
    const speed = new Speed();
    see(speed, 'a', 0, { kind: 'claimed', attempt: 1, upstream: 'main', calls: 1 });
    expect([speed.toWaitMs(3), speed.typicalMs]).toEqual([undefined, undefined]);
  });

  it('counts calls that run in parallel, and not the time in which nothing was under way', () => {
    const speed = new Speed();
    for (const name of ['a', 'b', 'c', 'd']) work(speed, name, { from: 0, to: 20_000 });
    expect(speed.toWaitMs(8)).toBe(40_000);
    for (const name of ['e', 'f', 'g', 'h']) work(speed, name, { from: 1_000_000, to: 1_020_000 });
    expect(speed.toWaitMs(8)).toBe(40_000);
  });

  it('knows how long a call usually takes, and since when one has been under way', () => {
    const speed = new Speed();
    for (const [index, ms] of [10_000, 90_000, 20_000].entries()) work(speed, `r${index}`, { from: 0, to: ms });
    expect(speed.typicalMs).toBe(20_000);
    see(speed, 'x', 500, { kind: 'sent', attempt: 2, image: 0, upstream: 'main' });
    see(speed, 'x', 700, { kind: 'sent', attempt: 2, image: 1, upstream: 'main' });
    expect(speed.underWay('x')).toEqual({ attempt: 2, sentAt: 500 });
    see(speed, 'x', 900, { kind: 'returned' });
    expect(speed.underWay('x')).toBeUndefined();
  });
});
