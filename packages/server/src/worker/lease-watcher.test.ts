import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { LeaseWatcher } from './lease-watcher.ts';

const leaseMs = 20_000;
const day = 86_400_000;

let clock: ManualClock;
let watcher: LeaseWatcher;
const own = new Set<string>();

beforeEach(() => {
  clock = new ManualClock();
  own.clear();
  watcher = new LeaseWatcher({ leaseMs, isOwn: (token) => own.has(token), clock });
});

/** Looks every two seconds, for so long, at a lease that is renewed as its worker does; whether it was ever lost. */
function watch(ms: number, expiresAt: (passedMs: number) => number): boolean {
  for (let passed = 0; passed <= ms; passed += 2_000) {
    if (watcher.isLost({ token: 'lease', expiresAt: expiresAt(passed) })) return true;
    clock.advance(2_000);
  }
  return false;
}

describe('a lease', () => {
  it('is lost when it has run out and nobody has renewed it while this process looked on', () => {
    const expiresAt = clock.now() + watcher.aheadMs;
    expect(watch(watcher.aheadMs - 2_000, () => expiresAt)).toBe(false);
    expect(watcher.isLost({ token: 'lease', expiresAt })).toBe(true);
  });

  it('that ran out long ago is watched all the same before it is lost', () => {
    const expiresAt = clock.now() - day;
    expect(watch(leaseMs / 2 - 2_000, () => expiresAt)).toBe(false);
    expect(watcher.isLost({ token: 'lease', expiresAt })).toBe(true);
  });

  it.each([
    ['behind by a day', -day],
    ['behind by as much as the lease lasts', -leaseMs],
    ['ahead by a minute', 60_000],
  ])('is never lost while its worker renews it, though its clock is %s', (_what, skewMs) => {
    const start = clock.now();
    const renewals = (passed: number) => Math.floor(passed / (leaseMs / 3)) * (leaseMs / 3);
    expect(watch(300_000, (passed) => start + skewMs + renewals(passed) + leaseMs)).toBe(false);
  });

  it('of this process is never lost to itself, however late it is with renewing', () => {
    own.add('lease');
    const expiresAt = clock.now() - day;
    expect(watch(300_000, () => expiresAt)).toBe(false);
  });
});
